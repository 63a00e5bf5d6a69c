#include "sim/wire/kafka/metadata_records.h"

#include <array>
#include <utility>

#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {
namespace {

// The record as type `I` of the variant, if that is `type`.
template <size_t I = 0>
Result<MetadataRecord> decode_as(uint32_t type, const Bytes& value, int16_t* version) {
  if constexpr (I == std::variant_size_v<MetadataRecord>) {
    return Status::error(StatusCode::invalid, "unknown metadata record type " + std::to_string(type));
  } else {
    using Record = std::variant_alternative_t<I, MetadataRecord>;
    if (type != Record::record_type) return decode_as<I + 1>(type, value, version);
    auto record = decode_framed<Record>(value, version);
    if (!record.ok()) return record.status();
    return MetadataRecord(std::move(*record));
  }
}

}  // namespace

const MessageSchema& RegisterBrokerRecord::schema() { return schema_of<RegisterBrokerRecord>(); }
const MessageSchema& UnregisterBrokerRecord::schema() { return schema_of<UnregisterBrokerRecord>(); }
const MessageSchema& TopicRecord::schema() { return schema_of<TopicRecord>(); }
const MessageSchema& PartitionRecord::schema() { return schema_of<PartitionRecord>(); }
const MessageSchema& ConfigRecord::schema() { return schema_of<ConfigRecord>(); }
const MessageSchema& PartitionChangeRecord::schema() { return schema_of<PartitionChangeRecord>(); }
const MessageSchema& FenceBrokerRecord::schema() { return schema_of<FenceBrokerRecord>(); }
const MessageSchema& UnfenceBrokerRecord::schema() { return schema_of<UnfenceBrokerRecord>(); }
const MessageSchema& RemoveTopicRecord::schema() { return schema_of<RemoveTopicRecord>(); }
const MessageSchema& DelegationTokenRecord::schema() { return schema_of<DelegationTokenRecord>(); }
const MessageSchema& UserScramCredentialRecord::schema() { return schema_of<UserScramCredentialRecord>(); }
const MessageSchema& FeatureLevelRecord::schema() { return schema_of<FeatureLevelRecord>(); }
const MessageSchema& ClientQuotaRecord::schema() { return schema_of<ClientQuotaRecord>(); }
const MessageSchema& ProducerIdsRecord::schema() { return schema_of<ProducerIdsRecord>(); }
const MessageSchema& BrokerRegistrationChangeRecord::schema() {
  return schema_of<BrokerRegistrationChangeRecord>();
}
const MessageSchema& AccessControlEntryRecord::schema() { return schema_of<AccessControlEntryRecord>(); }
const MessageSchema& RemoveAccessControlEntryRecord::schema() {
  return schema_of<RemoveAccessControlEntryRecord>();
}
const MessageSchema& NoOpRecord::schema() { return schema_of<NoOpRecord>(); }
const MessageSchema& ZkMigrationStateRecord::schema() { return schema_of<ZkMigrationStateRecord>(); }
const MessageSchema& RemoveUserScramCredentialRecord::schema() {
  return schema_of<RemoveUserScramCredentialRecord>();
}
const MessageSchema& BeginTransactionRecord::schema() { return schema_of<BeginTransactionRecord>(); }
const MessageSchema& EndTransactionRecord::schema() { return schema_of<EndTransactionRecord>(); }
const MessageSchema& AbortTransactionRecord::schema() { return schema_of<AbortTransactionRecord>(); }
const MessageSchema& RemoveDelegationTokenRecord::schema() {
  return schema_of<RemoveDelegationTokenRecord>();
}
const MessageSchema& RegisterControllerRecord::schema() { return schema_of<RegisterControllerRecord>(); }
const MessageSchema& ClearElrRecord::schema() { return schema_of<ClearElrRecord>(); }

std::string_view name_of(const MetadataRecord& record) {
  return std::visit([](const auto& r) { return r.schema_name; }, record);
}

int16_t newest_version(const MetadataRecord& record) {
  return std::visit([](const auto& r) { return r.versions.last; }, record);
}

Bytes encode_metadata_record(const MetadataRecord& record, int16_t version) {
  return std::visit([&](const auto& r) { return encode_framed(r, version); }, record);
}

Result<MetadataRecord> decode_metadata_record(const Bytes& value, int16_t* version) {
  Reader reader(value);
  const uint32_t frame = reader.unsigned_varint();
  const uint32_t type = reader.unsigned_varint();
  if (!reader.ok()) return reader.status();
  if (frame != metadata_frame_version)
    return Status::error(StatusCode::invalid,
                         "Could not deserialize metadata record due to unknown frame version " +
                             std::to_string(frame) + "(only frame version 1 is supported)");
  return decode_as(type, value, version);
}

std::string to_json(const MetadataRecord& record, int16_t version) {
  return std::visit([&](const auto& r) { return kafka::to_json(r, version); }, record);
}

}  // namespace brokerlab::kafka

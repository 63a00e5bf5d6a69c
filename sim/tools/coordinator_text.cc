#include "sim/tools/coordinator_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/base/assert.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/consumer_protocol.h"
#include "sim/wire/kafka/coordinator_records.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/transaction_records.h"

namespace brokerlab {

namespace {

using Json = nlohmann::ordered_json;  // fields stay in the order of the schema

/// Puts what a member told its group in the place of the bytes, if they can be read.
template <class Message>
void decode_in_place(Json& member, const char* field, const Bytes& bytes) {
  int16_t version = 0;
  const Result<Message> message = kafka::decode_framed<Message>(bytes, &version);
  if (message) member[field] = Json::parse(kafka::to_json(*message, version));
}

template <class Value>
std::string value_json(const Value& value, int16_t version) {
  return kafka::to_json(value, version);
}

/// Of a group with the protocol of consumers also what its members subscribe to and were given.
std::string value_json(const kafka::GroupMetadataValue& value, int16_t version) {
  const std::string json = kafka::to_json(value, version);
  if (value.protocol_type != "consumer") return json;
  Json group = Json::parse(json);
  Json& members = group["members"];
  for (size_t i = 0; i < value.members.size(); ++i) {
    decode_in_place<kafka::ConsumerProtocolSubscription>(members[i], "subscription",
                                                         value.members[i].subscription);
    decode_in_place<kafka::ConsumerProtocolAssignment>(members[i], "assignment", value.members[i].assignment);
  }
  return group.dump();
}

/// Nothing when the record is not of this type.
template <class Key, class Value>
std::optional<DecodedRecord> decode_as(int16_t type, const kafka::Record& record) {
  if (type != Key::record_type) return std::nullopt;
  const auto failure = [&](const Status& status) {
    return DecodedRecord{fmt::format("Error at offset {}, skipping. {}", record.offset, status.message), {}};
  };
  const Result<Key> key = kafka::decode_framed<Key>(*record.key);
  if (!key) return failure(key.status());
  DecodedRecord decoded{
      fmt::format(R"({{"type":"{}","data":{}}})", type, kafka::to_json(*key, Key::versions.first)),
      "<DELETE>"};
  if (!record.value) return decoded;
  int16_t version = 0;
  const Result<Value> value = kafka::decode_framed<Value>(*record.value, &version);
  if (!value) return failure(value.status());
  decoded.payload = fmt::format(R"({{"version":"{}","data":{}}})", version, value_json(*value, version));
  return decoded;
}

template <class K, class V>
struct Kind {
  using Key = K;
  using Value = V;
};

template <class... Kinds>
DecodedRecord decode_as_one_of(const kafka::Record& record) {
  BROKERLAB_ASSERT(record.key.has_value());
  const int16_t type = kafka::Reader(*record.key).int16();
  std::optional<DecodedRecord> decoded;
  ((decoded = decode_as<typename Kinds::Key, typename Kinds::Value>(type, record)) || ...);
  if (decoded) return *decoded;
  return {fmt::format("Unknown record type {} at offset {}, skipping.", type, record.offset), {}};
}

}  // namespace

DecodedRecord decode_group_record(const kafka::Record& record) {
  using namespace kafka;
  return decode_as_one_of<
      Kind<LegacyOffsetCommitKey, LegacyOffsetCommitValue>, Kind<OffsetCommitKey, OffsetCommitValue>,
      Kind<GroupMetadataKey, GroupMetadataValue>, Kind<ConsumerGroupMetadataKey, ConsumerGroupMetadataValue>,
      Kind<ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue>,
      Kind<ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue>,
      Kind<ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue>,
      Kind<ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue>,
      Kind<ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue>,
      Kind<ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue>>(record);
}

DecodedRecord decode_transaction_record(const kafka::Record& record) {
  return decode_as_one_of<Kind<kafka::TransactionLogKey, kafka::TransactionLogValue>>(record);
}

}  // namespace brokerlab

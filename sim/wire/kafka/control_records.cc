#include "sim/wire/kafka/control_records.h"

#include <iterator>

#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {
namespace {

constexpr int16_t key_version = 0;
constexpr std::string_view type_names[] = {"ABORT",           "COMMIT",          "LEADER_CHANGE",
                                           "SNAPSHOT_HEADER", "SNAPSHOT_FOOTER", "KRAFT_VERSION",
                                           "KRAFT_VOTERS"};

}  // namespace

const MessageSchema& LeaderChangeMessage::schema() { return schema_of<LeaderChangeMessage>(); }
const MessageSchema& SnapshotHeaderRecord::schema() { return schema_of<SnapshotHeaderRecord>(); }
const MessageSchema& SnapshotFooterRecord::schema() { return schema_of<SnapshotFooterRecord>(); }
const MessageSchema& KRaftVersionRecord::schema() { return schema_of<KRaftVersionRecord>(); }
const MessageSchema& VotersRecord::schema() { return schema_of<VotersRecord>(); }
const MessageSchema& EndTxnMarker::schema() { return schema_of<EndTxnMarker>(); }
const MessageSchema& ControlRecordTypeSchema::schema() { return schema_of<ControlRecordTypeSchema>(); }

std::string_view name_of(ControlRecordType type) { return type_names[static_cast<size_t>(type)]; }

Bytes encode_control_record_key(ControlRecordType type) {
  return encode_framed(ControlRecordTypeSchema{static_cast<int16_t>(type)}, key_version);
}

Result<ControlRecordType> decode_control_record_key(const Bytes& key) {
  Reader reader(key);
  const int16_t version = reader.int16();
  const int16_t type = reader.int16();
  if (!reader.ok()) return reader.status();
  if (version < key_version || type < 0 || type >= static_cast<int16_t>(std::size(type_names)))
    return Status::error(StatusCode::invalid, "unknown control record type " + std::to_string(type));
  return static_cast<ControlRecordType>(type);
}

}  // namespace brokerlab::kafka

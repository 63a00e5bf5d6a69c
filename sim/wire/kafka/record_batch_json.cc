#include "sim/wire/kafka/record_batch_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace brokerlab::kafka {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view create_time_name = "CreateTime";
constexpr std::string_view log_append_time_name = "LogAppendTime";

// ---- print

Json hex_or_null(std::optional<std::span<const uint8_t>> bytes) {
  return bytes ? Json(to_hex(*bytes)) : Json();
}

Json json_of(const RecordBatchHeader& header) {
  const auto horizon = header.delete_horizon_ms();
  const bool is_create_time = header.timestamp_type() == TimestampType::create_time;
  return {{"baseOffset", header.base_offset},
          {"lastOffset", header.last_offset()},
          {"sizeInBytes", header.size()},
          {"magic", header.magic},
          {"crc", header.crc},
          {"codec", name_of(header.compression().value())},
          {"timestampType", is_create_time ? create_time_name : log_append_time_name},
          {"maxTimestamp", header.max_timestamp},
          {"partitionLeaderEpoch", header.partition_leader_epoch},
          {"baseTimestamp", header.base_timestamp},
          {"producerId", header.producer_id},
          {"producerEpoch", header.producer_epoch},
          {"baseSequence", header.base_sequence},
          {"lastSequence", header.last_sequence()},
          {"isTransactional", header.is_transactional()},
          {"isControl", header.is_control()},
          {"count", header.record_count},
          {"deleteHorizonMs", horizon ? Json(*horizon) : Json()}};
}

Json json_of(const Record& record) {
  Json headers = Json::array();
  for (const RecordHeader& header : record.headers()) {
    const auto value = header.value ? std::optional(bytes_of(*header.value)) : std::nullopt;
    headers.push_back({{"key", header.key}, {"value_hex", hex_or_null(value)}});
  }
  const auto span_of = [](const std::optional<Bytes>& bytes) {
    return bytes ? std::optional(bytes->span()) : std::nullopt;
  };
  return {{"offset", record.offset},
          {"timestamp", record.timestamp_ms},
          {"sequence", record.sequence},
          {"key_hex", hex_or_null(span_of(record.key))},
          {"value_hex", hex_or_null(span_of(record.value))},
          {"headers", headers}};
}

Status error_of(const RecordsError& error) {
  return Status::error(StatusCode::invalid, std::string(error_name(error.code)) + ": " + error.message);
}

// ---- read

// Reads the fields of one object. As in Reader, the first error is kept and what follows it is nothing.
class Fields {
 public:
  Fields(const Json& object, Status& status) : object_(object), status_(status) {
    if (!object.is_object()) fail("", "an object");
  }

  template <class Integer>
  Integer integer(const char* name, Integer absent) {
    const Json* value = find(name);
    if (value == nullptr) return absent;
    const bool fits = value->is_number_unsigned()  ? std::in_range<Integer>(value->get<uint64_t>())
                      : value->is_number_integer() ? std::in_range<Integer>(value->get<int64_t>())
                                                   : false;
    if (fits) return value->get<Integer>();
    fail(name, "an integer in range");
    return absent;
  }
  bool boolean(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_boolean()) fail(name, "true or false");
    return value->is_boolean() && value->get<bool>();
  }
  std::string text(const char* name, std::string_view absent) {
    const Json* value = find(name);
    if (value == nullptr) return std::string(absent);
    if (!value->is_string()) fail(name, "a string");
    return value->is_string() ? value->get<std::string>() : std::string();
  }
  std::optional<Bytes> hex(const char* name) {
    if (find(name) == nullptr) return std::nullopt;
    const std::string digits = text(name, "");
    Bytes bytes = Bytes::adopt(from_hex(digits));
    if (2 * bytes.size() != digits.size()) fail(name, "an even number of hexadecimal digits");
    return bytes;
  }
  const Json& array(const char* name) {
    static const Json none = Json::array();
    const Json* value = find(name);
    if (value != nullptr && !value->is_array()) fail(name, "an array");
    return value != nullptr && value->is_array() ? *value : none;
  }
  void fail(std::string_view name, const std::string& expected) {
    if (!status_.ok()) return;
    const std::string where = name.empty() ? "a record batch" : std::string(name);
    status_ = Status::error(StatusCode::invalid, where + ": " + expected + " was expected");
  }

 private:
  // Null counts as absent.
  const Json* find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  const Json& object_;
  Status& status_;
};

// Offsets and timestamps are anyone's: a difference that overflows wraps, as in Java.
int64_t distance(int64_t from, int64_t to) {
  return static_cast<int64_t>(static_cast<uint64_t>(to) - static_cast<uint64_t>(from));
}

int16_t attributes_of(Fields& fields) {
  int16_t attributes = 0;
  const auto compression = compression_of_name(fields.text("codec", name_of(Compression::none)));
  if (!compression) fields.fail("codec", "none, gzip, snappy, lz4 or zstd");
  attributes = static_cast<int16_t>(compression.value_or(Compression::none));
  const std::string timestamp_type = fields.text("timestampType", create_time_name);
  if (timestamp_type != create_time_name && timestamp_type != log_append_time_name)
    fields.fail("timestampType", "CreateTime or LogAppendTime");
  if (timestamp_type == log_append_time_name) attributes |= RecordBatchHeader::timestamp_type_bit;
  if (fields.boolean("isTransactional")) attributes |= RecordBatchHeader::transactional_bit;
  if (fields.boolean("isControl")) attributes |= RecordBatchHeader::control_bit;
  return attributes;
}

// Appends the record to `to`, and counts it in the header.
void put_record(const Json& json, RecordBatchHeader& header, std::vector<uint8_t>& to, Status& status) {
  Fields fields(json, status);
  const int64_t offset = fields.integer<int64_t>("offset", header.base_offset + header.record_count);
  const int64_t timestamp = fields.integer<int64_t>("timestamp", header.base_timestamp);
  const int64_t offset_delta = distance(header.base_offset, offset);
  if (!std::in_range<int32_t>(offset_delta)) fields.fail("offset", "an offset near baseOffset");
  const std::optional<Bytes> key = fields.hex("key_hex");
  const std::optional<Bytes> value = fields.hex("value_hex");
  std::vector<std::string> keys;
  std::vector<std::optional<Bytes>> values;
  for (const Json& record_header : fields.array("headers")) {
    Fields header_fields(record_header, status);
    keys.push_back(header_fields.text("key", ""));
    values.push_back(header_fields.hex("value_hex"));
  }
  if (!status.ok()) return;
  std::vector<RecordHeader> headers;
  for (size_t i = 0; i < keys.size(); ++i)
    headers.push_back({keys[i], values[i] ? std::optional(values[i]->text()) : std::nullopt});
  const auto data_of = [](const std::optional<Bytes>& bytes) {
    return bytes ? RecordData(bytes->span()) : std::nullopt;
  };
  // Of records under the time of their append, the deltas mean nothing.
  const bool has_own_time = header.timestamp_type() == TimestampType::create_time;
  const int64_t timestamp_delta = has_own_time ? distance(header.base_timestamp, timestamp) : 0;
  kafka::put_record(to, timestamp_delta, static_cast<int32_t>(offset_delta), data_of(key), data_of(value),
                    headers);
  header.max_timestamp = std::max(header.max_timestamp, timestamp);
  header.last_offset_delta = static_cast<int32_t>(offset_delta);
  ++header.record_count;
}

}  // namespace

Result<std::string> to_json(const RecordBatch& batch) {
  if (!has_right_crc(batch.bytes)) return error_of({ErrorCode::corrupt_message, "the CRC does not match"});
  Json records = Json::array();
  RecordReader reader(batch);
  for (Record record; reader.next(record);) records.push_back(json_of(record));
  if (!reader.error().ok()) return error_of(reader.error());
  Json json = json_of(batch.header);
  json["records"] = std::move(records);
  // Header keys are the peer's bytes, which need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Bytes> batch_from_json(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return Status::error(StatusCode::invalid, "not JSON");
  Status status;
  Fields fields(parsed, status);
  const Json& records = fields.array("records");
  RecordBatchHeader header;
  header.base_offset = fields.integer<int64_t>("baseOffset", 0);
  header.partition_leader_epoch = fields.integer<int32_t>("partitionLeaderEpoch", -1);
  header.magic = fields.integer<int8_t>("magic", RecordBatchHeader::current_magic);
  if (header.magic != RecordBatchHeader::current_magic) fields.fail("magic", "2");
  header.attributes = attributes_of(fields);
  header.base_timestamp = fields.integer<int64_t>("baseTimestamp", 0);
  header.max_timestamp = header.base_timestamp;
  header.producer_id = fields.integer<int64_t>("producerId", -1);
  header.producer_epoch = fields.integer<int16_t>("producerEpoch", -1);
  header.base_sequence = fields.integer<int32_t>("baseSequence", -1);
  if (fields.integer<int64_t>("deleteHorizonMs", -1) != -1)
    header.attributes |= RecordBatchHeader::delete_horizon_bit;
  std::vector<uint8_t> batch(RecordBatchHeader::bytes);
  for (const Json& record : records) put_record(record, header, batch, status);
  // A compacted batch spans more than the records that are left.
  const int64_t counted =
      distance(-int64_t{header.last_offset_delta}, header.base_offset);  // their sum, wrapped
  const auto last_offset_delta = distance(header.base_offset, fields.integer<int64_t>("lastOffset", counted));
  if (!std::in_range<int32_t>(last_offset_delta)) fields.fail("lastOffset", "an offset near baseOffset");
  header.max_timestamp = fields.integer<int64_t>("maxTimestamp", header.max_timestamp);
  if (!status.ok()) return status;
  header.last_offset_delta = static_cast<int32_t>(last_offset_delta);
  Result<Bytes> made = encode_batch(header, std::move(batch));
  if (!parse_batch_header(made->span()))
    return Status::error(StatusCode::invalid, "lastOffset: no offset can follow the batch");
  return made;
}

}  // namespace brokerlab::kafka

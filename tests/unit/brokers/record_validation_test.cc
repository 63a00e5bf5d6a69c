// What a broker accepts, refuses and stores of what producers send, against a real broker's answers.
#include "sim/brokers/record_validation.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"
#include "tests/wire/golden.h"

using namespace brokerlab;
using namespace brokerlab::kafka;
using namespace brokerlab::kafka::test;

namespace {

bool is_old_magic(const std::string& name) { return name.starts_with("v0-") || name.starts_with("v1-"); }

std::map<std::string, Json> recorded_batches() {
  std::map<std::string, Json> cases;
  for (const Json& line : golden_lines("record-batches.jsonl")) cases[line["case"]] = line;
  return cases;
}

constexpr int64_t now_ms = 1'700'000'000'000;

/// Ten records of 500 equal bytes.
Bytes ten_records() {
  RecordBatchBuilder builder({});
  const std::vector<uint8_t> value(500, 'v');
  for (int i = 0; i < 10; ++i) builder.append(now_ms + i, std::nullopt, value);
  return builder.build();
}

}  // namespace

TEST_CASE("A leader's offset and epoch go into a batch as in Kafka's log") {
  int appended = 0;
  for (const Json& line : golden_lines("record-batches.jsonl")) {
    const Json& broker = line["broker"];
    if (!broker.contains("appended_hex") || is_old_magic(line["case"])) continue;
    // The recording is of the part of Kafka that comes after the check of base offset and CRC.
    const Bytes recorded = bytes_of_hex(line["hex"]);
    RecordBatchHeader from_producer = parse_batch_header(recorded.span()).value();
    from_producer.base_offset = 0;
    const Bytes produced = joined(rewrite_header(recorded, from_producer));
    if (!has_right_crc(produced)) continue;
    const ValidatedRecords validated = validate_records(produced, {.has_transactional_id = true}, now_ms);
    REQUIRE(validated.error == ErrorCode::none);
    const Bytes& batch = validated.batch.bytes;
    RecordBatchHeader header = validated.batch.header;
    CAPTURE(line["case"]);
    header.base_offset = broker["appended_at"];
    header.partition_leader_epoch = broker["leader_epoch"];
    const Slices rewritten = rewrite_header(batch, header);
    CHECK(to_hex(joined(rewritten).span()) == broker["appended_hex"].get<std::string>());
    CHECK(std::get<Bytes>(rewritten[1]).owner() == batch.owner());
    ++appended;
  }
  CHECK(appended == 39);
}

TEST_CASE("Records are accepted and refused as the real broker did") {
  const auto cases = recorded_batches();
  int answers = 0;
  for (const Json& line : golden_lines("record-batches-live.jsonl")) {
    if (!line.contains("error_code")) continue;
    const std::string topic = line["topic"];
    CAPTURE(line["case"]);
    CAPTURE(topic);
    Bytes records = bytes_of_hex(cases.at(line["case"])["hex"]);
    if (line.contains("request_hex")) {  // the same batch, as it really travelled
      Bytes body;
      const Bytes frame = bytes_of_hex(line["request_hex"]).subview(4);
      REQUIRE(decode_request_header(frame, body).ok());
      const auto request = decode<ProduceRequest>(body, line["version"]);
      REQUIRE(request.ok());
      CHECK(joined(*request->topic_data.at(0).partition_data.at(0).records) == records);
    }
    const std::string topic_partition = topic + "-0";
    RecordRules rules;
    rules.topic_partition = topic_partition;
    rules.is_compacted = topic == "raw-compacted";
    rules.is_log_append_time = topic == "raw-append-time";
    constexpr int64_t recorded_at_ms = 1795248453454;
    const ValidatedRecords result = validate_records(records, rules, recorded_at_ms);

    const ErrorCode expected = error_from(line["error_code"]);
    if (expected != ErrorCode::none) {
      const Json& answer = line["json"]["responses"][0]["partitionResponses"][0];
      const Json& message = answer["errorMessage"];
      CHECK(result.error_message == (message.is_null() ? "" : message.get<std::string>()));
      CHECK(result.names_log_start_offset == (answer["logStartOffset"] != -1));
      REQUIRE(result.record_errors.size() == answer["recordErrors"].size());
      for (size_t i = 0; i < result.record_errors.size(); ++i) {
        CHECK(result.record_errors[i].batch_index == answer["recordErrors"][i]["batchIndex"]);
        CHECK(result.record_errors[i].message ==
              answer["recordErrors"][i]["batchIndexErrorMessage"].get<std::string>());
      }
    }
    CHECK(error_name(result.error) == error_name(expected));
    ++answers;
  }
  CHECK(answers == 163);
}

TEST_CASE("A batch larger than max.message.bytes is refused before its CRC is looked at") {
  RecordBatchBuilder builder({});
  builder.append(0, std::nullopt, std::vector<uint8_t>(1000));
  std::vector<uint8_t> bytes;
  const Bytes batch = builder.build();
  bytes.assign(batch.begin(), batch.end());
  bytes.back() ^= 1;
  const Bytes damaged = Bytes::adopt(bytes);
  CHECK(validate_records(damaged, {.max_message_bytes = damaged.size() - 1}, 0).error ==
        ErrorCode::message_too_large);
  CHECK(validate_records(damaged, {.max_message_bytes = damaged.size()}, 0).error ==
        ErrorCode::corrupt_message);
}

TEST_CASE("A topic with a codec of its own stores every batch with it, the records unchanged") {
  const Bytes plain = ten_records();
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    CAPTURE(name_of(codec));
    RecordRules rules;
    rules.compression = codec;
    const ValidatedRecords stored = validate_records(plain, rules, now_ms);
    REQUIRE(stored.error == ErrorCode::none);
    CHECK(stored.batch.header.compression() == codec);
    CHECK(stored.batch.bytes.size() < plain.size() / 4);
    CHECK(has_right_crc(stored.batch.bytes));
    rules.compression = Compression::none;
    const ValidatedRecords back = validate_records(stored.batch.bytes, rules, now_ms);
    REQUIRE(back.error == ErrorCode::none);
    CHECK(back.batch.bytes == plain);
    rules.compression.reset();
    CHECK(validate_records(stored.batch.bytes, rules, now_ms).batch.bytes == stored.batch.bytes);
  }
}

TEST_CASE("A batch that is too large once it has the topic's codec is refused, though it came small enough") {
  const Bytes plain = ten_records();
  RecordRules rules;
  rules.compression = Compression::gzip;
  const Bytes small = validate_records(plain, rules, now_ms).batch.bytes;
  rules.compression = Compression::none;
  rules.max_message_bytes = plain.size() - 1;
  CHECK(validate_records(small, rules, now_ms).error == ErrorCode::message_too_large);
  rules.max_message_bytes = plain.size();
  CHECK(validate_records(small, rules, now_ms).error == ErrorCode::none);
}

TEST_CASE("zstd in a request older than Produce v7 is refused, before anything else is found wrong") {
  const Bytes batch = bytes_of_hex(recorded_batches().at("v2-zstd-headers")["hex"]);
  CHECK(validate_records(batch, {.accepts_zstd = false}, now_ms).error ==
        ErrorCode::unsupported_compression_type);
  std::vector<uint8_t> two(batch.begin(), batch.end());
  two.insert(two.end(), batch.begin(), batch.end());
  CHECK(validate_records(Bytes::copy_of(two), {.accepts_zstd = false}, now_ms).error ==
        ErrorCode::unsupported_compression_type);
  CHECK(validate_records(Bytes::copy_of(two), {}, now_ms).error == ErrorCode::invalid_record);
}

#include "sim/brokers/record_validation.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"

using namespace brokerlab;

TEST_CASE("Records are accepted and refused as the real broker did") {
  std::ifstream lines(BROKERLAB_GOLDEN_DIR "/record-batches-live.jsonl");
  REQUIRE(lines.is_open());
  int compared = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto golden = nlohmann::json::parse(line);
    const std::string name = golden["case"];
    // Left out: codecs that are not built in and damaged all the same, the clock, and sequence numbers, which
    // the log judges.
    const bool needs_codec = name.starts_with("snappy-") || name.starts_with("zstd-");
    const bool is_damaged = name.ends_with("bad-magic") || name.ends_with("truncated-body");
    if (golden["topic"] != "raw-batches" || !golden.contains("request_hex") || (needs_codec && is_damaged))
      continue;
    const std::vector<uint8_t> bytes = from_hex(golden["request_hex"].get<std::string>());
    const auto frame = Bytes::adopt(bytes);
    Bytes body;
    const auto header = kafka::decode_request_header(frame.subview(4), body);
    REQUIRE(header);
    const auto request = kafka::decode<kafka::ProduceRequest>(body, header->api_version);
    REQUIRE(request);
    const kafka::Records& records = request->topic_data.at(0).partition_data.at(0).records;
    REQUIRE(records.has_value());
    const Bytes given = records->empty() ? Bytes{} : std::get<Bytes>(records->front());
    const ValidatedRecords validated =
        validate_records(given, {header->api_version, request->transactional_id.has_value(), 1'048'588});
    const auto& answer = golden["json"]["responses"][0]["partitionResponses"][0];
    CAPTURE(name);
    CHECK(static_cast<int>(validated.error) == answer["errorCode"].get<int>());
    if (validated.error != kafka::ErrorCode::none) {
      CHECK(validated.reached_log == (answer["logStartOffset"].get<int>() == 0));
      CHECK(validated.message ==
            (answer["errorMessage"].is_null() ? "" : answer["errorMessage"].get<std::string>()));
    }
    ++compared;
  }
  CHECK(compared > 100);
}

TEST_CASE("A topic with a codec of its own stores every batch with it, the records unchanged") {
  kafka::RecordBatchBuilder builder({});
  const std::string value(500, 'v');
  for (int i = 0; i < 10; ++i)
    builder.append(1'700'000'000'000 + i, std::nullopt,
                   std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
  const Bytes plain = builder.build();
  ProduceRules rules;
  rules.compression = kafka::Compression::lz4;
  const ValidatedRecords stored = validate_records(plain, rules);
  REQUIRE(stored.error == kafka::ErrorCode::none);
  CHECK(stored.batch.size() < plain.size() / 4);
  rules.compression = kafka::Compression::none;
  const ValidatedRecords back = validate_records(stored.batch, rules);
  REQUIRE(back.error == kafka::ErrorCode::none);
  CHECK(back.batch == plain);
  rules.compression.reset();
  CHECK(validate_records(stored.batch, rules).batch == stored.batch);
}

// Record batches: what Kafka's own reader says of good and damaged ones, and what eleven client libraries put
// on the wire. What a broker answers to them: unit/brokers/record_validation_test.cc.
#include "sim/wire/kafka/record_batch.h"

#include "sim/base/random.h"
#include "sim/wire/kafka/crc32c.h"
#include "sim/wire/kafka/record_batch_json.h"
#include "tests/wire/golden.h"

using namespace brokerlab;
using namespace brokerlab::kafka;
using namespace brokerlab::kafka::test;

namespace {

Json described(const RecordBatch& batch) {
  const auto json = to_json(batch);
  REQUIRE_MESSAGE(json.ok(), json.status().message);
  return Json::parse(*json);
}

Json records_of(const RecordBatch& batch) { return described(batch)["records"]; }

// Checks one batch against what was recorded.
void check_batch(const RecordBatch& batch, const Json& decoded) {
  Json found = described(batch);
  Json expected = decoded;
  expected.erase("records_sha256");
  if (!expected.contains("records")) found.erase("records");
  CHECK(found == expected);
}

std::vector<RecordBatch> batches_in(const Bytes& bytes, RecordsError& error, size_t& valid_bytes) {
  BatchReader reader(bytes);
  std::vector<RecordBatch> batches;
  while (auto batch = reader.next()) batches.push_back(*batch);
  error = reader.error();
  valid_bytes = bytes.size() - reader.rest().size();
  return batches;
}

// The first thing that is wrong with the bytes when they are read to the end.
RecordsError first_error(const Bytes& bytes) {
  RecordsError error;
  size_t valid_bytes = 0;
  for (const RecordBatch& batch : batches_in(bytes, error, valid_bytes)) {
    if (!has_right_crc(batch.bytes)) return {ErrorCode::corrupt_message, "CRC"};
    RecordReader reader(batch);
    for (Record record; reader.next(record);) {
    }
    if (!reader.error().ok()) return reader.error();
  }
  return error;
}

// "CORRUPT_MESSAGE(2) org.apache…" is a code of the protocol; any other exception a broker answers with -1.
ErrorCode recorded_code(const std::string& error) {
  const size_t open = error.find('(');
  const bool has_code = open != std::string::npos && error.find(' ') == error.find(')') + 1;
  return has_code ? error_from(static_cast<int16_t>(std::stoi(error.substr(open + 1))))
                  : ErrorCode::unknown_server_error;
}

bool is_old_magic(const std::string& name) { return name.starts_with("v0-") || name.starts_with("v1-"); }

std::map<std::string, Json> recorded_batches() {
  std::map<std::string, Json> cases;
  for (const Json& line : golden_lines("record-batches.jsonl")) cases[line["case"]] = line;
  return cases;
}

constexpr Compression every_codec[] = {Compression::gzip, Compression::snappy, Compression::lz4,
                                       Compression::zstd};
const std::string text =
    "Korean and English 한국어 — a text that is long enough to be worth compressing, compressing.";

RecordBatch only_batch(const Bytes& bytes) {
  BatchReader reader(bytes);
  auto batch = reader.next();
  REQUIRE(batch.has_value());
  CHECK(reader.rest().empty());
  return *batch;
}

}  // namespace

TEST_CASE("CRC-32C of the test vectors of RFC 3720") {
  CHECK(crc32c(std::vector<uint8_t>(32, 0x00)) == 0x8A9136AA);
  CHECK(crc32c(std::vector<uint8_t>(32, 0xFF)) == 0x62A8AB43);
  CHECK(crc32c(bytes_of("123456789")) == 0xE3069283);
  CHECK(crc32c(bytes_of("56789"), crc32c(bytes_of("1234"))) == 0xE3069283);
}

TEST_CASE(
    "CRC-32C is the same with the processor's instruction and by tables, wherever the bytes begin and end") {
  constexpr size_t most = 10'000;  // three of the stretches that are summed side by side, and more
  std::vector<uint8_t> bytes(most);
  for (size_t i = 0; i < most; ++i) bytes[i] = static_cast<uint8_t>(i * i >> 3);
  for (size_t length = 0; length <= most; length += 1 + length / 16) {
    const std::span<const uint8_t> part = std::span(bytes).last(length);
    CAPTURE(length);
    REQUIRE(crc32c(part) == crc32c_by_tables(part));
  }
}

TEST_CASE("good batches read as Kafka reads them") {
  int batches = 0;
  for (const Json& line : golden_lines("record-batches.jsonl")) {
    const std::string name = line["case"];
    if (line.contains("error") || is_old_magic(name)) continue;
    CAPTURE(name);
    RecordsError error;
    size_t valid_bytes = 0;
    const auto found = batches_in(bytes_of_hex(line["hex"]), error, valid_bytes);
    CHECK(error.ok());
    CHECK(valid_bytes == line["valid_bytes"]);
    if (name == "record-count-0-of-2") continue;  // Kafka's reader does not look behind a count of 0
    const Json expected = line.contains("decoded") ? Json::array({line["decoded"]}) : line["decoded_batches"];
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) check_batch(found[i], expected[i]);
    batches += static_cast<int>(found.size());
  }
  CHECK(batches == 86);
}

TEST_CASE("what is said of a batch is enough to write it again") {
  int same = 0;
  int compressed_otherwise = 0;
  std::vector<std::string> others;
  for (const Json& line : golden_lines("record-batches.jsonl")) {
    const std::string name = line["case"];
    if (!line.contains("decoded") || is_old_magic(name) || !line["decoded"].contains("records")) continue;
    CAPTURE(name);
    Json expected = line["decoded"];
    const auto written = batch_from_json(expected.dump());
    REQUIRE_MESSAGE(written.ok(), written.status().message);
    if (to_hex(written->span()) == line["hex"].get<std::string>()) {
      ++same;
      continue;
    }
    Json again = described(only_batch(*written));
    for (Json* json : {&again, &expected})
      for (const char* computed : {"crc", "sizeInBytes"}) json->erase(computed);
    CHECK(again == expected);
    if (expected["codec"] == "none") {
      others.push_back(name);
    } else {
      ++compressed_otherwise;
    }
  }
  CHECK(same == 46);
  CHECK(compressed_otherwise == 19);
  // The time that a record had before it was appended, bits without a meaning, and records behind a count of
  // 0 are not said.
  CHECK(others == std::vector<std::string>{"v2-none-log-append-time", "unused-attribute-bit-7",
                                           "unused-attribute-bit-14", "record-count-0-of-2",
                                           "record-attributes-set"});
}

TEST_CASE("a batch written by hand needs little, and mistakes in it are named") {
  const auto plain =
      batch_from_json(R"({"records": [{"value_hex": "61"}, {"key_hex": "62", "headers": [{"key": "h"}]}]})");
  REQUIRE(plain.ok());
  const Json json = described(only_batch(*plain));
  CHECK(json["count"] == 2);
  CHECK(json["lastOffset"] == 1);
  CHECK(json["producerId"] == -1);
  CHECK(json["records"][1]["headers"][0]["value_hex"].is_null());
  const auto mistake = [](const char* text) { return batch_from_json(text).status().message; };
  CHECK(mistake("[") == "not JSON");
  CHECK(mistake("[]") == "a record batch: an object was expected");
  CHECK(mistake(R"({"codec": "zip"})") == "codec: none, gzip, snappy, lz4 or zstd was expected");
  CHECK(mistake(R"({"producerEpoch": 32768})") == "producerEpoch: an integer in range was expected");
  CHECK(mistake(R"({"records": [{"value_hex": "6"}]})") ==
        "value_hex: an even number of hexadecimal digits was expected");
  CHECK(mistake(R"({"records": [{"offset": 2147483648}]})") ==
        "offset: an offset near baseOffset was expected");
}

TEST_CASE("damaged batches give the class of error that Kafka gives") {
  int damaged = 0;
  for (const Json& line : golden_lines("record-batches.jsonl")) {
    if (!line.contains("error")) continue;
    const std::string name = line["case"];
    const Bytes bytes = bytes_of_hex(line["hex"]);
    CAPTURE(name);
    const RecordsError error = first_error(bytes);
    CAPTURE(error.message);
    ErrorCode expected = recorded_code(line["error"]);
    if (is_old_magic(name)) expected = ErrorCode::invalid_record;
    // Kafka's iterator reads what came out before the damage; a broker, like us, sees the damage first.
    if (name == "gzip-damaged-body") expected = ErrorCode::unknown_server_error;
    CHECK(error_name(error.code) == error_name(expected));
    ++damaged;
  }
  CHECK(damaged == 39);
}

TEST_CASE("compressed batches hold the records of the uncompressed ones") {
  const auto cases = recorded_batches();
  int compared = 0;
  for (const auto& [name, line] : cases) {
    if (!line.contains("same_records_as")) continue;
    const RecordBatch compressed = only_batch(bytes_of_hex(line["hex"]));
    CAPTURE(name);
    CHECK(records_of(compressed) ==
          records_of(only_batch(bytes_of_hex(cases.at(line["same_records_as"])["hex"]))));
    ++compared;
  }
  CHECK(compared == 4);
}

TEST_CASE("the batches of eleven clients are read") {
  int read = 0;
  for (const Json& line : golden_lines("record-batches-clients.jsonl")) {
    CAPTURE(line["client"]);
    CAPTURE(line["codec"]);
    check_batch(only_batch(bytes_of_hex(line["hex"])), line["decoded"]);
    ++read;
  }
  CHECK(read == 73);
}

TEST_CASE("log append time is written into the header, and the CRC follows") {
  RecordBatchBuilder builder({});
  builder.append(1'000, bytes_of("key"), bytes_of("value"));
  builder.append(2'000, std::nullopt, std::nullopt);
  const Bytes produced = builder.build();
  RecordBatchHeader header = parse_batch_header(produced.span()).value();
  header.base_offset = 40;
  header.stamp_log_append_time(9'000);
  const RecordBatch stored = only_batch(joined(rewrite_header(produced, header)));
  CHECK(has_right_crc(stored.bytes));
  RecordReader reader(stored);
  Record record;
  REQUIRE(reader.next(record));
  CHECK(record.timestamp_ms == 9'000);
  REQUIRE(reader.next(record));
  CHECK(record.timestamp_ms == 9'000);
  CHECK(record.offset == 41);
}

TEST_CASE("what a builder makes reads back, with every codec") {
  for (const Compression compression :
       {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    CAPTURE(name_of(compression));
    RecordBatchBuilder builder({.base_offset = 100,
                                .compression = compression,
                                .producer_id = 4001,
                                .producer_epoch = 5,
                                .base_sequence = INT32_MAX,
                                .partition_leader_epoch = 3,
                                .is_transactional = true});
    CHECK(builder.empty());
    const std::vector<RecordHeader> headers = {{"trace", "abc"}, {"빈 값", std::nullopt}, {"", ""}};
    size_t largest = builder.size();
    const auto append = [&](int64_t timestamp, RecordBatchBuilder::Data key, RecordBatchBuilder::Data value,
                            std::span<const RecordHeader> with = {}) {
      largest += RecordBatchBuilder::largest_record_size(key, value, with);
      builder.append(timestamp, key, value, with);
      CHECK(builder.size() <= largest);
    };
    append(1'700'000'000'000, bytes_of("key"), bytes_of(text), headers);
    append(1'700'000'000'500, std::nullopt, bytes_of(text));
    append(1'699'999'999'000, bytes_of(""), std::nullopt);
    const size_t uncompressed = builder.size();
    const Bytes built = builder.build();
    CHECK(builder.empty());
    if (compression == Compression::none) CHECK(built.size() == uncompressed);

    const RecordBatch batch = only_batch(built);
    CHECK(has_right_crc(built));
    CHECK(batch.header.compression() == compression);
    CHECK(batch.header.base_timestamp == 1'700'000'000'000);
    CHECK(batch.header.max_timestamp == 1'700'000'000'500);
    CHECK(batch.header.last_offset() == 102);
    CHECK(batch.header.producer_id == 4001);
    CHECK(batch.header.producer_epoch == 5);
    CHECK(batch.header.last_sequence() == 1);  // after 2^31-1 comes 0
    CHECK(batch.header.partition_leader_epoch == 3);
    CHECK(batch.header.is_transactional());
    CHECK(!batch.header.is_control());

    const Json records = records_of(batch);
    REQUIRE(records.size() == 3);
    CHECK(records[0]["value_hex"] == to_hex(bytes_of(text)));
    CHECK(records[0]["headers"] == Json::parse(R"([{"key": "trace", "value_hex": "616263"},
                                                    {"key": "빈 값", "value_hex": null}, {"key": "", "value_hex": ""}])"));
    CHECK(records[1]["key_hex"] == nullptr);
    CHECK(records[1]["sequence"] == 0);
    CHECK(records[2]["key_hex"] == "");
    CHECK(records[2]["value_hex"] == nullptr);
    CHECK(records[2]["timestamp"] == 1'699'999'999'000);
    CHECK(records[2]["offset"] == 102);
  }
}

TEST_CASE("a builder writes Kafka's own bytes") {
  // v2-none-3-nulls of record-batches.jsonl.
  const Json recorded = recorded_batches().at("v2-none-3-nulls");
  RecordBatchBuilder builder({});
  for (const Json& record : recorded["decoded"]["records"]) {
    const auto data = [&](const char* name) -> std::optional<Bytes> {
      if (record[name].is_null()) return std::nullopt;
      return bytes_of_hex(record[name]);
    };
    const auto key = data("key_hex");
    const auto value = data("value_hex");
    builder.append(record["timestamp"], key ? RecordBatchBuilder::Data(key->span()) : std::nullopt,
                   value ? RecordBatchBuilder::Data(value->span()) : std::nullopt);
  }
  CHECK(to_hex(builder.build().span()) == recorded["hex"].get<std::string>());
}

TEST_CASE("decompressing stops at a size and at a ratio") {
  const std::vector<uint8_t> zeros(1 << 20);
  for (const Compression compression : every_codec) {
    CAPTURE(name_of(compression));
    const Bytes packed = compress(compression, zeros);
    CHECK(packed.size() < zeros.size() / 20);
    CHECK(decompress(compression, packed)->size() == zeros.size());
    CHECK(decompress(compression, packed, {.max_bytes = zeros.size()})->size() == zeros.size());
    CHECK(decompress(compression, packed, {.max_bytes = zeros.size() - 1}).status().code ==
          StatusCode::limit);
    CHECK(decompress(compression, packed, {.max_ratio = 20, .free_of_ratio_bytes = 1000}).status().code ==
          StatusCode::limit);
    CHECK(decompress(compression, packed, {.max_ratio = 20})->size() == zeros.size());
  }
  RecordBatchBuilder builder({.compression = Compression::gzip});
  builder.append(0, std::nullopt, zeros);
  RecordReader reader(only_batch(builder.build()), {.max_bytes = 1000});
  Record record;
  CHECK(!reader.next(record));
  CHECK(reader.error().code == ErrorCode::message_too_large);
}

TEST_CASE("gzip data of several members decompress to all of them, as RFC 1952 and Java have it") {
  const Bytes first = compress(Compression::gzip, bytes_of(text));
  const Bytes second = compress(Compression::gzip, bytes_of("and more"));
  std::vector<uint8_t> both(first.begin(), first.end());
  both.insert(both.end(), second.begin(), second.end());
  CHECK(decompress(Compression::gzip, Bytes::copy_of(both))->text() == text + "and more");
  both.push_back('x');
  CHECK(decompress(Compression::gzip, Bytes::copy_of(both))->text() == text + "and more");
  both.resize(both.size() - 2);
  CHECK(!decompress(Compression::gzip, Bytes::copy_of(both)).ok());
}

TEST_CASE("compressed bytes that are cut or damaged anywhere are errors, never garbage") {
  for (const Compression compression : every_codec) {
    CAPTURE(name_of(compression));
    const Bytes packed = compress(compression, bytes_of(text));
    CHECK(decompress(compression, packed)->text() == text);
    for (size_t length = 0; length < packed.size(); ++length) {
      const bool is_bare_header = compression == Compression::snappy && length >= 16 && length < 20;
      if (is_bare_header) continue;  // a stream of no blocks
      CAPTURE(length);
      CHECK(!decompress(compression, Bytes::copy_of(packed.span().first(length))).ok());
    }
  }
}

TEST_CASE("snappy comes in a stream of blocks, in streams one behind the other, and as one bare block") {
  const std::vector<uint8_t> large(100'000, 'x');
  const Bytes stream = compress(Compression::snappy, large);
  CHECK(to_hex(stream.span().first(16)) == "82534e41505059000000000100000001");
  CHECK(decompress(Compression::snappy, stream)->span().size() == large.size());

  const Bytes small = compress(Compression::snappy, bytes_of(text));
  const Bytes bare = small.subview(20);
  CHECK(decompress(Compression::snappy, bare)->text() == text);

  std::vector<uint8_t> twice(small.begin(), small.end());
  twice.insert(twice.end(), small.begin(), small.end());
  CHECK(decompress(Compression::snappy, Bytes::copy_of(twice))->text() == text + text);
  twice.insert(twice.end(), {0, 0, 0});
  CHECK(decompress(Compression::snappy, Bytes::copy_of(twice))->text() == text + text);

  std::vector<uint8_t> of_version_0(small.begin(), small.end());
  of_version_0[15] = 0;
  CHECK(decompress(Compression::snappy, Bytes::copy_of(of_version_0)).status().code == StatusCode::invalid);
}

TEST_CASE("a block that promises more than it can hold is refused before there is room for it") {
  const Bytes promise = bytes_of_hex(
      "ffffffff0f"
      "00616263");  // a snappy block of 4 GiB
  CHECK(decompress(Compression::snappy, promise, {.max_bytes = UINT64_MAX}).status().code ==
        StatusCode::invalid);
  // A zstd frame that declares 2^40 bytes and a window as large, with one raw block of one byte.
  const Bytes frame = bytes_of_hex(
      "28b52ffd"
      "e0"
      "0000000000010000"
      "090000"
      "61");
  CHECK(decompress(Compression::zstd, frame).status().code == StatusCode::invalid);
}

TEST_CASE("random damage to a batch never crashes a reader") {
  Random random(2026);
  const auto cases = recorded_batches();
  for (const char* name : {"v2-none-3-nulls", "v2-none-headers", "v2-gzip-headers", "v2-snappy-headers",
                           "v2-lz4-headers", "v2-zstd-headers"}) {
    const Bytes good = bytes_of_hex(cases.at(name)["hex"]);
    for (int round = 0; round < 2'000; ++round) {
      std::vector<uint8_t> bytes(good.begin(), good.end());
      bytes.resize(random.below(bytes.size() + 1));
      for (uint64_t flips = 1 + random.below(4); flips > 0 && !bytes.empty(); --flips)
        bytes[random.below(bytes.size())] = static_cast<uint8_t>(random.next());
      RecordsError error;
      size_t valid_bytes = 0;
      for (const RecordBatch& batch : batches_in(Bytes::adopt(bytes), error, valid_bytes)) {
        RecordReader reader(batch);
        for (Record record; reader.next(record);) record.headers();
      }
    }
  }
}

TEST_CASE("a batch after which no offset can come is no batch") {
  RecordBatchHeader header;
  header.length = RecordBatchHeader::bytes - RecordBatchHeader::bytes_before_length_counts;
  const auto is_possible = [&](int64_t base_offset, int32_t last_offset_delta) {
    header.base_offset = base_offset;
    header.last_offset_delta = last_offset_delta;
    return parse_batch_header(encode_batch_header(header)).has_value();
  };
  CHECK(is_possible(INT64_MAX - 1, 0));
  CHECK_FALSE(is_possible(INT64_MAX, 0));
  CHECK(is_possible(INT64_MAX - 6, 5));
  CHECK_FALSE(is_possible(INT64_MAX - 5, 5));
  CHECK(is_possible(INT64_MIN + 5, -5));
  CHECK_FALSE(is_possible(INT64_MIN + 4, -5));
}

TEST_CASE("a batch in JSON whose offsets leave the range of offsets is refused") {
  const auto refusal = [](std::string_view json) { return batch_from_json(json).status().message; };
  CHECK(refusal(R"({"baseOffset":9223372036854775806,"records":[{}]})").empty());
  const std::string no_next = "lastOffset: no offset can follow the batch";
  CHECK(refusal(R"({"baseOffset":9223372036854775807,"records":[{}]})") == no_next);
  // The distance between these two is small, around the end of all numbers.
  CHECK(refusal(R"({"baseOffset":-9223372036854775707,"records":[{"offset":9223372036846387301}]})") ==
        no_next);
}

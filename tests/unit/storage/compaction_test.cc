// Compaction: which records stay, in which bytes, and what a crash in the middle of it leaves.
#include "sim/storage/compaction.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/storage/batch_filter.h"
#include "tests/unit/storage/disks.h"
#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

using Progress = Compaction::Progress;
using Json = nlohmann::json;

constexpr int64_t noon = 1'700'000'000'000;
constexpr int64_t hour = 3'600'000;
constexpr int64_t day = 24 * hour;

struct Put {
  std::string key;
  std::optional<std::string> value{};
  int64_t timestamp_ms = noon;
};

Bytes batch_of(const std::vector<Put>& puts, const kafka::RecordBatchBuilder::Options& options = {}) {
  kafka::RecordBatchBuilder builder(options);
  for (const Put& put : puts) {
    const Bytes key = Bytes::copy_of(put.key);
    const Bytes value = Bytes::copy_of(put.value.value_or(""));
    builder.append(put.timestamp_ms, key.span(),
                   put.value ? kafka::RecordData(value.span()) : kafka::RecordData());
  }
  return builder.build();
}

/// Compacted, and each batch of one small record is a segment of its own.
LogConfig compacted() {
  LogConfig config;
  config.compacts = true;
  config.deletes = false;
  config.segment_bytes = 100;
  config.index_interval_bytes = 0;
  config.max_compaction_lag_ms = INT64_MAX;
  return config;
}

void append(Disk& disk, Log& log, const Bytes& batch) {
  REQUIRE(log.append_as_leader(disk, batch, 0, noon).value().error == kafka::ErrorCode::none);
}

/// A whole pass in pieces of `piece_bytes`; where it ended.
int64_t compact(Disk& disk, Log& log, std::optional<int64_t> cleaned_up_to = {}, int64_t now_ms = noon,
                uint64_t piece_bytes = 1 << 20, uint64_t map_bytes = Compaction::default_map_bytes) {
  const CleanableRange range = cleanable_range(log, cleaned_up_to, log.log_end_offset(), now_ms);
  Compaction compaction(log, range, now_ms, map_bytes);
  Progress progress = Progress::working;
  while (progress == Progress::working || progress == Progress::flushing)
    progress = compaction.work(log, disk, piece_bytes).value();
  REQUIRE(progress == Progress::done);
  return compaction.end_offset();
}

/// Everything that can be read: "0:a=1 2:b=x 3:c" (without a value).
std::string records_of(Disk& disk, const Log& log) {
  std::string text;
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset();) {
    kafka::BatchReader batches(log.read_bytes(disk, offset, log.log_end_offset(), 1 << 20).value());
    bool any = false;
    while (const std::optional<kafka::RecordBatch> batch = batches.next()) {
      any = true;
      CHECK(kafka::has_right_crc(batch->bytes));
      kafka::RecordReader records(*batch);
      for (kafka::Record record; records.next(record);)
        text += fmt::format("{}{}:{}{}", text.empty() ? "" : " ", record.offset, record.key->text(),
                            record.value ? "=" + std::string(record.value->text()) : "");
      REQUIRE(records.error().ok());
      offset = batch->header.last_offset() + 1;
    }
    if (!any) break;
  }
  return text;
}

/// "0+2 5+1": base offsets, and how many batches begin there and in the same segment.
std::string segments_of(const Log& log) {
  std::string text;
  for (const Segment& segment : log.segments())
    text += fmt::format("{}{}/{}", text.empty() ? "" : " ", segment.base_offset(), segment.size());
  return text;
}

std::vector<kafka::RecordBatchHeader> headers_of(Disk& disk, const Log& log) {
  std::vector<kafka::RecordBatchHeader> headers;
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset();) {
    kafka::BatchReader batches(log.read_bytes(disk, offset, log.log_end_offset(), 1 << 20).value());
    const size_t before = headers.size();
    while (const auto batch = batches.next()) headers.push_back(batch->header);
    if (headers.size() == before) break;
    offset = headers.back().last_offset() + 1;
  }
  return headers;
}

Json vector_of(const std::string& name) {
  std::ifstream file(std::filesystem::path(BROKERLAB_GOLDEN_DIR) / "record-batches.jsonl");
  for (std::string line; std::getline(file, line);)
    if (Json json = Json::parse(line); json["case"] == name) return json;
  FAIL(name);
  return {};
}
kafka::RecordBatch batch_in(const Json& vector) {
  const Bytes bytes = Bytes::adopt(from_hex(vector["hex"].get<std::string>()));
  return {kafka::parse_batch_header(bytes.span()).value(), bytes};
}

/// A log with keys a, b, a, c, b, a in segments of their own, and an active one.
Log six_updates(Disk& disk, const LogConfig& config = compacted()) {
  Log log = Log::open(disk, "kv-0", config, {}).value();
  int i = 0;
  for (const char* key : {"a", "b", "a", "c", "b", "a"})
    append(disk, log, batch_of({{key, std::to_string(i++)}}));
  append(disk, log, batch_of({{"z", "active"}}));
  return log;
}

}  // namespace

// ---- one batch --------------------------------------------------------------------------------------------

TEST_CASE(
    "a batch keeps its offsets, sequence and timestamps, and gets a delete horizon, as Kafka's filter writes "
    "it") {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    CAPTURE(codec);
    const kafka::RecordBatch before = batch_in(vector_of("v2-" + codec + "-before-compaction"));
    const kafka::RecordBatch expected = batch_in(vector_of("v2-" + codec + "-compacted-delete-horizon"));
    std::vector<bool> keeps(10, false);
    for (const size_t index : {6, 7, 8, 9}) keeps[index] = true;
    const Bytes came = keep_records(before, keeps, expected.header.delete_horizon_ms()).value();
    if (codec == "none") CHECK(to_hex(came.span()) == to_hex(expected.bytes.span()));
    kafka::RecordBatchHeader header = kafka::parse_batch_header(came.span()).value();
    CHECK(kafka::has_right_crc(came));
    header.crc = expected.header.crc;  // compressors may choose other bytes
    header.length = expected.header.length;
    CHECK(header == expected.header);
    const auto plain = [&](const kafka::RecordBatch& batch) {
      return kafka::decompress(*batch.header.compression(),
                               batch.bytes.subview(kafka::RecordBatchHeader::bytes))
          .value();
    };
    CHECK(plain({header, came}).text() == plain(expected).text());
  }
}

TEST_CASE("an empty batch is Kafka's, byte by byte") {
  const kafka::RecordBatch expected = batch_in(vector_of("v2-empty-after-compaction"));
  kafka::RecordBatchHeader before = expected.header;
  before.attributes |= static_cast<int16_t>(kafka::Compression::lz4);
  before.base_timestamp = noon;
  before.record_count = 10;
  before.length = 500;
  CHECK(to_hex(empty_batch(before).span()) == to_hex(expected.bytes.span()));
}

// ---- a pass -----------------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("of each key the last record stays, at its offset", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  Log log = six_updates(machine.disk);
  CHECK(log.segments().size() == 7);
  CHECK(compact(machine.disk, log) == 6);
  CHECK(records_of(machine.disk, log) == "3:c=3 4:b=4 5:a=5 6:z=active");
  CHECK(log.log_start_offset() == 0);
  CHECK(log.log_end_offset() == 7);
  // From the gap the next record is read.
  CHECK(log.batch_at(machine.disk, 0).value().first_offset == 3);
  CHECK(log.offset_for_timestamp(machine.disk, noon).value()->offset == 3);
  append(machine.disk, log, batch_of({{"a", "7"}}));

  const std::string all = records_of(machine.disk, log);
  REQUIRE(log.close(machine.disk).ok());
  machine.restart();
  log = Log::open(machine.disk, "kv-0", compacted(), {true, 8, 0}).value();
  CHECK(records_of(machine.disk, log) == all);
  for (const std::string& name : machine.disk.list("kv-0")) {
    CAPTURE(name);
    CHECK((name.ends_with("log") || name.ends_with("index") || name.ends_with(".snapshot") ||
           name == "leader-epoch-checkpoint"));
  }
}

TEST_CASE("what Kafka's cleaner made of the same records, byte by byte") {
  const auto file = [](const std::string& name) {
    return golden::file(golden::logs() / "clean/compacted-0" / name);
  };
  // The records that Kafka has kept, by offset; of the others only their key and size matter.
  std::map<int64_t, std::string> kept_values;
  kafka::BatchReader kept(Bytes::copy_of(file("00000000000000000291.log")));
  while (const auto batch = kept.next()) {
    kafka::RecordReader records(*batch);
    for (kafka::Record record; records.next(record);) kept_values[record.offset] = record.value->text();
  }
  REQUIRE(kept_values.size() == 23);

  SimulatedDisk disk;
  LogConfig config = compacted();
  config.segment_bytes = 16 * 1024;
  config.index_interval_bytes = 512;
  Log log = Log::open(disk, "compacted-0", config, {}).value();
  // The last batches of each segment as Kafka's snapshot and what it has kept tell them; before them larger ones, so
  // that a segment is full where Kafka's was.
  std::vector<int64_t> ends{0};
  const auto add_batches = [&](int64_t records, int64_t end) {
    while (ends.back() < end) ends.push_back(std::min(ends.back() + records, end));
  };
  add_batches(28, 277);
  add_batches(14, 291);
  add_batches(28, 554);
  add_batches(14, 582);
  for (size_t i = 1; i < ends.size(); ++i) {
    kafka::RecordBatchBuilder::Options options;
    options.base_offset = ends[i - 1];
    options.producer_id = 3;
    options.producer_epoch = 0;
    options.base_sequence = static_cast<int32_t>(ends[i - 1]);
    options.partition_leader_epoch = 0;
    std::vector<Put> puts;
    for (int64_t offset = ends[i - 1]; offset < ends[i]; ++offset) {
      const auto known = kept_values.find(offset);
      puts.push_back({fmt::format("key-{}", offset % 23),
                      known == kept_values.end() ? std::string(40, 'x') : known->second, noon + offset});
    }
    REQUIRE(log.append_as_follower(disk, batch_of(puts, options), 0).ok());
  }
  const Bytes active = Bytes::copy_of(file("00000000000000000582.log"));
  REQUIRE(log.append_as_follower(disk, active, 0).ok());
  REQUIRE(log.segments().size() == 3);
  REQUIRE(log.segments()[1].base_offset() == 291);
  REQUIRE(log.segments()[2].base_offset() == 582);

  // As in Kafka's cleaner-offset-checkpoint.
  CHECK(compact(disk, log) == 582);
  for (const std::string name :
       {"00000000000000000000.log", "00000000000000000000.index", "00000000000000000000.timeindex",
        "00000000000000000291.log", "00000000000000000291.index", "00000000000000000291.timeindex"}) {
    CAPTURE(name);
    CHECK(to_hex(disk.read_file("compacted-0/" + name).value().span()) ==
          to_hex(Bytes::copy_of(file(name)).span()));
  }
}

TEST_CASE("pieces of any size come to the same") {
  SimulatedDisk whole;
  Log expected = six_updates(whole);
  compact(whole, expected);
  for (const uint64_t piece : {1, 80, 81, 200}) {
    CAPTURE(piece);
    SimulatedDisk disk;
    Log log = six_updates(disk);
    compact(disk, log, {}, noon, piece);
    CHECK(records_of(disk, log) == records_of(whole, expected));
    CHECK(segments_of(log) == segments_of(expected));
  }
}

TEST_CASE("segments that have become small are put together, up to segment.bytes") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  Log log = Log::open(disk, "kv-0", config, {}).value();
  for (int i = 0; i < 8; ++i) append(disk, log, batch_of({{"k" + std::to_string(i), "v"}}));
  const uint64_t batch_bytes = log.segments()[0].size();
  REQUIRE(log.segments().size() == 8);
  config.segment_bytes = static_cast<uint32_t>(3 * batch_bytes);
  log.set_config(config);
  CHECK(compact(disk, log) == 7);
  CHECK(segments_of(log) ==
        fmt::format("0/{} 3/{} 6/{} 7/{}", 3 * batch_bytes, 3 * batch_bytes, batch_bytes, batch_bytes));
  CHECK(records_of(disk, log) == "0:k0=v 1:k1=v 2:k2=v 3:k3=v 4:k4=v 5:k5=v 6:k6=v 7:k7=v");
  for (int64_t offset = 0; offset < 8; ++offset)
    CHECK(log.batch_at(disk, offset).value().first_offset == offset);
}

TEST_CASE("the active segment, what is not stable and what is too young stay as they are") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  Log log = Log::open(disk, "kv-0", config, {}).value();
  for (int i = 0; i < 5; ++i) append(disk, log, batch_of({{"a", std::to_string(i), noon + i * hour}}));
  const auto end_of = [&](int64_t stable, int64_t now_ms) {
    return cleanable_range(log, {}, stable, now_ms).first_uncleanable_offset;
  };
  CHECK(end_of(5, noon + 5 * hour) == 4);
  CHECK(end_of(3, noon + 5 * hour) == 3);
  config.min_compaction_lag_ms = 2 * hour;
  log.set_config(config);
  CHECK(end_of(5, noon + 3 * hour) == 2);
  CHECK(end_of(5, noon + 3 * hour - 1) == 1);
  CHECK(end_of(5, noon + 50 * hour) == 4);
}

TEST_CASE("a pass is worth it when enough is dirty, or something has waited too long") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  Log log = Log::open(disk, "kv-0", config, {}).value();
  for (int i = 0; i < 5; ++i) append(disk, log, batch_of({{"a", std::to_string(i), noon + i}}));
  const auto range = [&](int64_t cleaned_up_to) {
    return cleanable_range(log, cleaned_up_to, 5, noon + hour);
  };
  CHECK(range(0).is_worth_it(999'999));
  CHECK_FALSE(range(0).is_worth_it(1'000'000));
  CHECK(range(1).clean_bytes * 3 == range(1).dirty_bytes);
  CHECK(range(1).is_worth_it(749'999));
  CHECK_FALSE(range(2).is_worth_it(500'000));
  CHECK(range(0).is_dirtier_than(range(1)));
  CHECK_FALSE(range(4).is_worth_it(0));
  // A checkpoint that the log contradicts counts as none.
  CHECK(range(6).first_dirty_offset == 0);
  config.max_compaction_lag_ms = hour - 3;
  log.set_config(config);
  CHECK(range(2).is_overdue);
  CHECK(range(2).is_worth_it(1'000'000));
  CHECK_FALSE(range(3).is_overdue);
}

TEST_CASE("a tombstone stays until its delete horizon, then nothing of its key is left") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  config.delete_retention_ms = day;
  Log log = Log::open(disk, "kv-0", config, {}).value();
  append(disk, log, batch_of({{"a", "1"}}));
  append(disk, log, batch_of({{"a"}}));
  append(disk, log, batch_of({{"b", "1"}}));
  append(disk, log, batch_of({{"z", "active"}}));
  CHECK(compact(disk, log, {}, noon + hour) == 3);
  CHECK(records_of(disk, log) == "1:a 2:b=1 3:z=active");
  CHECK(headers_of(disk, log)[0].delete_horizon_ms() == noon + hour + day);
  // A later pass does not move the horizon.
  append(disk, log, batch_of({{"z", "active"}}));
  CHECK(compact(disk, log, 3, noon + 2 * hour) == 4);
  CHECK(records_of(disk, log).starts_with("1:a 2:b=1"));
  CHECK(headers_of(disk, log)[0].delete_horizon_ms() == noon + hour + day);
  CHECK(log.offset_for_timestamp(disk, noon).value()->timestamp_ms == noon);
  append(disk, log, batch_of({{"z", "active"}}));
  CHECK(compact(disk, log, 4, noon + hour + day) == 5);
  CHECK(records_of(disk, log) == "2:b=1 4:z=active 5:z=active");
}

TEST_CASE("a producer's last batch stays as a header, and its retry is known after a restart") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "kv-0", compacted(), {}).value();
  kafka::RecordBatchBuilder::Options options;
  options.producer_id = 7;
  options.producer_epoch = 2;
  options.base_sequence = 0;
  append(disk, log, batch_of({{"a", "1"}}, options));
  options.base_sequence = 1;
  const Bytes last = batch_of({{"a", "2"}}, options);
  append(disk, log, last);
  append(disk, log, batch_of({{"a", "3"}}));
  append(disk, log, batch_of({{"z", "active"}}));
  compact(disk, log);
  CHECK(records_of(disk, log) == "2:a=3 3:z=active");
  const auto headers = headers_of(disk, log);
  REQUIRE(headers.size() == 3);
  CHECK(headers[0].record_count == 0);
  CHECK(headers[0].last_offset() == 1);
  disk.close_all();
  log = Log::open(disk, "kv-0", compacted(), {}).value();
  const LeaderAppend retry = log.append_as_leader(disk, last, 0, noon).value();
  CHECK(retry.duplicate);
  CHECK(retry.batch.first_offset == 1);
}

TEST_CASE("the last batch of a pass stays as a header, so that the log ends where it ended") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "kv-0", compacted(), {}).value();
  append(disk, log, batch_of({{"a", "1"}}));
  append(disk, log, batch_of({{"b"}}));
  append(disk, log, batch_of({{"z", "active"}}));
  LogConfig config = compacted();
  config.delete_retention_ms = 0;
  log.set_config(config);
  compact(disk, log);
  CHECK(records_of(disk, log) == "0:a=1 1:b 2:z=active");
  compact(disk, log, 0, noon + 1);  // its horizon has passed
  CHECK(records_of(disk, log) == "0:a=1 2:z=active");
  CHECK(headers_of(disk, log)[1].record_count == 0);
  CHECK(headers_of(disk, log)[1].last_offset() == 1);
}

TEST_CASE("compressed batches lose records too, and stay compressed") {
  for (const auto codec : {kafka::Compression::gzip, kafka::Compression::snappy, kafka::Compression::lz4,
                           kafka::Compression::zstd}) {
    SimulatedDisk disk;
    LogConfig config = compacted();
    config.segment_bytes = 300;
    Log log = Log::open(disk, "kv-0", config, {}).value();
    kafka::RecordBatchBuilder::Options options;
    options.compression = codec;
    const std::string large(150, 'v');
    append(disk, log, batch_of({{"a", large}, {"b", large}, {"c", large}}, options));
    append(disk, log, batch_of({{"a", "1"}, {"c", "2"}}, options));
    config.segment_bytes = 100;
    log.set_config(config);
    append(disk, log, batch_of({{"z", "active"}}));
    compact(disk, log);
    CHECK(records_of(disk, log) == "1:b=" + large + " 3:a=1 4:c=2 5:z=active");
    CHECK(headers_of(disk, log)[0].compression() == codec);
    CHECK(headers_of(disk, log)[0].base_offset == 0);
    CHECK(headers_of(disk, log)[0].last_offset() == 2);
  }
}

TEST_CASE("records without a key have no place in a compacted log") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "kv-0", compacted(), {}).value();
  kafka::RecordBatchBuilder builder({});
  builder.append(noon, std::nullopt, std::nullopt);
  append(disk, log, builder.build());
  append(disk, log, batch_of({{"a", "1"}}));
  append(disk, log, batch_of({{"z", "active"}}));
  compact(disk, log);
  CHECK(records_of(disk, log) == "1:a=1 2:z=active");
}

TEST_CASE("when the map of keys is full the pass ends there, and the next one goes on") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "kv-0", compacted(), {}).value();
  for (int round = 0; round < 2; ++round)
    for (const char* key : {"a", "b", "c", "d"}) append(disk, log, batch_of({{key, std::to_string(round)}}));
  append(disk, log, batch_of({{"z", "active"}}));
  constexpr uint64_t three_keys = 3 * 81;
  CHECK(compact(disk, log, {}, noon, 1 << 20, three_keys) == 3);
  CHECK(records_of(disk, log) == "0:a=0 1:b=0 2:c=0 3:d=0 4:a=1 5:b=1 6:c=1 7:d=1 8:z=active");
  CHECK(compact(disk, log, 3, noon, 1 << 20, three_keys) == 6);
  CHECK(records_of(disk, log) == "2:c=0 3:d=0 4:a=1 5:b=1 6:c=1 7:d=1 8:z=active");
  CHECK(compact(disk, log, 6, noon, 1 << 20, three_keys) == 8);
  CHECK(records_of(disk, log) == "4:a=1 5:b=1 6:c=1 7:d=1 8:z=active");
}

TEST_CASE("of a segment that the map knows only the beginning of, the rest stays as it is") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  config.segment_bytes = 400;
  Log log = Log::open(disk, "kv-0", config, {}).value();
  append(disk, log, batch_of({{"a", "0"}, {"b", "0"}, {"a", "1"}}));
  kafka::RecordBatchBuilder builder({});
  for (const char* key : {"c", "d", ""}) {
    const Bytes bytes = Bytes::copy_of(std::string_view(key));
    builder.append(noon, bytes.empty() ? kafka::RecordData() : kafka::RecordData(bytes.span()), bytes.span());
  }
  append(disk, log, builder.build());
  append(disk, log, batch_of({{"z", std::string(300, 'z')}}));
  REQUIRE(log.segments().size() == 2);
  CHECK(compact(disk, log, {}, noon, 1 << 20, 3 * 81) == 3);
  const auto headers = headers_of(disk, log);
  CHECK(headers[0].record_count == 2);
  CHECK(headers[1].record_count == 3);  // also the record without a key
}

// ---- transactions -----------------------------------------------------------------------------------------

TEST_CASE(
    "records of an aborted transaction go; markers go once nothing of theirs is left and their time has "
    "come") {
  SimulatedDisk disk;
  LogConfig config = compacted();
  config.segment_bytes = 110;
  Log log = Log::open(disk, "kv-0", config, {}).value();
  const auto transactional = [&](int64_t producer, const std::string& key, const std::string& value) {
    kafka::RecordBatchBuilder::Options options;
    options.producer_id = producer;
    options.producer_epoch = 0;
    options.base_sequence = 0;
    options.is_transactional = true;
    options.base_offset = log.log_end_offset();
    options.partition_leader_epoch = 0;
    REQUIRE(log.append_as_follower(disk, batch_of({{key, value}}, options), 0).value().size() == 1);
  };
  const auto marker = [&](int64_t producer, char type) {
    kafka::RecordBatchBuilder::Options options;
    options.producer_id = producer;
    options.producer_epoch = 0;
    options.is_transactional = true;
    options.is_control = true;
    options.base_offset = log.log_end_offset();
    options.partition_leader_epoch = 0;
    const std::string key{0, 0, 0, type};
    REQUIRE(
        log.append_as_follower(disk, batch_of({{key, std::string(6, '\0')}}, options), 0).value().size() ==
        1);
  };
  const auto markers = [&] {
    std::string offsets;
    for (const auto& header : headers_of(disk, log))
      if (header.is_control()) offsets += fmt::format("{} ", header.base_offset);
    return offsets;
  };
  const auto data = [&] {
    std::string offsets;
    for (const auto& header : headers_of(disk, log))
      if (!header.is_control() && header.record_count > 0) offsets += fmt::format("{} ", header.base_offset);
    return offsets;
  };
  append(disk, log, batch_of({{"a", "0"}}));
  transactional(5, "a", "aborted");  // 1
  marker(5, 0);                      // 2
  transactional(6, "b", "1");        // 3
  marker(6, 1);                      // 4
  transactional(5, "c", "later");    // 5: the same producer, and this one commits
  marker(5, 1);                      // 6
  append(disk, log, batch_of({{"b", "2"}}));
  append(disk, log, batch_of({{"d", "3"}}));
  append(disk, log, batch_of({{"z", "active"}}));

  int64_t end = compact(disk, log, {}, noon);
  CHECK(data() == "0 5 7 8 9 ");  // the aborted record has not replaced a=0
  CHECK(markers() == "2 4 6 ");   // 4 has lost its record only now
  append(disk, log, batch_of({{"z", "active"}}));
  end =
      compact(disk, log, end, noon + 1);  // no batch came by before 2: its horizon was set by the first pass
  append(disk, log, batch_of({{"z", "active"}}));
  end = compact(disk, log, end, noon + 3 * day);
  // 6 has a record. 4 is the last that is known of producer 6: its record's header is still there.
  CHECK(markers().find("2 ") == std::string::npos);
  CHECK(markers().find("6 ") != std::string::npos);
  CHECK(data().starts_with("0 5 7 8 "));
}

// ---- crashes ----------------------------------------------------------------------------------------------

namespace {

/// Refuses every change from the n-th on, as if the power were gone.
class FailingDisk final : public Disk {
 public:
  FailingDisk(Disk& disk, int changes) : disk_(disk), left_(changes) {}
  bool has_failed() const { return left_ < 0; }

  Result<FileId> open(std::string_view path, bool create) override { return disk_.open(path, create); }
  void close(FileId file) override { disk_.close(file); }
  Result<uint64_t> size(FileId file) override { return disk_.size(file); }
  Status append(FileId file, std::span<const Slice> slices) override {
    return change([&] { return disk_.append(file, slices); });
  }
  Result<Bytes> read(FileId file, uint64_t offset, uint64_t length) override {
    return disk_.read(file, offset, length);
  }
  Result<Slices> slices(FileId file, uint64_t offset, uint64_t length) override {
    return disk_.slices(file, offset, length);
  }
  Status truncate(FileId file, uint64_t size) override {
    return change([&] { return disk_.truncate(file, size); });
  }
  Result<Bytes> read_file(std::string_view path) override { return disk_.read_file(path); }
  Status replace_file(std::string_view path, const Bytes& content, Durability durability) override {
    return change([&] { return disk_.replace_file(path, content, durability); });
  }
  Status rename(std::string_view from, std::string_view to) override {
    return change([&] { return disk_.rename(from, to); });
  }
  Status remove_file(std::string_view path) override {
    return change([&] { return disk_.remove_file(path); });
  }
  Status remove_folder(std::string_view path) override { return disk_.remove_folder(path); }
  Status make_folder(std::string_view path) override { return disk_.make_folder(path); }
  bool exists(std::string_view path) override { return disk_.exists(path); }
  std::vector<std::string> list(std::string_view folder) override { return disk_.list(folder); }

 private:
  template <class Change>
  Status change(Change make) {
    if (--left_ < 0) return Status::error(StatusCode::io_error, "the power is gone");
    return make();
  }
  Disk& disk_;
  int left_;
};

std::map<std::string, std::string> latest_of(Disk& disk, const Log& log) {
  std::map<std::string, std::string> values;
  std::istringstream records(records_of(disk, log));
  for (std::string record; records >> record;) {
    const std::string put = record.substr(record.find(':') + 1);
    values[put.substr(0, put.find('='))] = put;
  }
  return values;
}

}  // namespace

TEST_CASE("wherever a pass is cut off, the next start finds a log with the same latest records") {
  for (const int64_t delay_ms : {0, 1000}) {
    LogConfig config = compacted();
    config.file_delete_delay_ms = delay_ms;
    SimulatedDisk before;
    Log log_before = six_updates(before, config);
    const auto expected = latest_of(before, log_before);
    const int64_t end = log_before.log_end_offset();
    config.segment_bytes = 250;  // several become one
    log_before.set_config(config);

    bool is_over = false;
    for (int changes = 0; !is_over; ++changes) {
      CAPTURE(changes);
      REQUIRE(changes < 200);
      SimulatedDisk disk = before;
      Log log = log_before;
      FailingDisk failing(disk, changes);
      Compaction compaction(log, cleanable_range(log, {}, end, noon), noon);
      while (true) {
        const Result<Progress> progress = compaction.work(log, failing, 100);
        if (!progress) break;
        is_over = *progress == Progress::done;
        if (is_over) break;
      }
      CHECK(is_over != failing.has_failed());
      disk.close_all();
      log = Log::open(disk, "kv-0", config, {}).value();
      CHECK(latest_of(disk, log) == expected);
      CHECK(log.log_start_offset() == 0);
      CHECK(log.log_end_offset() == end);
      for (const std::string& name : disk.list("kv-0")) {
        CAPTURE(name);
        CHECK((name.ends_with("log") || name.ends_with("index") || name.ends_with(".snapshot") ||
               name == "leader-epoch-checkpoint"));
      }
    }
  }
}

TEST_CASE("a truncation in the middle of a pass ends it, and leaves nothing of it") {
  SimulatedDisk disk;
  Log log = six_updates(disk);
  Compaction compaction(log, cleanable_range(log, {}, 7, noon), noon);
  std::string files;
  while (files.find(".cleaned") == std::string::npos) {
    REQUIRE(compaction.work(log, disk, 1).value() != Progress::done);
    files.clear();
    for (const std::string& name : disk.list("kv-0")) files += name + " ";
  }
  REQUIRE(log.truncate_to(disk, 4).ok());
  CHECK(log.take_lowest_cut() == 4);
  CHECK_FALSE(log.take_lowest_cut().has_value());
  CHECK(compaction.work(log, disk, 1).value() == Progress::given_up);
  for (const std::string& name : disk.list("kv-0")) CHECK_FALSE(name.ends_with(cleaned_suffix));
  CHECK(records_of(disk, log).ends_with("3:c=3"));
}

TEST_CASE("a log that compaction has thinned out replicates to the same log") {
  SimulatedDisk disk;
  Log leader = six_updates(disk);
  compact(disk, leader);
  Log follower = Log::open(disk, "follower-0", compacted(), {}).value();
  while (follower.log_end_offset() < leader.log_end_offset()) {
    const Bytes records =
        leader.read_bytes(disk, follower.log_end_offset(), leader.log_end_offset(), 1 << 20).value();
    REQUIRE_FALSE(follower.append_as_follower(disk, records, 0).value().empty());
  }
  CHECK(records_of(disk, follower) == records_of(disk, leader));
}

}  // namespace brokerlab

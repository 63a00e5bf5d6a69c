// The log's stories: appending, reading, crashing, following a leader, cutting. On both disks where it matters.
#include "sim/storage/log.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/random.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/storage/disks.h"
#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

using kafka::ErrorCode;

/// A batch as a producer sends it: offsets from 0, no leader epoch.
struct Produced {
  int32_t records = 1;
  int64_t timestamp_ms = 1000;  ///< of the first record; each next one is a millisecond later
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = no_producer_epoch;
  int32_t base_sequence = no_sequence;
  std::string value = "value";
  kafka::Compression compression = kafka::Compression::none;
};

Bytes batch_of(const Produced& produced) {
  kafka::RecordBatchBuilder::Options options;
  options.producer_id = produced.producer_id;
  options.producer_epoch = produced.producer_epoch;
  options.base_sequence = produced.base_sequence;
  options.compression = produced.compression;
  kafka::RecordBatchBuilder builder(options);
  const Bytes value = Bytes::copy_of(produced.value);
  for (int32_t i = 0; i < produced.records; ++i)
    builder.append(produced.timestamp_ms + i, std::nullopt, value.span());
  return builder.build();
}

/// Appends as the leader of `epoch`; the first offset.
int64_t produce(Disk& disk, Log& log, int32_t epoch, const Produced& produced = {}) {
  const LeaderAppend append = log.append_as_leader(disk, batch_of(produced), epoch, 5000).value();
  REQUIRE(append.error == ErrorCode::none);
  REQUIRE_FALSE(append.duplicate);
  return append.batch.first_offset;
}

/// Copies what `from` has and `to` has not, up to `end`, as a follower fetches it.
void replicate(Disk& from_disk, const Log& from, Disk& to_disk, Log& to, int64_t end) {
  while (to.log_end_offset() < end) {
    const Bytes records = from.read_bytes(from_disk, to.log_end_offset(), end, 1 << 20).value();
    REQUIRE_FALSE(to.append_as_follower(to_disk, records, from.latest_epoch()).value().empty());
  }
}

std::string epochs_of(const Log& log) {
  std::string text;
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset(); ++offset)
    text += std::to_string(log.epochs().epoch_of(offset));
  return text;
}

LogConfig small_segments() {
  LogConfig config;
  config.segment_bytes = 1000;
  config.index_interval_bytes = 100;
  return config;
}

std::vector<std::string> log_files(Disk& disk, const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& name : disk.list(folder))
    if (name.ends_with(".log")) files.push_back(name);
  return files;
}

void flush(SimulatedDisk& disk, Log& log, int64_t up_to_offset) {
  const LogFlush flush = log.begin_flush(up_to_offset);
  for (const FileId file : flush.files) REQUIRE(disk.sync(file).ok());
  log.end_flush(disk, flush);
}

/// What a clean stop leaves for the next start.
LogCheckpoints clean_stop(Disk& disk, Log& log) {
  const LogCheckpoints checkpoints{true, log.log_end_offset(), log.log_start_offset()};
  REQUIRE(log.close(disk).ok());
  return checkpoints;
}

}  // namespace

TEST_CASE_TEMPLATE("a leader gives offsets and its epoch; nothing else of a batch changes", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  Log log = Log::open(machine.disk, "orders-0", {}, {}).value();
  CHECK(log.log_end_offset() == 0);
  const Bytes sent = batch_of({.records = 3});
  REQUIRE(log.append_as_leader(machine.disk, sent, 4, 5000).ok());
  const LeaderAppend second = log.append_as_leader(machine.disk, sent, 5, 5000).value();
  CHECK(second.batch.first_offset == 3);
  CHECK(second.batch.last_offset == 5);
  CHECK(second.batch.leader_epoch == 5);
  CHECK(second.batch.bytes == sent.size());
  CHECK(second.log_append_time_ms == -1);
  CHECK(log.log_end_offset() == 6);
  CHECK(log.size_bytes() == 2 * sent.size());

  const Bytes stored = log.read_bytes(machine.disk, 4, 6, 1).value();
  REQUIRE(stored.size() == sent.size());
  kafka::RecordBatchHeader header = kafka::parse_batch_header(stored.span()).value();
  CHECK(header.crc == second.batch.crc);
  CHECK(kafka::has_right_crc(stored));
  header.base_offset = 0;
  header.partition_leader_epoch = -1;
  CHECK(header == kafka::parse_batch_header(sent.span()).value());
  CHECK(stored.text().substr(61) == sent.text().substr(61));

  CHECK(log.append_as_leader(machine.disk, sent.subview(0, sent.size() - 1), 5, 0).status().code ==
        StatusCode::invalid);
  CHECK(log.append_as_leader(machine.disk, Bytes(), 5, 0).status().code == StatusCode::invalid);
  CHECK(log.log_end_offset() == 6);
}

TEST_CASE("Kafka's own batches, appended again by a leader or a follower, give Kafka's files") {
  for (const std::string folder : {"orders-0", "orders-1", "orders-2"}) {
    CAPTURE(folder);
    SimulatedDisk disk;
    LogConfig config;
    config.segment_bytes = 16 * 1024;
    config.index_interval_bytes = 512;
    Log leader = Log::open(disk, "leader-0", config, {}).value();
    Log follower = Log::open(disk, "follower-0", config, {}).value();
    Bytes fetched;
    for (const golden::DumpedBatch& batch : golden::dumped_batches("recovered-" + folder)) {
      std::string bytes = golden::file(golden::logs() / "recovered" / folder / batch.file)
                              .substr(batch.number("position"), batch.number("size"));
      const Bytes stored = Bytes::copy_of(bytes);
      REQUIRE(
          follower.append_as_follower(disk, stored, batch.number("partitionLeaderEpoch")).value().size() ==
          1);
      bytes.replace(0, 8, 8, '\0');
      bytes.replace(12, 4, 4, '\xff');
      const LeaderAppend append =
          leader.append_as_leader(disk, Bytes::copy_of(bytes), batch.number("partitionLeaderEpoch"), 0)
              .value();
      REQUIRE(append.error == ErrorCode::none);
      CHECK(append.batch.first_offset == batch.number("baseOffset"));
    }
    REQUIRE(leader.close(disk).ok());
    REQUIRE(follower.close(disk).ok());
    for (const auto& entry : std::filesystem::directory_iterator(golden::logs() / "recovered" / folder)) {
      const std::string file = entry.path().filename().string();
      if (!file.ends_with(".log")) continue;
      CAPTURE(file);
      CHECK(disk.read_file("leader-0/" + file).value() == Bytes::copy_of(golden::file(entry.path())));
      CHECK(disk.read_file("follower-0/" + file).value() == Bytes::copy_of(golden::file(entry.path())));
    }
    CHECK(log_files(disk, "leader-0") == log_files(disk, "follower-0"));
  }
}

TEST_CASE("LogAppendTime stamps the batch and its CRC") {
  SimulatedDisk disk;
  LogConfig config;
  config.log_append_time = true;
  Log log = Log::open(disk, "orders-0", config, {}).value();
  const LeaderAppend append = log.append_as_leader(disk, batch_of({.records = 2}), 0, 777'000).value();
  CHECK(append.log_append_time_ms == 777'000);
  const Bytes stored = log.read_bytes(disk, 0, 2, 1).value();
  CHECK(kafka::has_right_crc(stored));
  const kafka::RecordBatchHeader header = kafka::parse_batch_header(stored.span()).value();
  CHECK(header.crc == append.batch.crc);
  CHECK(header.timestamp_type() == kafka::TimestampType::log_append_time);
  CHECK(log.offset_for_timestamp(disk, 777'000).value()->offset == 0);
}

TEST_CASE("a duplicate is answered with the offsets of the first time, also after a restart") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", {}, {}).value();
  const Produced first{.records = 3, .producer_id = 9, .producer_epoch = 0, .base_sequence = 0};
  const Produced next{.records = 2, .producer_id = 9, .producer_epoch = 0, .base_sequence = 3};
  const Produced gap{.records = 1, .producer_id = 9, .producer_epoch = 0, .base_sequence = 9};
  produce(disk, log, 0);
  produce(disk, log, 0, first);
  produce(disk, log, 0, next);
  const uint64_t size = log.size_bytes();
  for (int restarts = 0; restarts < 2; ++restarts) {
    const LeaderAppend again = log.append_as_leader(disk, batch_of(first), 0, 0).value();
    CHECK(again.duplicate);
    CHECK(again.error == ErrorCode::none);
    CHECK(again.batch.first_offset == 1);
    CHECK(again.batch.last_offset == 3);
    CHECK(again.log_append_time_ms == 1002);
    CHECK(log.append_as_leader(disk, batch_of(gap), 0, 0)->error == ErrorCode::out_of_order_sequence_number);
    CHECK(log.size_bytes() == size);
    disk.close_all();
    log = Log::open(disk, "orders-0", {}, {}).value();
  }
  REQUIRE(log.truncate_to(disk, 4).ok());
  CHECK(produce(disk, log, 0, next) == 4);  // what was cut is no duplicate any more
}

TEST_CASE_TEMPLATE("a read ends at the high watermark, at the byte limit, at the segment", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  Disk& disk = machine.disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  const uint64_t batch_bytes = batch_of({.records = 10}).size();
  REQUIRE(batch_bytes < 250);
  for (int i = 0; i < 12; ++i) produce(disk, log, 0, {.records = 10});
  const int64_t per_segment = 10 * static_cast<int64_t>(1000 / batch_bytes);
  CHECK(log_files(disk, "orders-0").size() > 2);

  CHECK(log.read(disk, 0, 120, 1 << 20, true).value().bytes == per_segment / 10 * batch_bytes);
  CHECK(log.read(disk, 0, 20, 1 << 20, true).value().bytes == 2 * batch_bytes);
  CHECK(log.read(disk, 5, 25, 1 << 20, true).value().bytes == 2 * batch_bytes);  // 20 to 29 is not below 25
  CHECK(log.read(disk, 0, 5, 1 << 20, true).value().bytes == 0);
  CHECK(log.read(disk, 20, 20, 1 << 20, true).value().bytes == 0);
  CHECK(log.read(disk, 120, 120, 1 << 20, true).value().slices.empty());
  CHECK(log.read(disk, 0, 120, 0, true).value().bytes == batch_bytes);
  CHECK(log.read(disk, 0, 120, batch_bytes - 1, false).value().bytes == 0);
  CHECK(log.read(disk, 0, 120, batch_bytes + 7, false).value().bytes ==
        batch_bytes + 7);  // cut, as Kafka does

  std::string all;
  for (int64_t offset = 0; offset < 120;) {
    const LogRead read = log.read(disk, offset, 120, 1 << 20, true).value();
    all += content(machine, read.slices);
    offset += 10 * static_cast<int64_t>(read.bytes / batch_bytes);
  }
  CHECK(all.size() == log.size_bytes());
  std::string files;
  for (const std::string& file : log_files(disk, "orders-0"))
    files += disk.read_file("orders-0/" + file).value().text();
  CHECK(all == files);
}

TEST_CASE("segments end by size and by the time between batches") {
  SimulatedDisk disk;
  LogConfig config = small_segments();
  config.segment_ms = 60'000;
  Log log = Log::open(disk, "orders-0", config, {}).value();
  produce(disk, log, 0, {.timestamp_ms = 1'000});
  produce(disk, log, 0, {.timestamp_ms = 61'000});
  CHECK(log_files(disk, "orders-0").size() == 1);
  produce(disk, log, 0, {.timestamp_ms = 61'001});
  CHECK(log_files(disk, "orders-0").back() == "00000000000000000002.log");
  produce(disk, log, 0, {.timestamp_ms = -1});
  CHECK(log_files(disk, "orders-0").size() == 2);
  const LeaderAppend refused =
      log.append_as_leader(disk, batch_of({.value = std::string(1000, 'x')}), 0, 0).value();
  CHECK(refused.error == ErrorCode::record_list_too_large);
}

TEST_CASE("an index entry comes after more than the interval, not at it") {
  SimulatedDisk disk;
  LogConfig config;
  config.index_interval_bytes = static_cast<uint32_t>(batch_of({}).size());
  Log log = Log::open(disk, "orders-0", config, {}).value();
  for (int i = 0; i < 6; ++i) produce(disk, log, 0);
  REQUIRE(log.close(disk).ok());
  CHECK(to_hex(disk.read_file("orders-0/00000000000000000000.index").value().span()) ==
        fmt::format("00000002{:08x}00000004{:08x}", 2 * config.index_interval_bytes,
                    4 * config.index_interval_bytes));
}

TEST_CASE_TEMPLATE("a clean stop and a start change nothing", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  Log log = Log::open(machine.disk, "orders-0", small_segments(), {}).value();
  for (int epoch = 0; epoch < 5; ++epoch)
    for (int i = 0; i < 10; ++i) produce(machine.disk, log, epoch, {.records = 4});
  REQUIRE(log.advance_log_start(machine.disk, 33).ok());
  const std::vector<std::string> files = log_files(machine.disk, "orders-0");
  const LogCheckpoints checkpoints = clean_stop(machine.disk, log);
  machine.restart();
  log = Log::open(machine.disk, "orders-0", small_segments(), checkpoints).value();
  CHECK(log.log_start_offset() == 33);
  CHECK(log.log_end_offset() == 200);
  CHECK(log.recovery_point() == 200);
  CHECK(log.begin_flush(200).files.empty());
  CHECK(log.latest_epoch() == 4);
  CHECK(log.end_offset_for_epoch(2) == EpochEndOffset{2, 120});
  CHECK(log_files(machine.disk, "orders-0") == files);
  CHECK(produce(machine.disk, log, 6) == 200);
}

TEST_CASE("wherever the last batch is torn, recovery cuts it off whole") {
  SimulatedDisk whole;
  Log log = Log::open(whole, "orders-0", {}, {}).value();
  produce(whole, log, 0, {.records = 2});
  produce(whole, log, 1, {.records = 3, .producer_id = 5, .producer_epoch = 0, .base_sequence = 0});
  const uint64_t kept = log.size_bytes();
  produce(whole, log, 2, {.records = 4, .producer_id = 5, .producer_epoch = 0, .base_sequence = 3});
  const uint64_t size = log.size_bytes();
  whole.close_all();

  const std::string path = "orders-0/00000000000000000000.log";
  const std::string bytes(whole.read_file(path).value().text());
  for (uint64_t torn = kept; torn <= size; ++torn) {
    for (const bool is_damaged : {false, true}) {  // a page of zeros, or of nothing
      CAPTURE(torn);
      CAPTURE(is_damaged);
      const std::unique_ptr<SimulatedDisk> disk = whole.clone();
      std::string left = bytes.substr(0, torn);
      if (is_damaged) left.resize(size, '\0');
      REQUIRE(disk->replace_file(path, Bytes::copy_of(left), Durability::cached).ok());
      const Log recovered = Log::open(*disk, "orders-0", {}, {}).value();
      const bool is_whole = left == bytes;
      CHECK(recovered.log_end_offset() == (is_whole ? 9 : 5));
      CHECK(recovered.bytes_cut() == (is_whole ? 0 : left.size() - kept));
      CHECK(recovered.size_bytes() == (is_whole ? size : kept));
      CHECK(disk->read_file(path).value().size() == recovered.size_bytes());
      CHECK(recovered.latest_epoch() == (is_whole ? 2 : 1));
      CHECK(recovered.producers().entries().at(5).latest()->last_sequence == (is_whole ? 6 : 2));

      // Even where nothing had to be checked, a log does not end in half a batch.
      if (is_damaged) continue;
      disk->close_all();
      REQUIRE(disk->replace_file(path, Bytes::copy_of(left), Durability::cached).ok());
      CHECK(Log::open(*disk, "orders-0", {}, {true, 9, 0})->log_end_offset() == (is_whole ? 9 : 5));
    }
  }
}

TEST_CASE("a flipped bit is found from the recovery point on, and everything behind it goes") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  while (log_files(disk, "orders-0").size() < 5) produce(disk, log, 0, {.records = 10});
  const std::vector<std::string> files = log_files(disk, "orders-0");
  const int64_t base = std::stoll(files[2].substr(0, 20));
  disk.close_all();
  std::string damaged(disk.read_file("orders-0/" + files[2]).value().text());
  damaged[100] = static_cast<char>(damaged[100] ^ 1);
  REQUIRE(disk.replace_file("orders-0/" + files[2], Bytes::copy_of(damaged), Durability::cached).ok());

  const std::unique_ptr<SimulatedDisk> flushed = disk.clone();
  const Log trusted = Log::open(*flushed, "orders-0", small_segments(), {false, base + 10, 0}).value();
  CHECK(trusted.bytes_cut() > 0);  // the recovery point lies inside the damaged segment
  const std::unique_ptr<SimulatedDisk> later = disk.clone();
  const int64_t next_base = std::stoll(files[3].substr(0, 20));
  CHECK(Log::open(*later, "orders-0", small_segments(), {false, next_base, 0})->bytes_cut() == 0);

  const Log recovered = Log::open(disk, "orders-0", small_segments(), {}).value();
  CHECK(recovered.log_end_offset() == base);
  CHECK(recovered.bytes_cut() == damaged.size());
  CHECK(log_files(disk, "orders-0").back() == files[2]);
  CHECK_FALSE(disk.exists("orders-0/" + files[3].substr(0, 20) + ".index"));
}

TEST_CASE("whatever bytes a segment holds, the log opens with whole batches and goes on") {
  SimulatedDisk whole;
  Log log = Log::open(whole, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 12; ++i)
    produce(whole, log, i / 4,
            {.records = 10, .producer_id = 3, .producer_epoch = 0, .base_sequence = 10 * i});
  const int64_t end = log.log_end_offset();
  whole.close_all();
  const std::vector<std::string> files = log_files(whole, "orders-0");
  Random random(4711);
  for (int round = 0; round < 500; ++round) {
    CAPTURE(round);
    const std::unique_ptr<SimulatedDisk> disk = whole.clone();
    const std::string path = "orders-0/" + files[random.below(files.size())];
    std::string bytes(disk->read_file(path).value().text());
    // Mostly in headers, whose numbers could lead astray.
    const uint64_t flips = 1 + random.below(4);
    const uint64_t batch_bytes = bytes.size() / 5;
    for (uint64_t i = 0; i < flips; ++i) {
      const uint64_t at = random.below(5) * batch_bytes + random.below(61);
      bytes[at % bytes.size()] = static_cast<char>(random.next());
    }
    REQUIRE(disk->replace_file(path, Bytes::copy_of(bytes), Durability::cached).ok());
    const LogCheckpoints checkpoints{random.chance(1, 2), 0, 0};
    Log opened = Log::open(*disk, "orders-0", small_segments(), checkpoints).value();
    if (!checkpoints.clean_shutdown) CHECK(opened.log_end_offset() <= end);
    uint64_t read_bytes = 0;
    for (int64_t offset = opened.log_start_offset(); offset < opened.log_end_offset();) {
      const BatchInfo batch = opened.batch_at(*disk, offset).value();
      read_bytes += batch.bytes;
      offset = batch.last_offset + 1;
    }
    // After a clean stop nobody looks into closed segments.
    if (!checkpoints.clean_shutdown) CHECK(read_bytes == opened.size_bytes());
    REQUIRE(opened.append_as_leader(*disk, batch_of({}), 9, 0).ok());
    REQUIRE(opened.close(*disk).ok());
  }
}

TEST_CASE("indexes that are missing or impossible are made again") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 40; ++i) produce(disk, log, 0, {.records = 10, .timestamp_ms = 1000 + 100 * i});
  const LogCheckpoints checkpoints = clean_stop(disk, log);
  const std::string path = "orders-0/00000000000000000000";
  const std::string index(disk.read_file(path + ".index").value().text());
  const std::string times(disk.read_file(path + ".timeindex").value().text());
  REQUIRE(index.size() >= 2 * 8);
  REQUIRE(times.size() >= 2 * 12);
  const std::string first = index.substr(0, 8);
  const std::string second_at_first_position = index.substr(8, 4) + first.substr(4, 4);
  const std::string position_behind_the_end = index.substr(8, 4) + std::string("\0\1\0\0", 4);
  const std::vector<std::pair<std::string, std::string>> broken_files = {
      {"", times},
      {std::string(4096, '\0'), times},  // Kafka preallocates
      {index.substr(0, 9), times},
      {index + index, times},
      {first + second_at_first_position, times},
      {first + position_behind_the_end, times},
      {index, ""},
      {index, std::string(4092, '\0')},
      {index, times.substr(0, 13)},
      {index, times + times},
  };
  for (const auto& [broken_index, broken_times] : broken_files) {
    CAPTURE(to_hex(Bytes::copy_of(broken_index).span()));
    CAPTURE(to_hex(Bytes::copy_of(broken_times).span()));
    REQUIRE(disk.replace_file(path + ".index", Bytes::copy_of(broken_index), Durability::cached).ok());
    REQUIRE(disk.replace_file(path + ".timeindex", Bytes::copy_of(broken_times), Durability::cached).ok());
    log = Log::open(disk, "orders-0", small_segments(), checkpoints).value();
    CHECK(disk.read_file(path + ".index").value().text() == index);
    CHECK(disk.read_file(path + ".timeindex").value().text() == times);
    CHECK(log.batch_at(disk, 35)->first_offset == 30);
    disk.close_all();
  }
  REQUIRE(disk.remove_file(path + ".index").ok());
  log = Log::open(disk, "orders-0", small_segments(), checkpoints).value();
  CHECK(disk.read_file(path + ".index").value().text() == index);
}

TEST_CASE("a power loss takes what was not flushed") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 10; ++i) produce(disk, log, 0, {.records = 10});
  flush(disk, log, 100);
  CHECK(log.begin_flush(100).files.empty());
  CHECK(log.recovery_point() == 100);
  const LogCheckpoints checkpoints{false, log.recovery_point(), 0};
  for (int i = 0; i < 10; ++i) produce(disk, log, 1, {.records = 10});
  disk.close_all();
  disk.power_loss();
  log = Log::open(disk, "orders-0", small_segments(), checkpoints).value();
  CHECK(log.log_end_offset() == 100);
  CHECK(log.latest_epoch() == 0);
  CHECK(epochs_of(log) == std::string(100, '0'));  // from the batches: the checkpoint file was lost
  CHECK(produce(disk, log, 2) == 100);
}

// ---- following --------------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a follower becomes its leader's copy, segment by segment", Machine, OnSimulatedDisk,
                   OnRealDisk) {
  Machine leader_machine, follower_machine;
  Log leader = Log::open(leader_machine.disk, "orders-0", small_segments(), {}).value();
  Log follower = Log::open(follower_machine.disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 60; ++i) {
    produce(leader_machine.disk, leader, i / 20, {.records = 1 + i % 7, .value = std::string(i, 'v')});
    if (i % 9 == 0)
      replicate(leader_machine.disk, leader, follower_machine.disk, follower, leader.log_end_offset());
  }
  replicate(leader_machine.disk, leader, follower_machine.disk, follower, leader.log_end_offset());
  CHECK(epochs_of(follower) == epochs_of(leader));
  const std::vector<std::string> files = log_files(leader_machine.disk, "orders-0");
  CHECK(log_files(follower_machine.disk, "orders-0") == files);
  REQUIRE(leader.close(leader_machine.disk).ok());
  REQUIRE(follower.close(follower_machine.disk).ok());
  for (const std::string& name : leader_machine.disk.list("orders-0"))
    CHECK(follower_machine.disk.read_file("orders-0/" + name).value() ==
          leader_machine.disk.read_file("orders-0/" + name).value());
}

TEST_CASE("a follower that fetches much at once rolls where its leader did") {
  SimulatedDisk disk;
  LogConfig config;
  config.segment_ms = 60'000;
  Log leader = Log::open(disk, "leader-0", config, {}).value();
  for (const int64_t second : {0, 30, 59, 61, 90, 200, 201, 202, 203, 204})
    produce(disk, leader, 0, {.records = 3, .timestamp_ms = second * 1000, .value = std::string(100, 'v')});
  // The leader's segments one behind the other, in one answer.
  std::string all;
  for (const std::string& file : log_files(disk, "leader-0"))
    all += disk.read_file("leader-0/" + file).value().text();
  Log follower = Log::open(disk, "follower-0", config, {}).value();
  REQUIRE(follower.append_as_follower(disk, Bytes::copy_of(all), 0).value().size() == 10);
  CHECK(log_files(disk, "leader-0").size() == 3);
  CHECK(log_files(disk, "follower-0") == log_files(disk, "leader-0"));
  CHECK(follower.size_bytes() == leader.size_bytes());
}

TEST_CASE("a follower takes whole batches, in order, undamaged, of no later epoch") {
  SimulatedDisk disk;
  Log leader = Log::open(disk, "leader-0", {}, {}).value();
  for (int i = 0; i < 3; ++i) produce(disk, leader, 1, {.records = 10});
  produce(disk, leader, 2, {.records = 10});
  const Bytes records = leader.read_bytes(disk, 0, 40, 1 << 20).value();
  Log log = Log::open(disk, "orders-0", {}, {}).value();

  CHECK(log.append_as_follower(disk, records.subview(0, 20), 2).value().empty());
  const auto appended = log.append_as_follower(disk, records.subview(0, records.size() - 1), 1).value();
  REQUIRE(appended.size() == 3);  // the fourth is not whole, and of epoch 2
  CHECK(appended[2].first_offset == 20);
  CHECK(appended[2].last_offset == 29);
  CHECK(appended[2].crc == leader.batch_at(disk, 20)->crc);
  CHECK(log.append_as_follower(disk, leader.read_bytes(disk, 30, 40, 1).value(), 1).value().empty());
  CHECK(log.append_as_follower(disk, records, 2).status().code == StatusCode::invalid);  // offset 0 again
  CHECK(log.log_end_offset() == 30);

  std::string damaged(leader.read_bytes(disk, 30, 40, 1).value().text());
  damaged[70] = static_cast<char>(damaged[70] ^ 1);
  CHECK(log.append_as_follower(disk, Bytes::copy_of(damaged), 2).status().code == StatusCode::invalid);
  CHECK(log.append_as_follower(disk, Bytes::copy_of(std::string(100, '\0')), 2).status().code ==
        StatusCode::invalid);
  CHECK(log.log_end_offset() == 30);
  REQUIRE(log.append_as_follower(disk, leader.read_bytes(disk, 30, 40, 1).value(), 2).value().size() == 1);
  CHECK(log.latest_epoch() == 2);
}

namespace {

/// A replica of the stories of KIP-101 and KIP-279. Each record is a batch; its leader's epoch is its content.
struct Replica {
  SimulatedDisk disk;
  Log log = Log::open(disk, "t-0", {}, {}).value();

  void lead(int32_t epoch) { REQUIRE(log.assign_epoch_start(disk, epoch).ok()); }
  void write(int records) {
    for (int i = 0; i < records; ++i) produce(disk, log, log.latest_epoch());
  }
  /// One fetch: asks where its latest epoch ends at the leader and cuts until both agree, then copies the rest.
  void follow(Replica& leader) {
    while (log.latest_epoch() != no_epoch) {
      const EpochEndOffset answer = leader.log.end_offset_for_epoch(log.latest_epoch());
      if (answer.is_undefined()) break;
      const bool is_diverging = answer.epoch < log.latest_epoch() || answer.end_offset < log.log_end_offset();
      if (!is_diverging) break;
      REQUIRE(log.truncate_to(disk, log.truncation_offset_for(answer)).ok());
    }
    replicate(leader.disk, leader.log, disk, log, leader.log.log_end_offset());
  }
  std::string epochs() const { return epochs_of(log); }
};

}  // namespace

TEST_CASE("KIP-101, scenario 1: a follower that restarts does not cut what is committed") {
  Replica a, b;
  b.lead(0);
  b.write(2);
  a.follow(b);
  // A restarts with a high watermark of 1. By its epoch, nothing is cut, even when B dies before it answers more.
  CHECK(a.log.truncation_offset_for(b.log.end_offset_for_epoch(0)) == 2);
  a.follow(b);
  a.lead(1);
  a.write(1);
  b.follow(a);
  CHECK(b.epochs() == "001");
}

TEST_CASE("KIP-101, scenario 2: after a lost record the logs become the same again") {
  Replica a, b;
  a.lead(0);
  a.write(1);
  b.follow(a);
  a.write(1);  // m2, not replicated; both crash and only B comes back first
  b.lead(1);
  b.write(1);  // m3 at the same offset
  CHECK(a.epochs() == "00");
  a.follow(b);
  CHECK(a.epochs() == "01");
  CHECK(a.log.batch_at(a.disk, 1)->crc == b.log.batch_at(b.disk, 1)->crc);
}

TEST_CASE("KIP-279: fast leader failovers, each side has an epoch that the other never saw") {
  Replica a, b;
  a.lead(0);
  a.write(3);
  b.follow(a);
  a.lead(1);
  a.write(4);  // only A
  b.lead(2);
  b.write(2);  // only B
  // With only the end offset in the answer, A would keep offset 4 of epoch 1.
  CHECK(b.log.end_offset_for_epoch(1) == EpochEndOffset{0, 3});
  CHECK(a.log.truncation_offset_for({0, 3}) == 3);
  a.follow(b);
  CHECK(a.epochs() == "00022");

  Replica c, d;
  c.lead(0);
  c.write(1);
  d.follow(c);
  c.lead(1);
  c.write(1);
  d.lead(2);
  d.write(4);
  c.lead(3);
  c.write(3);
  d.lead(4);
  d.write(2);
  CHECK(c.epochs() == "01333");
  CHECK(d.epochs() == "0222244");
  // Epoch 2 ends at 5 there, but here what is below it ends at 2.
  CHECK(c.log.truncation_offset_for(d.log.end_offset_for_epoch(3)) == 2);
  c.follow(d);
  CHECK(c.epochs() == "0222244");
}

TEST_CASE("a leader that was deposed before it wrote anything follows without its own epoch") {
  Replica a, b;
  a.lead(0);
  a.write(3);
  b.follow(a);
  a.lead(1);  // paused before a record came
  CHECK(a.log.latest_epoch() == 1);
  b.lead(2);
  b.write(2);
  a.follow(b);
  CHECK(a.log.latest_epoch() == 2);
  CHECK(a.epochs() == "00022");
}

// ---- cutting ----------------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a log can be cut at every offset, and goes on", Machine, OnSimulatedDisk, OnRealDisk) {
  for (int64_t cut = 0; cut <= 60; ++cut) {
    CAPTURE(cut);
    Machine machine;
    Disk& disk = machine.disk;
    Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
    for (int i = 0; i < 20; ++i) {
      const Produced produced{.records = 3, .producer_id = 1, .producer_epoch = 0, .base_sequence = 3 * i};
      produce(disk, log, i / 5, produced);
    }
    log.end_flush(disk, log.begin_flush(60));
    REQUIRE(log.truncate_to(disk, cut).ok());
    const int64_t end = cut - cut % 3;  // batches of three are cut whole
    CHECK(log.log_end_offset() == end);
    CHECK(log.recovery_point() == end);
    CHECK(log.latest_epoch() == (end == 0 ? no_epoch : (end - 1) / 15));
    const Produced next{.records = 3,
                        .producer_id = 1,
                        .producer_epoch = 0,
                        .base_sequence = static_cast<int32_t>(end),
                        .value = "new"};
    CHECK(produce(disk, log, 7, next) == end);
    for (int64_t offset = 0; offset < end; ++offset)
      CHECK(log.batch_at(disk, offset)->first_offset == offset / 3 * 3);

    machine.restart();
    const Log reopened = Log::open(disk, "orders-0", small_segments(), {}).value();
    CHECK(reopened.bytes_cut() == 0);
    CHECK(reopened.log_end_offset() == end + 3);
    CHECK(reopened.size_bytes() == log.size_bytes());
    CHECK(reopened.latest_epoch() == 7);
    CHECK(epochs_of(reopened) == epochs_of(log));
  }
}

TEST_CASE("a log that starts anew keeps nothing") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 20; ++i) produce(disk, log, 0, {.records = 3});
  REQUIRE(log.truncate_fully_and_start_at(disk, 500).ok());
  CHECK(log.log_start_offset() == 500);
  CHECK(log.log_end_offset() == 500);
  CHECK(log.latest_epoch() == no_epoch);
  CHECK(log_files(disk, "orders-0") == std::vector<std::string>{"00000000000000000500.log"});
  CHECK(produce(disk, log, 3) == 500);
  disk.close_all();
  CHECK(Log::open(disk, "orders-0", small_segments(), {})->log_start_offset() == 500);
  disk.close_all();
  // The checkpoint of the log start is ahead of what is there: its records are gone.
  CHECK(Log::open(disk, "orders-0", small_segments(), {false, 0, 700})->log_end_offset() == 700);
}

TEST_CASE("DeleteRecords moves the log start; its segments go when old ones are deleted") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 20; ++i) produce(disk, log, i / 15, {.records = 10});
  const std::vector<std::string> files = log_files(disk, "orders-0");
  const int64_t third = log.segments()[2].base_offset();
  REQUIRE(log.advance_log_start(disk, third).ok());
  REQUIRE(log.advance_log_start(disk, 5).ok());
  CHECK(log.log_start_offset() == third);
  CHECK(log_files(disk, "orders-0") == files);
  CHECK(log.epochs().entries().front() == LeaderEpochCache::Entry{0, third});
  REQUIRE(log.delete_oldest_segments(disk, 2).ok());
  CHECK(log_files(disk, "orders-0").front() == files[2]);
  CHECK(log.log_start_offset() == third);
  REQUIRE(log.delete_oldest_segments(disk, 1).ok());
  CHECK(log.log_start_offset() == log.segments()[0].base_offset());
  REQUIRE(log.advance_log_start(disk, 200).ok());
  REQUIRE(log.delete_oldest_segments(disk, log.segments().size() - 1).ok());
  CHECK(log_files(disk, "orders-0").size() == 1);
  CHECK(log.latest_epoch() == 1);
  CHECK(produce(disk, log, 1) == 200);
  disk.close_all();
  REQUIRE(disk.remove_file("orders-0/leader-epoch-checkpoint").ok());
  log = Log::open(disk, "orders-0", small_segments(), {false, 0, 200}).value();
  CHECK(log.epochs().entries().front() == LeaderEpochCache::Entry{1, 200});
}

TEST_CASE("the epoch of a new leader that wrote nothing does not survive a restart") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", {}, {}).value();
  produce(disk, log, 0);
  REQUIRE(log.assign_epoch_start(disk, 3).ok());
  CHECK(log.end_offset_for_epoch(3) == EpochEndOffset{3, 1});
  CHECK(log.end_offset_for_epoch(1) == EpochEndOffset{0, 1});
  CHECK(disk.read_file("orders-0/leader-epoch-checkpoint").value().text() == "0\n2\n0 0\n3 1\n");
  const LogCheckpoints checkpoints = clean_stop(disk, log);
  log = Log::open(disk, "orders-0", {}, checkpoints).value();
  CHECK(log.latest_epoch() == 0);
}

TEST_CASE("leader epochs that are older than the log are read from its batches") {
  SimulatedDisk disk;
  const std::string checkpoint = "orders-0/leader-epoch-checkpoint";
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  for (int i = 0; i < 20; ++i) produce(disk, log, i / 8, {.records = 10});
  const std::string whole(disk.read_file(checkpoint)->text());
  REQUIRE(whole == "0\n3\n0 0\n1 80\n2 160\n");
  REQUIRE(log_files(disk, "orders-0").size() > 3);
  const LogCheckpoints clean = clean_stop(disk, log);
  for (const std::string& stale :
       {std::string("0\n1\n0 0\n"), std::string("0\n2\n0 0\n2 160\n"), std::string()}) {
    CAPTURE(stale);
    REQUIRE(disk.replace_file(checkpoint, Bytes::copy_of(stale), Durability::cached).ok());
    log = Log::open(disk, "orders-0", small_segments(), clean).value();
    CHECK(disk.read_file(checkpoint)->text() == whole);
    disk.close_all();
  }
}

TEST_CASE("a folder is removed with its files, and can be made again") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", {}, {}).value();
  produce(disk, log, 0);
  REQUIRE(log.remove(disk).ok());
  CHECK(disk.list("").empty());
  log = Log::open(disk, "orders-0", {}, {}).value();
  CHECK(log.log_end_offset() == 0);
}

// ---- time -------------------------------------------------------------------------------------------------

TEST_CASE("offsets by time across segments, with times out of order and a moved log start") {
  SimulatedDisk disk;
  Log log = Log::open(disk, "orders-0", small_segments(), {}).value();
  CHECK_FALSE(log.offset_for_timestamp(disk, 0).value().has_value());
  CHECK_FALSE(log.offset_of_max_timestamp(disk).value().has_value());
  std::vector<int64_t> times;
  for (int i = 0; i < 60; ++i) {
    const int64_t at = 10'000 + (i * 37) % 60 * 100;
    const auto codec = i % 2 == 0 ? kafka::Compression::none : kafka::Compression::lz4;
    produce(disk, log, 0, {.records = 5, .timestamp_ms = at, .compression = codec});
    for (int j = 0; j < 5; ++j) times.push_back(at + j);
  }
  REQUIRE(log_files(disk, "orders-0").size() > 3);
  for (const int64_t start : {0, 7, 150}) {
    REQUIRE(log.advance_log_start(disk, start).ok());
    for (int64_t wanted_ms = 9'990; wanted_ms < 16'010; wanted_ms += 3) {
      const auto found = log.offset_for_timestamp(disk, wanted_ms).value();
      const auto expected =
          std::find_if(times.begin() + start, times.end(), [&](int64_t at) { return at >= wanted_ms; });
      REQUIRE(found.has_value() == (expected != times.end()));
      if (found) CHECK(found->offset == expected - times.begin());
    }
  }
  const auto latest = log.offset_of_max_timestamp(disk).value();
  CHECK(latest->timestamp_ms == *std::max_element(times.begin() + 150, times.end()));
}

}  // namespace brokerlab

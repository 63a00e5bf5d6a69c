// Our log on folders that Apache Kafka wrote, and Kafka's bytes from our log.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/storage/checkpoint.h"
#include "sim/storage/log.h"
#include "tests/unit/storage/disks.h"
#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

/// The settings of the recorded cluster's topics.
LogConfig recorded_config() {
  LogConfig config;
  config.segment_bytes = 16 * 1024;
  config.index_interval_bytes = 512;
  return config;
}

struct RecordedFolder {
  std::string state;  ///< clean, unclean, recovered, dynamic-quorum
  std::string name;   ///< orders-0
  std::string dump() const { return state + "-" + name; }
  std::filesystem::path path() const { return golden::logs() / state / name; }
};

std::vector<RecordedFolder> recorded_folders() {
  std::vector<RecordedFolder> folders;
  for (const std::string state : {"clean", "unclean", "recovered", "dynamic-quorum"})
    for (const std::string name :
         {"orders-0", "orders-1", "orders-2", "compacted-0", "__consumer_offsets-0", "__consumer_offsets-2",
          "__transaction_state-0", "__transaction_state-1", "__cluster_metadata-0"})
      if (const RecordedFolder folder{state, name}; std::filesystem::exists(folder.path()))
        folders.push_back(folder);
  return folders;
}

LogCheckpoints checkpoints_of(Disk& disk, const RecordedFolder& folder) {
  golden::copy_folder(golden::logs() / folder.state, disk, "");
  LogCheckpoints checkpoints;
  checkpoints.clean_shutdown = read_clean_shutdown(disk).ok();
  const size_t dash = folder.name.rfind('-');
  const TopicPartition partition{folder.name.substr(0, dash), std::stoi(folder.name.substr(dash + 1))};
  if (folder.state == "dynamic-quorum") return checkpoints;  // these files were not kept
  const OffsetCheckpoint points = read_offset_checkpoint(disk, recovery_point_offset_checkpoint).value();
  const OffsetCheckpoint starts = read_offset_checkpoint(disk, log_start_offset_checkpoint).value();
  if (points.contains(partition)) checkpoints.recovery_point = points.at(partition);
  if (starts.contains(partition)) checkpoints.log_start_offset = starts.at(partition);
  return checkpoints;
}

int64_t dumped_end(const std::vector<golden::DumpedBatch>& dump) {
  return dump.back().number("lastOffset") + 1;
}

/// Segments that Kafka closed and opened again in their middle: it counts the interval to the next entry from there,
/// which nothing in the folder tells.
bool was_reopened(const std::string& folder, const std::string& file) {
  static const std::set<std::string> segments = {
      "orders-0/00000000000000000112", "orders-1/00000000000000000132", "orders-2/00000000000000000132",
      "__cluster_metadata-0/00000000000000000000"};
  return segments.contains(folder + "/" + file.substr(0, file.find('.')));
}

/// When the recorded nodes were started: the day on which the transactions were written, years after the timestamps
/// that producers gave.
constexpr int64_t recorded_now_ms = 1'795'248'800'000;

LogConfig config_of(const RecordedFolder& folder) {
  LogConfig config = recorded_config();
  if (folder.name.starts_with("__")) config = LogConfig();
  config.compacts = folder.name == "compacted-0";
  return config;
}

bool is_snapshot(const std::string& name) { return name.ends_with(".snapshot"); }

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// A snapshot of an earlier stop, in the middle of what is a segment now: the next start removes it.
bool is_stray_snapshot(const RecordedFolder& folder, const std::string& file) {
  if (!is_snapshot(file)) return false;
  const std::vector<std::string> names = names_in(folder.path());
  const std::string segment = file.substr(0, file.find('.')) + ".log";
  const bool is_of_a_segment = std::ranges::count(names, segment) > 0;
  return !is_of_a_segment && std::ranges::count_if(names, [&](const std::string& name) {
                               return is_snapshot(name) && name > file;
                             }) > 0;
}

bool is_index(const std::string& name) { return name.ends_with("index") && !name.ends_with("txnindex"); }

}  // namespace

TEST_CASE_TEMPLATE("a folder that Kafka wrote opens with its offsets and reads back batch by batch", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  for (const RecordedFolder& folder : recorded_folders()) {
    CAPTURE(folder.dump());
    Machine machine;
    golden::copy_folder(folder.path(), machine.disk, folder.name);
    const LogCheckpoints checkpoints = checkpoints_of(machine.disk, folder);
    CHECK(checkpoints.clean_shutdown == (folder.state == "clean" || folder.state == "recovered"));
    const Log log = Log::open(machine.disk, folder.name, recorded_config(), checkpoints).value();
    const std::vector<golden::DumpedBatch> dump = golden::dumped_batches(folder.dump());
    CHECK(log.bytes_cut() == 0);
    CHECK(log.log_end_offset() == dumped_end(dump));
    CHECK(log.log_start_offset() == (folder.name == "orders-2" ? 20 : 0));

    int64_t offset = log.log_start_offset();
    for (const golden::DumpedBatch& batch : dump) {
      const int64_t last_offset = batch.number("lastOffset");
      const std::string whole =
          golden::file(folder.path() / batch.file).substr(batch.number("position"), batch.number("size"));
      for (; offset <= last_offset; ++offset) {
        const BatchInfo info = log.batch_at(machine.disk, offset).value();
        CHECK(info.first_offset == batch.number("baseOffset"));
        CHECK(info.last_offset == last_offset);
        CHECK(info.leader_epoch == batch.number("partitionLeaderEpoch"));
        CHECK(info.crc == batch.number("crc"));
        const LogRead read = log.read(machine.disk, offset, log.log_end_offset(), 1, true).value();
        CHECK(content(machine, read.slices) == whole);
        CHECK(log.read_bytes(machine.disk, offset, log.log_end_offset(), 0).value().text() == whole);
      }
    }
  }
}

TEST_CASE("Fetch and ListOffsets answer at every offset of a folder as its dump shows") {
  int records_read = 0;
  std::set<kafka::Compression> codecs;
  for (const RecordedFolder& folder : recorded_folders()) {
    CAPTURE(folder.dump());
    OnSimulatedDisk machine;
    golden::copy_folder(folder.path(), machine.disk, folder.name);
    const Log log =
        Log::open(machine.disk, folder.name, recorded_config(), checkpoints_of(machine.disk, folder)).value();
    std::vector<golden::DumpedRecord> records = golden::dumped_records(folder.dump());
    std::erase_if(records, [&](const auto& record) { return record.offset < log.log_start_offset(); });
    REQUIRE(!records.empty());

    // Fetch: the batch that comes holds the record, or what compaction left behind it.
    int64_t offset = log.log_start_offset();
    for (const golden::DumpedRecord& record : records) {
      for (; offset <= record.offset; ++offset) {
        const Bytes bytes = log.read_bytes(machine.disk, offset, log.log_end_offset(), 0).value();
        const kafka::RecordBatch batch = kafka::BatchReader(bytes).next().value();
        codecs.insert(batch.header.compression().value());
        kafka::RecordReader reader(batch);
        kafka::Record read;
        while (reader.next(read) && read.offset < offset) continue;
        REQUIRE_MESSAGE(reader.error().ok(), reader.error().message);
        REQUIRE(read.offset == record.offset);
        REQUIRE(read.timestamp_ms == record.timestamp_ms);
      }
      ++records_read;
    }

    // ListOffsets: the first record at each time and just before and after it; the first of the latest.
    std::set<int64_t> wanted;
    for (const golden::DumpedRecord& record : records)
      for (const int64_t difference : {-1, 0, 1}) wanted.insert(record.timestamp_ms + difference);
    for (const int64_t timestamp_ms : wanted) {
      CAPTURE(timestamp_ms);
      const auto expected = std::ranges::find_if(
          records, [&](const auto& record) { return record.timestamp_ms >= timestamp_ms; });
      const auto found = log.offset_for_timestamp(machine.disk, timestamp_ms).value();
      REQUIRE(found.has_value() == (expected != records.end()));
      if (!found) continue;
      CHECK(found->offset == expected->offset);
      CHECK(found->timestamp_ms == expected->timestamp_ms);
      CHECK(found->leader_epoch == log.batch_at(machine.disk, expected->offset)->leader_epoch);
    }
    const auto latest = std::ranges::max_element(records, {}, &golden::DumpedRecord::timestamp_ms);
    const auto found = log.offset_of_max_timestamp(machine.disk).value();
    REQUIRE(found.has_value());
    CHECK(found->offset == latest->offset);
    CHECK(found->timestamp_ms == latest->timestamp_ms);
  }
  CHECK(records_read > 5'000);
  CHECK(codecs.size() == 5);
}

TEST_CASE("what Kafka shortened or rebuilt when it recovered, we do too") {
  for (const std::string name : {"orders-0", "orders-1", "orders-2", "compacted-0", "__consumer_offsets-0",
                                 "__consumer_offsets-2", "__transaction_state-0", "__cluster_metadata-0"}) {
    CAPTURE(name);
    OnSimulatedDisk machine;
    const RecordedFolder unclean{"unclean", name};
    golden::copy_folder(unclean.path(), machine.disk, name);
    LogConfig config = recorded_config();
    if (name.starts_with("__")) config.index_interval_bytes = 4096;
    Log log = Log::open(machine.disk, name, config, checkpoints_of(machine.disk, unclean)).value();

    // Afterwards Kafka's followers cut what their new leader did not have, and that leader went on.
    const std::vector<golden::DumpedBatch> recovered = golden::dumped_batches("recovered-" + name);
    if (log.log_end_offset() > dumped_end(recovered))
      REQUIRE(log.truncate_to(machine.disk, dumped_end(recovered)).ok());
    if (log.log_end_offset() < dumped_end(recovered)) continue;
    REQUIRE(log.close(machine.disk).ok());
    for (const auto& entry : std::filesystem::directory_iterator(golden::logs() / "recovered" / name)) {
      const std::string file = entry.path().filename().string();
      const bool is_same_index = is_index(file) && !was_reopened(name, file);
      if (!is_same_index && !file.ends_with(".log")) continue;
      CAPTURE(file);
      CHECK(to_hex(machine.disk.read_file(name + "/" + file).value().span()) ==
            to_hex(Bytes::copy_of(golden::file(entry.path())).span()));
    }
  }
}

TEST_CASE("lost indexes are rebuilt to Kafka's bytes") {
  int compared = 0;
  for (const RecordedFolder& folder : recorded_folders()) {
    if (folder.state == "unclean") continue;  // its newest indexes were preallocated
    CAPTURE(folder.dump());
    OnSimulatedDisk machine;
    golden::copy_folder(folder.path(), machine.disk, folder.name,
                        [](const std::string& name) { return !is_index(name); });
    LogConfig config = recorded_config();
    if (folder.name.starts_with("__")) config.index_interval_bytes = 4096;
    Log log = Log::open(machine.disk, folder.name, config, checkpoints_of(machine.disk, folder)).value();
    REQUIRE(log.close(machine.disk).ok());
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const std::string file = entry.path().filename().string();
      if (!is_index(file) || was_reopened(folder.name, file)) continue;
      CAPTURE(file);
      CHECK(to_hex(machine.disk.read_file(folder.name + "/" + file).value().span()) ==
            to_hex(Bytes::copy_of(golden::file(entry.path())).span()));
      ++compared;
    }
  }
  CHECK(compared > 80);
}

TEST_CASE("a folder that Kafka closed is opened and closed without changing it") {
  int compared = 0;
  for (const RecordedFolder& folder : recorded_folders()) {
    if (folder.state != "clean" && folder.state != "recovered") continue;
    if (folder.name.starts_with("__cluster")) continue;  // Kafka opens it as if it had always crashed
    CAPTURE(folder.dump());
    SimulatedDisk disk;
    golden::copy_folder(folder.path(), disk, folder.name);
    Log log = Log::open(disk, folder.name, config_of(folder), checkpoints_of(disk, folder), recorded_now_ms)
                  .value();
    REQUIRE(log.close(disk).ok());
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const std::string file = entry.path().filename().string();
      CAPTURE(file);
      if (is_stray_snapshot(folder, file)) {
        CHECK_FALSE(disk.exists(folder.name + "/" + file));
        continue;
      }
      if (file == "leader-epoch-checkpoint") continue;  // an epoch without records does not survive a start
      REQUIRE(disk.exists(folder.name + "/" + file));
      CHECK(to_hex(disk.read_file(folder.name + "/" + file)->span()) ==
            to_hex(Bytes::copy_of(golden::file(entry.path())).span()));
      ++compared;
    }
    CHECK(std::ranges::count_if(disk.list(folder.name), is_snapshot) <=
          std::ranges::count_if(names_in(folder.path()), is_snapshot));
  }
  CHECK(compared > 200);
}

TEST_CASE("after a kill our recovery leaves the files that Kafka's recovery left") {
  int compared = 0;
  for (const RecordedFolder& folder : recorded_folders()) {
    const RecordedFolder after{"recovered", folder.name};
    if (folder.state != "unclean" || folder.name.starts_with("__cluster")) continue;
    CAPTURE(folder.name);
    SimulatedDisk disk;
    golden::copy_folder(folder.path(), disk, folder.name);
    const LogCheckpoints checkpoints = checkpoints_of(disk, folder);
    CHECK_FALSE(checkpoints.clean_shutdown);
    Log log = Log::open(disk, folder.name, config_of(folder), checkpoints, recorded_now_ms).value();
    // Then this replica followed a leader that had less.
    REQUIRE(log.truncate_to(disk, dumped_end(golden::dumped_batches(after.dump()))).ok());
    REQUIRE(log.close(disk).ok());
    std::vector<std::string> snapshots = disk.list(folder.name);
    std::erase_if(snapshots, [](const std::string& name) { return !is_snapshot(name); });
    std::vector<std::string> recorded = names_in(after.path());
    std::erase_if(recorded, [](const std::string& name) { return !is_snapshot(name); });
    CHECK(snapshots == recorded);
    for (const std::string& file : names_in(after.path())) {
      CAPTURE(file);
      REQUIRE(disk.exists(folder.name + "/" + file));
      const Bytes ours = disk.read_file(folder.name + "/" + file).value();
      const Bytes kafkas = Bytes::copy_of(golden::file(after.path() / file));
      if (is_snapshot(file))
        CHECK(ProducerState::parse_snapshot(ours)->entries() ==
              ProducerState::parse_snapshot(kafkas)->entries());
      else
        CHECK(to_hex(ours.span()) == to_hex(kafkas.span()));
      ++compared;
    }
  }
  CHECK(compared > 100);
}

TEST_CASE("what is cut off takes its aborted transactions along") {
  SimulatedDisk disk;
  const RecordedFolder folder{"clean", "orders-0"};
  const std::string index = "orders-0/00000000000000000173.txnindex";
  golden::copy_folder(folder.path(), disk, folder.name);
  Log log =
      Log::open(disk, folder.name, config_of(folder), checkpoints_of(disk, folder), recorded_now_ms).value();
  constexpr size_t entry_bytes = 34;
  const Bytes both = disk.read_file(index).value();  // the markers stand at 177 and 189
  REQUIRE(both.size() == 2 * entry_bytes);
  REQUIRE(log.truncate_to(disk, 190).ok());
  CHECK(disk.read_file(index).value() == both);
  REQUIRE(log.truncate_to(disk, 189).ok());
  CHECK(disk.read_file(index).value() == both.subview(0, entry_bytes));
  REQUIRE(log.truncate_to(disk, 150).ok());
  CHECK_FALSE(disk.exists(index));
}

TEST_CASE("what Kafka appended, with its stops between, gives Kafka's index files") {
  const std::map<std::string, std::vector<int64_t>> stops = {
      {"orders-0", {170}}, {"orders-1", {165}}, {"orders-2", {165}}, {"__cluster_metadata-0", {73}}};
  for (const auto& [name, offsets] : stops) {
    CAPTURE(name);
    const RecordedFolder folder{"clean", name};
    const bool is_metadata = name.starts_with("__");
    SimulatedDisk disk;
    LogCheckpoints checkpoints;
    Log log = Log::open(disk, name, config_of(folder), {}).value();
    for (const golden::DumpedBatch& batch : golden::dumped_batches(folder.dump())) {
      if (std::ranges::count(offsets, batch.number("baseOffset")) > 0) {
        checkpoints = {!is_metadata, is_metadata ? 0 : log.log_end_offset(), 0};
        REQUIRE(log.close(disk).ok());
        log = Log::open(disk, name, config_of(folder), checkpoints).value();
      }
      const Bytes bytes = Bytes::copy_of(
          golden::file(folder.path() / batch.file).substr(batch.number("position"), batch.number("size")));
      REQUIRE(log.append_as_follower(disk, bytes, INT32_MAX)->size() == 1);
    }
    REQUIRE(log.close(disk).ok());
    for (const std::string& file : names_in(folder.path())) {
      if (!is_index(file)) continue;
      CAPTURE(file);
      CHECK(to_hex(disk.read_file(name + "/" + file)->span()) ==
            to_hex(Bytes::copy_of(golden::file(folder.path() / file)).span()));
    }
  }
}

TEST_CASE("lost leader epochs are read from the batches, as Kafka has them") {
  for (const RecordedFolder& folder : recorded_folders()) {
    if (folder.name == "compacted-0") continue;  // the batches that the first epoch began with are gone
    CAPTURE(folder.dump());
    OnSimulatedDisk machine;
    golden::copy_folder(folder.path(), machine.disk, folder.name,
                        [](const std::string& name) { return name != "leader-epoch-checkpoint"; });
    const Log log =
        Log::open(machine.disk, folder.name, recorded_config(), checkpoints_of(machine.disk, folder)).value();
    LeaderEpochCache recorded =
        LeaderEpochCache::parse(golden::file(folder.path() / "leader-epoch-checkpoint")).value();
    recorded.truncate_from_end(log.log_end_offset());  // of leaders that wrote nothing
    CHECK(machine.disk.read_file(folder.name + "/leader-epoch-checkpoint").value().text() ==
          recorded.to_text());
  }
}

}  // namespace brokerlab

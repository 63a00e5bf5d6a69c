// How long segments stay: by size, by time, below the high watermark, and what their files are called meanwhile.
#include "sim/storage/retention.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/storage/file_deletions.h"
#include "sim/storage/segment_files.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {
namespace {

constexpr int64_t noon = 1'700'000'000'000;
constexpr int64_t minute = 60'000;

/// A log whose segments have one batch of one record each, 100 bytes or so.
struct LogOfMinutes {
  SimulatedDisk disk;
  Log log;
  uint64_t batch_bytes = 0;

  explicit LogOfMinutes(LogConfig config = {}) : log(open(disk, config)) {}
  static Log open(SimulatedDisk& disk, LogConfig config) {
    config.segment_bytes = 150;
    return Log::open(disk, "orders-0", config, {}).value();
  }
  void append(int64_t timestamp_ms) {
    kafka::RecordBatchBuilder builder({});
    const Bytes value = Bytes::copy_of(std::string(30, 'v'));
    builder.append(timestamp_ms, std::nullopt, value.span());
    const Bytes batch = builder.build();
    batch_bytes = batch.size();
    REQUIRE(log.append_as_leader(disk, batch, 0, timestamp_ms).value().error == kafka::ErrorCode::none);
  }
  size_t count(int64_t high_watermark, int64_t now_ms) const {
    return count_old_segments(log, high_watermark, now_ms);
  }
  std::vector<std::string> files(std::string_view suffix) {
    std::vector<std::string> names;
    for (const std::string& name : disk.list("orders-0"))
      if (name.ends_with(suffix)) names.push_back(name);
    return names;
  }
};

LogConfig keeping(int64_t retention_ms, int64_t retention_bytes = -1) {
  LogConfig config;
  config.retention_ms = retention_ms;
  config.retention_bytes = retention_bytes;
  return config;
}

}  // namespace

TEST_CASE("segments go when their youngest record is older than retention.ms, from the oldest on") {
  LogOfMinutes story(keeping(5 * minute));
  for (int i = 0; i < 4; ++i) story.append(noon + i * minute);
  REQUIRE(story.log.segments().size() == 4);
  CHECK(story.count(4, noon + 5 * minute) == 0);
  CHECK(story.count(4, noon + 5 * minute + 1) == 1);
  CHECK(story.count(4, noon + 7 * minute + 1) == 3);
  CHECK(story.count(2, noon + 7 * minute + 1) == 2);  // only what is below the high watermark
  CHECK(story.count(0, noon + 7 * minute + 1) == 0);
}

TEST_CASE("a young segment keeps the older-looking ones behind it") {
  LogOfMinutes story(keeping(5 * minute));
  story.append(noon);
  story.append(noon + 9 * minute);
  story.append(noon);
  CHECK(story.count(3, noon + 10 * minute) == 1);
}

TEST_CASE("a segment without timestamps goes with the next one that has some") {
  LogOfMinutes story(keeping(5 * minute));
  story.append(-1);
  story.append(noon);
  story.append(-1);
  CHECK(story.count(3, noon + 5 * minute) == 0);
  CHECK(story.count(3, noon + 60 * minute) == 2);
}

TEST_CASE("an active segment that is old is closed and goes too; an empty one never goes") {
  LogOfMinutes story(keeping(5 * minute));
  story.append(noon);
  story.append(noon + minute);
  REQUIRE(story.count(2, noon + 60 * minute) == 2);
  REQUIRE(story.log.delete_oldest_segments(story.disk, 2).ok());
  CHECK(story.log.log_start_offset() == 2);
  CHECK(story.log.log_end_offset() == 2);
  CHECK(story.files(".log") == std::vector<std::string>{"00000000000000000002.log"});
  CHECK(story.count(2, noon + 60 * minute) == 0);
  story.append(noon + 60 * minute);
  CHECK(story.log.read_bytes(story.disk, 2, 3, 1000).value().size() == story.batch_bytes);
}

TEST_CASE("retention.bytes keeps at least so much") {
  LogOfMinutes story(keeping(-1));
  for (int i = 0; i < 5; ++i) story.append(noon + i);
  LogConfig config = story.log.config();
  const auto count_with = [&](uint64_t bytes) {
    config.retention_bytes = static_cast<int64_t>(bytes);
    story.log.set_config(config);
    return story.count(5, noon);
  };
  CHECK(count_with(5 * story.batch_bytes) == 0);
  CHECK(count_with(4 * story.batch_bytes + 1) == 0);
  CHECK(count_with(4 * story.batch_bytes) == 1);
  CHECK(count_with(2 * story.batch_bytes) == 3);
  CHECK(count_with(0) == 5);
  REQUIRE(story.log.delete_oldest_segments(story.disk, 5).ok());
  CHECK(count_with(0) == 0);  // the new one is empty
}

TEST_CASE("size comes before time, and time counts from what is left") {
  LogOfMinutes story(keeping(5 * minute));
  for (int i = 0; i < 4; ++i) story.append(noon + i * minute);
  LogConfig config = story.log.config();
  config.retention_bytes = static_cast<int64_t>(2 * story.batch_bytes);
  story.log.set_config(config);
  CHECK(story.count(4, noon + 5 * minute) == 2);
  CHECK(story.count(4, noon + 7 * minute + 1) == 3);
}

TEST_CASE("without cleanup.policy=delete only what lies below the log start goes") {
  LogConfig config = keeping(minute, 0);
  config.deletes = false;
  config.compacts = true;
  LogOfMinutes story(config);
  for (int i = 0; i < 4; ++i) story.append(noon);
  CHECK(story.count(4, noon + 60 * minute) == 0);
  REQUIRE(story.log.advance_log_start(story.disk, 2).ok());
  CHECK(story.files(".log").size() == 4);  // until somebody comes and looks
  CHECK(story.count(4, noon) == 2);
  REQUIRE(story.log.advance_log_start(story.disk, 4).ok());
  CHECK(story.count(4, noon) == 3);
}

TEST_CASE("deleted files keep another name for file.delete.delay.ms, slices of them stay readable") {
  LogConfig config = keeping(minute);
  config.file_delete_delay_ms = 1000;
  LogOfMinutes story(config);
  for (int i = 0; i < 3; ++i) story.append(noon);
  const LogRead read = story.log.read(story.disk, 0, 3, 1 << 20, true).value();
  REQUIRE(story.log.delete_oldest_segments(story.disk, 2).ok());
  CHECK(story.files(".log").size() == 1);
  CHECK(story.files(".deleted") ==
        std::vector<std::string>{"00000000000000000000.index.deleted", "00000000000000000000.log.deleted",
                                 "00000000000000000000.timeindex.deleted",
                                 "00000000000000000001.index.deleted", "00000000000000000001.log.deleted",
                                 "00000000000000000001.timeindex.deleted"});
  CHECK(size_of(read.slices) == story.batch_bytes);

  FileDeletions deletions;
  for (std::string& path : story.log.take_deleted_files())
    deletions.add(std::move(path), Instant{} + seconds(1));
  CHECK(story.log.take_deleted_files().empty());
  CHECK(deletions.next_deadline() == Instant{} + seconds(1));
  REQUIRE(deletions.run(story.disk, Instant{} + milliseconds(999)).ok());
  CHECK(story.files(".deleted").size() == 6);
  REQUIRE(story.disk.remove_file("orders-0/00000000000000000001.log.deleted").ok());
  REQUIRE(deletions.run(story.disk, Instant{} + seconds(1)).ok());
  CHECK(story.files(".deleted").empty());
  CHECK(deletions.next_deadline() == never);
}

TEST_CASE("the next start removes deleted files that a stop has left") {
  LogConfig config = keeping(minute);
  config.file_delete_delay_ms = 1000;
  LogOfMinutes story(config);
  for (int i = 0; i < 3; ++i) story.append(noon);
  REQUIRE(story.log.delete_oldest_segments(story.disk, 2).ok());
  story.disk.close_all();
  story.log = Log::open(story.disk, "orders-0", config, {}).value();
  CHECK(story.files(".deleted").empty());
  CHECK(story.log.log_start_offset() == 2);
  CHECK(story.log.log_end_offset() == 3);
}

TEST_CASE(
    "a swap file that is one of several of which not all are finished goes, and what it was to replace "
    "stays") {
  SimulatedDisk disk;
  const auto put = [&](const std::string& name) {
    REQUIRE(disk.replace_file("kv-0/" + name, Bytes::copy_of(name), Durability::cached).ok());
  };
  put("00000000000000000000.log.swap");
  put("00000000000000000005.log");
  put("00000000000000000005.log.cleaned");
  put("00000000000000000007.log.swap");
  put("00000000000000000007.log");
  put("00000000000000000009-0000000001.checkpoint.deleted");  // a snapshot of the metadata log is not ours
  put("leader-epoch-checkpoint");
  REQUIRE(finish_file_changes(disk, "kv-0").ok());
  CHECK(disk.list("kv-0") == std::vector<std::string>{"00000000000000000000.log", "00000000000000000005.log",
                                                      "00000000000000000007.log",
                                                      "00000000000000000009-0000000001.checkpoint.deleted",
                                                      "leader-epoch-checkpoint"});
  CHECK(disk.read_file("kv-0/00000000000000000007.log").value().text() == "00000000000000000007.log");
}

TEST_CASE("a segment is closed when an index would become larger than segment.index.bytes") {
  SimulatedDisk disk;
  LogConfig config;
  config.index_interval_bytes = 0;
  config.index_max_bytes = 5 * 12;  // four entries of the time index and one that stays free
  kafka::RecordBatchBuilder builder({});
  Log leader = Log::open(disk, "leader-0", config, {}).value();
  for (int i = 0; i < 12; ++i) {
    builder.append(noon + i, std::nullopt, std::nullopt);
    REQUIRE(leader.append_as_leader(disk, builder.build(), 0, noon).ok());
  }
  // The first batch of a segment has no entry: five batches each.
  REQUIRE(leader.segments().size() == 3);
  CHECK(leader.segments()[1].base_offset() == 5);
  CHECK(disk.read_file("leader-0/00000000000000000000.timeindex").value().size() == 4 * 12);

  Log follower = Log::open(disk, "follower-0", config, {}).value();
  std::string all;  // of three segments, fetched at once
  for (const int64_t offset : {0, 5, 10}) all += leader.read_bytes(disk, offset, 12, 1 << 20).value().text();
  REQUIRE(follower.append_as_follower(disk, Bytes::copy_of(all), 0).value().size() == 12);
  REQUIRE(follower.segments().size() == 3);
  CHECK(follower.segments()[2].base_offset() == 10);
}

TEST_CASE("a deleted topic's folder has a name that no topic has, however long") {
  const Uuid id{0x0123456789abcdef, 0xfedcba9876543210};
  SimulatedDisk disk;
  const std::string name = retired_folder_name(disk, {"orders", 7}, id, deleted_folder_suffix);
  CHECK(name == "orders-7.0123456789abcdeffedcba9876543210-delete");
  const std::string longest =
      retired_folder_name(disk, {std::string(249, 't'), 12}, id, deleted_folder_suffix);
  CHECK(longest.size() == 255);
  CHECK(longest.ends_with("t-12.0123456789abcdeffedcba9876543210-delete"));
  REQUIRE(disk.make_folder("orders-0").ok());
  REQUIRE(disk.make_folder(name).ok());
  CHECK(folders_to_delete(disk) == std::vector<std::string>{name + "/"});
  // It was here, went, came back, and goes again.
  CHECK(retired_folder_name(disk, {"orders", 7}, id, deleted_folder_suffix) ==
        "orders-7.0123456789abcdeffedcba9876543211-delete");
}

}  // namespace brokerlab

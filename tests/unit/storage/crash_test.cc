// A crash at any byte. Logs of several segments, epochs and producers are cut and damaged file by file, and lose what
// was not flushed; then they are opened. What must hold is said by `check_recovered`.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/storage/log.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/storage/disks.h"

namespace brokerlab {
namespace {

const std::string folder = "orders-0";

LogConfig config() {
  LogConfig config;
  config.segment_bytes = 900;
  config.index_interval_bytes = 150;
  return config;
}

/// What a log says of itself to clients, followers and producers.
struct Content {
  std::vector<std::string> batches;       ///< all bytes of each
  std::vector<int64_t> first_offsets;     ///< of each
  std::map<int64_t, int64_t> by_time_ms;  ///< the offset that ListOffsets gives
  std::vector<LeaderEpochCache::Entry> epochs;
  std::map<int64_t, ProducerState::Entry> producers;
};

Content content_of(Disk& disk, const Log& log) {
  Content content;
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset();) {
    const BatchInfo batch = log.batch_at(disk, offset).value();
    content.first_offsets.push_back(batch.first_offset);
    content.batches.emplace_back(log.read_bytes(disk, offset, log.log_end_offset(), 1).value().text());
    offset = batch.last_offset + 1;
  }
  for (int64_t time_ms = 990; time_ms < 2400; time_ms += 10)
    if (const auto found = log.offset_for_timestamp(disk, time_ms).value())
      content.by_time_ms[time_ms] = found->offset;
  content.epochs.assign(log.epochs().entries().begin(), log.epochs().entries().end());
  for (const auto& [id, entry] : log.producers().entries()) content.producers[id] = entry.abridged();
  return content;
}

/// A replica until its crash.
struct Replica {
  SimulatedDisk disk;
  Log log = Log::open(disk, folder, config(), {}).value();
  int64_t recovery_point = 0;  ///< as the checkpoint has it
  std::map<int64_t, int32_t> sequences;

  void append(Random& random, int32_t epoch) {
    kafka::RecordBatchBuilder::Options options;
    const int records = 1 + static_cast<int>(random.below(3));
    if (random.chance(3, 4)) {
      options.producer_id = static_cast<int64_t>(random.below(3));
      options.producer_epoch = 0;
      options.base_sequence = sequences[options.producer_id];
      sequences[options.producer_id] += records;
    }
    kafka::RecordBatchBuilder builder(options);
    const std::string value(random.below(80), 'v');
    const Bytes bytes = Bytes::copy_of(value);
    for (int i = 0; i < records; ++i)
      builder.append(1000 + static_cast<int64_t>(random.below(1400)), std::nullopt, bytes.span());
    REQUIRE(log.append_as_leader(disk, builder.build(), epoch, 0)->error == kafka::ErrorCode::none);
  }
  void flush(int64_t up_to_offset) {
    const LogFlush flush = log.begin_flush(up_to_offset);
    for (const FileId file : flush.files) REQUIRE(disk.sync(file).ok());
    log.end_flush(disk, flush);
    recovery_point = log.recovery_point();
  }
  LogCheckpoints checkpoints() const { return {false, recovery_point, 0}; }
};

/// Rolls are flushed as a broker does it; the last ones perhaps not.
Replica crashed_replica(uint64_t seed, int batches = 60) {
  Random random(seed);
  Replica replica;
  for (int i = 0; i < batches; ++i) {
    replica.append(random, i / 13);
    if (random.chance(1, 8)) replica.flush(replica.log.active_base_offset());
    if (random.chance(1, 30)) replica.flush(replica.log.log_end_offset());
  }
  return replica;
}

/// Opened, it holds the first batches of what it was, at least up to `kept`; it finds them all; epochs and producers are
/// those that are read from its batches alone; and it goes on.
void check_recovered(SimulatedDisk& disk, const LogCheckpoints& checkpoints, const Content& before,
                     int64_t kept) {
  Log log = Log::open(disk, folder, config(), checkpoints).value();
  CHECK(log.log_end_offset() >= kept);
  const Content content = content_of(disk, log);
  REQUIRE(content.batches.size() <= before.batches.size());
  CHECK(std::equal(content.batches.begin(), content.batches.end(), before.batches.begin()));
  CHECK(std::equal(content.first_offsets.begin(), content.first_offsets.end(), before.first_offsets.begin()));
  if (content.batches.size() == before.batches.size()) CHECK(content.by_time_ms == before.by_time_ms);

  const std::unique_ptr<SimulatedDisk> bare = disk.clone();
  bare->close_all();
  for (const std::string& name : bare->list(folder))
    if (!name.ends_with(".log")) REQUIRE(bare->remove_file(folder + "/" + name).ok());
  const Log scratch = Log::open(*bare, folder, config(), {}).value();
  const Content from_scratch = content_of(*bare, scratch);
  CHECK(from_scratch.batches == content.batches);
  CHECK(from_scratch.by_time_ms == content.by_time_ms);
  CHECK(from_scratch.epochs == content.epochs);
  CHECK(from_scratch.producers == content.producers);

  kafka::RecordBatchBuilder builder({});
  builder.append(3000, std::nullopt, std::nullopt);
  const int64_t end = log.log_end_offset();
  CHECK(log.append_as_leader(disk, builder.build(), 9, 0)->batch.first_offset == end);
  REQUIRE(log.close(disk).ok());
  const Log reopened = Log::open(disk, folder, config(), {true, 0, 0}).value();
  CHECK(reopened.log_end_offset() == end + 1);
  CHECK(reopened.bytes_cut() == 0);
}

void put(Disk& disk, const std::string& path, const std::string& content) {
  REQUIRE(disk.replace_file(path, Bytes::copy_of(content), Durability::cached).ok());
}

/// A file of the folder, as it was at the crash.
struct File {
  std::string path;
  std::string bytes;
  bool is_log() const { return path.ends_with(".log"); }
  bool is_text() const { return path.ends_with("-checkpoint"); }
  int64_t base_offset() const { return std::stoll(path.substr(folder.size() + 1, 20)); }
};

std::vector<File> files_of(SimulatedDisk& disk) {
  std::vector<File> files;
  for (const std::string& name : disk.list(folder))
    files.push_back({folder + "/" + name, std::string(disk.read_file(folder + "/" + name)->text())});
  return files;
}

/// Up to which offset nothing is lost when a segment is cut or damaged at `position`.
int64_t kept_before(const Content& content, const File& file, size_t position) {
  size_t at = 0;
  for (size_t i = 0; i < content.batches.size(); ++i) {
    if (content.first_offsets[i] < file.base_offset()) continue;
    at += content.batches[i].size();
    if (at > position) return content.first_offsets[i];
  }
  return content.first_offsets.back();
}

}  // namespace

TEST_CASE("a killed replica loses nothing, wherever its last flush was") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Replica replica = crashed_replica(seed);
    const Content before = content_of(replica.disk, replica.log);
    const int64_t end = replica.log.log_end_offset();
    replica.disk.close_all();
    check_recovered(replica.disk, replica.checkpoints(), before, end);
  }
}

TEST_CASE("a power loss takes nothing that was flushed") {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Replica replica = crashed_replica(seed);
    const Content before = content_of(replica.disk, replica.log);
    replica.disk.close_all();
    replica.disk.power_loss();
    check_recovered(replica.disk, replica.checkpoints(), before, replica.recovery_point);
  }
}

TEST_CASE("any file cut at any byte: what was cut off is lost, no more") {
  Replica replica = crashed_replica(7, 30);
  const Content before = content_of(replica.disk, replica.log);
  const int64_t end = replica.log.log_end_offset();
  REQUIRE(replica.recovery_point > 0);
  REQUIRE(replica.recovery_point < end);
  replica.disk.close_all();
  size_t cuts = 0;
  for (const File& file : files_of(replica.disk)) {
    CAPTURE(file.path);
    // A segment that was flushed whole is not cut by a crash.
    const int64_t flushed =
        file.is_log() && file.base_offset() < replica.recovery_point ? replica.recovery_point : 0;
    for (size_t size = 0; size < file.bytes.size(); ++size) {
      const int64_t kept = file.is_log() ? kept_before(before, file, size) : end;
      if (kept < flushed) continue;
      CAPTURE(size);
      const std::unique_ptr<SimulatedDisk> disk = replica.disk.clone();
      put(*disk, file.path, file.bytes.substr(0, size));
      check_recovered(*disk, replica.checkpoints(), before, kept);
      ++cuts;
    }
  }
  CHECK(cuts > 1'000);
}

TEST_CASE("any file damaged anywhere: records behind the damage are lost, no more") {
  size_t damages = 0;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Replica replica = crashed_replica(seed);
    const Content before = content_of(replica.disk, replica.log);
    const int64_t end = replica.log.log_end_offset();
    replica.disk.close_all();
    Random random(seed);
    for (const File& file : files_of(replica.disk)) {
      if (file.is_text() || file.bytes.empty()) continue;  // a wrong digit is as good as a right one
      CAPTURE(file.path);
      for (int round = 0; round < 8; ++round) {
        const size_t at = random.below(file.bytes.size());
        const int64_t kept = file.is_log() ? kept_before(before, file, at) : end;
        if (file.is_log()) {
          // What was flushed is not checked; and no CRC covers a batch's offset and epoch.
          if (file.base_offset() < replica.recovery_point) continue;
          size_t batch = 0;
          for (size_t i = 0; before.first_offsets[i] < kept; ++i)
            if (before.first_offsets[i] >= file.base_offset()) batch += before.batches[i].size();
          if (at - batch < 16) continue;
        }
        CAPTURE(seed);
        CAPTURE(at);
        std::string damaged = file.bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
        const std::unique_ptr<SimulatedDisk> disk = replica.disk.clone();
        put(*disk, file.path, damaged);
        check_recovered(*disk, replica.checkpoints(), before, kept);
        ++damages;
      }
    }
  }
  CHECK(damages > 1'000);
}

TEST_CASE("whatever stands in any of a log's files, opening it ends well") {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Replica replica = crashed_replica(seed % 5, 25);
    const LogCheckpoints checkpoints{random.chance(1, 2), static_cast<int64_t>(random.below(60)),
                                     static_cast<int64_t>(random.below(60))};
    replica.disk.close_all();
    const std::vector<File> files = files_of(replica.disk);
    for (int i = 0; i < 3; ++i) {
      const File& file = files[random.below(files.size())];
      std::string bytes = file.bytes;
      for (uint64_t flips = random.below(6); flips > 0 && !bytes.empty(); --flips)
        bytes[random.below(bytes.size())] = static_cast<char>(random.next());
      bytes.resize(random.below(2 * bytes.size() + 2));
      put(replica.disk, file.path, bytes);
    }
    Log log = Log::open(replica.disk, folder, config(), checkpoints).value();
    CHECK(log.log_start_offset() <= log.log_end_offset());
    for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset(); offset += 5) {
      const Result<Bytes> bytes = log.read_bytes(replica.disk, offset, log.log_end_offset(), 100);
      CHECK(bytes.ok());
    }
    for (int64_t time_ms = 990; time_ms < 2400; time_ms += 50)
      (void)log.offset_for_timestamp(replica.disk, time_ms);
    const int64_t end = log.log_end_offset();
    REQUIRE(log.truncate_to(replica.disk, std::max(log.log_start_offset(), end - 3)).ok());
    kafka::RecordBatchBuilder builder({});
    builder.append(3000, std::nullopt, std::nullopt);
    REQUIRE(log.append_as_leader(replica.disk, builder.build(), 9, 0).ok());
    REQUIRE(log.close(replica.disk).ok());
  }
}

}  // namespace brokerlab

// What a node finds on its disk when it starts: files that a crash tore, a disk damaged, or somebody edited. The
// input is a list of files, each a name out of a table and its bytes; the first byte says whether CRCs are put
// right, and whether the last stop was clean.
//
// The log opens or refuses; an open one keeps its invariants under reads, appends and truncations, and opens
// again as it was closed. A node that starts on the same files ends with an error or goes on.
#include <array>
#include <map>

#include "sim/brokers/kafka_node.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/log.h"
#include "sim/tools/log_dump.h"
#include "tests/fuzz/disk_files.h"
#include "tests/fuzz/lone_node.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

/// A file in memory takes a chunk, an index its entries, a batch its place in the producers' table.
uint64_t recovery_memory(size_t input_bytes) { return (uint64_t{16} << 20) + 256 * input_bytes; }
constexpr int32_t next_epoch = 1'000'000;

Bytes one_record() {
  kafka::RecordBatchBuilder builder({});
  const std::array<uint8_t, 3> value = {'n', 'e', 'w'};
  builder.append(1'767'225'600'000, std::nullopt, std::span<const uint8_t>(value));
  return builder.build();
}

void check_reads(SimulatedDisk& disk, const Log& log) {
  FUZZ_CHECK(0 <= log.log_start_offset() && log.log_start_offset() <= log.log_end_offset());
  // Every batch is found by its offset, and what is read begins with it.
  int batches = 0;
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset() && batches < 64; ++batches) {
    const Result<BatchInfo> batch = log.batch_at(disk, offset);
    if (!batch) return;
    FUZZ_CHECK(batch->last_offset >= offset);
    const Result<LogRead> read = log.read(disk, offset, log.log_end_offset(), 1, true);
    if (!read) return;
    FUZZ_CHECK(read->bytes == size_of(read->slices));
    offset = batch->last_offset + 1;
  }
  for (const int64_t timestamp : {int64_t{0}, int64_t{1'700'000'000'000}, INT64_MAX})
    (void)log.offset_for_timestamp(disk, timestamp);
  (void)log.offset_of_max_timestamp(disk);
  for (const int32_t epoch : {0, 1, 5, INT32_MAX}) (void)log.end_offset_for_epoch(epoch);
}

void check_log(SimulatedDisk disk, bool was_clean) {
  LogConfig config;
  config.segment_bytes = 16 << 10;
  config.index_interval_bytes = 64;
  LogCheckpoints checkpoints;
  checkpoints.clean_shutdown = was_clean;
  Result<Log> log = Log::open(disk, std::string(log_folder), config, checkpoints);
  if (!log) return;
  check_reads(disk, *log);
  // The log goes on after what was found.
  const int64_t end = log->log_end_offset();
  if (end > INT64_MAX / 2 || log->latest_epoch() > next_epoch) return;
  const Result<LeaderAppend> appended = log->append_as_leader(disk, one_record(), next_epoch, 0);
  if (!appended || appended->error != kafka::ErrorCode::none) return;
  FUZZ_CHECK(log->log_end_offset() == end + 1);
  const int64_t middle = log->log_start_offset() + (end - log->log_start_offset()) / 2;
  if (!log->truncate_to(disk, middle)) return;
  FUZZ_CHECK(log->log_end_offset() <= std::max(middle, log->log_start_offset()));
  check_reads(disk, *log);
  const int64_t start = log->log_start_offset();
  const int64_t cut = log->log_end_offset();
  if (!log->close(disk)) return;
  checkpoints = {true, cut, start};
  const Result<Log> again = Log::open(disk, std::string(log_folder), config, checkpoints);
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(again->log_end_offset() <= cut);  // a gap at the end is in no batch
}

/// The files in the place of the quorum's log.
void check_metadata_log(SimulatedDisk disk) {
  if (!disk.rename(log_folder, metadata_partition.to_string())) return;
  Result<MetadataLog> log = MetadataLog::open(disk, 1);
  if (!log) return;
  const Result<std::vector<MetadataBatch>> batches =
      log->batches(disk, log->start_offset(), log->end_offset(), 1 << 20);
  MetadataLoader loader;
  if (const std::optional<SnapshotId> latest = log->latest_snapshot()) {
    const Result<Snapshot> snapshot = log->read_snapshot(disk, *latest);
    if (snapshot && latest->end_offset > 0)
      (void)loader.load_snapshot(snapshot->records, latest->end_offset - 1, latest->epoch,
                                 snapshot->last_contained_log_ms);
  }
  if (!batches || log->start_offset() > 0) return;
  (void)loader.load(*batches);
}

void check_dump(const SimulatedDisk& disk) {
  SimulatedDisk files = disk;
  const auto read_file = [&](const std::string& path) -> Result<std::string> {
    const Result<Bytes> content = files.read_file(path.starts_with('/') ? path.substr(1) : path);
    if (!content) return content.status();
    return std::string(content->text());
  };
  LogDumpOptions options;
  options.shows_records = options.shows_data = true;
  for (const DataDecoder decoder :
       {DataDecoder::text, DataDecoder::metadata, DataDecoder::groups, DataDecoder::transactions}) {
    options.decoder = decoder;
    ToolEnd end;
    LogDump dump(options, read_file, "/", end);
    for (const std::string& name : files.list(log_folder))
      if (!dump.dump(std::string(log_folder) + "/" + name)) break;
    dump.print_findings();
  }
}

/// A broker and controller whose log of a topic, or of the quorum, are these files.
void check_node(SimulatedDisk disk, bool is_quorum) {
  if (is_quorum && !disk.rename(log_folder, metadata_partition.to_string())) return;
  KafkaNodeConfig config;
  config.node_id = 1;
  config.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  for (const std::string_view listener : {listener_external, listener_internal, listener_controller})
    config.advertised[std::string(listener)] = {"127.0.0.1", 9092};
  config.voters[1] = {"127.0.0.1", 9092};
  LoneNode node(make_kafka_node(Boot{NodeId{1}, "kafka1", 1, 42}, std::move(config)), std::move(disk));
  for (int fired = 0; fired < 20 && !node.exit_status(); ++fired) {
    node.settle(false);
    if (!node.fire_next_timer()) break;
  }
  (void)node.node().describe(node.now());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t options = input.byte();
  const MemoryLimit memory(recovery_memory(size));
  const SimulatedDisk disk = disk_of(input, (options & 1) != 0);
  check_log(disk, (options & 2) != 0);
  check_metadata_log(disk);
  check_dump(disk);
  check_node(disk, false);
  check_node(disk, true);
  return 0;
}

// The small files of a node: checkpoints, meta.properties, quorum-state and the like. The first byte says which;
// the rest is the file. What is read is written and read again as the same.
#include "sim/controller/raft/quorum_state.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/leader_epoch_cache.h"
#include "sim/storage/simulated_disk.h"
#include "tests/fuzz/fuzz.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

constexpr std::string_view log_folder = "orders-0";

void check_offsets(SimulatedDisk& disk, std::string_view path) {
  const Result<OffsetCheckpoint> offsets = read_offset_checkpoint(disk, path);
  if (!offsets) return;
  FUZZ_CHECK(write_offset_checkpoint(disk, path, *offsets).ok());
  FUZZ_CHECK(read_offset_checkpoint(disk, path).value() == *offsets);
}

void check_properties(SimulatedDisk& disk) {
  const Result<MetaProperties> properties = read_meta_properties(disk);
  if (!properties) return;
  FUZZ_CHECK(write_meta_properties(disk, *properties, 1'767'225'600'000).ok());
  FUZZ_CHECK(read_meta_properties(disk).value() == *properties);
}

void check_clean_shutdown(SimulatedDisk& disk) {
  const Result<CleanShutdown> mark = read_clean_shutdown(disk);
  if (!mark) return;
  FUZZ_CHECK(write_clean_shutdown(disk, *mark).ok());
  FUZZ_CHECK(read_clean_shutdown(disk)->broker_epoch == mark->broker_epoch);
}

void check_partition_metadata(SimulatedDisk& disk) {
  const Result<Uuid> id = read_partition_metadata(disk, log_folder);
  if (!id) return;
  FUZZ_CHECK(write_partition_metadata(disk, log_folder, *id).ok());
  FUZZ_CHECK(read_partition_metadata(disk, log_folder).value() == *id);
}

void check_leader_epochs(std::string_view text) {
  const Result<LeaderEpochCache> epochs = LeaderEpochCache::parse(text);
  if (!epochs) return;
  const Result<LeaderEpochCache> again = LeaderEpochCache::parse(epochs->to_text());
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(std::ranges::equal(again->entries(), epochs->entries()));
}

void check_quorum_state(SimulatedDisk& disk) {
  const Result<std::optional<QuorumState>> state = read_quorum_state(disk, quorum_state_path);
  const Result<std::vector<int32_t>> voters = read_quorum_voters(disk, quorum_state_path);
  if (!state || !voters) return;
  FUZZ_CHECK(state->has_value());
  FUZZ_CHECK(write_quorum_state(disk, quorum_state_path, **state, *voters).ok());
  FUZZ_CHECK(read_quorum_state(disk, quorum_state_path).value() == *state);
  FUZZ_CHECK(read_quorum_voters(disk, quorum_state_path).value() == *voters);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const MemoryLimit limit((uint64_t{1} << 20) + 1024 * size);
  const uint8_t which = input.byte() % 6;
  const std::string_view paths[] = {replication_offset_checkpoint, "meta.properties",
                                    ".kafka_cleanshutdown",        "orders-0/partition.metadata",
                                    "leader-epoch-checkpoint",     quorum_state_path};
  SimulatedDisk disk;
  FUZZ_CHECK(disk.replace_file(paths[which], input.rest(), Durability::synced).ok());
  switch (which) {
    case 0:
      check_offsets(disk, paths[which]);
      break;
    case 1:
      check_properties(disk);
      break;
    case 2:
      check_clean_shutdown(disk);
      break;
    case 3:
      check_partition_metadata(disk);
      break;
    case 4:
      check_leader_epochs(input.rest().text());
      break;
    default:
      check_quorum_state(disk);
  }
  return 0;
}

// A metadata log that a disk lost parts of: the node that finds it ends with an error that says so.
#include <doctest/doctest.h>

#include "sim/controller/metadata/loader.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/simulated_disk.h"

using namespace brokerlab;

namespace {

MetadataBatch batch(int64_t base_offset, int64_t last_offset, int32_t epoch) {
  MetadataBatch made;
  made.base_offset = base_offset;
  made.last_offset = last_offset;
  made.epoch = epoch;
  return made;
}

std::string refusal(const std::vector<MetadataBatch>& batches) {
  MetadataLoader loader;
  return loader.load(batches).status().message;
}

}  // namespace

TEST_CASE("damaged metadata: offsets that are missing, or an epoch that goes back, are errors") {
  CHECK(refusal({batch(0, 4, 1), batch(5, 5, 2)}).empty());
  CHECK(refusal({batch(3, 4, 1)}) ==
        "the metadata log goes on at offset 3 in epoch 1 after offset -1 in epoch -1");
  CHECK(refusal({batch(0, 4, 1), batch(6, 6, 1)}) ==
        "the metadata log goes on at offset 6 in epoch 1 after offset 4 in epoch 1");
  CHECK(refusal({batch(0, 4, 2), batch(5, 5, 1)}) ==
        "the metadata log goes on at offset 5 in epoch 1 after offset 4 in epoch 2");
}

TEST_CASE("damaged metadata: a log whose beginning is gone, and in no snapshot, is refused") {
  SimulatedDisk disk;
  REQUIRE(disk.replace_file("__cluster_metadata-0/00000000000000000010.log", {}, Durability::synced).ok());
  CHECK(
      MetadataLog::open(disk, 1).status().message ==
      "Inconsistent snapshot state: there must be a snapshot at an offset larger then the current log start "
      "offset 10, but the latest snapshot is None");
}

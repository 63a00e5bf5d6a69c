// Keeps a node's committed metadata image: replays what the quorum has committed, batch by batch, in order; or begins
// anew with a snapshot, when what comes next is only there.
//
// One for each node; its broker and its controller read the same image. Nothing above the high watermark ever
// gets here, so an image never goes back.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/result.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

/// One batch of the metadata log.
struct MetadataBatch {
  int64_t base_offset = 0;
  int64_t last_offset = 0;
  int32_t epoch = 0;
  int64_t append_time_ms = 0;
  uint64_t bytes = 0;       ///< in the log
  bool is_control = false;  ///< LeaderChange and the like: `records` is empty
  std::vector<kafka::MetadataRecord> records;
};

class MetadataLoader {
 public:
  /// Where the next batch must start.
  int64_t next_offset() const { return image_.offset() + 1; }
  const MetadataImage& image() const { return image_; }
  /// REQUIRES: committed batches, in order. What they changed, or why they cannot be replayed (the node must stop
  /// then): also when they do not begin at `next_offset()`, or skip offsets.
  Result<MetadataDelta> load(const std::vector<MetadataBatch>& batches);
  /// Takes the image of a snapshot of everything up to `offset`, in `epoch`, in the place of the present one; what a
  /// node has to do then is in the delta. REQUIRES: it is ahead of the present one.
  Result<MetadataDelta> load_snapshot(const std::vector<kafka::MetadataRecord>& records, int64_t offset,
                                      int32_t epoch, int64_t last_contained_log_ms);
  /// When the last batch that is in the image was appended.
  int64_t last_append_time_ms() const { return last_append_time_ms_; }

 private:
  MetadataImage image_;
  int64_t last_append_time_ms_ = 0;
};

}  // namespace brokerlab

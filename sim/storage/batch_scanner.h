// Walks the batches of a segment's file in order, reading ahead and looking at headers only.
//
// Lives for one call: it holds the disk.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/storage/disk.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

class BatchScanner {
 public:
  /// From `position`, where a batch begins, to `end`.
  BatchScanner(Disk& disk, FileId file, uint64_t position, uint64_t end)
      : disk_(&disk), file_(file), next_(position), end_(end) {}

  /// The next batch. Empty at the end, and where there is no whole batch with a possible header.
  Result<std::optional<kafka::RecordBatchHeader>> next();
  /// The same without going on to it.
  Result<std::optional<kafka::RecordBatchHeader>> peek();
  /// Where the batch begins that `next` gave last.
  uint64_t position() const { return position_; }
  /// All of its bytes.
  Result<Bytes> read_batch();

 private:
  Result<Bytes> bytes_at(uint64_t position, uint64_t length, uint64_t read_ahead);

  Disk* disk_;
  FileId file_;
  uint64_t next_;
  uint64_t end_;
  uint64_t position_ = 0;
  uint64_t size_ = 0;  ///< of the batch at `position_`
  Bytes buffer_;
  uint64_t buffer_position_ = 0;
};

}  // namespace brokerlab

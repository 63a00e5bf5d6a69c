// The log cleaner: compacts the logs of this broker, one at a time, in pieces between other work.
//
// As Kafka's cleaner thread (log.cleaner.threads=1): it takes the log of which most is dirty, if that is worth it
// (compaction.h), and when there is none it sleeps for log.cleaner.backoff.ms. After each pass it also takes away old
// segments of logs that are compacted (cleanup.policy=compact,delete; log starts). How far logs are clean is in
// cleaner-offset-checkpoint. A log in which something cannot be read is left alone from then on.
//
// A piece reads at most `piece_bytes`; then the node does what else there is to do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "sim/base/node.h"
#include "sim/brokers/partition.h"
#include "sim/controller/metadata/image.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/compaction.h"

namespace brokerlab {

class LogCleaner {
 public:
  static constexpr uint64_t piece_bytes = 256 << 10;
  static constexpr Duration pause_between_pieces = milliseconds(1);

  /// `flush` is the token of its flushes: there is one under way at most.
  LogCleaner(bool is_enabled, Duration backoff, DiskToken flush)
      : is_enabled_(is_enabled), backoff_(backoff), flush_(flush) {}

  Status start(Disk& disk, Instant now);
  Instant next_deadline() const { return is_flushing_ ? never : next_work_; }
  /// Does a piece of work if it is time. True when a pass has ended, or there was none to begin: then old segments of
  /// compacted logs are to be deleted. Errors: those of the disk.
  Result<bool> poll(std::map<PartitionKey, Partition>& partitions, const Now& now, Effects& effects);
  /// The flush has ended. Errors: its own, unless the file went meanwhile.
  Status flushed(const Status& status, Instant now);
  /// The partition is gone from this broker, before its log is.
  Status forget(const PartitionKey& key, const Partition& partition, Disk& disk);
  /// The node stops: what is half done is removed, and nothing more is begun.
  Status stop(std::map<PartitionKey, Partition>& partitions, Disk& disk);

 private:
  struct Pass {
    PartitionKey key;
    Compaction compaction;
  };

  Status begin_pass(std::map<PartitionKey, Partition>& partitions, const Now& now, Disk& disk);
  Status write_checkpoint(Disk& disk) const;

  bool is_enabled_;
  Duration backoff_;
  DiskToken flush_;
  Instant next_work_ = never;
  bool is_flushing_ = false;
  std::optional<Pass> pass_;
  OffsetCheckpoint cleaned_up_to_;
  std::set<PartitionKey> uncleanable_;
};

}  // namespace brokerlab

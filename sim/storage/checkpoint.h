// The small text files beside the logs, as Apache Kafka 4.3.1 writes them (format.md).
//
// Of a node's folder: meta.properties, replication-offset-checkpoint (high watermarks),
// recovery-point-offset-checkpoint, log-start-offset-checkpoint, cleaner-offset-checkpoint, .kafka_cleanshutdown. Of a log's folder:
// partition.metadata (KIP-516).
//
// All are replaced whole (Disk::replace_file). A missing file is `not_found`, a broken one `invalid`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/storage/disk.h"

namespace brokerlab {

inline constexpr std::string_view replication_offset_checkpoint = "replication-offset-checkpoint";
inline constexpr std::string_view recovery_point_offset_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view log_start_offset_checkpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view cleaner_offset_checkpoint = "cleaner-offset-checkpoint";

/// One of the files above: an offset for each partition. Lines are sorted (Kafka's follow its hash map).
using OffsetCheckpoint = std::map<TopicPartition, int64_t>;
Result<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, std::string_view path);
Status write_offset_checkpoint(Disk& disk, std::string_view path, const OffsetCheckpoint& offsets);

/// meta.properties, version 1.
struct MetaProperties {
  int32_t node_id = -1;
  std::string cluster_id;
  Uuid directory_id;
  friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};
Result<MetaProperties> read_meta_properties(Disk& disk);
/// `now_ms` goes into its comment, as Java's Properties do.
Status write_meta_properties(Disk& disk, const MetaProperties& properties, int64_t now_ms);

/// .kafka_cleanshutdown: there only after a clean stop. Read it, then remove it before anything is written.
struct CleanShutdown {
  int64_t broker_epoch = -1;
};
Result<CleanShutdown> read_clean_shutdown(Disk& disk);
Status write_clean_shutdown(Disk& disk, const CleanShutdown& mark);
Status remove_clean_shutdown(Disk& disk);

/// FOLDER/partition.metadata: which topic the folder belongs to, so that one created anew under the old name is
/// told apart.
Result<Uuid> read_partition_metadata(Disk& disk, std::string_view folder);
Status write_partition_metadata(Disk& disk, std::string_view folder, const Uuid& topic_id);

}  // namespace brokerlab

// Snapshots of the metadata (KIP-630): `__cluster_metadata-0/OFFSET-EPOCH.checkpoint` holds all that the log up to,
// and without, that offset says.
//
// The file is one of record batches, as in Kafka: a control batch with the snapshot's header, the records of the image
// in batches of at most 8 MiB, a control batch with the footer. Offsets in it count from 0. A file under its final name
// is complete: it is synced under another one before.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

/// The offset behind the last record that a snapshot contains, and the epoch of that record.
struct SnapshotId {
  int32_t epoch = 0;
  int64_t end_offset = 0;
  friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;  // by epoch first, as in Kafka
};
/// As Kafka's log lines name one: OffsetAndEpoch[offset=222, epoch=4].
std::string to_string(const SnapshotId& id);

/// With it a formatted node begins before there is a log (kraft.version 1). It is never handed to others.
inline constexpr SnapshotId bootstrap_snapshot{};

struct SnapshotFile {
  SnapshotId id;
  bool is_complete = false;  ///< else: being written, or about to be removed
};
/// Nothing when the name is not a snapshot's.
std::optional<SnapshotFile> parse_snapshot_name(std::string_view name);
std::string snapshot_name(const SnapshotId& id);

struct Snapshot {
  SnapshotId id;
  int64_t last_contained_log_ms = 0;  ///< when the last batch that it contains was appended
  std::vector<kafka::MetadataRecord> records{};
};

Bytes encode_snapshot(const Snapshot& snapshot, int64_t now_ms);
/// `invalid`: damaged, or without footer.
Result<Snapshot> decode_snapshot(const SnapshotId& id, const Bytes& bytes);
/// From the first bytes of a snapshot; 0 when they are not one's.
int64_t last_contained_log_ms(const Bytes& beginning);

}  // namespace brokerlab

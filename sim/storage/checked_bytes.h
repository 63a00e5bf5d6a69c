// Which bytes of a log's batches a checksum covers: all but the base offset, the length, the leader epoch, the magic
// number and the checksum itself. Elsewhere a flipped bit may stay unnoticed, in Kafka too.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "sim/base/bytes.h"
#include "sim/storage/disk_faults.h"

namespace brokerlab {

/// Stands in place of a log's folder where a bit flips: in all logs, where a checksum tells.
inline constexpr std::string_view checked_records = "records";
/// What is there of a part of a file.
using ReadPart = std::function<Bytes(const std::string& path, uint64_t offset, uint64_t length)>;
/// Nothing when there is no such byte. `files` by path.
std::optional<BitPlace> draw_checked_bit(std::span<const DiskFile> files, const ReadPart& read,
                                         Random& random);

}  // namespace brokerlab

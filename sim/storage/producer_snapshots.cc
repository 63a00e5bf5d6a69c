#include "sim/storage/producer_snapshots.h"

#include <algorithm>
#include <string>

#include "sim/base/assert.h"
#include "sim/storage/segment.h"

namespace brokerlab {
namespace {

constexpr std::string_view suffix = ".snapshot";

}  // namespace

ProducerSnapshots ProducerSnapshots::in(Disk& disk, std::string_view folder) {
  ProducerSnapshots snapshots;
  snapshots.offsets_ = segment_offsets(disk, folder, suffix);
  return snapshots;
}

std::optional<int64_t> ProducerSnapshots::latest_offset() const {
  return offsets_.empty() ? std::nullopt : std::optional(offsets_.back());
}

Result<std::optional<ProducerState>> ProducerSnapshots::load_latest(Disk& disk, std::string_view folder) {
  while (!offsets_.empty()) {
    const int64_t offset = offsets_.back();
    const Result<Bytes> content = disk.read_file(segment_path(folder, offset, suffix));
    if (content) {
      Result<ProducerState> producers = ProducerState::parse_snapshot(*content);
      if (producers) return std::optional(std::move(*producers));
    } else if (content.status().code != StatusCode::not_found) {
      return content.status();
    }
    if (Status removed = remove(disk, folder, offset); !removed) return removed;
  }
  return std::optional<ProducerState>();
}

Status ProducerSnapshots::write(Disk& disk, std::string_view folder, int64_t offset,
                                const ProducerState& producers) {
  BROKERLAB_ASSERT(offsets_.empty() || offset > offsets_.back());
  const std::string path = segment_path(folder, offset, suffix);
  if (Status written = disk.replace_file(path, producers.to_snapshot(), Durability::cached); !written)
    return written;
  offsets_.push_back(offset);
  return {};
}

Status ProducerSnapshots::remove(Disk& disk, std::string_view folder, int64_t offset) {
  return remove_if(disk, folder, [&](int64_t candidate) { return candidate == offset; });
}

Status ProducerSnapshots::remove_outside(Disk& disk, std::string_view folder, int64_t log_start,
                                         int64_t log_end) {
  return remove_if(disk, folder, [&](int64_t offset) { return offset <= log_start || offset > log_end; });
}

Status ProducerSnapshots::remove_strays(Disk& disk, std::string_view folder,
                                        std::span<const int64_t> segment_base_offsets) {
  BROKERLAB_ASSERT(std::is_sorted(segment_base_offsets.begin(), segment_base_offsets.end()));
  const int64_t newest = offsets_.empty() ? 0 : offsets_.back();
  const int64_t last_base = segment_base_offsets.empty() ? 0 : segment_base_offsets.back();
  return remove_if(disk, folder, [&](int64_t offset) {
    const bool is_of_a_segment =
        std::binary_search(segment_base_offsets.begin(), segment_base_offsets.end(), offset);
    return !is_of_a_segment && (offset != newest || offset < last_base);
  });
}

template <class IsUnwanted>
Status ProducerSnapshots::remove_if(Disk& disk, std::string_view folder, IsUnwanted is_unwanted) {
  std::vector<int64_t> kept;
  Status status;
  for (const int64_t offset : offsets_) {
    if (status && is_unwanted(offset)) {
      status = disk.remove_file(segment_path(folder, offset, suffix));
      if (status || status.code == StatusCode::not_found) {
        status = {};
        continue;
      }
    }
    kept.push_back(offset);
  }
  offsets_ = std::move(kept);
  return status;
}

}  // namespace brokerlab

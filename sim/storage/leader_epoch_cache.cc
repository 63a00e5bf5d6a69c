#include "sim/storage/leader_epoch_cache.h"

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/checkpoint_text.h"

namespace brokerlab {

bool LeaderEpochCache::assign(int32_t epoch, int64_t start_offset) {
  BROKERLAB_ASSERT(epoch >= 0 && start_offset >= 0);
  if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start_offset <= start_offset)
    return false;
  while (!entries_.empty() &&
         (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset))
    entries_.pop_back();
  entries_.push_back({epoch, start_offset});
  return true;
}

bool LeaderEpochCache::truncate_from_end(int64_t end_offset) {
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
  return entries_.size() != before;
}

bool LeaderEpochCache::truncate_from_start(int64_t start_offset) {
  if (entries_.empty() || entries_.front().start_offset >= start_offset) return false;
  const auto first_above = std::find_if(entries_.begin(), entries_.end(),
                                        [&](const Entry& e) { return e.start_offset > start_offset; });
  entries_.erase(entries_.begin(), first_above - 1);
  entries_.front().start_offset = start_offset;
  return true;
}

bool LeaderEpochCache::clear() {
  const bool changed = !entries_.empty();
  entries_.clear();
  return changed;
}

EpochEndOffset LeaderEpochCache::end_offset_for(int32_t epoch, int64_t log_end_offset) const {
  if (epoch == no_epoch || entries_.empty() || epoch > latest_epoch()) return {};
  if (epoch == latest_epoch()) return {epoch, log_end_offset};
  const auto higher =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.epoch > epoch; });
  if (higher == entries_.begin()) return {epoch, higher->start_offset};
  return {(higher - 1)->epoch, higher->start_offset};
}

int32_t LeaderEpochCache::epoch_of(int64_t offset) const {
  int32_t epoch = no_epoch;
  for (const Entry& entry : entries_)
    if (entry.start_offset <= offset) epoch = entry.epoch;
  return epoch;
}

std::string LeaderEpochCache::to_text() const {
  std::vector<std::string> lines;
  for (const Entry& entry : entries_)
    lines.push_back(std::to_string(entry.epoch) + ' ' + std::to_string(entry.start_offset));
  return checkpoint_text(lines);
}

Result<LeaderEpochCache> LeaderEpochCache::parse(std::string_view text) {
  Result<std::vector<std::vector<std::string>>> lines = parse_checkpoint_text(text, 2);
  if (!lines) return lines.status();
  LeaderEpochCache cache;
  for (const std::vector<std::string>& line : *lines) {
    const std::optional<int64_t> epoch = parse_number(line[0]);
    const std::optional<int64_t> start_offset = parse_number(line[1]);
    const bool is_valid = epoch && start_offset && *epoch >= 0 && *epoch <= INT32_MAX && *start_offset >= 0 &&
                          (cache.entries_.empty() || (*epoch > cache.entries_.back().epoch &&
                                                      *start_offset > cache.entries_.back().start_offset));
    if (!is_valid) return Status::error(StatusCode::invalid, "leader epochs that do not increase");
    cache.entries_.push_back({static_cast<int32_t>(*epoch), *start_offset});
  }
  return cache;
}

}  // namespace brokerlab

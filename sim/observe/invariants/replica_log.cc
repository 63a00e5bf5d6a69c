#include "sim/observe/invariants/replica_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

std::string LogEntry::to_string() const {
  return fmt::format("[{}..{}] epoch {} crc {:08x}", first, last, epoch, crc);
}

/// Index of the first entry that ends at or behind `offset`.
size_t ReplicaLog::index_from(int64_t offset) const {
  // Most questions are about the end.
  if (entries_.empty() || entries_.back().last < offset) return entries_.size();
  if (entries_.back().first <= offset) return entries_.size() - 1;
  const auto found = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const LogEntry& entry) { return entry.last < offset; });
  return static_cast<size_t>(found - entries_.begin());
}

void ReplicaLog::append(const LogEntry& entry) {
  if (entries_.empty()) known_from_ = std::max(known_from_, entry.first);
  entries_.push_back(entry);
  end_ = entry.last + 1;
  is_cut_into_unknown_ = false;
  note_producer(entry);
  if (entries_.size() <= entries_kept) return;
  entries_.pop_front();
  known_from_ = entries_.front().first;
}

std::vector<LogEntry> ReplicaLog::truncate(int64_t offset) {
  std::vector<LogEntry> removed;
  while (!entries_.empty() && entries_.back().last >= offset) {
    removed.push_back(entries_.back());
    entries_.pop_back();
  }
  std::reverse(removed.begin(), removed.end());
  is_cut_into_unknown_ |= offset < known_from_;
  // A log that starts anew behind its end begins there.
  if (offset > end_) start_ = offset;
  end_ = offset;
  start_ = std::min(start_, end_);
  known_from_ = entries_.empty() ? end_ : std::min(known_from_, end_);
  forget_producers(removed);
  doubt_deleted_producers();
  return removed;
}

void ReplicaLog::move_start(int64_t offset) {
  start_ = std::max(start_, offset);
  forget_before(offset);
}

void ReplicaLog::forget_before(int64_t offset) {
  while (!entries_.empty() && entries_.front().last < offset) entries_.pop_front();
  known_from_ = std::max(known_from_, std::min(offset, end_));
}

std::vector<LogEntry> ReplicaLog::load(int64_t start, int64_t end) {
  std::vector<LogEntry> removed;
  const int64_t known_end = end_;
  if (end < end_) removed = truncate(end);
  if (end > known_end) {
    // An append that failed half-way leaves batches that nobody told of.
    entries_.clear();
    producers_.clear();
    known_from_ = end;
  }
  end_ = end;
  start_ = start;
  forget_before(start);
  doubt_deleted_producers();
  return removed;
}

const LogEntry* ReplicaLog::at(int64_t offset) const {
  const size_t index = index_from(offset);
  return index < entries_.size() && entries_[index].first <= offset ? &entries_[index] : nullptr;
}

LogEntry* ReplicaLog::at(int64_t offset) {
  const size_t index = index_from(offset);
  return index < entries_.size() && entries_[index].first <= offset ? &entries_[index] : nullptr;
}

const LogEntry* ReplicaLog::before(int64_t offset) const {
  const size_t index = index_from(offset);
  return index == 0 ? nullptr : &entries_[index - 1];
}

bool ReplicaLog::has(const LogEntry& entry) const {
  if (entry.last >= end_) return false;
  if (entry.last < start_ || !knows(entry.first)) return true;
  const LogEntry* held = at(entry.first);
  return held != nullptr && held->is_same(entry);
}

int32_t ReplicaLog::sequence_after(int32_t sequence, int64_t count) {
  return static_cast<int32_t>((int64_t{sequence} + count) & INT32_MAX);
}

const ReplicaLog::ProducerLast* ReplicaLog::producer(int64_t id) const {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : &found->second;
}

void ReplicaLog::note_producer(const LogEntry& entry) {
  if (entry.producer_id < 0 || entry.base_sequence < 0) return;
  producers_[entry.producer_id] = {entry.producer_epoch,
                                   sequence_after(entry.base_sequence, entry.records() - 1), entry.first,
                                   entry.last, false};
}

void ReplicaLog::doubt_deleted_producers() {
  // Deleted first, and then cut off: a fault took the log and where it had started.
  std::erase_if(producers_, [&](const auto& known) { return known.second.offset >= end_; });
  for (auto& [id, last] : producers_) last.may_be_forgotten |= last.last_offset < start_;
}

void ReplicaLog::forget_producers(const std::vector<LogEntry>& removed) {
  for (const LogEntry& gone : removed) {
    const auto known = producers_.find(gone.producer_id);
    if (known == producers_.end() || known->second.offset < end_) continue;
    producers_.erase(known);
    const auto earlier = std::find_if(entries_.rbegin(), entries_.rend(), [&](const LogEntry& entry) {
      return entry.producer_id == gone.producer_id;
    });
    if (earlier != entries_.rend()) note_producer(*earlier);
  }
}

}  // namespace brokerlab

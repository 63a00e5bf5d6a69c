// Logs: LogMatching, LeaderAppendOnly, contiguous offsets, producers' sequences, what survives a restart, and
// NoCommittedRecordLostGlobally when the last copy goes.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/observe/invariants/folds.h"

namespace brokerlab {

namespace {

constexpr std::string_view power_loss = "power-loss";
constexpr std::string_view torn_write = "torn-write";
constexpr std::string_view bit_flip = "bit-flip";

/// Those that take only what was appended last and is not on the disk.
bool takes_only_unflushed(std::string_view fault) { return fault == power_loss || fault == torn_write; }

std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

std::string name_of(const PartitionModel& partition, int32_t replica) {
  return fmt::format("{} on {}", partition.name.to_string(), replica);
}

bool leads(const ClusterModel& model, const PartitionModel& partition, int32_t replica) {
  if (partition.is_metadata) {
    const auto role = model.quorum.find(replica);
    return role != model.quorum.end() && role->second.role == "leader";
  }
  const ReplicaModel* known = partition.find(replica);
  return known != nullptr && known->leader == replica;
}

/// Two logs that have the same entry at one place have the same one before it too.
void check_log_matching(ClusterModel& model, const PartitionModel& partition, int32_t replica,
                        const Event& event) {
  const ReplicaLog& log = partition.find(replica)->log;
  const LogEntry& added = log.entries().back();
  if (added.first < partition.compacted_to) return;
  const std::string_view invariant = partition.is_metadata ? "MetadataLogMatching" : "LogMatching";
  for (const auto& [other_id, other] : partition.replicas) {
    if (other_id == replica || !other.is_loaded || !other.log.knows(added.first)) continue;
    const LogEntry* same_place = other.log.at(added.first);
    if (same_place == nullptr || same_place->epoch != added.epoch) continue;
    if (!same_place->is_same(added)) {
      model.report.violate(invariant, event,
                           fmt::format("{} appends {}, where {} has {}", name_of(partition, replica),
                                       added.to_string(), other_id, same_place->to_string()));
      continue;
    }
    const LogEntry* before = log.before(added.first);
    const LogEntry* other_before = other.log.before(added.first);
    if (before == nullptr || other_before == nullptr || before->is_same(*other_before)) continue;
    // Who is behind a leader's log start need not be like it below: that is deleted next.
    if (before->last < std::max({log.start(), other.log.start(), partition.deleted_to})) continue;
    model.report.violate(
        invariant, event,
        fmt::format("{} has {} like {}, but before it {} instead of {}", name_of(partition, replica),
                    added.to_string(), other_id, before->to_string(), other_before->to_string()));
  }
}

void check_sequence(ClusterModel& model, const PartitionModel& partition, const ReplicaLog& log,
                    const LogEntry& entry, const Event& event) {
  if (entry.producer_id < 0 || entry.base_sequence < 0) return;
  const ReplicaLog::ProducerLast* last = log.producer(entry.producer_id);
  if (last == nullptr) return;  // an unknown producer may begin with any number (KIP-360)
  std::string_view invariant;
  if (entry.producer_epoch < last->epoch) {
    invariant = "ProducerEpochFenced";
  } else if (entry.producer_epoch > last->epoch) {
    if (entry.base_sequence == 0) return;
    invariant = "NoSequenceGap";
  } else {
    const int32_t expected = ReplicaLog::sequence_after(last->last_sequence, 1);
    if (entry.base_sequence == expected) return;
    // Sequences wrap, so "before" is half of their circle.
    const bool is_before = ((entry.base_sequence - expected) & INT32_MAX) > INT32_MAX / 2;
    invariant = is_before ? "NoDuplicateSequence" : "NoSequenceGap";
  }
  if (last->may_be_forgotten) {
    model.report.excuse("a producer was forgotten with its deleted records", entry.records());
    return;
  }
  model.report.violate(invariant, event,
                       fmt::format("{}: producer {} epoch {} sequence {} after epoch {} sequence {}",
                                   partition.name.to_string(), entry.producer_id, entry.producer_epoch,
                                   entry.base_sequence, last->epoch, last->last_sequence));
}

void count_acks_of_one(ClusterModel& model, PartitionModel& partition, const std::vector<LogEntry>& removed) {
  for (const LogEntry& entry : removed) {
    const CommittedEntry* committed = partition.committed_at(entry.first);
    const bool is_committed = committed != nullptr && committed->entry.is_same(entry);
    if (entry.acked_by_leader && !is_committed)
      model.report.excuse("acknowledged with acks=1 and not replicated", entry.records());
  }
}

/// After copies went: is there a committed entry, or one that a leader lacks, that nobody holds any more?
void check_lost_globally(ClusterModel& model, PartitionModel& partition, const Event& event,
                         const std::string& what) {
  if (partition.is_deleted) return;
  const std::vector<CommittedEntry> lost = partition.lacking_everywhere();
  if (!lost.empty())
    judge_loss(model, partition, event, "NoCommittedRecordLostGlobally", lost, nullptr, what);
  const auto is_gone = [&](const LogEntry& entry) { return !partition.is_held_by_any(entry); };
  const auto gone = std::find_if(partition.at_risk.begin(), partition.at_risk.end(), is_gone);
  if (gone == partition.at_risk.end()) return;
  model.report.violate(
      "NoCommittedRecordLostGlobally", event,
      fmt::format("{}: with that the last copy of committed {} is gone", what, gone->to_string()));
  std::erase_if(partition.at_risk, is_gone);
}

/// A voter that starts without the quorum-state that it had.
void forget_if_damaged(ClusterModel& model, int32_t voter) {
  const auto known = model.quorum.find(voter);
  if (known == model.quorum.end() || !known->second.is_state_damaged) return;
  QuorumReplicaModel& replica = known->second;
  replica.is_state_damaged = false;
  replica.forgotten_epoch = std::exchange(replica.epoch, -1);
  replica.forgotten_votes = std::exchange(replica.votes, {});
  model.has_forgotten_votes = true;
}

void note_lost_tail(ReplicaModel& replica, int64_t from, int64_t to, std::string kind,
                    std::vector<LogEntry> entries) {
  replica.lost.push_back({from,
                          to,
                          std::move(kind),
                          {std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end())},
                          replica.flushed_to});
  if (replica.lost.size() > PartitionModel::kept) replica.lost.pop_front();
}

bool any_committed(PartitionModel& partition, const std::vector<LogEntry>& removed) {
  return std::any_of(removed.begin(), removed.end(), [&](const LogEntry& entry) {
    const CommittedEntry* committed = partition.committed_at(entry.first);
    return committed != nullptr && committed->entry.is_same(entry);
  });
}

}  // namespace

// ---- nodes and disks ----------------------------------------------------------------------------------------

void fold(ClusterModel& model, const Event& event, const event::NodeStarted&) {
  NodeModel& node = model.nodes[event.ref.node];
  node.runs = true;
  node.is_paused = false;
  if (node.id < 0) return;
  for (auto& [name, named] : model.partitions) {
    for (auto& [topic_id, partition] : named.topics) {
      ReplicaModel* replica = partition.find(node.id);
      if (replica == nullptr) continue;
      // A new incarnation knows nothing but what its disk tells.
      replica->leader.reset();
      replica->leader_epoch = replica->partition_epoch = replica->high_watermark_epoch = -1;
      replica->isr.clear();
      replica->proposed_isr.clear();
    }
  }
}

void fold(ClusterModel& model, const Event& event, const event::NodeStopped&) {
  model.nodes[event.ref.node].runs = false;
}
void fold(ClusterModel& model, const Event& event, const event::NodePaused&) {
  model.nodes[event.ref.node].is_paused = true;
}
void fold(ClusterModel& model, const Event& event, const event::NodeResumed&) {
  model.nodes[event.ref.node].is_paused = false;
}

void fold(ClusterModel& model, const Event& event, const event::DiskDamaged& damaged) {
  const int32_t id = model.nodes[event.ref.node].id;
  const size_t slash = damaged.path.find('/');
  const std::string kind = first_word(damaged.fault);
  // Checkpoints and indexes that were not flushed are made again from the log.
  if (takes_only_unflushed(kind) && !damaged.path.ends_with(".log")) return;
  for (auto& [name, named] : model.partitions) {
    // A file beside the logs (checkpoints, meta.properties) matters to all of them.
    if (slash != std::string::npos && damaged.path.substr(0, slash) != name.to_string()) continue;
    for (auto& [topic_id, partition] : named.topics)
      if (ReplicaModel* replica = partition.find(id)) {
        replica->damage.insert(kind);
        replica->has_flipped_segment |= kind == bit_flip && damaged.path.ends_with(".log");
      }
  }
  if (damaged.path == metadata_log.to_string() + "/quorum-state") model.quorum[id].is_state_damaged = true;
}

// ---- logs ---------------------------------------------------------------------------------------------------

void fold(ClusterModel& model, const Event& event, const event::LogLoaded& loaded) {
  PartitionModel& partition = model.partition(loaded.partition, loaded.topic_id);
  model.partitions[loaded.partition].loaded[loaded.replica] = loaded.topic_id;
  model.node_of[loaded.replica] = event.ref.node;
  model.nodes[event.ref.node].id = loaded.replica;
  ReplicaModel& replica = partition.replicas[loaded.replica];
  if (partition.is_metadata) forget_if_damaged(model, loaded.replica);
  const int64_t end_before = replica.is_loaded ? replica.log.end() : loaded.log_end_offset;
  const bool may_end_earlier = replica.log.may_end_earlier();
  std::vector<LogEntry> removed = replica.log.load(loaded.log_start_offset, loaded.log_end_offset);
  replica.node = event.ref.node;
  replica.is_loaded = true;
  replica.loaded_high_watermark = loaded.high_watermark;
  if (loaded.log_end_offset < end_before) {
    const std::string what =
        fmt::format("{} ended at {} and begins with {} after its start", name_of(partition, loaded.replica),
                    end_before, loaded.log_end_offset);
    const bool only_unflushed = std::ranges::all_of(replica.damage, takes_only_unflushed);
    count_acks_of_one(model, partition, removed);
    if (replica.damage.empty()) {
      if (!may_end_earlier) model.report.violate("LogSurvivesRestart", event, what);
    } else {
      std::string kinds;
      for (const std::string& kind : replica.damage) kinds += (kinds.empty() ? "" : " and ") + kind;
      note_lost_tail(replica, loaded.log_end_offset, end_before, std::move(kinds), std::move(removed));
      // Below what was compacted there need not have been a record.
      if (only_unflushed && loaded.log_end_offset < replica.flushed_to &&
          replica.flushed_to > partition.compacted_to)
        model.report.violate("FlushedSurvivesPowerLoss", event,
                             fmt::format("{}, though it was flushed up to {}", what, replica.flushed_to));
    }
    check_lost_globally(model, partition, event, what);
  }
  replica.flushed_to = std::min(replica.flushed_to, loaded.log_end_offset);
  // What they took shows when the log is opened. A flipped bit may be found out much later.
  std::erase_if(replica.damage, [](const std::string& kind) { return kind != bit_flip; });
  if (partition.unjudged && partition.unjudged->leader == loaded.replica)
    lead_uncleanly(model, partition, UncleanElection(*partition.unjudged), event);
}

void fold(ClusterModel& model, const Event& event, const event::LogRemoved& removed) {
  PartitionModel& partition = model.partition(removed.partition, removed.topic_id);
  if (removed.reason == "topic_deleted") partition.is_deleted = true;
  partition.replicas.erase(removed.replica);
  check_lost_globally(model, partition, event,
                      fmt::format("{} is removed", name_of(partition, removed.replica)));
}

void fold(ClusterModel& model, const Event& event, const event::LogAppended& appended) {
  PartitionModel& partition = model.of_replica(appended.partition, appended.replica);
  ReplicaModel& replica = partition.replicas[appended.replica];
  replica.node = event.ref.node;
  replica.is_loaded = true;
  ReplicaLog& log = replica.log;
  LogEntry entry;
  entry.first = appended.first_offset;
  entry.last = appended.last_offset;
  entry.epoch = appended.leader_epoch;
  entry.crc = appended.crc;
  entry.producer_id = appended.producer_id;
  entry.producer_epoch = appended.producer_epoch;
  entry.base_sequence = appended.base_sequence;

  const bool may_have_gap = entry.first > log.end() && log.end() < partition.compacted_to;
  const bool is_whole =
      entry.last >= entry.first && (!appended.as_leader || appended.records == entry.records());
  if ((entry.first != log.end() && !may_have_gap) || !is_whole)
    model.report.violate(
        "ContiguousOffsets", event,
        fmt::format("{} ends at {} and appends {} with {} records", name_of(partition, appended.replica),
                    log.end(), entry.to_string(), appended.records));
  const LogEntry* before = log.before(entry.first);
  if (before != nullptr && before->epoch > entry.epoch)
    model.report.violate("MonotonicEpoch", event,
                         fmt::format("{} appends {} behind {}", name_of(partition, appended.replica),
                                     entry.to_string(), before->to_string()));
  if (appended.as_leader) {
    note_leader(model, partition, event, entry.epoch, appended.replica);
    // All that was committed was deleted, and a fault took where the log had started: its offsets begin below that again.
    if (partition.committed.empty()) partition.committed_to = std::min(partition.committed_to, entry.first);
    check_sequence(model, partition, log, entry, event);
  }
  log.append(entry);
  replica.regained(entry);
  check_log_matching(model, partition, appended.replica, event);
}

void fold(ClusterModel& model, const Event& event, const event::LogTruncated& truncated) {
  PartitionModel& partition = model.of_replica(truncated.partition, truncated.replica);
  ReplicaModel& replica = partition.replicas[truncated.replica];
  std::vector<LogEntry> removed = replica.log.truncate(truncated.to_offset);
  replica.loaded_high_watermark = std::min(replica.loaded_high_watermark, truncated.to_offset);
  const std::string what = fmt::format("{} is cut from {} to {}", name_of(partition, truncated.replica),
                                       truncated.from_offset, truncated.to_offset);
  if (leads(model, partition, truncated.replica))
    model.report.violate("LeaderAppendOnly", event, what + " while it leads");
  count_acks_of_one(model, partition, removed);
  const bool must_hold = partition.is_metadata || contains(partition.registration.isr, truncated.replica);
  if (must_hold && any_committed(partition, removed)) {
    if (replica.has_flipped_segment) {
      // It is cut where the offset is found, and a batch before it says now that it is there.
      model.report.excuse("a flipped bit moved a batch's offset", 1);
      note_lost_tail(replica, truncated.to_offset, truncated.from_offset, std::string(bit_flip),
                     std::move(removed));
    } else {
      model.report.violate(partition.is_metadata ? "StateMachineSafety" : "StrongIsr", event,
                           fmt::format("{}, which takes committed records; the high watermark is {}", what,
                                       partition.committed_to));
    }
  }
  replica.flushed_to =
      std::min(replica.flushed_to, replica.log.may_end_earlier() ? replica.log.start() : truncated.to_offset);
  check_lost_globally(model, partition, event, what);
}

void fold(ClusterModel& model, const Event&, const event::LogFlushed& flushed) {
  PartitionModel& partition = model.of_replica(flushed.partition, flushed.replica);
  ReplicaModel& replica = partition.replicas[flushed.replica];
  replica.flushed_to = std::max(replica.flushed_to, std::min(flushed.to_offset, replica.log.end()));
}

void fold(ClusterModel& model, const Event& event, const event::LogStartMoved& moved) {
  PartitionModel& partition = model.of_replica(moved.partition, moved.replica);
  // No rule deletes what is not committed.
  const bool is_known = partition.ever_committed_to > 0;
  if (!partition.is_metadata && is_known && moved.to_offset > partition.ever_committed_to)
    model.report.violate(
        "OffsetBounds", event,
        fmt::format("{} begins at {} now, and committed is what is below {}",
                    name_of(partition, moved.replica), moved.to_offset, partition.ever_committed_to));
  partition.replicas[moved.replica].log.move_start(moved.to_offset);
  partition.deleted_to = std::max(partition.deleted_to, moved.to_offset);
  while (!partition.committed.empty() && partition.committed.front().entry.last < moved.to_offset)
    partition.committed.pop_front();
}

void fold(ClusterModel& model, const Event& event, const event::SnapshotsChanged& changed) {
  // After a restart the log begins with a segment, and so may begin before the snapshot that took its beginning.
  if (changed.log_start_offset > 0 && changed.oldest_end_offset < changed.log_start_offset)
    model.report.violate(
        "SnapshotAtLogStart", event,
        fmt::format("the metadata log of {} begins at {}, and its oldest snapshot ends at {}",
                    changed.replica, changed.log_start_offset, changed.oldest_end_offset));
  const PartitionModel& partition = model.of_replica(changed.partition, changed.replica);
  const bool is_known = partition.ever_committed_to > 0;  // not of data that an earlier run left
  if (is_known && changed.latest_end_offset > partition.ever_committed_to)
    model.report.violate(
        "SnapshotIsCommitted", event,
        fmt::format("the snapshot of {} ends at {}, and committed is what is below {}", changed.replica,
                    changed.latest_end_offset, partition.ever_committed_to));
}

void fold(ClusterModel& model, const Event&, const event::LogCompacted& compacted) {
  PartitionModel& partition = model.of_replica(compacted.partition, compacted.replica);
  partition.compacted_to = std::max(partition.compacted_to, compacted.to_offset);
  for (auto& [id, replica] : partition.replicas) replica.log.forget_before(partition.compacted_to);
  while (!partition.committed.empty() && partition.committed.front().entry.first < partition.compacted_to)
    partition.committed.pop_front();
}

}  // namespace brokerlab

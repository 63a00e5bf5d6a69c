// What is committed: high watermarks, acknowledgements, reads, and the judgement of losses.
#include <fmt/format.h>

#include <algorithm>

#include "sim/observe/invariants/folds.h"

namespace brokerlab {

namespace {

/// Whether the replica must hold this committed entry and does not.
bool lacks(const PartitionModel& partition, int32_t member, const LogEntry& entry) {
  const ReplicaModel* replica = partition.find(member);
  if (replica == nullptr || !replica->is_loaded || replica->log.has(entry)) return false;
  return replica->lost_by(entry) == nullptr;
}

/// The entry that ends a log's part below the offset; null when it is not known.
const LogEntry* last_below(const ReplicaLog& log, int64_t offset) {
  const LogEntry* entry = log.before(offset);
  return entry != nullptr && entry->last + 1 == offset ? entry : nullptr;
}

void extend(ClusterModel& model, PartitionModel& partition, const ReplicaModel& leader, int64_t offset,
            int32_t epoch, const Event& event) {
  if (!partition.committed.empty() && !leader.log.has(partition.committed.back().entry))
    judge_loss(model, partition, event, "MonotonicHighWatermark", partition.lacking(leader), nullptr,
               fmt::format("{}: the leader of epoch {} commits up to {}", partition.name.to_string(), epoch,
                           offset));
  std::vector<int32_t> isr =
      epoch == partition.registration.leader_epoch ? partition.registration.isr : leader.isr;
  // A leader that has not heard of the end of a reassignment waits for replicas that may go at any time.
  if (!partition.registration.replicas.empty())
    std::erase_if(isr, [&](int32_t id) { return !contains(partition.registration.replicas, id); });
  if (isr.empty()) isr = partition.registration.complete();
  const auto& entries = leader.log.entries();
  auto entry = entries.end();
  while (entry != entries.begin() && std::prev(entry)->first >= partition.committed_to) --entry;
  for (; entry != entries.end() && entry->last < offset; ++entry) {
    if (partition.is_metadata) {
      isr.clear();
      for (const int32_t voter : model.voters) {
        const ReplicaModel* replica = partition.find(voter);
        if (replica != nullptr && replica->is_loaded && replica->log.has(*entry)) isr.push_back(voter);
      }
    }
    partition.committed.push_back({*entry, partition.isr_index(isr), epoch, false});
    if (partition.committed.size() > ReplicaLog::entries_kept) partition.committed.pop_front();
    if (partition.is_metadata) model.metadata_committed(*entry, event);
  }
  partition.committed_to = offset;
  partition.ever_committed_to = std::max(partition.ever_committed_to, offset);
}

void check_majority(ClusterModel& model, const PartitionModel& partition, int64_t offset,
                    const LogEntry& last, const Event& event) {
  const auto holders = std::count_if(model.voters.begin(), model.voters.end(), [&](int32_t voter) {
    const ReplicaModel* replica = partition.find(voter);
    if (replica == nullptr || !replica->is_loaded) return true;  // nothing is known of it
    // What a fault took from its disk since it told the leader still counts.
    if (const LostTail* tail = replica->lost_by(last); tail != nullptr && last.last < tail->flushed_to)
      return true;
    return replica->log.has(last) && (replica->flushed_to >= offset || !replica->log.knows(last.first));
  });
  const auto needed = static_cast<ptrdiff_t>(model.voters.size() / 2 + 1);
  if (model.voters.empty() || holders >= needed) return;
  model.report.violate("MajorityReachedHighWatermark", event,
                       fmt::format("the high watermark is {}, and {} of {} voters have that durably", offset,
                                   holders, model.voters.size()));
}

void check_in_sync(ClusterModel& model, const PartitionModel& partition, std::string_view invariant,
                   const std::vector<int32_t>& isr, const LogEntry& last, const Event& event) {
  for (const int32_t member : isr)
    if (lacks(partition, member, last))
      model.report.violate(
          invariant, event,
          fmt::format("{}: {} is in sync and ends at {} without committed {}", partition.name.to_string(),
                      member, partition.find(member)->log.end(), last.to_string()));
}

/// An unclean election asked nobody: a leader that has not heard of it goes on, producers get answers and readers records
/// that are given up.
void commit_while_deposed(ClusterModel& model, PartitionModel& partition, ReplicaModel& leader,
                          int64_t offset, int32_t epoch, Instant at) {
  const std::string kind = "committed by a leader that an unclean election had deposed";
  partition.ever_committed_to = std::max(partition.ever_committed_to, offset);
  const auto& entries = leader.log.entries();
  auto entry = entries.end();
  while (entry != entries.begin() && std::prev(entry)->first >= leader.high_watermark) --entry;
  for (; entry != entries.end() && entry->last < offset; ++entry) {
    const CommittedEntry* kept = partition.committed_at(entry->first);
    if (kept != nullptr && kept->entry.is_same(*entry)) continue;
    // What it has from leaders before it may be counted already.
    if (entry->epoch < epoch && partition.was_lost(entry->last, {epoch, at})) continue;
    model.report.excuse(kind, entry->records());
    partition.note_lost({entry->first, entry->last + 1, kind, at, partition.unclean_epoch});
  }
  leader.high_watermark_epoch = epoch;
  leader.high_watermark = std::max(leader.high_watermark, offset);
}

}  // namespace

void note_leader(ClusterModel& model, PartitionModel& partition, const Event& event, int32_t epoch,
                 int32_t leader) {
  const auto [known, is_new] = partition.leaders.try_emplace(epoch, leader);
  if (is_new) {
    if (partition.leaders.size() > PartitionModel::kept) partition.leaders.erase(partition.leaders.begin());
    return;
  }
  if (known->second == leader) return;
  if (partition.is_metadata && model.has_forgotten_votes) {
    model.report.excuse("two leaders after a voter forgot its vote to a fault", 1);
    return;
  }
  model.report.violate(partition.is_metadata ? "ElectionSafety" : "OneLeaderPerEpoch", event,
                       fmt::format("{}: {} leads in epoch {}, which {} led already",
                                   partition.name.to_string(), leader, epoch, known->second));
}

void judge_loss(ClusterModel& model, PartitionModel& partition, const Event& event,
                std::string_view invariant, const std::vector<CommittedEntry>& lost,
                const UncleanElection* election, const std::string& before) {
  std::vector<CommittedEntry> wrongly;
  std::string kind;
  for (const CommittedEntry& entry : lost) {
    if (const std::optional<std::string> excuse = partition.excuse(entry, election)) {
      model.report.excuse(*excuse, entry.entry.records());
      kind = *excuse;
    } else {
      wrongly.push_back(entry);
    }
  }
  if (!wrongly.empty()) {
    int64_t records = 0;
    bool is_acked = false;
    for (const CommittedEntry& entry : wrongly) {
      records += entry.entry.records();
      is_acked = is_acked || entry.is_acked;
    }
    model.report.violate(
        invariant, event,
        fmt::format(
            "{}: {} committed records{} are missing, the first of them in {}; in sync with them were {}",
            before, records, is_acked ? ", acknowledged with acks=all," : "",
            wrongly.front().entry.to_string(), fmt::join(partition.isrs[wrongly.front().isr], ",")));
    kind = invariant;
    for (const CommittedEntry& entry : wrongly)
      if (partition.is_held_by_any(entry.entry)) partition.at_risk.push_back(entry.entry);
    while (partition.at_risk.size() > PartitionModel::kept) partition.at_risk.pop_front();
  }
  if (partition.is_metadata && wrongly.empty())
    undo_registrations(model, lost.front().entry.first, kind, event.at);
  partition.forget_committed(lost, kind, event.at);
}

void fold(ClusterModel& model, const Event& event, const event::HighWatermarkAdvanced& advanced) {
  PartitionModel& partition = model.of_replica(advanced.partition, advanced.replica);
  ReplicaModel& replica = partition.replicas[advanced.replica];
  if (advanced.offset < replica.log.start() || advanced.offset > replica.log.end())
    model.report.violate(
        "OffsetBounds", event,
        fmt::format("{} on {}: high watermark {} outside of [{}, {}]", partition.name.to_string(),
                    advanced.replica, advanced.offset, replica.log.start(), replica.log.end()));
  if (advanced.leader_epoch < partition.unclean_epoch) {
    if (advanced.as_leader)
      commit_while_deposed(model, partition, replica, advanced.offset, advanced.leader_epoch, event.at);
    return;
  }
  // What was committed in an epoch that a loss ended is judged already.
  if (advanced.leader_epoch < partition.cut_epoch) return;
  const LogEntry* last = last_below(replica.log, advanced.offset);
  if (!advanced.as_leader || advanced.offset <= partition.committed_to) {
    const CommittedEntry* committed = last == nullptr ? nullptr : partition.committed_at(last->first);
    if (committed != nullptr && !committed->entry.is_same(*last))
      model.report.violate(
          partition.is_metadata ? "StateMachineSafety" : "MonotonicHighWatermark", event,
          fmt::format("{}: {} takes {} for committed, which is {}", partition.name.to_string(),
                      advanced.replica, last->to_string(), committed->entry.to_string()));
  }
  if (!advanced.as_leader) return;
  note_leader(model, partition, event, advanced.leader_epoch, advanced.replica);
  if (replica.high_watermark_epoch == advanced.leader_epoch && advanced.offset < replica.high_watermark)
    model.report.violate("MonotonicHighWatermark", event,
                         fmt::format("{}: from {} back to {} in epoch {}", partition.name.to_string(),
                                     replica.high_watermark, advanced.offset, advanced.leader_epoch));
  replica.high_watermark_epoch = advanced.leader_epoch;
  replica.high_watermark = advanced.offset;
  if (advanced.offset > partition.committed_to)
    extend(model, partition, replica, advanced.offset, advanced.leader_epoch, event);
  if (last == nullptr) return;
  if (partition.is_metadata) {
    check_majority(model, partition, advanced.offset, *last, event);
    return;
  }
  check_in_sync(model, partition, "WeakIsr", replica.isr, *last, event);
  check_in_sync(model, partition, "StrongIsr", partition.registration.isr, *last, event);
}

void fold(ClusterModel& model, const Event& event, const event::Acknowledged& acknowledged) {
  PartitionModel& partition = model.of_replica(acknowledged.partition, acknowledged.replica);
  ReplicaModel& replica = partition.replicas[acknowledged.replica];
  const std::string what = fmt::format(
      "{} on {} acknowledges [{}..{}] with acks={}", partition.name.to_string(), acknowledged.replica,
      acknowledged.first_offset, acknowledged.last_offset, acknowledged.acks);
  if (replica.leader && *replica.leader != acknowledged.replica)
    model.report.violate(
        "FencedLeaderDoesNotAcknowledge", event,
        fmt::format("{}, and knows that {} leads in epoch {}", what, *replica.leader, replica.leader_epoch));
  if (acknowledged.leader_epoch < partition.unclean_epoch) {
    CommittedEntry* kept = partition.committed_at(acknowledged.first_offset);
    if (kept != nullptr && kept->entry.epoch <= acknowledged.leader_epoch && acknowledged.acks == -1)
      kept->is_acked = true;
    return;
  }
  if (acknowledged.leader_epoch < partition.cut_epoch ||
      partition.was_lost(acknowledged.first_offset, {acknowledged.leader_epoch, event.at}))
    return;
  if (acknowledged.acks != -1) {
    if (LogEntry* entry = replica.log.at(acknowledged.first_offset)) entry->acked_by_leader = true;
    return;
  }
  // A repeat of what was below the checkpointed high watermark when this leader opened its log.
  if (acknowledged.last_offset >= partition.committed_to &&
      acknowledged.last_offset < replica.loaded_high_watermark)
    extend(model, partition, replica, replica.loaded_high_watermark, acknowledged.leader_epoch, event);
  if (acknowledged.last_offset >= partition.committed_to) {
    model.report.violate("AcknowledgedIsCommitted", event,
                         fmt::format("{}, and the high watermark is {}", what, partition.committed_to));
    return;
  }
  if (CommittedEntry* committed = partition.committed_at(acknowledged.first_offset))
    committed->is_acked = true;
}

void fold(ClusterModel& model, const Event& event, const event::RecordsFetched& fetched) {
  const PartitionModel& partition = model.of_replica(fetched.partition, fetched.replica);
  const int64_t bound = std::min(partition.ever_committed_to, fetched.high_watermark);
  const ReplicaModel* replica = partition.find(fetched.replica);
  // Of what was there before the journal was listened to, only the broker's own word is known.
  const bool is_known = replica != nullptr && replica->log.knows(fetched.fetch_offset);
  if (fetched.up_to_offset > (is_known ? bound : fetched.high_watermark))
    model.report.violate("ConsistentRead", event,
                         fmt::format("{} on {} lets a consumer read up to {}; its high watermark is {}, the "
                                     "partition's {}",
                                     partition.name.to_string(), fetched.replica, fetched.up_to_offset,
                                     fetched.high_watermark, partition.ever_committed_to));
}

}  // namespace brokerlab

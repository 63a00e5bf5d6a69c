#include "sim/observe/invariants/client_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

namespace {

/// Whether the offsets of this name mean one thing over the whole history.
bool has_one_meaning(const ClusterModel& model, const TopicPartition& name) {
  const auto known = model.partitions.find(name);
  return known == model.partitions.end() || known->second.topics.size() <= 1;
}

/// Whether a rule of the topic took what stood at this offset.
bool is_removed(const PartitionModel* partition, int64_t offset) {
  return partition != nullptr &&
         (offset < partition->deleted_to || offset < partition->compacted_to || partition->is_deleted);
}

/// Whether that, or a loss with an excuse, took what was acknowledged then at this offset.
bool is_gone(const PartitionModel* partition, int64_t offset, const Acknowledgement& given) {
  return is_removed(partition, offset) || (partition != nullptr && partition->was_lost(offset, given));
}

size_t times_lost(const PartitionModel* partition, int64_t offset) {
  return partition == nullptr ? 0 : partition->times_lost(offset);
}

/// Whether a bit of the partition's files was flipped. A batch's CRC does not cover its offset, so neither a broker nor a
/// consumer notices when it is that which has changed, in Kafka as here: the reader goes where the offset says.
bool has_flipped_bit(const PartitionModel* partition) {
  return partition != nullptr && std::ranges::any_of(partition->replicas, [](const auto& entry) {
           return entry.second.damage.contains("bit-flip");
         });
}

}  // namespace

void ClientHistory::fold(ClusterModel&, const Event& event, const event::NodeStopped& stopped) {
  const NodeId node = event.ref.node;
  if (stopped.how == "killed") unanswered_.erase(node);
  for (auto& [name, partition] : partitions_) {
    for (Session& session : partition.sessions)
      if (session.node == node) session.is_open = false;
    partition.last_sent.erase(node);
  }
}

ClientHistory::Session& ClientHistory::session(Partition& partition, NodeId node, int64_t offset) {
  for (Session& session : partition.sessions)
    if (session.node == node && session.is_open) return session;
  if (partition.sessions.size() >= sessions_kept) partition.sessions.erase(partition.sessions.begin());
  Session session;
  session.node = node;
  session.from = session.to = offset;
  partition.sessions.push_back(session);
  return partition.sessions.back();
}

const ClientHistory::Polled* ClientHistory::polled(const Partition& partition, int64_t offset) const {
  const int64_t index = offset - partition.polled_from;
  if (index < 0 || index >= static_cast<int64_t>(partition.polled.size())) return nullptr;
  const Polled& record = partition.polled[static_cast<size_t>(index)];
  return record.is_there ? &record : nullptr;
}

std::optional<ClientHistory::AckedRecord> ClientHistory::acked_at(const Partition& partition,
                                                                  int64_t offset) {
  auto acked = partition.acked.upper_bound(offset);
  if (acked == partition.acked.begin()) return std::nullopt;
  --acked;
  const auto index = static_cast<size_t>(offset - acked->first);
  if (index >= acked->second.hashes.size()) return std::nullopt;
  return AckedRecord{acked->second.hashes[index], acked->second.given};
}

/// With each loss an offset may get another record, and only then.
bool ClientHistory::may_stand_for(Partition& partition, const PartitionModel* broker_side, int64_t offset,
                                  std::initializer_list<uint32_t> hashes) {
  if (partition.meanings.size() > records_kept) partition.meanings.erase(partition.meanings.begin());
  std::set<uint32_t>& known = partition.meanings[offset];
  known.insert(hashes);
  return is_removed(broker_side, offset) || known.size() <= 1 + times_lost(broker_side, offset);
}

// ---- producers ----------------------------------------------------------------------------------------------

void ClientHistory::fold(ClusterModel&, const Event& event, const event::Acknowledged& acknowledged) {
  if (acknowledged.acks != -1) return;
  Partition& partition = partitions_[acknowledged.partition];
  partition.answers.emplace(acknowledged.first_offset, Acknowledgement{acknowledged.leader_epoch, event.at});
  if (partition.answers.size() > answers_kept) partition.answers.erase(partition.answers.begin());
}

/// Of several that nobody has got yet, the oldest: the others of them may never arrive.
Acknowledgement ClientHistory::take_answer(Partition& partition, int64_t first_offset) {
  const auto [first, last] = partition.answers.equal_range(first_offset);
  if (first == last) return {};
  const Acknowledgement given = first->second;
  partition.answers.erase(first, last);
  return given;
}

void ClientHistory::fold(ClusterModel& model, const Event& event, const event::RecordsSent& sent) {
  unanswered_[event.ref.node] = sent.unanswered;
  if (sent.partition.partition < 0) return;
  Partition& partition = partitions_[sent.partition];
  for (const uint32_t hash : sent.record_hashes) {
    Partition::Count& count = partition.sent[hash];
    ++count.sent;
    count.is_idempotent = count.is_idempotent && sent.is_idempotent;
  }
  while (partition.sent.size() > records_kept) partition.sent.erase(partition.sent.begin());
  if (sent.error_code != 0 || sent.first_offset < 0 || sent.acks != -1) return;
  const PartitionModel* broker_side = model.of_name(sent.partition);
  const bool is_sound = has_one_meaning(model, sent.partition);
  const Acknowledgement given = take_answer(partition, sent.first_offset);
  if (sent.is_idempotent) {
    const auto [known, is_first] = partition.last_sent.try_emplace(event.ref.node);
    Partition::Last& last = known->second;
    const bool is_excused =
        is_gone(broker_side, sent.first_offset, given) || is_gone(broker_side, sent.first_offset, last.given);
    if (!is_first && sent.first_offset <= last.offset && !is_excused && is_sound)
      model.report.violate("nonmonotonic-send", event,
                           fmt::format("{}: records sent after the one at {} are at {}",
                                       sent.partition.to_string(), last.offset, sent.first_offset));
    last = {sent.first_offset + sent.records - 1, given};
  }
  if (sent.record_hashes.empty()) return;
  for (size_t i = 0; i < sent.record_hashes.size(); ++i) {
    const int64_t offset = sent.first_offset + static_cast<int64_t>(i);
    const std::optional<AckedRecord> before = acked_at(partition, offset);
    if (!before || before->hash == sent.record_hashes[i]) continue;
    if (!may_stand_for(partition, broker_side, offset, {before->hash, sent.record_hashes[i]}) && is_sound)
      model.report.violate("inconsistent-offsets", event,
                           fmt::format("{}: offset {} was acknowledged with acks=all for different records",
                                       sent.partition.to_string(), offset));
  }
  const auto [acked, is_new] =
      partition.acked.try_emplace(sent.first_offset, Acked{sent.record_hashes, event.at, given});
  // An answer that was long on its way is about what stood there before.
  if (!is_new && given.leader_epoch >= acked->second.given.leader_epoch)
    acked->second = {sent.record_hashes, event.at, given};
  if (partition.acked.size() > records_kept) partition.acked.erase(partition.acked.begin());
}

// ---- consumers ----------------------------------------------------------------------------------------------

void ClientHistory::fold(ClusterModel&, const Event& event, const event::PositionSet& position) {
  Partition& partition = partitions_[position.partition];
  for (Session& session : partition.sessions)
    if (session.node == event.ref.node) session.is_open = false;
  session(partition, event.ref.node, position.to_offset);
}

void ClientHistory::fold(ClusterModel& model, const Event& event, const event::RecordsConsumed& consumed) {
  Partition& partition = partitions_[consumed.partition];
  const PartitionModel* broker_side = model.of_name(consumed.partition);
  const bool is_sound = has_one_meaning(model, consumed.partition);
  Session& reader = session(partition, event.ref.node, consumed.first_offset);
  if (consumed.first_offset > reader.to && has_flipped_bit(broker_side)) {
    model.report.excuse("a flipped bit moved a batch's offset", 1);
    // Past the end there is nothing: its next fetch is out of range, and it begins again.
    if (consumed.last_offset >= broker_side->ever_committed_to) return;
    reader.is_open = false;  // what it has not seen it has not passed
    session(partition, event.ref.node, consumed.first_offset);
    return fold(model, event, consumed);
  }
  const bool is_same_poll = !reader.last_cause.is_none() && reader.last_cause == event.cause;
  const bool may_skip = broker_side != nullptr && reader.to < broker_side->compacted_to;
  const auto complain = [&](std::string_view anomaly) {
    model.report.violate(is_same_poll ? fmt::format("int-{}", anomaly) : std::string(anomaly), event,
                         fmt::format("{}: a consumer at {} gets [{}..{}]", consumed.partition.to_string(),
                                     reader.to, consumed.first_offset, consumed.last_offset));
  };
  if (is_sound && consumed.first_offset < reader.to) complain("nonmonotonic-poll");
  if (is_sound && consumed.first_offset > reader.to && !may_skip) complain("poll-skip");
  if (is_sound && broker_side != nullptr && consumed.last_offset >= broker_side->ever_committed_to)
    model.report.violate("ConsistentRead", event,
                         fmt::format("{}: a consumer gets [{}..{}], and the high watermark is {}",
                                     consumed.partition.to_string(), consumed.first_offset,
                                     consumed.last_offset, broker_side->ever_committed_to));
  reader.to = consumed.last_offset + 1;
  reader.last_cause = event.cause;
  note_lag(partition, consumed.first_offset, consumed.last_offset, event.at);
  if (is_sound) poll(model, partition, event, consumed);
}

void ClientHistory::poll(ClusterModel& model, Partition& partition, const Event& event,
                         const event::RecordsConsumed& consumed) {
  if (partition.polled.empty()) partition.polled_from = consumed.first_offset;
  while (consumed.first_offset < partition.polled_from && partition.polled.size() < records_kept) {
    partition.polled.emplace_front();
    --partition.polled_from;
  }
  const PartitionModel* broker_side = model.of_name(consumed.partition);
  for (size_t i = 0; i < consumed.record_hashes.size(); ++i) {
    const int64_t offset = consumed.first_offset + static_cast<int64_t>(i);
    if (offset < partition.polled_from) continue;
    // However far a reader has jumped (a violation, reported already), memory holds the newest records only.
    if (offset - partition.polled_from >= 2 * static_cast<int64_t>(records_kept)) {
      partition.polled.clear();
      partition.polled_from = offset;
    }
    while (partition.polled_from + static_cast<int64_t>(partition.polled.size()) <= offset)
      partition.polled.emplace_back();
    Polled& record = partition.polled[static_cast<size_t>(offset - partition.polled_from)];
    const uint32_t hash = consumed.record_hashes[i];
    if (record.is_there && record.hash != hash &&
        !may_stand_for(partition, broker_side, offset, {record.hash, hash}))
      model.report.violate("inconsistent-offsets", event,
                           fmt::format("{}: two consumers got different records at offset {}",
                                       consumed.partition.to_string(), offset));
    record = {hash, true};
  }
  while (partition.polled.size() > records_kept) {
    partition.polled.pop_front();
    ++partition.polled_from;
  }
}

void ClientHistory::note_lag(const Partition& partition, int64_t first, int64_t last, Instant at) {
  for (auto it = partition.acked.lower_bound(first); it != partition.acked.end() && it->first <= last; ++it)
    if (at > it->second.at && polled(partition, it->first) == nullptr)
      worst_realtime_lag_ = std::max(worst_realtime_lag_, at - it->second.at);
}

// ---- the end ------------------------------------------------------------------------------------------------

void ClientHistory::check_acked(ClusterModel& model, const TopicPartition& name, Partition& partition,
                                const PartitionModel* broker_side, const Event& last, bool healed_and_quiet) {
  const bool has_reader = std::any_of(partition.sessions.begin(), partition.sessions.end(),
                                      [](const Session& session) { return session.is_open; });
  std::map<uint32_t, bool> is_polled;
  for (const Polled& record : partition.polled)
    if (record.is_there) is_polled[record.hash] = true;
  for (const auto& [first, acked] : partition.acked) {
    for (size_t i = 0; i < acked.hashes.size(); ++i) {
      const int64_t offset = first + static_cast<int64_t>(i);
      if (is_gone(broker_side, offset, acked.given)) continue;
      const auto is_in = [&](const Session& session) {
        return session.from <= offset && offset < session.to;
      };
      const bool was_passed = std::any_of(partition.sessions.begin(), partition.sessions.end(), is_in);
      const auto is_awaited = [&](const Session& session) {
        return session.is_open && session.from <= offset;
      };
      const bool is_forgotten = offset < partition.polled_from;
      const Polled* record = polled(partition, offset);
      if (was_passed && !is_forgotten && record == nullptr) {
        model.report.violate("lost-write", last,
                             fmt::format("{}: the record at {}, acknowledged with acks=all, was passed by a "
                                         "consumer and never seen",
                                         name.to_string(), offset));
      } else if (record != nullptr && record->hash != acked.hashes[i]) {
        // Who was there before a loss does not come back.
        if (may_stand_for(partition, broker_side, offset, {record->hash, acked.hashes[i]})) continue;
        model.report.violate(
            is_polled.contains(acked.hashes[i]) ? "inconsistent-offsets" : "lost-write", last,
            fmt::format("{}: offset {} was acknowledged with acks=all for another record than "
                        "the one that was read there",
                        name.to_string(), offset));
      } else if (healed_and_quiet && has_reader && record == nullptr && !is_forgotten &&
                 std::any_of(partition.sessions.begin(), partition.sessions.end(), is_awaited)) {
        model.report.violate(
            "unseen", last,
            fmt::format("{}: the record at {}, acknowledged with acks=all, has not been read",
                        name.to_string(), offset));
      }
    }
  }
}

void ClientHistory::check_duplicates(ClusterModel& model, const TopicPartition& name,
                                     const Partition& partition, const PartitionModel* broker_side,
                                     const Event& last) const {
  std::map<uint32_t, std::vector<int64_t>> offsets;
  for (size_t i = 0; i < partition.polled.size(); ++i) {
    const int64_t offset = partition.polled_from + static_cast<int64_t>(i);
    const Polled& record = partition.polled[i];
    if (!record.is_there || is_removed(broker_side, offset)) continue;
    // Read before a loss or after it? After it, when it was acknowledged after it.
    if (times_lost(broker_side, offset) > 0) {
      const std::optional<AckedRecord> acked = acked_at(partition, offset);
      if (!acked || acked->hash != record.hash || is_gone(broker_side, offset, acked->given)) continue;
    }
    offsets[record.hash].push_back(offset);
  }
  for (const auto& [hash, places] : offsets) {
    const auto sent = partition.sent.find(hash);
    if (places.size() < 2 || sent == partition.sent.end() || !sent->second.is_idempotent) continue;
    if (static_cast<int32_t>(places.size()) > sent->second.sent)
      model.report.violate("duplicate", last,
                           fmt::format("{}: a record of an idempotent producer is at the offsets {}",
                                       name.to_string(), fmt::join(places, ", ")));
  }
}

void ClientHistory::finish(ClusterModel& model, const Event& last, bool healed_and_quiet) {
  for (auto& [name, partition] : partitions_) {
    if (!has_one_meaning(model, name)) continue;
    const PartitionModel* broker_side = model.of_name(name);
    check_acked(model, name, partition, broker_side, last, healed_and_quiet);
    check_duplicates(model, name, partition, broker_side, last);
  }
  if (!healed_and_quiet) return;
  for (const auto& [node, records] : unanswered_)
    if (records > 0)
      model.report.violate("WritesAnswered", last,
                           fmt::format("{} records of node {} have no answer", records, node.value));
}

}  // namespace brokerlab

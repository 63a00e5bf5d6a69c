#include "sim/brokers/fetch_session.h"

#include <algorithm>
#include <limits>

namespace brokerlab {

namespace {

constexpr int32_t final_epoch = -1;
constexpr int32_t initial_epoch = 0;

}  // namespace

int32_t fetch_session_epoch_after(int32_t epoch) {
  return epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
}

FetchSessions::Key FetchSessions::key_of(bool uses_topic_ids, const FetchPartition& partition) {
  return uses_topic_ids ? Key{{partition.topic_id, ""}, partition.partition}
                        : Key{{Uuid{}, partition.topic}, partition.partition};
}

FetchSessions::Key FetchSessions::key_of(bool uses_topic_ids,
                                         const kafka::FetchResponse::FetchableTopicResponse& topic,
                                         int32_t partition) {
  return uses_topic_ids ? Key{{topic.topic_id, ""}, partition} : Key{{Uuid{}, topic.topic}, partition};
}

void FetchSessions::put(Session& session, FetchPartition partition) {
  const Key key = key_of(session.uses_topic_ids, partition);
  const auto [it, inserted] = session.partitions.try_emplace(key);
  it->second.request = std::move(partition);
  if (!inserted) return;
  it->second.place = session.next_place++;
  session.order.emplace(it->second.place, key);
}

void FetchSessions::move_to_end(Session& session, CachedPartition& partition) {
  auto node = session.order.extract(partition.place);
  partition.place = session.next_place++;
  node.key() = partition.place;
  session.order.insert(std::move(node));
}

int32_t FetchSessions::create(bool uses_topic_ids, const std::vector<FetchPartition>& partitions, Instant now,
                              Random& random) {
  if (sessions_.size() >= max_sessions) {
    const auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
    if (now - oldest->second.last_used < eviction_age) return 0;
    sessions_.erase(oldest);
  }
  int32_t id = 0;
  do {
    id = static_cast<int32_t>(random.between(1, std::numeric_limits<int32_t>::max()));
  } while (sessions_.contains(id));
  Session& session = sessions_[id];
  session.epoch = fetch_session_epoch_after(initial_epoch);
  session.uses_topic_ids = uses_topic_ids;
  session.last_used = now;
  for (const FetchPartition& partition : partitions) put(session, partition);
  return id;
}

FetchSessions::Context FetchSessions::open(const kafka::FetchRequest& request, bool uses_topic_ids,
                                           std::vector<FetchPartition> partitions,
                                           const std::vector<FetchPartition>& forgotten, Instant now,
                                           Random& random) {
  Context context;
  if (request.session_epoch == initial_epoch || request.session_epoch == final_epoch) {
    sessions_.erase(request.session_id);
    if (request.session_epoch == initial_epoch && !partitions.empty())
      context.session_id = create(uses_topic_ids, partitions, now, random);
    context.partitions = std::move(partitions);
    return context;
  }
  const auto it = sessions_.find(request.session_id);
  if (it == sessions_.end()) {
    context.error = kafka::ErrorCode::fetch_session_id_not_found;
    return context;
  }
  Session& session = it->second;
  if (session.epoch != request.session_epoch) {
    context.error = kafka::ErrorCode::invalid_fetch_session_epoch;
    return context;
  }
  if (session.uses_topic_ids != uses_topic_ids) {
    context.error = kafka::ErrorCode::fetch_session_topic_id_error;
    return context;
  }
  for (FetchPartition& partition : partitions) put(session, std::move(partition));
  for (const FetchPartition& partition : forgotten) {
    const auto cached = session.partitions.find(key_of(uses_topic_ids, partition));
    if (cached == session.partitions.end()) continue;
    session.order.erase(cached->second.place);
    session.partitions.erase(cached);
  }
  if (session.partitions.empty()) {
    sessions_.erase(it);
    return context;
  }
  session.epoch = fetch_session_epoch_after(session.epoch);
  session.last_used = now;
  context.session_id = request.session_id;
  context.is_incremental = true;
  context.partitions.reserve(session.order.size());
  for (const auto& [place, key] : session.order)
    context.partitions.push_back(session.partitions.at(key).request);
  return context;
}

bool FetchSessions::knows(const Context& context, const FetchPartition& partition, int64_t high_watermark,
                          int64_t log_start_offset) const {
  if (!context.is_incremental) return false;
  const auto it = sessions_.find(context.session_id);
  if (it == sessions_.end()) return false;
  const auto cached = it->second.partitions.find(key_of(it->second.uses_topic_ids, partition));
  return cached != it->second.partitions.end() && cached->second.high_watermark == high_watermark &&
         cached->second.log_start_offset == log_start_offset;
}

void FetchSessions::answered(const Context& context, const kafka::FetchResponse& response) {
  const auto it = sessions_.find(context.session_id);
  if (it == sessions_.end()) return;
  Session& session = it->second;
  for (const auto& topic : response.responses) {
    for (const auto& data : topic.partitions) {
      const auto cached =
          session.partitions.find(key_of(session.uses_topic_ids, topic, data.partition_index));
      if (cached == session.partitions.end()) continue;
      CachedPartition& partition = cached->second;
      partition.high_watermark = data.error_code == 0 ? data.high_watermark : -1;
      partition.log_start_offset = data.log_start_offset;
      if (data.records && size_of(*data.records) > 0) move_to_end(session, partition);
    }
  }
}

}  // namespace brokerlab

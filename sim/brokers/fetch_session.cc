#include "sim/brokers/fetch_session.h"

#include <algorithm>
#include <limits>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

constexpr int32_t final_epoch = -1;
constexpr int32_t initial_epoch = 0;

PartitionKey partition_key_of(const FetchPartition& partition) {
  return {partition.topic_id, partition.partition};
}

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

void FetchSessions::move_to_end(Session& session, const Key& key, CachedPartition& partition) {
  if (partition.place) session.news.erase(*partition.place);
  partition.place = session.next_place++;
  session.news.emplace(*partition.place, key);
}

void FetchSessions::add_to_news(Session& session, const Key& key, CachedPartition& partition) {
  if (partition.place) return;
  note_seen(session, partition);
  move_to_end(session, key, partition);
}

void FetchSessions::note_seen(const Session& session, const CachedPartition& partition) {
  if (session.replica_id < 0 || partition.place) return;
  seen_.push_back({partition_key_of(partition.request), session.replica_id, session.last_used});
}

void FetchSessions::put(int32_t id, Session& session, FetchPartition partition) {
  const Key key = key_of(session.uses_topic_ids, partition);
  const auto [it, inserted] = session.partitions.try_emplace(key);
  CachedPartition& cached = it->second;
  if (!inserted) {
    note_seen(session, cached);
    remove_from_where(id, key, cached);
  }
  cached.request = std::move(partition);
  where_[partition_key_of(cached.request)].emplace(id, key);
  if (!cached.place) move_to_end(session, key, cached);
}

void FetchSessions::remove_from_where(int32_t id, const Key& key, const CachedPartition& partition) {
  const auto it = where_.find(partition_key_of(partition.request));
  BROKERLAB_ASSERT(it != where_.end());
  it->second.erase({id, key});
  if (it->second.empty()) where_.erase(it);
}

void FetchSessions::forget(int32_t id, Session& session, const FetchPartition& partition) {
  const auto cached = session.partitions.find(key_of(session.uses_topic_ids, partition));
  if (cached == session.partitions.end()) return;
  note_seen(session, cached->second);
  remove_from_where(id, cached->first, cached->second);
  if (cached->second.place) session.news.erase(*cached->second.place);
  session.partitions.erase(cached);
}

void FetchSessions::close(int32_t session_id) {
  const auto it = sessions_.find(session_id);
  if (it == sessions_.end()) return;
  for (const auto& [key, partition] : it->second.partitions) {
    note_seen(it->second, partition);
    remove_from_where(session_id, key, partition);
  }
  sessions_.erase(it);
  closed_.push_back(session_id);
}

int32_t FetchSessions::create(const Request& request, Instant now, Random& random) {
  if (sessions_.size() >= max_sessions) {
    const auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
    if (now - oldest->second.last_used < eviction_age) return 0;
    close(oldest->first);
  }
  int32_t id = 0;
  do {
    id = static_cast<int32_t>(random.between(1, std::numeric_limits<int32_t>::max()));
  } while (sessions_.contains(id));
  Session& session = sessions_[id];
  session.epoch = fetch_session_epoch_after(initial_epoch);
  session.uses_topic_ids = request.uses_topic_ids;
  session.replica_id = request.replica_id;
  session.broker_epoch = request.broker_epoch;
  session.may_read_from_follower = request.may_read_from_follower;
  session.last_used = now;
  for (const FetchPartition& partition : request.partitions) put(id, session, partition);
  return id;
}

FetchSessions::Context FetchSessions::open(Request request, Instant now, Random& random) {
  Context context;
  if (request.session_epoch == initial_epoch || request.session_epoch == final_epoch) {
    close(request.session_id);
    if (request.session_epoch == initial_epoch && !request.partitions.empty())
      context.session_id = create(request, now, random);
    context.partitions = std::move(request.partitions);
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
  if (session.uses_topic_ids != request.uses_topic_ids) {
    context.error = kafka::ErrorCode::fetch_session_topic_id_error;
    return context;
  }
  // Each fetch by another replica, or another life of it, has to be weighed anew.
  const bool is_same_fetcher = session.replica_id == request.replica_id &&
                               session.broker_epoch == request.broker_epoch &&
                               session.may_read_from_follower == request.may_read_from_follower;
  if (!is_same_fetcher)
    for (auto& [key, partition] : session.partitions) add_to_news(session, key, partition);
  session.replica_id = request.replica_id;
  session.broker_epoch = request.broker_epoch;
  session.may_read_from_follower = request.may_read_from_follower;
  for (FetchPartition& partition : request.partitions) put(request.session_id, session, std::move(partition));
  for (const FetchPartition& partition : request.forgotten) forget(request.session_id, session, partition);
  if (session.partitions.empty()) {
    close(request.session_id);
    return context;
  }
  session.epoch = fetch_session_epoch_after(session.epoch);
  session.last_used = now;
  context.session_id = request.session_id;
  context.is_incremental = true;
  context.next_epoch = session.epoch;
  context.partitions = with_news(request.session_id);
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
      const bool has_records = data.records && size_of(*data.records) > 0;
      if (has_records && partition.place) move_to_end(session, cached->first, partition);
    }
  }
}

// ---- partitions with news ---------------------------------------------------------------------------------

void FetchSessions::touch(const PartitionKey& key) {
  const auto it = where_.find(key);
  if (it == where_.end()) return;
  for (const auto& [id, cached_key] : it->second) {
    Session& session = sessions_.at(id);
    add_to_news(session, cached_key, session.partitions.at(cached_key));
  }
}

void FetchSessions::settle(const Context& context, const FetchPartition& partition, int64_t high_watermark,
                           int64_t log_start_offset) {
  const auto it = sessions_.find(context.session_id);
  if (it == sessions_.end()) return;
  Session& session = it->second;
  const auto cached = session.partitions.find(key_of(session.uses_topic_ids, partition));
  // Asked for anew meanwhile, by a request that did not wait for this answer: that one is to be answered.
  if (cached == session.partitions.end() || !cached->second.place || cached->second.request != partition)
    return;
  session.news.erase(*cached->second.place);
  cached->second.place.reset();
  cached->second.high_watermark = high_watermark;
  cached->second.log_start_offset = log_start_offset;
}

void FetchSessions::unsettle(const Context& context) {
  const auto it = sessions_.find(context.session_id);
  if (it == sessions_.end()) return;
  Session& session = it->second;
  for (const FetchPartition& partition : context.partitions) {
    const auto cached = session.partitions.find(key_of(session.uses_topic_ids, partition));
    if (cached == session.partitions.end()) continue;
    add_to_news(session, cached->first, cached->second);
    cached->second.high_watermark = -1;
  }
}

bool FetchSessions::is_latest(const Context& context) const {
  const auto it = sessions_.find(context.session_id);
  return it != sessions_.end() && it->second.epoch == context.next_epoch;
}

std::vector<FetchPartition> FetchSessions::with_news(int32_t session_id) const {
  std::vector<FetchPartition> partitions;
  const auto it = sessions_.find(session_id);
  if (it == sessions_.end()) return partitions;
  partitions.reserve(it->second.news.size());
  for (const auto& [place, key] : it->second.news)
    partitions.push_back(it->second.partitions.at(key).request);
  return partitions;
}

std::vector<FetchPartition> FetchSessions::without_news(int32_t session_id) const {
  std::vector<FetchPartition> partitions;
  const auto it = sessions_.find(session_id);
  if (it == sessions_.end()) return partitions;
  for (const auto& [key, partition] : it->second.partitions)
    if (!partition.place) partitions.push_back(partition.request);
  return partitions;
}

std::vector<int32_t> FetchSessions::sessions_of(const PartitionKey& key) const {
  std::vector<int32_t> ids;
  if (const auto it = where_.find(key); it != where_.end())
    for (const auto& [id, cached_key] : it->second) ids.push_back(id);
  return ids;
}

size_t FetchSessions::partitions_in(int32_t session_id) const {
  const auto it = sessions_.find(session_id);
  return it == sessions_.end() ? 0 : it->second.partitions.size();
}

}  // namespace brokerlab

// Fetch (1) on a broker's listener, versions 4 to 18: consumers and follower replicas.
//
// KIP-74 (the first batch whole), KIP-227 (sessions: v7), KIP-320 (leader epochs: v9), KIP-392 (from a
// follower: v11), KIP-595 (diverging epoch: v12), KIP-516 (topic ids: v13), KIP-903 (replica epoch: v15),
// KIP-951 (where the leader is: v16), KIP-219 (quotas). A Fetch of the metadata log comes to CONTROLLER and is the Raft
// client's.
//
// Deviation: no preferred read replica; read_committed reads like read_uncommitted, as there are no
// transactions yet.
#include "sim/wire/kafka/01_fetch.h"

#include <algorithm>
#include <set>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::FetchRequest;
using kafka::FetchResponse;

namespace {

constexpr int16_t first_version_from_follower = 11;
constexpr int16_t first_fetch_with_current_leader = 12;
constexpr int16_t first_fetch_with_topic_ids = 13;
constexpr int16_t first_version_with_replica_state = 15;
constexpr int8_t read_committed = 1;

/// Name and id of the topic, as far as it exists.
FetchPartition resolve(const MetadataImage& image, bool by_id, const std::string& name, Uuid id) {
  FetchPartition partition;
  partition.topic = name;
  partition.topic_id = id;
  const TopicImage* topic = by_id ? image.topic(id) : image.topic(name);
  if (by_id) partition.topic = topic == nullptr ? "" : topic->name;
  if (!by_id && topic != nullptr) partition.topic_id = topic->id;
  return partition;
}

std::vector<FetchPartition> wanted_partitions(const MetadataImage& image, bool by_id,
                                              const FetchRequest& request) {
  std::vector<FetchPartition> partitions;
  for (const auto& topic : request.topics) {
    const FetchPartition resolved = resolve(image, by_id, topic.topic, topic.topic_id);
    for (const auto& wanted : topic.partitions) {
      FetchPartition& partition = partitions.emplace_back(resolved);
      partition.partition = wanted.partition;
      partition.fetch_offset = wanted.fetch_offset;
      partition.log_start_offset = wanted.log_start_offset;
      partition.max_bytes = wanted.partition_max_bytes;
      partition.current_leader_epoch = wanted.current_leader_epoch;
      partition.last_fetched_epoch = wanted.last_fetched_epoch;
    }
  }
  return partitions;
}

std::vector<FetchPartition> forgotten_partitions(const MetadataImage& image, bool by_id,
                                                 const FetchRequest& request) {
  std::vector<FetchPartition> partitions;
  for (const auto& topic : request.forgotten_topics_data) {
    const FetchPartition resolved = resolve(image, by_id, topic.topic, topic.topic_id);
    for (const int32_t partition : topic.partitions) partitions.emplace_back(resolved).partition = partition;
  }
  return partitions;
}

FetchResponse::PartitionData& add_partition(FetchResponse& response, const FetchPartition& partition) {
  auto& topics = response.responses;
  const bool is_same = !topics.empty() && topics.back().topic == partition.topic &&
                       topics.back().topic_id == partition.topic_id;
  if (!is_same) {
    topics.emplace_back().topic = partition.topic;
    topics.back().topic_id = partition.topic_id;
  }
  auto& data = topics.back().partitions.emplace_back();
  data.partition_index = partition.partition;
  data.high_watermark = -1;
  data.records = Slices{};
  return data;
}

/// Everything that was asked for gets the same error (an isolation level that does not exist).
void refuse_all(NodeStep& step, const RequestContext& request, const std::vector<FetchPartition>& partitions,
                ErrorCode error) {
  FetchResponse response;
  response.error_code = to_int16(error);
  for (const FetchPartition& partition : partitions)
    add_partition(response, partition).error_code = to_int16(error);
  answer(step, request, response);
}

/// Over its quota a consumer gets no records but the time to stay away (KIP-219). A session that would begin with
/// this answer does not. True when it was answered so.
bool throttle(NodeStep& step, FetchSessions& sessions, ClientQuotas& quotas, const FetchOperation& operation,
              const FetchResponse& response) {
  const RequestContext& request = operation.request;
  const std::string client_id = request.header.client_id.value_or("");
  if (!quotas.most_bytes(QuotaKind::fetch, client_id)) return false;
  kafka::Writer counter;
  kafka::encode(response, request.header.api_version, counter);
  const Instant now = step.now.monotonic;
  const Duration time = quotas.record(QuotaKind::fetch, client_id, counter.size(), now);
  if (time <= Duration{}) return false;
  quotas.take_back(QuotaKind::fetch, client_id, counter.size(), now);
  FetchResponse empty;
  empty.throttle_time_ms = static_cast<int32_t>(time.milliseconds());
  if (operation.session.is_incremental) {
    empty.session_id = operation.session.session_id;
    sessions.unsettle(operation.session);
  } else {
    sessions.close(operation.session.session_id);
  }
  step.channel.mute(request, now + time, step.effects);
  answer(step, request, empty);
  return true;
}

}  // namespace

void handle_fetch(const HandlerContext& context, const Request& request) {
  std::optional<FetchRequest> fetch = read_request<FetchRequest>(context.step, request);
  if (!fetch) return;
  NodeStep& step = context.step;
  const int16_t version = request.context.header.api_version;
  const bool by_id = version >= first_fetch_with_topic_ids;
  std::vector<FetchPartition> wanted = wanted_partitions(context.image, by_id, *fetch);
  if (fetch->isolation_level < 0 || fetch->isolation_level > read_committed) {
    refuse_all(step, request.context, wanted, ErrorCode::unknown_server_error);
    return;
  }

  FetchOperation operation;
  operation.request = request.context;
  const bool has_state = version >= first_version_with_replica_state;
  operation.fetcher.replica_id = has_state ? fetch->replica_state.replica_id : fetch->replica_id;
  operation.fetcher.broker_epoch = has_state ? fetch->replica_state.replica_epoch : -1;
  operation.fetcher.may_read_from_follower = version >= first_version_from_follower;
  operation.fetcher.isolation =
      operation.fetcher.is_follower() ? FetchIsolation::log_end : FetchIsolation::high_watermark;
  operation.min_bytes = static_cast<uint64_t>(std::max(fetch->min_bytes, 0));
  operation.max_bytes = static_cast<uint64_t>(std::clamp<int64_t>(
      fetch->max_bytes, 0,
      operation.fetcher.is_follower() ? INT32_MAX : context.config.settings.number("fetch.max.bytes")));
  if (!operation.fetcher.is_follower())
    if (const auto most = context.broker->quotas().most_bytes(QuotaKind::fetch,
                                                              request.context.header.client_id.value_or("")))
      operation.max_bytes = std::min(operation.max_bytes, *most);
  operation.session = context.broker->replicas().open_session(
      {.session_id = fetch->session_id,
       .session_epoch = fetch->session_epoch,
       .uses_topic_ids = by_id,
       .replica_id = operation.fetcher.replica_id,
       .broker_epoch = operation.fetcher.broker_epoch,
       .may_read_from_follower = operation.fetcher.may_read_from_follower,
       .partitions = std::move(wanted),
       .forgotten = forgotten_partitions(context.image, by_id, *fetch)},
      step.now.monotonic, context.broker->random());
  if (operation.session.error != ErrorCode::none) {
    FetchResponse response;
    response.error_code = to_int16(operation.session.error);
    answer(step, request.context, response);
    return;
  }
  context.broker->replicas().fetch(std::move(operation), milliseconds(std::max(fetch->max_wait_ms, 0)),
                                   context.image, step.now, step.effects);
}

void answer_fetch(NodeStep& step, FetchSessions& sessions, ClientQuotas& quotas, const MetadataImage& image,
                  FetchOperation operation) {
  const int16_t version = operation.request.header.api_version;
  FetchResponse response;
  response.session_id = operation.session.session_id;
  std::set<int32_t> leaders;
  for (size_t i = 0; i < operation.session.partitions.size(); ++i) {
    const FetchPartition& asked = operation.session.partitions[i];
    Partition::Read& read = operation.reads[i];
    // Deleted since it was asked for by its id.
    if (version >= first_fetch_with_topic_ids && image.topic(asked.topic_id) == nullptr)
      read.error = ErrorCode::unknown_topic_id;
    const bool has_news = read.error != ErrorCode::none || read.bytes > 0 || read.diverging;
    if (!has_news && read.is_told) continue;
    FetchResponse::PartitionData& data = add_partition(response, asked);
    data.error_code = to_int16(read.error);
    data.high_watermark = read.high_watermark;
    data.last_stable_offset = read.high_watermark;
    data.log_start_offset = read.log_start_offset;
    // Kafka has null for "nothing to say" and an empty list where there was no log to look into.
    if (read.error != ErrorCode::unknown_topic_or_partition && read.error != ErrorCode::unknown_topic_id)
      data.aborted_transactions.reset();
    if (read.diverging) {
      data.diverging_epoch.epoch = read.diverging->epoch;
      data.diverging_epoch.end_offset = read.diverging->end_offset;
    }
    data.records = std::move(read.records);
    const bool has_moved =
        read.error == ErrorCode::not_leader_or_follower || read.error == ErrorCode::fenced_leader_epoch;
    if (!has_moved || version < first_fetch_with_current_leader) continue;
    if (const PartitionRegistration* partition = image.partition(asked.topic_id, asked.partition)) {
      data.current_leader.leader_id = partition->leader;
      data.current_leader.leader_epoch = partition->leader_epoch;
      leaders.insert(partition->leader);
    }
  }
  for (const int32_t leader : leaders) {
    const Endpoint* endpoint = endpoint_of(image, leader, operation.request.listener);
    if (endpoint == nullptr) continue;
    auto& node = response.node_endpoints.emplace_back();
    node.node_id = leader;
    node.host = endpoint->host;
    node.port = endpoint->port;
  }
  if (!operation.fetcher.is_follower() && throttle(step, sessions, quotas, operation, response)) return;
  sessions.answered(operation.session, response);
  answer(step, operation.request, response,
         operation.fetcher.is_follower() ? std::optional(MessageKind::replicate) : std::nullopt);
}

}  // namespace brokerlab

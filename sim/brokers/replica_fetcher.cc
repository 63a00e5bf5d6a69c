#include "sim/brokers/replica_fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

using kafka::ErrorCode;

namespace {

constexpr kafka::Versions fetch_version{17, 17};
constexpr kafka::Versions list_offsets_version{11, 11};
constexpr int32_t min_bytes = 1;
constexpr int64_t latest_timestamp = -1;
constexpr int64_t earliest_timestamp = -2;

Bytes in_one_piece(const kafka::Records& records) {
  if (!records || records->empty()) return {};
  // A decoded frame holds each partition's records as one view into itself.
  BROKERLAB_ASSERT(records->size() == 1 && std::holds_alternative<Bytes>(records->front()));
  return std::get<Bytes>(records->front());
}

}  // namespace

ReplicaFetcher::ReplicaFetcher(int32_t broker_id, std::string listener, const Settings& settings,
                               NetworkClient::Config network)
    : broker_id_(broker_id),
      listener_(std::move(listener)),
      max_wait_(settings.duration("replica.fetch.wait.max.ms")),
      backoff_(settings.duration("replica.fetch.backoff.ms")),
      max_bytes_(static_cast<int32_t>(settings.number("replica.fetch.max.bytes"))),
      response_max_bytes_(static_cast<int32_t>(settings.number("replica.fetch.response.max.bytes"))),
      network_(std::move(network)) {}

void ReplicaFetcher::roles_changed(const std::set<PartitionKey>& keys, ReplicaManager& replicas,
                                   Effects& effects) {
  for (const PartitionKey& key : keys) {
    const Partition* partition = replicas.find(key);
    const bool follows = partition != nullptr && !partition->is_leader() && partition->leader() != no_leader;
    for (auto& [id, leader] : leaders_)
      if (!follows || id != partition->leader()) forget(leader, key);
    if (!follows) continue;
    Leader& leader = leaders_[partition->leader()];
    const auto followed = leader.partitions.find(key);
    if (followed != leader.partitions.end() && followed->second.leader_epoch == partition->leader_epoch())
      continue;
    forget(leader, key);
    leader.partitions[key].leader_epoch = partition->leader_epoch();
    leader.to_tell.insert(key);
  }
  for (auto it = leaders_.begin(); it != leaders_.end();) {
    const bool is_idle = it->second.partitions.empty();
    if (is_idle) network_.close(effects, it->first);
    it = is_idle ? leaders_.erase(it) : std::next(it);
  }
}

void ReplicaFetcher::forget(Leader& leader, const PartitionKey& key) {
  const auto followed = leader.partitions.find(key);
  if (followed == leader.partitions.end()) return;
  if (followed->second.retry_at) leader.held_back.erase({*followed->second.retry_at, key});
  leader.to_ask.erase(key);
  leader.partitions.erase(followed);
  leader.to_tell.insert(key);
}

void ReplicaFetcher::ask_for(Leader& leader, const PartitionKey& key, Asking asking) {
  leader.partitions.at(key).asking = asking;
  if (asking == Asking::records)
    leader.to_ask.erase(key);
  else
    leader.to_ask.insert(key);
  leader.to_tell.insert(key);
}

void ReplicaFetcher::back_off(Leader& leader, const PartitionKey& key, Instant now) const {
  Followed& followed = leader.partitions.at(key);
  if (followed.retry_at) leader.held_back.erase({*followed.retry_at, key});
  followed.retry_at = now + backoff_;
  leader.held_back.emplace(*followed.retry_at, key);
  leader.to_tell.insert(key);
}

void ReplicaFetcher::release(Leader& leader, Instant now) {
  while (!leader.held_back.empty() && leader.held_back.begin()->first <= now) {
    const auto released = leader.held_back.extract(leader.held_back.begin());
    leader.partitions.at(released.value().second).retry_at.reset();
    leader.to_tell.insert(released.value().second);
  }
}

void ReplicaFetcher::poll(NodeStep& step, ReplicaManager& replicas, const MetadataImage& image,
                          int64_t broker_epoch) {
  next_deadline_ = never;
  const std::set<PartitionKey> moved = replicas.take_moved();
  for (auto& [id, leader] : leaders_) {
    for (const PartitionKey& key : moved)
      if (leader.partitions.contains(key)) leader.to_tell.insert(key);
    if (leader.in_flight) continue;
    const BrokerRegistration* broker = image.broker(id);
    const Endpoint* endpoint = broker == nullptr ? nullptr : broker->listener(listener_);
    if (endpoint == nullptr) continue;  // its registration comes with metadata
    release(leader, step.now.monotonic);
    if (!leader.held_back.empty()) next_deadline_ = std::min(next_deadline_, leader.held_back.begin()->first);
    if (leader.held_back.size() == leader.partitions.size()) continue;
    network_.set_address(id, {endpoint->host, endpoint->port});
    if (!send_list_offsets(step, replicas, id, leader)) send_fetch(step, replicas, broker_epoch, id, leader);
  }
}

void ReplicaFetcher::send_fetch(NodeStep& step, ReplicaManager& replicas, int64_t broker_epoch, int32_t id,
                                Leader& leader) {
  kafka::FetchRequest request;
  request.replica_state.replica_id = broker_id_;
  request.replica_state.replica_epoch = broker_epoch;
  request.max_wait_ms = static_cast<int32_t>(max_wait_.milliseconds());
  request.min_bytes = min_bytes;
  request.max_bytes = response_max_bytes_;
  if (leader.session.begin(request))
    for (const auto& [key, followed] : leader.partitions) leader.to_tell.insert(key);
  for (const PartitionKey& key : std::exchange(leader.to_tell, {})) {
    const auto it = leader.partitions.find(key);
    if (it == leader.partitions.end() || it->second.retry_at || it->second.asking != Asking::records) {
      leader.session.forget(key, request);
      continue;
    }
    const Followed& followed = it->second;
    const Partition& partition = *replicas.find(key);
    const FetchSessionHandler::Asked asked{
        .fetch_offset = partition.log().log_end_offset(),
        .leader_epoch = followed.leader_epoch,
        .last_fetched_epoch = partition.log().latest_epoch(),
        .log_start_offset = partition.log().log_start_offset(),
    };
    if (!leader.session.asks(key, asked)) continue;
    if (request.topics.empty() || request.topics.back().topic_id != key.topic_id) {
      request.topics.emplace_back().topic_id = key.topic_id;
      request.topics.back().topic = partition.name().topic;
    }
    auto& wanted = request.topics.back().partitions.emplace_back();
    wanted.partition = key.partition;
    wanted.current_leader_epoch = asked.leader_epoch;
    wanted.fetch_offset = asked.fetch_offset;
    wanted.last_fetched_epoch = asked.last_fetched_epoch;
    wanted.log_start_offset = asked.log_start_offset;
    wanted.partition_max_bytes = max_bytes_;
  }
  leader.in_flight = next_token_++;
  network_.send(step.now, step.effects, step.connections, id, std::move(request), fetch_version,
                *leader.in_flight);
}

bool ReplicaFetcher::send_list_offsets(NodeStep& step, ReplicaManager& replicas, int32_t id, Leader& leader) {
  kafka::ListOffsetsRequest request;
  request.replica_id = broker_id_;
  std::set<PartitionKey> asked;
  for (const PartitionKey& key : leader.to_ask) {
    const Followed& followed = leader.partitions.at(key);
    if (followed.retry_at) continue;
    const Partition& partition = *replicas.find(key);
    if (request.topics.empty() || request.topics.back().name != partition.name().topic)
      request.topics.emplace_back().name = partition.name().topic;
    auto& wanted = request.topics.back().partitions.emplace_back();
    wanted.partition_index = key.partition;
    wanted.current_leader_epoch = followed.leader_epoch;
    wanted.timestamp = followed.asking == Asking::latest_offset ? latest_timestamp : earliest_timestamp;
    asked.insert(key);
  }
  if (asked.empty()) return false;
  leader.asked = std::move(asked);
  leader.in_flight = next_token_++;
  network_.send(step.now, step.effects, step.connections, id, std::move(request), list_offsets_version,
                *leader.in_flight);
  return true;
}

void ReplicaFetcher::handle(NodeStep& step, ReplicaManager& replicas, const Input& input) {
  for (const Completion& completion : network_.handle(step.now, step.effects, step.connections, input)) {
    const auto it = leaders_.find(completion.destination);
    if (it == leaders_.end() || it->second.in_flight != completion.token) continue;
    Leader& leader = it->second;
    leader.in_flight.reset();
    const std::set<PartitionKey> asked = std::exchange(leader.asked, {});
    bool is_good = false;
    if (completion.api_key == kafka::FetchRequest::api_key) {
      if (completion.answered()) {
        const auto response = kafka::decode<kafka::FetchResponse>(completion.body, completion.version);
        is_good = response.ok();
        // Without its session it asks again at once, for everything.
        if (is_good && leader.session.handle(*response)) handle_fetch(step, replicas, leader, *response);
      }
      if (!is_good) leader.session.failed();
    } else if (completion.answered()) {
      const auto response = kafka::decode<kafka::ListOffsetsResponse>(completion.body, completion.version);
      is_good = response.ok();
      if (is_good) handle_list_offsets(step, replicas, leader, asked, *response);
    }
    if (!is_good)
      for (const auto& [key, followed] : leader.partitions) back_off(leader, key, step.now.monotonic);
  }
}

void ReplicaFetcher::handle_fetch(NodeStep& step, ReplicaManager& replicas, Leader& leader,
                                  const kafka::FetchResponse& response) {
  for (const auto& topic : response.responses) {
    for (const auto& data : topic.partitions) {
      const PartitionKey key{topic.topic_id, data.partition_index};
      const FetchSessionHandler::Asked* asked = leader.session.asked(key);
      const auto followed = leader.partitions.find(key);
      if (asked == nullptr || followed == leader.partitions.end()) continue;
      Partition* partition = replicas.find(key);
      BROKERLAB_ASSERT(partition != nullptr && !partition->is_leader());
      if (partition->log().log_end_offset() != asked->fetch_offset) continue;
      const bool is_of_this_epoch = partition->leader_epoch() == followed->second.leader_epoch &&
                                    asked->leader_epoch == followed->second.leader_epoch;
      // The leader tells a high watermark once; another epoch leaves it as true.
      const bool is_only_progress = data.error_code == 0 && data.diverging_epoch.epoch < 0 &&
                                    (!data.records || size_of(*data.records) == 0);
      if (is_of_this_epoch || is_only_progress) handle_partition(step, replicas, *partition, leader, data);
    }
  }
}

void ReplicaFetcher::handle_partition(NodeStep& step, ReplicaManager& replicas, Partition& partition,
                                      Leader& leader, const kafka::FetchResponse::PartitionData& data) {
  const PartitionKey key{partition.topic_id(), partition.name().partition};
  const ErrorCode error = kafka::error_from(data.error_code);
  if (error == ErrorCode::offset_out_of_range) {
    ask_for(leader, key, Asking::latest_offset);
    return;
  }
  if (error != ErrorCode::none) {
    back_off(leader, key, step.now.monotonic);
    return;
  }
  replicas.touch(key);  // consumers may read from a follower
  if (data.diverging_epoch.epoch >= 0) {
    replicas.fail(partition.truncate_to_leader({data.diverging_epoch.epoch, data.diverging_epoch.end_offset},
                                               step.effects));
    return;
  }
  const Status status = partition.append_as_follower(in_one_piece(data.records), data.high_watermark,
                                                     data.log_start_offset, step.effects);
  if (status.code == StatusCode::invalid) {
    step.effects.emit(event::Noted{fmt::format(
        "[ReplicaFetcher replicaId={}] Found invalid messages during fetch for "
        "partition {} offset {}: {}",
        broker_id_, partition.name().to_string(), partition.log().log_end_offset(), status.message)});
    back_off(leader, key, step.now.monotonic);
  } else {
    replicas.fail(status);
  }
}

void ReplicaFetcher::handle_list_offsets(NodeStep& step, ReplicaManager& replicas, Leader& leader,
                                         const std::set<PartitionKey>& asked,
                                         const kafka::ListOffsetsResponse& response) {
  for (const PartitionKey& key : asked) {
    const auto it = leader.partitions.find(key);
    // Another epoch began meanwhile: it asks for records again, and knows then what it lacks.
    if (it == leader.partitions.end() || it->second.asking == Asking::records) continue;
    const Followed& followed = it->second;
    Partition& partition = *replicas.find(key);
    const kafka::ListOffsetsResponse::ListOffsetsPartitionResponse* answer = nullptr;
    for (const auto& topic : response.topics)
      for (const auto& candidate : topic.partitions)
        if (topic.name == partition.name().topic && candidate.partition_index == key.partition)
          answer = &candidate;
    if (answer == nullptr || answer->error_code != 0 || partition.leader_epoch() != followed.leader_epoch) {
      back_off(leader, key, step.now.monotonic);
      continue;
    }
    replicas.touch(key);
    const int64_t end = partition.log().log_end_offset();
    if (followed.asking == Asking::latest_offset && answer->offset >= end) {
      // The leader's log starts after ours ends, or has changed meanwhile.
      ask_for(leader, key, Asking::earliest_offset);
      continue;
    }
    if (followed.asking == Asking::latest_offset)
      replicas.fail(partition.truncate_to(answer->offset, step.effects));
    else if (answer->offset > end)
      replicas.fail(partition.start_over_at(answer->offset, step.effects));
    else
      back_off(leader, key, step.now.monotonic);
    ask_for(leader, key, Asking::records);
  }
}

}  // namespace brokerlab

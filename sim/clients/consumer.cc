#include "sim/clients/consumer.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;

constexpr kafka::Versions list_offsets_versions{1, 10};
constexpr kafka::Versions fetch_versions{4, 17};
constexpr int16_t last_fetch_with_names = 12;
/// Before it a broker held its answer back itself (KIP-219).
constexpr int16_t first_fetch_to_stay_away = 8;
constexpr int64_t earliest_timestamp = -2;
constexpr int64_t latest_timestamp = -1;
constexpr int32_t consumer_replica_id = -1;
/// So that no offset of a batch, nor the one after it, overflows.
constexpr int64_t highest_base_offset = INT64_MAX - INT32_MAX - 1;

int64_t timestamp_of(const StartAt& start) {
  switch (start.kind) {
    case StartAt::Kind::earliest:
      return earliest_timestamp;
    case StartAt::Kind::latest:
      return latest_timestamp;
    case StartAt::Kind::offset:
    case StartAt::Kind::timestamp:
      return start.value;
  }
  return latest_timestamp;
}

/// An abort marker of a transaction: the key of a control record is an int16 version and an int16 type.
bool is_abort_marker(const kafka::RecordBatch& batch) {
  kafka::RecordReader reader(batch);
  kafka::Record record;
  return reader.next(record) && record.key && record.key->size() >= 4 && (*record.key)[2] == 0 &&
         (*record.key)[3] == 0;
}

}  // namespace

Consumer::Consumer(ConsumerConfig config)
    : config_(config),
      network_({.client_id = config.client_id,
                .request_timeout = config.request_timeout,
                .timer_kind = config.timer_kind,
                .timer_id = network_timer,
                .negotiate_versions = true,
                .log_context = config.log_context}),
      metadata_({.bootstrap = config.bootstrap,
                 .allow_auto_topic_creation = config.allow_auto_topic_creation,
                 .retry_backoff = config.retry_backoff,
                 .max_age = config.metadata_max_age,
                 .first_choice = config.first_choice,
                 .log_context = config.log_context}) {
  metadata_.start(network_);
}

void Consumer::assign(const TopicPartition& partition, StartAt start) {
  metadata_.add_topic(partition.topic);
  Partition& state = partitions_[partition];
  if (start.kind == StartAt::Kind::offset) {
    state.start.reset();
    state.position = start.value;
  } else {
    state.start = start;
  }
}

void Consumer::assign_topic(const std::string& topic, StartAt start) {
  metadata_.add_topic(topic);
  topics_[topic] = start;
}

void Consumer::assign_new_partitions() {
  for (auto& [name, start] : topics_) {
    const ClusterMetadata::Topic* topic = metadata_.topic(name);
    if (topic == nullptr || topic->partitions.empty()) continue;
    for (const auto& [number, entry] : topic->partitions)
      if (!partitions_.contains({name, number})) assign({name, number}, start);
    start = {StartAt::Kind::earliest, 0};
  }
}

std::vector<TopicPartition> Consumer::assignment() const {
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, state] : partitions_) partitions.push_back(partition);
  return partitions;
}

std::optional<int64_t> Consumer::position(const TopicPartition& partition) const {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end() || found->second.start) return std::nullopt;
  return found->second.position;
}

// ---- requests ---------------------------------------------------------------------------------------------

void Consumer::run(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  check_topics();
  assign_new_partitions();
  if (!failure_) ask(now, effects, ids);
  metadata_.run(now, effects, ids, network_);
  effects.set_timer({config_.timer_kind, client_timer}, next_run(now));
}

void Consumer::check_topics() {
  for (const auto& [partition, state] : partitions_) {
    const ClusterMetadata::Topic* topic = metadata_.topic(partition.topic);
    if (topic == nullptr || topic->error == ErrorCode::none || kafka::is_retriable(topic->error)) continue;
    const bool is_name = topic->error == ErrorCode::invalid_topic_exception;
    failure_ = Failure{topic->error, is_name ? fmt::format("Invalid topics: [{}]", partition.topic)
                                             : std::string(kafka::error_message(topic->error))};
    return;
  }
}

void Consumer::ask(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  std::map<int32_t, std::vector<TopicPartition>> to_look_up;
  std::map<int32_t, std::vector<TopicPartition>> to_fetch;
  for (const auto& [partition, state] : partitions_) {
    if (state.is_under_way || state.retry_at > now.monotonic) continue;
    const int32_t leader = metadata_.leader(partition);
    if (leader < 0) {
      metadata_.request_update();
    } else if (state.start) {
      to_look_up[leader].push_back(partition);
    } else if (!fetching_.contains(leader)) {
      to_fetch[leader].push_back(partition);
    }
  }
  for (const auto& [leader, partitions] : to_look_up) list_offsets(now, effects, ids, leader, partitions);
  for (const auto& [leader, partitions] : to_fetch) fetch(now, effects, ids, leader, partitions);
}

int32_t Consumer::leader_epoch(const TopicPartition& partition) const {
  const ClusterMetadata::Topic* topic = metadata_.topic(partition.topic);
  BROKERLAB_ASSERT(topic != nullptr);
  return topic->partitions.at(partition.partition).leader_epoch;
}

void Consumer::list_offsets(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
                            const std::vector<TopicPartition>& partitions) {
  kafka::ListOffsetsRequest request;
  request.replica_id = consumer_replica_id;
  request.isolation_level = config_.read_committed ? 1 : 0;
  request.timeout_ms = static_cast<int32_t>(config_.request_timeout.milliseconds());
  for (const TopicPartition& partition : partitions) {
    Partition& state = partitions_.at(partition);
    state.is_under_way = true;
    if (request.topics.empty() || request.topics.back().name != partition.topic)
      request.topics.emplace_back().name = partition.topic;
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition_index = partition.partition;
    asked.current_leader_epoch = leader_epoch(partition);
    asked.timestamp = timestamp_of(*state.start);
  }
  requests_[next_token_] = {leader, false, partitions};
  network_.send(now, effects, ids, leader, std::move(request), list_offsets_versions, next_token_++);
}

void Consumer::fetch(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
                     const std::vector<TopicPartition>& partitions) {
  kafka::FetchRequest request;
  request.max_wait_ms = static_cast<int32_t>(config_.fetch_max_wait.milliseconds());
  request.min_bytes = config_.fetch_min_bytes;
  request.max_bytes = config_.fetch_max_bytes;
  request.isolation_level = config_.read_committed ? 1 : 0;
  kafka::Versions versions = fetch_versions;
  for (const TopicPartition& partition : partitions) {
    Partition& state = partitions_.at(partition);
    state.is_under_way = true;
    if (request.topics.empty() || request.topics.back().topic != partition.topic) {
      auto& topic = request.topics.emplace_back();
      topic.topic = partition.topic;
      topic.topic_id = metadata_.topic(partition.topic)->id;
      if (topic.topic_id.is_zero()) versions.last = last_fetch_with_names;
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition = partition.partition;
    asked.current_leader_epoch = leader_epoch(partition);
    asked.fetch_offset = state.position;
    asked.partition_max_bytes = config_.max_partition_fetch_bytes;
  }
  fetching_.insert(leader);
  requests_[next_token_] = {leader, true, partitions};
  network_.send(now, effects, ids, leader, std::move(request), versions, next_token_++);
}

// ---- answers ----------------------------------------------------------------------------------------------

bool Consumer::owns(const Input& input) const {
  const auto* timer = std::get_if<input::TimerFired>(&input);
  if (timer != nullptr && timer->timer == TimerKey{config_.timer_kind, client_timer}) return true;
  return network_.owns(input);
}

void Consumer::handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids, const Input& input) {
  if (network_.owns(input)) {
    for (const Completion& completion : network_.handle(now, effects, ids, input)) {
      if (completion.token == ClusterMetadata::token)
        metadata_.handle(now, effects, network_, completion);
      else
        handle_answer(now, effects, completion);
    }
  }
  run(now, effects, ids);
}

void Consumer::handle_answer(const Now& now, Effects& effects, const Completion& completion) {
  const auto found = requests_.find(completion.token);
  BROKERLAB_ASSERT(found != requests_.end());
  const Request request = std::move(found->second);
  requests_.erase(found);
  if (request.is_fetch) fetching_.erase(request.leader);
  for (const TopicPartition& partition : request.partitions) partitions_.at(partition).is_under_way = false;
  const bool is_readable =
      completion.answered() && (request.is_fetch ? handle_fetched(now, effects, completion)
                                                 : handle_offsets(now, effects, completion));
  if (is_readable) return;
  metadata_.request_update();
  for (const TopicPartition& partition : request.partitions)
    partitions_.at(partition).retry_at = now.monotonic + config_.retry_backoff;
}

bool Consumer::handle_offsets(const Now& now, Effects& effects, const Completion& completion) {
  const auto response = kafka::decode<kafka::ListOffsetsResponse>(completion.body, completion.version);
  if (!response.ok()) return false;
  for (const auto& topic : response->topics) {
    for (const auto& answer : topic.partitions) {
      const TopicPartition partition{topic.name, answer.partition_index};
      const auto found = partitions_.find(partition);
      if (found == partitions_.end() || !found->second.start) continue;
      Partition& state = found->second;
      if (answer.error_code != 0) {
        refused(now, partition, kafka::error_from(answer.error_code));
      } else if (answer.offset < 0) {
        // No record is that young: begin with the next one.
        state.start = StartAt{StartAt::Kind::latest, 0};
      } else {
        effects.emit(event::PositionSet{partition, state.position, answer.offset});
        state.position = answer.offset;
        state.start.reset();
      }
    }
  }
  return true;
}

bool Consumer::handle_fetched(const Now& now, Effects& effects, const Completion& completion) {
  const auto response = kafka::decode<kafka::FetchResponse>(completion.body, completion.version);
  if (!response.ok() || response->error_code != 0) return false;
  if (completion.version >= first_fetch_to_stay_away)
    network_.stay_away(now, effects, completion.destination, response->throttle_time_ms);
  for (const auto& node : response->node_endpoints)
    metadata_.learn_broker(network_, node.node_id, {node.host, static_cast<uint16_t>(node.port)});
  for (const auto& topic : response->responses) {
    std::string name = topic.topic;
    if (completion.version > last_fetch_with_names) metadata_.topic(topic.topic_id, &name);
    for (const auto& data : topic.partitions) handle_fetched(now, {name, data.partition_index}, data);
  }
  return true;
}

void Consumer::handle_fetched(const Now& now, const TopicPartition& partition,
                              const kafka::FetchResponse::PartitionData& data) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end() || found->second.start) return;
  if (data.current_leader.leader_id >= 0)
    metadata_.learn_leader(partition, data.current_leader.leader_id, data.current_leader.leader_epoch);
  if (data.error_code != 0)
    refused(now, partition, kafka::error_from(data.error_code));
  else
    take_batches(partition, data);
}

void Consumer::refused(const Now& now, const TopicPartition& partition, ErrorCode error) {
  Partition& state = partitions_.at(partition);
  state.retry_at = now.monotonic + config_.retry_backoff;
  if (error == ErrorCode::offset_out_of_range) {
    if (config_.offset_reset) {
      state.start = StartAt{*config_.offset_reset, 0};
      state.retry_at = now.monotonic;
    } else {
      failure_ = Failure{error, fmt::format("Fetch position {} is out of range for partition {}",
                                            state.position, partition.to_string())};
    }
  } else if (kafka::is_retriable(error) || error == ErrorCode::fenced_leader_epoch) {
    metadata_.request_update();
  } else {
    failure_ = Failure{error, std::string(kafka::error_message(error))};
  }
}

void Consumer::take_batches(const TopicPartition& partition,
                            const kafka::FetchResponse::PartitionData& data) {
  if (!data.records) return;
  Partition& state = partitions_.at(partition);
  auto aborted = data.aborted_transactions.value_or(std::vector<kafka::FetchResponse::AbortedTransaction>{});
  std::sort(aborted.begin(), aborted.end(),
            [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  auto next_aborted = aborted.begin();
  std::set<int64_t> aborted_producers;
  for (const Slice& slice : *data.records) {
    kafka::BatchReader reader(std::get<Bytes>(slice));
    while (std::optional<kafka::RecordBatch> batch = reader.next()) {
      const kafka::RecordBatchHeader& header = batch->header;
      if (header.base_offset < 0 || header.base_offset > highest_base_offset ||
          header.last_offset_delta < 0) {
        failure_ = Failure{
            ErrorCode::corrupt_message,
            fmt::format("Record batch for partition {} has impossible offsets", partition.to_string())};
        return;
      }
      for (; next_aborted != aborted.end() && next_aborted->first_offset <= header.last_offset();
           ++next_aborted)
        aborted_producers.insert(next_aborted->producer_id);
      const bool is_aborted = config_.read_committed && header.is_transactional() &&
                              aborted_producers.contains(header.producer_id);
      if (header.is_control()) {
        if (is_abort_marker(*batch)) aborted_producers.erase(header.producer_id);
      } else if (!is_aborted) {
        take_batch(partition, state, *batch);
      }
      if (failure_) return;
      // Also over offsets that compaction took out.
      state.position = std::max(state.position, header.last_offset() + 1);
    }
    if (!reader.error().ok()) failure_ = Failure{reader.error().code, reader.error().message};
  }
}

void Consumer::take_batch(const TopicPartition& partition, Partition& state,
                          const kafka::RecordBatch& batch) {
  if (!kafka::has_right_crc(batch.bytes)) {
    failure_ = Failure{ErrorCode::corrupt_message,
                       fmt::format("Record batch for partition {} at offset {} is invalid, cause: Record is "
                                   "corrupt",
                                   partition.to_string(), batch.header.base_offset)};
    return;
  }
  kafka::RecordReader reader(batch);
  kafka::Record record;
  while (reader.next(record)) {
    // A batch is sent whole, from before the position too.
    if (record.offset < state.position) continue;
    records_.push_back(
        {partition, record, batch.header.timestamp_type(), batch.header.partition_leader_epoch});
  }
  if (!reader.error().ok()) failure_ = Failure{reader.error().code, reader.error().message};
}

Instant Consumer::next_run(const Now& now) const {
  Instant next = metadata_.next_run();
  if (failure_) return next;
  for (const auto& [partition, state] : partitions_) {
    if (state.is_under_way) continue;
    const int32_t leader = metadata_.leader(partition);
    // What is due already waits for an answer: for a leader, or for the leader's Fetch that is under way.
    const bool can_be_asked = leader >= 0 && (state.start || !fetching_.contains(leader));
    if (can_be_asked || state.retry_at > now.monotonic) next = std::min(next, state.retry_at);
  }
  return next;
}

}  // namespace brokerlab

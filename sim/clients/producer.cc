#include "sim/clients/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/base/assert.h"
#include "sim/clients/exception_name.h"
#include "sim/clients/record_events.h"
#include "sim/wire/kafka/22_init_producer_id.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;

constexpr uint64_t producer_id_token = UINT64_MAX - 1;
constexpr kafka::Versions produce_versions{3, 13};
constexpr int16_t last_produce_with_names = 12;
/// Before it a broker held its answer back itself (KIP-219).
constexpr int16_t first_produce_to_stay_away = 6;
constexpr kafka::Versions init_producer_id_versions{0, 5};

/// What an attempt ended with that got no answer.
ErrorCode error_of(RequestOutcome outcome) {
  switch (outcome) {
    case RequestOutcome::answered:
    case RequestOutcome::sent:
      return ErrorCode::none;
    case RequestOutcome::timed_out:
      return ErrorCode::request_timed_out;
    case RequestOutcome::unsupported:
      return ErrorCode::unsupported_version;
    case RequestOutcome::unreachable:
    case RequestOutcome::unknown_host:
    case RequestOutcome::disconnected:
      return ErrorCode::network_exception;
  }
  return ErrorCode::network_exception;
}

/// Errors that say that the leader is another one, or nobody.
bool is_of_metadata(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::replica_not_available:
    case ErrorCode::network_exception:
    case ErrorCode::kafka_storage_error:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_leader_epoch:
    case ErrorCode::listener_not_found:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::inconsistent_topic_id:
      return true;
    default:
      return false;
  }
}

kafka::RecordBatchBuilder::Data data_of(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return bytes->span();
}

size_t varint_size(size_t value) {
  size_t size = 1;
  for (uint64_t zigzag = uint64_t{value} << 1; zigzag >= 0x80; zigzag >>= 7) ++size;
  return size;
}

/// What the record takes at most, as Kafka's client counts it (its error message tells the figure): length,
/// attributes and deltas at their longest, then key, value and headers as they are.
size_t largest_size(const ProducerRecord& record) {
  constexpr size_t fixed = 5 + 1 + 10 + 5;
  const auto size_of = [](const std::optional<Bytes>& bytes) {
    return bytes ? varint_size(bytes->size()) + bytes->size() : 1;
  };
  size_t size = fixed + size_of(record.key) + size_of(record.value) + varint_size(record.headers.size());
  for (const auto& [key, value] : record.headers)
    size += varint_size(key.size()) + key.size() + size_of(value);
  return size;
}

/// What the record takes of buffer.memory: its bytes and what keeps them.
size_t memory_of(const ProducerRecord& record) { return sizeof(ProducerRecord) + largest_size(record); }

std::vector<kafka::RecordHeader> headers_of(const ProducerRecord& record) {
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [key, value] : record.headers)
    headers.push_back({key, value ? std::optional(value->text()) : std::nullopt});
  return headers;
}

}  // namespace

Producer::Producer(ProducerConfig config, Random random)
    : config_(config),
      network_({.client_id = config.client_id,
                .request_timeout = config.request_timeout,
                .timer_kind = config.timer_kind,
                .timer_id = network_timer,
                .negotiate_versions = true,
                .log_context = config.log_context}),
      metadata_({.bootstrap = config.bootstrap,
                 .retry_backoff = config.retry_backoff,
                 .retry_backoff_max = config.retry_backoff_max,
                 .max_age = config.metadata_max_age,
                 .first_choice = random.fork(0).below(UINT16_MAX),
                 .log_context = config.log_context}),
      keyless_(random) {
  BROKERLAB_ASSERT(!config_.is_idempotent || config_.acks == -1);
  metadata_.start(network_);
}

// ---- records -> batches -----------------------------------------------------------------------------------

void Producer::send(const Now& now, ProducerRecord record, uint64_t token, EventRef cause) {
  ++pending_;
  memory_ += memory_of(record);
  metadata_.add_topic(record.topic);
  std::deque<Waiting>& queue = waiting_[record.topic];
  queue.push_back({std::move(record), token, cause, now.monotonic});
}

void Producer::flush() { is_flushing_ = pending_ > 0; }

void Producer::place_waiting(const Now& now) {
  for (auto& [topic, queue] : waiting_) {
    while (!queue.empty() && place(now, queue.front())) queue.pop_front();
    while (!queue.empty() && queue.front().sent_at + config_.max_block <= now.monotonic) {
      fail_record(now, queue.front(), ErrorCode::request_timed_out,
                  fmt::format("Topic {} not present in metadata after {} ms.", topic,
                              config_.max_block.milliseconds()));
      queue.pop_front();
    }
  }
}

/// Whether the record left the queue: into a batch, or failed.
bool Producer::place(const Now& now, Waiting& waiting) {
  const ProducerRecord& record = waiting.record;
  const ClusterMetadata::Topic* topic = metadata_.topic(record.topic);
  if (topic != nullptr && topic->error != ErrorCode::none && !kafka::is_retriable(topic->error)) {
    const bool is_name = topic->error == ErrorCode::invalid_topic_exception;
    fail_record(now, waiting, topic->error,
                is_name ? fmt::format("Invalid topics: [{}]", record.topic)
                        : std::string(kafka::error_message(topic->error)));
    return true;
  }
  if (topic == nullptr || topic->partitions.empty()) return false;
  const size_t size = largest_size(record);
  const size_t alone = kafka::RecordBatchHeader::bytes + size;
  if (alone > config_.max_request_size) {
    fail_record(
        now, waiting, ErrorCode::message_too_large,
        fmt::format("The message is {} bytes when serialized which is larger than {}, which is the value "
                    "of the max.request.size configuration.",
                    alone, config_.max_request_size));
    return true;
  }
  TopicPartition partition{record.topic, 0};
  const auto count = static_cast<int32_t>(topic->partitions.size());
  if (record.partition) {
    if (!topic->partitions.contains(*record.partition)) return false;
    partition.partition = *record.partition;
  } else if (record.key) {
    partition.partition = partition_of_key(record.key->span(), count);
  } else {
    std::vector<int32_t> available;
    for (const auto& [number, entry] : topic->partitions)
      if (entry.leader >= 0) available.push_back(number);
    if (available.empty())
      for (const auto& [number, entry] : topic->partitions) available.push_back(number);
    partition.partition = config_.rotates_partitions
                              ? keyless_.rotate(record.topic, available)
                              : keyless_.stick(record.topic, available, size, config_.batch_size);
  }
  append(partition, waiting, size);
  return true;
}

void Producer::append(const TopicPartition& partition, Waiting& waiting, size_t size) {
  std::deque<Batch>& batches = partitions_[partition].batches;
  const bool is_new =
      batches.empty() || batches.back().is_closed || batches.back().size + size > config_.batch_size;
  if (is_new) {
    if (!batches.empty()) batches.back().is_closed = true;
    Batch& batch = batches.emplace_back();
    batch.size = kafka::RecordBatchHeader::bytes;
    batch.created = waiting.sent_at;
    batch.cause = waiting.cause;
  }
  Batch& batch = batches.back();
  batch.size += size;
  batch.memory += memory_of(waiting.record);
  batch.records.push_back(std::move(waiting.record));
  batch.tokens.push_back(waiting.token);
  if (batch.size >= config_.batch_size) batch.is_closed = true;
}

// ---- batches -> requests ----------------------------------------------------------------------------------

void Producer::run(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  if (pending_ == 0) is_flushing_ = false;
  place_waiting(now);
  expire(now);
  request_producer_id(now, effects, ids);
  send_batches(now, effects, ids);
  metadata_.run(now, effects, ids, network_);
  effects.set_timer({config_.timer_kind, client_timer}, next_run(now));
}

void Producer::expire(const Now& now) {
  for (auto& [partition, state] : partitions_) {
    while (!state.is_under_way && !state.batches.empty() &&
           state.batches.front().created + config_.delivery_timeout <= now.monotonic)
      fail(now, partition, ErrorCode::request_timed_out,
           fmt::format("Expiring {} record(s) for {}:{} ms has passed since batch creation",
                       state.batches.front().records.size(), partition.to_string(),
                       config_.delivery_timeout.milliseconds()));
  }
}

void Producer::request_producer_id(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  if (!config_.is_idempotent || producer_.is_known() || is_producer_id_under_way_) return;
  if (!metadata_.is_known() || producer_id_retry_at_ > now.monotonic || pending_ == 0) return;
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = INT32_MAX;
  is_producer_id_under_way_ = true;
  network_.send(now, effects, ids, metadata_.least_loaded(network_), std::move(request),
                init_producer_id_versions, producer_id_token);
}

void Producer::handle_producer_id(const Now& now, const Completion& completion) {
  is_producer_id_under_way_ = false;
  producer_id_retry_at_ = now.monotonic + config_.retry_backoff;
  if (!completion.answered()) return;
  const auto response = kafka::decode<kafka::InitProducerIdResponse>(completion.body, completion.version);
  if (!response.ok() || response->error_code != 0) return;
  producer_ = {response->producer_id, response->producer_epoch};
}

void Producer::raise_producer_epoch() {
  if (producer_.epoch < std::numeric_limits<int16_t>::max())
    ++producer_.epoch;
  else
    producer_ = {};
}

Instant Producer::due_at(const Partition& partition) const {
  if (partition.is_under_way || partition.batches.empty()) return never;
  const Batch& batch = partition.batches.front();
  const bool lingers = !batch.is_closed && !is_flushing_;
  return std::max(lingers ? batch.created + config_.linger : batch.created, partition.retry_at);
}

bool Producer::is_due(const Now& now, const Partition& partition) const {
  return due_at(partition) <= now.monotonic;
}

void Producer::send_batches(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  if (config_.is_idempotent && !producer_.is_known()) return;
  std::map<int32_t, std::vector<TopicPartition>> by_leader;
  std::map<int32_t, size_t> sizes;
  for (auto& [partition, state] : partitions_) {
    if (!is_due(now, state)) continue;
    const int32_t leader = metadata_.leader(partition);
    if (leader < 0) {
      metadata_.request_update();
      continue;
    }
    const size_t size = state.batches.front().size;
    if (sizes[leader] > 0 && sizes[leader] + size > config_.max_request_size) {
      send_request(now, effects, ids, leader, std::exchange(by_leader[leader], {}));
      sizes[leader] = 0;
    }
    by_leader[leader].push_back(partition);
    sizes[leader] += size;
  }
  for (const auto& [leader, partitions] : by_leader)
    if (!partitions.empty()) send_request(now, effects, ids, leader, partitions);
}

Bytes Producer::encode(Partition& partition, Batch& batch) {
  if (config_.is_idempotent && !batch.producer.is_known()) {
    if (partition.sequences_of != producer_) partition.next_sequence = 0;
    partition.sequences_of = batch.producer = producer_;
    batch.base_sequence = partition.next_sequence;
    // Sequences wrap from 2^31-1 to 0.
    partition.next_sequence = static_cast<int32_t>(
        (static_cast<uint32_t>(partition.next_sequence) + batch.records.size()) & 0x7fffffff);
  }
  kafka::RecordBatchBuilder builder({.compression = config_.compression,
                                     .producer_id = batch.producer.id,
                                     .producer_epoch = batch.producer.epoch,
                                     .base_sequence = batch.base_sequence});
  for (const ProducerRecord& record : batch.records)
    builder.append(record.timestamp_ms, data_of(record.key), data_of(record.value), headers_of(record));
  return builder.build();
}

void Producer::send_request(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
                            const std::vector<TopicPartition>& partitions) {
  kafka::ProduceRequest request;
  request.acks = config_.acks;
  request.timeout_ms = static_cast<int32_t>(config_.request_timeout.milliseconds());
  kafka::Versions versions = produce_versions;
  EventRef cause;
  for (const TopicPartition& partition : partitions) {
    Partition& state = partitions_.at(partition);
    Batch& batch = state.batches.front();
    batch.is_closed = true;
    ++batch.attempts;
    state.is_under_way = true;
    if (cause.is_none()) cause = batch.cause;
    if (request.topic_data.empty() || request.topic_data.back().name != partition.topic) {
      auto& topic = request.topic_data.emplace_back();
      topic.name = partition.topic;
      topic.topic_id = metadata_.topic(partition.topic)->id;
      if (topic.topic_id.is_zero()) versions.last = last_produce_with_names;
    }
    request.topic_data.back().partition_data.push_back(
        {.index = partition.partition, .records = Slices{encode(state, batch)}, .unknown_tags = {}});
  }
  requests_[next_token_] = {partitions};
  network_.send(now, effects, ids, leader, std::move(request), versions, next_token_++, cause);
}

// ---- answers ----------------------------------------------------------------------------------------------

bool Producer::owns(const Input& input) const {
  const auto* timer = std::get_if<input::TimerFired>(&input);
  if (timer != nullptr && timer->timer == TimerKey{config_.timer_kind, client_timer}) return true;
  return network_.owns(input);
}

void Producer::handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids, const Input& input) {
  if (network_.owns(input)) {
    for (const Completion& completion : network_.handle(now, effects, ids, input)) {
      if (completion.token == ClusterMetadata::token) {
        metadata_.handle(now, effects, network_, completion);
      } else if (completion.token == producer_id_token) {
        handle_producer_id(now, completion);
      } else {
        handle_produced(now, effects, completion);
      }
    }
  }
  run(now, effects, ids);
}

void Producer::handle_produced(const Now& now, Effects& effects, const Completion& completion) {
  const auto found = requests_.find(completion.token);
  BROKERLAB_ASSERT(found != requests_.end());
  const std::vector<TopicPartition> partitions = std::move(found->second.partitions);
  requests_.erase(found);
  std::map<TopicPartition, PartitionResponse> responses;
  ErrorCode error = error_of(completion.outcome);
  if (completion.answered()) {
    const auto response = kafka::decode<kafka::ProduceResponse>(completion.body, completion.version);
    if (!response.ok()) error = ErrorCode::network_exception;
    if (response.ok()) {
      if (completion.version >= first_produce_to_stay_away)
        network_.stay_away(now, effects, completion.destination, response->throttle_time_ms);
      for (const auto& node : response->node_endpoints)
        metadata_.learn_broker(network_, node.node_id, {node.host, static_cast<uint16_t>(node.port)});
      for (const auto& topic : response->responses) {
        std::string name = topic.name;
        if (completion.version > last_produce_with_names) metadata_.topic(topic.topic_id, &name);
        for (const PartitionResponse& partition : topic.partition_responses)
          responses[{name, partition.index}] = partition;
      }
      // The leader is silent about a partition only when it is broken.
      error = ErrorCode::unknown_server_error;
    }
  }
  for (const TopicPartition& partition : partitions) {
    partitions_.at(partition).is_under_way = false;
    const auto response = responses.find(partition);
    if (response != responses.end()) {
      handle_response(now, effects, completion, partition, response->second);
    } else if (completion.outcome == RequestOutcome::sent) {
      succeed(now, partition, -1, true);
    } else if (completion.outcome == RequestOutcome::unreachable ||
               completion.outcome == RequestOutcome::unknown_host) {
      wait_for_leader(now, partition);
    } else {
      const std::string message = error == ErrorCode::network_exception
                                      ? fmt::format("Disconnected from node {}", completion.destination)
                                      : std::string(kafka::error_message(error));
      retry_or_fail(now, effects, completion, partition, error, message);
    }
  }
}

void Producer::handle_response(const Now& now, Effects& effects, const Completion& completion,
                               const TopicPartition& partition, const PartitionResponse& response) {
  const ErrorCode error = kafka::error_from(response.error_code);
  // A duplicate is in the log already: the answer to an earlier attempt was lost.
  if (error == ErrorCode::none || error == ErrorCode::duplicate_sequence_number)
    return succeed(now, partition, response.base_offset, response.log_append_time_ms < 0);
  if (response.current_leader.leader_id >= 0)
    metadata_.learn_leader(partition, response.current_leader.leader_id,
                           response.current_leader.leader_epoch);
  retry_or_fail(now, effects, completion, partition, error,
                response.error_message.value_or(std::string(kafka::error_message(error))));
}

/// The oldest batch of the partition is over: what its delivery says either way.
Delivery Producer::take_first_batch(const Now& now, const TopicPartition& partition) {
  std::deque<Batch>& batches = partitions_.at(partition).batches;
  Batch& batch = batches.front();
  Delivery delivery;
  delivery.partition = partition;
  delivery.records = std::move(batch.tokens);
  for (const ProducerRecord& record : batch.records)
    delivery.record_hashes.push_back(record_hash(record.key, record.value, record.timestamp_ms));
  delivery.attempts = batch.attempts;
  delivery.took = now.monotonic - batch.created;
  pending_ -= delivery.records.size();
  memory_ -= batch.memory;
  batches.pop_front();
  return delivery;
}

void Producer::succeed(const Now& now, const TopicPartition& partition, int64_t first_offset,
                       bool keeps_timestamps) {
  Delivery delivery = take_first_batch(now, partition);
  if (!keeps_timestamps) delivery.record_hashes.clear();
  delivery.first_offset = first_offset;
  deliveries_.push_back(std::move(delivery));
}

/// The batch never left, so this was no attempt: it waits for a leader that can be reached.
void Producer::wait_for_leader(const Now& now, const TopicPartition& partition) {
  Partition& state = partitions_.at(partition);
  --state.batches.front().attempts;
  state.retry_at = now.monotonic + config_.retry_backoff;
  metadata_.request_update();
}

void Producer::retry_or_fail(const Now& now, Effects& effects, const Completion& completion,
                             const TopicPartition& partition, ErrorCode error, const std::string& message) {
  Partition& state = partitions_.at(partition);
  Batch& batch = state.batches.front();
  if (is_of_metadata(error)) metadata_.request_update();
  // The leader has lost what came before the batch: this one can still be the first of a new epoch.
  const bool begins_anew = error == ErrorCode::out_of_order_sequence_number && batch.producer.is_known();
  const bool may_retry = (kafka::is_retriable(error) || begins_anew) &&
                         batch.attempts - 1 < config_.retries &&
                         batch.created + config_.delivery_timeout > now.monotonic;
  if (!may_retry) return fail(now, partition, error, message);
  if (begins_anew) {
    if (batch.producer == producer_) raise_producer_epoch();
    batch.producer = {};
  }
  note_retry(effects, completion, partition, error, message, batch.attempts);
  const int doublings = std::min(batch.attempts - 1, 16);
  state.retry_at =
      now.monotonic + std::min(config_.retry_backoff * (int64_t{1} << doublings), config_.retry_backoff_max);
}

void Producer::note_retry(Effects& effects, const Completion& completion, const TopicPartition& partition,
                          ErrorCode error, const std::string& message, int32_t attempts) const {
  if (config_.log_context.empty()) return;
  constexpr std::string_view logger = "org.apache.kafka.clients.producer.internals.Sender";
  effects.emit(event::Noted{fmt::format(
      "WARN {}Got error produce response with correlation id {} on topic-partition {}, retrying ({} attempts "
      "left). Error: {} ({})",
      config_.log_context, completion.correlation_id, partition.to_string(), config_.retries - attempts,
      kafka::error_name(error), logger)});
  if (is_of_metadata(error))
    effects.emit(event::Noted{fmt::format(
        "WARN {}Received invalid metadata error in produce request on partition {} due to {}: {} Going to "
        "request metadata update now ({})",
        config_.log_context, partition.to_string(), exception_name(error), message, logger)});
}

void Producer::fail(const Now& now, const TopicPartition& partition, ErrorCode error, std::string message) {
  // The next batch would leave a gap in the sequences, or repeat some: they begin anew, in a new epoch (KIP-360).
  const Batch& batch = partitions_.at(partition).batches.front();
  if (batch.producer.is_known() && batch.producer == producer_) raise_producer_epoch();
  Delivery delivery = take_first_batch(now, partition);
  delivery.error = error;
  delivery.message = std::move(message);
  deliveries_.push_back(std::move(delivery));
}

void Producer::fail_record(const Now& now, const Waiting& waiting, ErrorCode error, std::string message) {
  Delivery delivery;
  delivery.partition = {waiting.record.topic, -1};
  delivery.error = error;
  delivery.message = std::move(message);
  delivery.records = {waiting.token};
  delivery.record_hashes = {
      record_hash(waiting.record.key, waiting.record.value, waiting.record.timestamp_ms)};
  delivery.took = now.monotonic - waiting.sent_at;
  --pending_;
  memory_ -= memory_of(waiting.record);
  deliveries_.push_back(std::move(delivery));
}

Instant Producer::next_run(const Now& now) const {
  Instant next = metadata_.next_run();
  const bool needs_id = config_.is_idempotent && !producer_.is_known();
  if (needs_id && !is_producer_id_under_way_ && metadata_.is_known() && pending_ > 0)
    next = std::min(next, producer_id_retry_at_);
  for (const auto& [topic, queue] : waiting_)
    if (!queue.empty()) next = std::min(next, queue.front().sent_at + config_.max_block);
  for (const auto& [partition, state] : partitions_) {
    if (state.is_under_way || state.batches.empty()) continue;
    next = std::min(next, state.batches.front().created + config_.delivery_timeout);
    // What is due already waits for an answer: for an id, or for a leader.
    const bool can_be_sent = !needs_id && metadata_.leader(partition) >= 0;
    if (can_be_sent || due_at(state) > now.monotonic) next = std::min(next, due_at(state));
  }
  return next;
}

}  // namespace brokerlab

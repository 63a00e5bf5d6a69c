// Produce (0): appends one batch to each partition, versions 3 to 13 (advertised from 0: KAFKA-18659).
//
// acks=0 has no answer; when something was wrong the connection is closed. A null instead of records is never
// answered and silences its connection, as in Kafka 4.3.1, whose handler dies of it. KIP-110 (zstd: v7),
// KIP-516 (topic ids: v13), KIP-951 (where the leader is: v10), KIP-219 (over its quota a client is answered at
// once, told for how long to stay away, and not heard until then; also with acks=0).
#include "sim/wire/kafka/00_produce.h"

#include <algorithm>
#include <set>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"
#include "sim/brokers/record_validation.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::ProduceRequest;
using kafka::ProduceResponse;

namespace {

constexpr int16_t first_version_with_zstd = 7;
constexpr int16_t first_produce_with_topic_ids = 13;
constexpr int16_t first_produce_with_current_leader = 10;

bool has_null_records(const ProduceRequest& request) {
  for (const auto& topic : request.topic_data)
    for (const auto& partition : topic.partition_data)
      if (!partition.records) return true;
  return false;
}

Bytes in_one_piece(const Slices& records) {
  return records.empty() ? Bytes{}
                         : std::get<Bytes>(records.front());  // of a decoded frame: one view into it
}

void refuse(ProduceResponse::PartitionProduceResponse& answer, ErrorCode error) {
  answer.error_code = to_int16(error);
  answer.base_offset = -1;
}

/// Appends one partition's records and fills its answer. `place`: of the answer.
void produce_to(const HandlerContext& context, const ProduceRequest& request, int16_t version,
                const PartitionKey& key, const Slices& records,
                ProduceResponse::PartitionProduceResponse& answer, ProduceOperation& operation,
                ProduceOperation::Appended place) {
  ReplicaManager& replicas = context.broker->replicas();
  const Partition* partition = replicas.find(key);
  if (partition == nullptr) {
    refuse(answer, ReplicaManager::missing(key, context.image));
    return;
  }
  if (!partition->is_leader()) {
    refuse(answer, ErrorCode::not_leader_or_follower);
    return;
  }
  const std::string topic_partition = partition->name().to_string();
  const PartitionConfig& config = partition->config();
  const ValidatedRecords validated =
      validate_records(in_one_piece(records),
                       {.topic_partition = topic_partition,
                        .has_transactional_id = request.transactional_id.has_value(),
                        .accepts_zstd = version >= first_version_with_zstd,
                        .is_compacted = partition->log().config().compacts,
                        .is_log_append_time = partition->log().config().log_append_time,
                        .max_message_bytes = config.max_message_bytes,
                        .timestamp_before_max_ms = config.timestamp_before_max_ms,
                        .timestamp_after_max_ms = config.timestamp_after_max_ms,
                        .compression = config.compression},
                       context.step.now.wall_ms);
  if (validated.error != ErrorCode::none) {
    refuse(answer, validated.error);
    if (!validated.error_message.empty()) answer.error_message = validated.error_message;
    for (const RecordError& error : validated.record_errors)
      answer.record_errors.push_back(
          {.batch_index = error.batch_index, .batch_index_error_message = error.message});
    if (validated.names_log_start_offset) answer.log_start_offset = partition->log().log_start_offset();
    return;
  }
  if (validated.batch.header.is_transactional()) {
    refuse(answer, ErrorCode::invalid_producer_id_mapping);  // no transaction coordinator: no id is known
    return;
  }
  const Partition::Append append = replicas.append(key, validated.batch.bytes, request.acks, context.image,
                                                   context.step.now, context.step.effects);
  if (append.error != ErrorCode::none) {
    refuse(answer, append.error);
    const bool names_log_start =
        append.error != ErrorCode::kafka_storage_error && append.error != ErrorCode::record_list_too_large;
    if (names_log_start) answer.log_start_offset = partition->log().log_start_offset();
    return;
  }
  answer.base_offset = append.first_offset;
  answer.log_append_time_ms = append.log_append_time_ms;
  answer.log_start_offset = partition->log().log_start_offset();
  place.key = key;
  place.first_offset = append.first_offset;
  place.last_offset = append.last_offset;
  place.leader_epoch = partition->leader_epoch();
  operation.appended.push_back(place);
}

}  // namespace

void handle_produce(const HandlerContext& context, const Request& request) {
  const std::optional<ProduceRequest> produce = read_request<ProduceRequest>(context.step, request);
  if (!produce || has_null_records(*produce)) return;
  const int16_t version = request.context.header.api_version;
  const bool by_id = version >= first_produce_with_topic_ids;
  const bool has_valid_acks = produce->acks >= -1 && produce->acks <= 1;

  ProduceOperation operation;
  operation.request = request.context;
  operation.acks = produce->acks;
  auto& answers = operation.response.responses;
  answers.reserve(produce->topic_data.size());
  for (const auto& topic_data : produce->topic_data) {
    auto& topic_answer = answers.emplace_back();
    const TopicImage* topic =
        by_id ? context.image.topic(topic_data.topic_id) : context.image.topic(topic_data.name);
    topic_answer.name = topic != nullptr ? topic->name : topic_data.name;
    topic_answer.topic_id = topic_data.topic_id;
    topic_answer.partition_responses.reserve(topic_data.partition_data.size());
    for (const auto& data : topic_data.partition_data) {
      auto& answer = topic_answer.partition_responses.emplace_back();
      answer.index = data.index;
      if (!has_valid_acks) {
        refuse(answer, ErrorCode::invalid_required_acks);
      } else if (topic == nullptr) {
        refuse(answer, by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition);
      } else {
        ProduceOperation::Appended place;
        place.topic = answers.size() - 1;
        place.partition = topic_answer.partition_responses.size() - 1;
        produce_to(context, *produce, version, {topic->id, data.index}, *data.records, answer, operation,
                   place);
      }
    }
  }
  context.broker->replicas().produce(std::move(operation), milliseconds(std::max(produce->timeout_ms, 0)),
                                     context.image, context.step.now, context.step.effects);
}

void answer_produce(NodeStep& step, ClientQuotas& quotas, const MetadataImage& image,
                    ProduceOperation operation) {
  ProduceResponse& response = operation.response;
  const RequestContext& request = operation.request;
  const Duration throttle = quotas.record(QuotaKind::produce, request.header.client_id.value_or(""),
                                          request.bytes, step.now.monotonic);
  response.throttle_time_ms = static_cast<int32_t>(throttle.milliseconds());
  if (throttle > Duration{}) step.channel.mute(request, step.now.monotonic + throttle, step.effects);
  bool failed = false;
  std::set<int32_t> leaders;
  for (auto& topic : response.responses) {
    for (auto& answer : topic.partition_responses) {
      if (answer.error_code == 0) continue;
      failed = true;
      answer.base_offset = -1;
      if (answer.error_code != to_int16(ErrorCode::not_leader_or_follower)) continue;
      if (const PartitionRegistration* partition = image.partition(topic.name, answer.index)) {
        answer.current_leader.leader_id = partition->leader;
        answer.current_leader.leader_epoch = partition->leader_epoch;
        leaders.insert(partition->leader);
      }
    }
  }
  if (operation.acks == 0) {
    if (failed)
      step.channel.close(operation.request, step.effects);
    else
      step.channel.no_response(operation.request, step.effects);
    return;
  }
  if (operation.request.header.api_version >= first_produce_with_current_leader) {
    for (const int32_t leader : leaders) {
      const Endpoint* endpoint = endpoint_of(image, leader, operation.request.listener);
      if (endpoint == nullptr) continue;
      auto& node = response.node_endpoints.emplace_back();
      node.node_id = leader;
      node.host = endpoint->host;
      node.port = endpoint->port;
    }
  }
  answer(step, operation.request, response);
}

}  // namespace brokerlab

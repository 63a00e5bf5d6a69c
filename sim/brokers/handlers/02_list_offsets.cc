// ListOffsets (2): the offset at a time, or at one of the special ones; versions 1 to 11.
//
// -1 latest, -2 earliest, -3 largest timestamp (KIP-734: v7), -4 earliest local (KIP-405: v8), -5 latest
// tiered (v9), -6 earliest pending upload (v11). Without tiered storage the earliest local offset is the log
// start, and nothing is tiered. Only a leader answers; after its election not before its high watermark has
// reached its epoch (OFFSET_NOT_AVAILABLE, KIP-207).
#include "sim/wire/kafka/02_list_offsets.h"

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;

namespace {

using Answer = ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr int64_t latest = -1;
constexpr int64_t earliest = -2;
constexpr int64_t max_timestamp = -3;
constexpr int64_t earliest_local = -4;
constexpr int64_t latest_tiered = -5;
constexpr int64_t earliest_pending_upload = -6;
/// An unavailable latest offset is told apart from v5 on; before that a client asks again after error 5.
constexpr int16_t first_version_with_not_available = 5;
constexpr int32_t consumer = -1;

bool is_known_timestamp(int64_t timestamp, int16_t version) {
  switch (timestamp) {
    case latest:
    case earliest:
      return true;
    case max_timestamp:
      return version >= 7;
    case earliest_local:
      return version >= 8;
    case latest_tiered:
      return version >= 9;
    case earliest_pending_upload:
      return version >= 11;
    default:
      return timestamp >= 0;
  }
}

/// `unknown_latest`: the error for what a new leader cannot know yet.
void look_up(ReplicaManager& replicas, Partition& partition, Disk& disk, int64_t timestamp, bool is_consumer,
             ErrorCode unknown_latest, Answer& answer) {
  const Log& log = partition.log();
  const bool knows_latest = !is_consumer || partition.knows_latest_offset();
  switch (timestamp) {
    case latest:
      if (!knows_latest) {
        answer.error_code = to_int16(unknown_latest);
        return;
      }
      answer.offset = is_consumer ? partition.high_watermark() : log.log_end_offset();
      answer.leader_epoch = partition.leader_epoch();
      return;
    case earliest:
    case earliest_local:
      answer.offset = log.log_start_offset();
      answer.leader_epoch = log.epochs().epoch_of(answer.offset);
      return;
    case latest_tiered:
    case earliest_pending_upload:
      return;  // none
    default:
      break;
  }
  const Result<std::optional<TimestampAndOffset>> found = timestamp == max_timestamp
                                                              ? log.offset_of_max_timestamp(disk)
                                                              : log.offset_for_timestamp(disk, timestamp);
  if (!found) {
    replicas.fail(found.status());
    answer.error_code = to_int16(ErrorCode::kafka_storage_error);
    return;
  }
  const bool may_be_told =
      found->has_value() && (!is_consumer || (*found)->offset < partition.high_watermark());
  if (!may_be_told) {
    if (!knows_latest) answer.error_code = to_int16(unknown_latest);
    return;
  }
  answer.timestamp = (*found)->timestamp_ms;
  answer.offset = (*found)->offset;
  answer.leader_epoch = (*found)->leader_epoch;
}

}  // namespace

void handle_list_offsets(const HandlerContext& context, const Request& request) {
  const std::optional<ListOffsetsRequest> asked = read_request<ListOffsetsRequest>(context.step, request);
  if (!asked) return;
  const int16_t version = request.context.header.api_version;
  const bool is_consumer = asked->replica_id == consumer;
  ReplicaManager& replicas = context.broker->replicas();
  ListOffsetsResponse response;
  for (const auto& topic : asked->topics) {
    auto& topic_answer = response.topics.emplace_back();
    topic_answer.name = topic.name;
    const TopicImage* image = context.image.topic(topic.name);
    for (const auto& wanted : topic.partitions) {
      Answer& answer = topic_answer.partitions.emplace_back();
      answer.partition_index = wanted.partition_index;
      const auto refuse = [&](ErrorCode error) { answer.error_code = to_int16(error); };
      if (!is_known_timestamp(wanted.timestamp, version)) {
        refuse(ErrorCode::unsupported_version);
        continue;
      }
      if (image == nullptr) {
        refuse(ErrorCode::unknown_topic_or_partition);
        continue;
      }
      const PartitionKey key{image->id, wanted.partition_index};
      Partition* partition = replicas.find(key);
      const ErrorCode error = partition == nullptr ? ReplicaManager::missing(key, context.image)
                                                   : partition->check(wanted.current_leader_epoch, true);
      if (error != ErrorCode::none) {
        refuse(error);
      } else {
        look_up(replicas, *partition, context.step.effects.disk(), wanted.timestamp, is_consumer,
                version >= first_version_with_not_available ? ErrorCode::offset_not_available
                                                            : ErrorCode::leader_not_available,
                answer);
      }
    }
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

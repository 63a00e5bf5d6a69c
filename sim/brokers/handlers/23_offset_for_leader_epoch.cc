// OffsetForLeaderEpoch (23): where an epoch ends in the leader's log, versions 2 to 4 (KIP-101, KIP-279,
// KIP-320).
//
// Consumers ask it after a change of leader, to notice that what they have read was cut.
#include "sim/wire/kafka/23_offset_for_leader_epoch.h"

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::OffsetForLeaderEpochRequest;
using kafka::OffsetForLeaderEpochResponse;

void handle_offset_for_leader_epoch(const HandlerContext& context, const Request& request) {
  const std::optional<OffsetForLeaderEpochRequest> asked =
      read_request<OffsetForLeaderEpochRequest>(context.step, request);
  if (!asked) return;
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked->topics) {
    auto& topic_answer = response.topics.emplace_back();
    topic_answer.topic = topic.topic;
    const TopicImage* image = context.image.topic(topic.topic);
    for (const auto& wanted : topic.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.partition = wanted.partition;
      const PartitionKey key{image == nullptr ? Uuid{} : image->id, wanted.partition};
      const Partition* partition = context.broker->replicas().find(key);
      ErrorCode error = ErrorCode::unknown_topic_or_partition;
      if (partition != nullptr)
        error = partition->check(wanted.current_leader_epoch, true);
      else if (image != nullptr)
        error = ReplicaManager::missing(key, context.image);
      answer.error_code = to_int16(error);
      if (error != ErrorCode::none) continue;
      const EpochEndOffset end = partition->log().end_offset_for_epoch(wanted.leader_epoch);
      answer.leader_epoch = end.epoch;
      answer.end_offset = end.end_offset;
    }
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

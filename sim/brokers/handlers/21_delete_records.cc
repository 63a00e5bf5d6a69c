// DeleteRecords (21): moves the log start of partitions forward, versions 0 to 2 (KIP-107).
//
// -1 asks for everything below the high watermark. A partition is answered once the logs of all living replicas start
// there (its low watermark), or with REQUEST_TIMED_OUT: the leader's log starts there all the same. Logs that are only
// compacted refuse (POLICY_VIOLATION), Kafka's own topics too (INVALID_TOPIC_EXCEPTION).
#include "sim/wire/kafka/21_delete_records.h"

#include <algorithm>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DeleteRecordsRequest;
using kafka::DeleteRecordsResponse;
using kafka::ErrorCode;

void handle_delete_records(const HandlerContext& context, const Request& request) {
  const std::optional<DeleteRecordsRequest> asked = read_request<DeleteRecordsRequest>(context.step, request);
  if (!asked) return;
  ReplicaManager& replicas = context.broker->replicas();
  DeleteRecordsOperation operation;
  operation.request = request.context;
  for (const auto& topic : asked->topics) {
    auto& topic_answer = operation.response.topics.emplace_back();
    topic_answer.name = topic.name;
    const TopicImage* image = context.image.topic(topic.name);
    for (const auto& wanted : topic.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.partition_index = wanted.partition_index;
      Partition::DeletedRecords deleted;
      if (image == nullptr) {
        deleted.error = ErrorCode::unknown_topic_or_partition;
      } else if (is_internal_topic(topic.name)) {
        deleted.error = ErrorCode::invalid_topic_exception;
      } else {
        const PartitionKey key{image->id, wanted.partition_index};
        deleted = replicas.delete_records(key, wanted.offset, context.image, context.step.effects);
        operation.asked.push_back({.key = key,
                                   .topic = operation.response.topics.size() - 1,
                                   .partition = topic_answer.partitions.size() - 1,
                                   .offset = deleted.offset,
                                   .is_decided = deleted.error != ErrorCode::none});
      }
      answer.error_code = to_int16(deleted.error);
      answer.low_watermark = deleted.low_watermark;
    }
  }
  replicas.delete_records(std::move(operation), milliseconds(std::max(asked->timeout_ms, 0)), context.image,
                          context.step.now);
}

void answer_delete_records(NodeStep& step, const DeleteRecordsOperation& operation) {
  answer(step, operation.request, operation.response);
}

}  // namespace brokerlab

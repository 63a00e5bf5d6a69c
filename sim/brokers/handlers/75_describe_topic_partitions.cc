// DescribeTopicPartitions (75): partitions with their eligible leader replicas, page by page (KIP-966).
#include "sim/wire/kafka/75_describe_topic_partitions.h"

#include <algorithm>
#include <set>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DescribeTopicPartitionsRequest;
using kafka::DescribeTopicPartitionsResponse;
using kafka::ErrorCode;

namespace {

using Cursor = DescribeTopicPartitionsResponse::Cursor;

/// max.request.partition.size.limit
constexpr int32_t most_partitions = 2000;

DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition describe_partition(
    const MetadataImage& image, int32_t index, const PartitionRegistration& partition,
    std::string_view listener) {
  DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition answer;
  answer.partition_index = index;
  answer.leader_epoch = partition.leader_epoch;
  answer.replica_nodes = partition.replicas;
  answer.isr_nodes = partition.isr;
  answer.eligible_leader_replicas = partition.elr;
  answer.last_known_elr = partition.last_known_elr;
  answer.offline_replicas = offline_replicas(image, partition, listener);
  answer.leader_id = partition.leader;
  if (!is_alive(image, partition.leader)) {
    answer.leader_id = no_leader;
    answer.error_code = to_int16(ErrorCode::leader_not_available);
  }
  return answer;
}

}  // namespace

void handle_describe_topic_partitions(const HandlerContext& context, const Request& request) {
  const auto asked = read_request<DescribeTopicPartitionsRequest>(context.step, request);
  if (!asked) return;
  std::set<std::string> names;
  for (const auto& topic : asked->topics) names.insert(topic.name);
  if (asked->topics.empty())
    for (const auto& [name, id] : context.image.topic_ids()) names.insert(name);
  if (asked->cursor) names.erase(names.begin(), names.lower_bound(asked->cursor->topic_name));

  DescribeTopicPartitionsResponse response;
  int32_t left = std::clamp(asked->response_partition_limit, 1, most_partitions);
  for (const std::string& name : names) {
    if (left == 0) {
      response.next_cursor.emplace(Cursor{}).topic_name = name;
      break;
    }
    auto& answer = response.topics.emplace_back();
    answer.name = name;
    const TopicImage* topic = context.image.topic(name);
    if (topic == nullptr) {
      answer.error_code = to_int16(is_valid_topic_name(name) ? ErrorCode::unknown_topic_or_partition
                                                             : ErrorCode::invalid_topic_exception);
      continue;
    }
    answer.topic_id = topic->id;
    answer.is_internal = is_internal_topic(name);
    answer.topic_authorized_operations = all_topic_operations;
    const bool is_resumed = asked->cursor && asked->cursor->topic_name == name;
    auto it = topic->partitions.lower_bound(is_resumed ? asked->cursor->partition_index : 0);
    for (; it != topic->partitions.end() && left > 0; ++it, --left)
      answer.partitions.push_back(
          describe_partition(context.image, it->first, it->second, request.context.listener));
    if (it == topic->partitions.end()) continue;
    auto& cursor = response.next_cursor.emplace(Cursor{});
    cursor.topic_name = name;
    cursor.partition_index = it->first;
    break;
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

// ListPartitionReassignments (46): what is being moved (KIP-455), from the image.
#include "sim/wire/kafka/46_list_partition_reassignments.h"

#include <algorithm>

#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ListPartitionReassignmentsRequest;
using kafka::ListPartitionReassignmentsResponse;

namespace {

bool is_wanted(const ListPartitionReassignmentsRequest& request, const std::string& topic,
               int32_t partition) {
  if (!request.topics) return true;
  for (const auto& wanted : *request.topics) {
    const auto& indexes = wanted.partition_indexes;
    if (wanted.name == topic && std::find(indexes.begin(), indexes.end(), partition) != indexes.end())
      return true;
  }
  return false;
}

}  // namespace

void handle_list_partition_reassignments(const HandlerContext& context, const Request& request) {
  const auto asked = read_request<ListPartitionReassignmentsRequest>(context.step, request);
  if (!asked) return;
  ListPartitionReassignmentsResponse response;
  response.error_message.reset();
  for (const auto& [name, id] : context.image.topic_ids()) {
    for (const auto& [index, partition] : context.image.topic(id)->partitions) {
      const bool is_moving = !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
      if (!is_moving || !is_wanted(*asked, name, index)) continue;
      if (response.topics.empty() || response.topics.back().name != name)
        response.topics.emplace_back().name = name;
      auto& ongoing = response.topics.back().partitions.emplace_back();
      ongoing.partition_index = index;
      ongoing.replicas = partition.replicas;
      ongoing.adding_replicas = partition.adding_replicas;
      ongoing.removing_replicas = partition.removing_replicas;
    }
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

#include "sim/brokers/handlers/handlers.h"

#include <algorithm>

#include "sim/brokers/broker.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/33_alter_configs.h"
#include "sim/wire/kafka/37_create_partitions.h"
#include "sim/wire/kafka/43_elect_leaders.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"
#include "sim/wire/kafka/55_describe_quorum.h"

namespace brokerlab {

namespace {

void to_raft(const HandlerContext& context, const Request& request) {
  context.raft.handle_request(context.step, request);
}
void to_controller(const HandlerContext& context, const Request& request) {
  context.controller->handle_request(context.step, context.raft, request);
}
/// Only the active controller can serve it; a body that cannot be read is not worth the way.
template <class M>
void forward(const HandlerContext& context, const Request& request) {
  if (read_request<M>(context.step, request))
    context.broker->forwarding().forward(request, context.step.now.monotonic);
}

constexpr ApiHandlers table[] = {
    {0, handle_produce, nullptr},
    {1, handle_fetch, to_raft},
    {2, handle_list_offsets, nullptr},
    {3, handle_metadata, nullptr},
    {10, handle_find_coordinator, nullptr},
    {18, handle_api_versions, handle_api_versions},
    {19, forward<kafka::CreateTopicsRequest>, to_controller},
    {20, forward<kafka::DeleteTopicsRequest>, to_controller},
    {21, handle_delete_records, nullptr},
    {22, handle_init_producer_id, nullptr},
    {23, handle_offset_for_leader_epoch, nullptr},
    {32, handle_describe_configs, handle_describe_configs},
    {33, forward<kafka::AlterConfigsRequest>, to_controller},
    {35, handle_describe_log_dirs, nullptr},
    {37, forward<kafka::CreatePartitionsRequest>, to_controller},
    {43, forward<kafka::ElectLeadersRequest>, to_controller},
    {44, forward<kafka::IncrementalAlterConfigsRequest>, to_controller},
    {45, forward<kafka::AlterPartitionReassignmentsRequest>, to_controller},
    {46, handle_list_partition_reassignments, handle_list_partition_reassignments},
    {48, handle_describe_client_quotas, nullptr},
    {49, forward<kafka::AlterClientQuotasRequest>, to_controller},
    {52, nullptr, to_raft},  // Vote
    {53, nullptr, to_raft},  // BeginQuorumEpoch
    {54, nullptr, to_raft},  // EndQuorumEpoch
    {55, forward<kafka::DescribeQuorumRequest>, to_controller},
    {56, nullptr, to_controller},  // AlterPartition
    {58, nullptr, to_controller},  // Envelope
    {59, nullptr, to_raft},        // FetchSnapshot
    {60, handle_describe_cluster, handle_describe_cluster},
    {62, nullptr, to_controller},  // BrokerRegistration
    {63, nullptr, to_controller},  // BrokerHeartbeat
    {67, nullptr, to_controller},  // AllocateProducerIds
    {70, nullptr, to_controller},  // ControllerRegistration
    {75, handle_describe_topic_partitions, nullptr},
    {82, nullptr, to_raft},  // UpdateRaftVoter
};

}  // namespace

std::span<const ApiHandlers> api_handlers() { return table; }

const ApiHandlers* find_handlers(int16_t api_key) {
  const auto it = std::lower_bound(std::begin(table), std::end(table), api_key,
                                   [](const ApiHandlers& row, int16_t key) { return row.api_key < key; });
  return it != std::end(table) && it->api_key == api_key ? it : nullptr;
}

const Endpoint* endpoint_of(const MetadataImage& image, int32_t broker, std::string_view listener) {
  const BrokerRegistration* registration = image.broker(broker);
  return registration == nullptr ? nullptr : registration->listener(listener);
}

bool is_alive(const MetadataImage& image, int32_t broker) {
  const BrokerRegistration* registration = image.broker(broker);
  return registration != nullptr && !registration->fenced;
}

std::vector<int32_t> alive_brokers(const MetadataImage& image) {
  std::vector<int32_t> ids;
  for (const auto& [id, registration] : image.brokers())
    if (!registration.fenced) ids.push_back(id);
  return ids;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" || name == "__share_group_state";
}

bool is_valid_topic_name(std::string_view name) {
  constexpr size_t longest = 249;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= longest && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

std::vector<int32_t> offline_replicas(const MetadataImage& image, const PartitionRegistration& partition,
                                      std::string_view listener) {
  std::vector<int32_t> offline;
  for (const int32_t replica : partition.replicas)
    if (!is_alive(image, replica) || endpoint_of(image, replica, listener) == nullptr)
      offline.push_back(replica);
  return offline;
}

}  // namespace brokerlab

// DescribeCluster (60): brokers, or from CONTROLLER controllers, and the cluster id; versions 0 to 2
// (KIP-700, KIP-919, KIP-1073).
#include "sim/wire/kafka/60_describe_cluster.h"

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DescribeClusterRequest;
using kafka::DescribeClusterResponse;
using kafka::ErrorCode;

namespace {

constexpr int8_t brokers_endpoint = 1;
constexpr int8_t controllers_endpoint = 2;

void add_node(DescribeClusterResponse& response, int32_t id, const std::string& host, uint16_t port,
              bool is_fenced) {
  auto& node = response.brokers.emplace_back();
  node.broker_id = id;
  node.host = host;
  node.port = port;
  node.is_fenced = is_fenced;
}

}  // namespace

void handle_describe_cluster(const HandlerContext& context, const Request& request) {
  const std::optional<DescribeClusterRequest> asked =
      read_request<DescribeClusterRequest>(context.step, request);
  if (!asked) return;
  const MetadataImage& image = context.image;
  const bool on_controller =
      context.step.channel.kind_of_listener(request.context.listener) == kafka::Listeners::controller;
  DescribeClusterResponse response;
  response.cluster_id = context.config.cluster_id;
  response.endpoint_type = asked->endpoint_type;
  if (asked->include_cluster_authorized_operations)
    response.cluster_authorized_operations = all_cluster_operations;
  if (asked->endpoint_type != (on_controller ? controllers_endpoint : brokers_endpoint)) {
    const bool is_known =
        asked->endpoint_type == brokers_endpoint || asked->endpoint_type == controllers_endpoint;
    response.error_code =
        to_int16(is_known ? ErrorCode::mismatched_endpoint_type : ErrorCode::unsupported_endpoint_type);
  } else if (on_controller) {
    response.controller_id = context.raft.leader_and_epoch().leader_id;
    for (const auto& [id, address] : context.config.voters)
      add_node(response, id, address.host, address.port, false);
  } else {
    const std::vector<int32_t> alive = alive_brokers(image);
    if (!alive.empty()) response.controller_id = alive[context.broker->random().below(alive.size())];
    for (const auto& [id, registration] : image.brokers()) {
      const Endpoint* endpoint = registration.listener(request.context.listener);
      if (endpoint != nullptr && (!registration.fenced || asked->include_fenced_brokers))
        add_node(response, id, endpoint->host, endpoint->port, registration.fenced);
    }
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

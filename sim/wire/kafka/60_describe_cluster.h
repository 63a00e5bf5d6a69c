// DescribeCluster (60): cluster id, controller and brokers. Versions 0 to 2.
//
// KIP-700, KIP-919 (controllers as endpoints: v1), KIP-1073 (fenced brokers: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeClusterResponse;

struct DescribeClusterRequest {
  static constexpr std::string_view schema_name = "DescribeClusterRequest";
  static constexpr int16_t api_key = 60;
  using Response = DescribeClusterResponse;
  static const MessageSchema& schema();

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("includeClusterAuthorizedOperations", include_cluster_authorized_operations);
    f("endpointType", endpoint_type, since(1));
    f("includeFencedBrokers", include_fenced_brokers, since(2));
  }
};

struct DescribeClusterResponse {
  static constexpr std::string_view schema_name = "DescribeClusterResponse";
  static constexpr int16_t api_key = 60;
  static const MessageSchema& schema();

  struct DescribeClusterBroker {
    int32_t broker_id = 0;
    std::string host{};
    int32_t port = 0;
    std::optional<std::string> rack{};
    bool is_fenced = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("brokerId", broker_id);
      f("host", host);
      f("port", port);
      f("rack", rack, nullable);
      f("isFenced", is_fenced, since(2));
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message{};
  int8_t endpoint_type = 1;
  std::string cluster_id{};
  int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers{};
  int32_t cluster_authorized_operations = INT32_MIN;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("endpointType", endpoint_type, since(1));
    f("clusterId", cluster_id);
    f("controllerId", controller_id);
    f("brokers", brokers);
    f("clusterAuthorizedOperations", cluster_authorized_operations);
  }
};

}  // namespace brokerlab::kafka

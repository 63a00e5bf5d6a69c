// AlterPartitionReassignments (45): moves partitions to other replicas, or takes a move back. Versions 0
// and 1.
//
// KIP-455 (null replicas cancel), KIP-860 (whether the replication factor may change: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AlterPartitionReassignmentsResponse;

struct AlterPartitionReassignmentsRequest {
  static constexpr std::string_view schema_name = "AlterPartitionReassignmentsRequest";
  static constexpr int16_t api_key = 45;
  using Response = AlterPartitionReassignmentsResponse;
  static const MessageSchema& schema();

  struct ReassignablePartition {
    int32_t partition_index = 0;
    std::optional<std::vector<int32_t>> replicas{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("replicas", replicas, nullable);
    }
  };
  struct ReassignableTopic {
    std::string name{};
    std::vector<ReassignablePartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("timeoutMs", timeout_ms);
    f("allowReplicationFactorChange", allow_replication_factor_change, since(1));
    f("topics", topics);
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr std::string_view schema_name = "AlterPartitionReassignmentsResponse";
  static constexpr int16_t api_key = 45;
  static const MessageSchema& schema();

  struct ReassignablePartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  struct ReassignableTopicResponse {
    std::string name{};
    std::vector<ReassignablePartitionResponse> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<ReassignableTopicResponse> responses{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("allowReplicationFactorChange", allow_replication_factor_change, since(1));
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("responses", responses);
  }
};

}  // namespace brokerlab::kafka

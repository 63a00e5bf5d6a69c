// ListPartitionReassignments (46): reassignments under way. Version 0.
//
// KIP-455.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ListPartitionReassignmentsResponse;

struct ListPartitionReassignmentsRequest {
  static constexpr std::string_view schema_name = "ListPartitionReassignmentsRequest";
  static constexpr int16_t api_key = 46;
  using Response = ListPartitionReassignmentsResponse;
  static const MessageSchema& schema();

  struct ListPartitionReassignmentsTopics {
    std::string name{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitionIndexes", partition_indexes);
    }
  };
  int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("timeoutMs", timeout_ms);
    f("topics", topics, nullable);
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr std::string_view schema_name = "ListPartitionReassignmentsResponse";
  static constexpr int16_t api_key = 46;
  static const MessageSchema& schema();

  struct OngoingPartitionReassignment {
    int32_t partition_index = 0;
    std::vector<int32_t> replicas{};
    std::vector<int32_t> adding_replicas{};
    std::vector<int32_t> removing_replicas{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("replicas", replicas);
      f("addingReplicas", adding_replicas);
      f("removingReplicas", removing_replicas);
    }
  };
  struct OngoingTopicReassignment {
    std::string name{};
    std::vector<OngoingPartitionReassignment> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<OngoingTopicReassignment> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka

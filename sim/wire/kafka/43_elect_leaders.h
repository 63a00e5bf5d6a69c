// ElectLeaders (43): asks for the preferred, or an unclean, leader. Versions 0 to 2.
//
// KIP-183, KIP-460 (election type: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ElectLeadersResponse;

struct ElectLeadersRequest {
  static constexpr std::string_view schema_name = "ElectLeadersRequest";
  static constexpr int16_t api_key = 43;
  using Response = ElectLeadersResponse;
  static const MessageSchema& schema();

  struct TopicPartitions {
    std::string topic{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
  int32_t timeout_ms = 60000;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("electionType", election_type, since(1));
    f("topicPartitions", topic_partitions, nullable);
    f("timeoutMs", timeout_ms);
  }
};

struct ElectLeadersResponse {
  static constexpr std::string_view schema_name = "ElectLeadersResponse";
  static constexpr int16_t api_key = 43;
  static const MessageSchema& schema();

  struct PartitionResult {
    int32_t partition_id = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionId", partition_id);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  struct ReplicaElectionResult {
    std::string topic{};
    std::vector<PartitionResult> partition_result{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitionResult", partition_result);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<ReplicaElectionResult> replica_election_results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code, since(1));
    f("replicaElectionResults", replica_election_results);
  }
};

}  // namespace brokerlab::kafka

// CreateTopics (19). Versions 2 to 7, before Kafka 4 also 0 and 1.
//
// KIP-4, KIP-464 (-1 partitions or replicas take the broker's default: v4), KIP-525 (the created
// configuration in the answer: v5), KIP-599 (quota: v6), KIP-516 (topic id: v7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct CreateTopicsResponse;

struct CreateTopicsRequest {
  static constexpr std::string_view schema_name = "CreateTopicsRequest";
  static constexpr int16_t api_key = 19;
  using Response = CreateTopicsResponse;
  static const MessageSchema& schema();

  struct CreatableReplicaAssignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("brokerIds", broker_ids);
    }
  };
  struct CreatableTopicConfig {
    std::string name{};
    std::optional<std::string> value = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("value", value, nullable);
    }
  };
  struct CreatableTopic {
    std::string name{};
    int32_t num_partitions = 0;
    int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments{};
    std::vector<CreatableTopicConfig> configs{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("numPartitions", num_partitions);
      f("replicationFactor", replication_factor);
      f("assignments", assignments);
      f("configs", configs);
    }
  };
  std::vector<CreatableTopic> topics{};
  int32_t timeout_ms = 60000;
  bool validate_only = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("timeoutMs", timeout_ms);
    f("validateOnly", validate_only, since(1));
  }
};

struct CreateTopicsResponse {
  static constexpr std::string_view schema_name = "CreateTopicsResponse";
  static constexpr int16_t api_key = 19;
  static const MessageSchema& schema();

  struct CreatableTopicConfigs {
    std::string name{};
    std::optional<std::string> value = "";
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("value", value, nullable);
      f("readOnly", read_only);
      f("configSource", config_source);
      f("isSensitive", is_sensitive);
    }
  };
  struct CreatableTopicResult {
    std::string name{};
    Uuid topic_id{};
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    int16_t topic_config_error_code = 0;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs = std::vector<CreatableTopicConfigs>{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("topicId", topic_id, since(7));
      f("errorCode", error_code);
      f("errorMessage", error_message, since(1).nullable());
      f("topicConfigErrorCode", topic_config_error_code, since(5).tagged(0));
      f("numPartitions", num_partitions, since(5));
      f("replicationFactor", replication_factor, since(5));
      f("configs", configs, since(5).nullable());
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(2));
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka

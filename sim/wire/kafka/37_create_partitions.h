// CreatePartitions (37): adds partitions to topics. Versions 0 to 3.
//
// KIP-195, KIP-599 (quota: v3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct CreatePartitionsResponse;

struct CreatePartitionsRequest {
  static constexpr std::string_view schema_name = "CreatePartitionsRequest";
  static constexpr int16_t api_key = 37;
  using Response = CreatePartitionsResponse;
  static const MessageSchema& schema();

  struct CreatePartitionsAssignment {
    std::vector<int32_t> broker_ids{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("brokerIds", broker_ids);
    }
  };
  struct CreatePartitionsTopic {
    std::string name{};
    int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments =
        std::vector<CreatePartitionsAssignment>{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("count", count);
      f("assignments", assignments, nullable);
    }
  };
  std::vector<CreatePartitionsTopic> topics{};
  int32_t timeout_ms = 0;
  bool validate_only = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("timeoutMs", timeout_ms);
    f("validateOnly", validate_only);
  }
};

struct CreatePartitionsResponse {
  static constexpr std::string_view schema_name = "CreatePartitionsResponse";
  static constexpr int16_t api_key = 37;
  static const MessageSchema& schema();

  struct CreatePartitionsTopicResult {
    std::string name{};
    int16_t error_code = 0;
    std::optional<std::string> error_message{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka

// DeleteTopics (20). Versions 1 to 6, before Kafka 4 also 0.
//
// KIP-4, KIP-599 (error message: v5), KIP-516 (by topic id: v6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DeleteTopicsResponse;

struct DeleteTopicsRequest {
  static constexpr std::string_view schema_name = "DeleteTopicsRequest";
  static constexpr int16_t api_key = 20;
  using Response = DeleteTopicsResponse;
  static const MessageSchema& schema();

  struct DeleteTopicState {
    std::optional<std::string> name{};
    Uuid topic_id{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, nullable);
      f("topicId", topic_id);
    }
  };
  std::vector<DeleteTopicState> topics{};
  std::vector<std::string> topic_names{};
  int32_t timeout_ms = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics, since(6));
    f("topicNames", topic_names, until(5));
    f("timeoutMs", timeout_ms);
  }
};

struct DeleteTopicsResponse {
  static constexpr std::string_view schema_name = "DeleteTopicsResponse";
  static constexpr int16_t api_key = 20;
  static const MessageSchema& schema();

  struct DeletableTopicResult {
    std::optional<std::string> name = "";
    Uuid topic_id{};
    int16_t error_code = 0;
    std::optional<std::string> error_message{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, always.nullable_since(6));
      f("topicId", topic_id, since(6));
      f("errorCode", error_code);
      f("errorMessage", error_message, since(5).nullable());
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("responses", responses);
  }
};

}  // namespace brokerlab::kafka

// Produce (0): appends record batches to partitions. Versions 3 to 13, before Kafka 4 also 0 to 2.
//
// KIP-98 (transactional id, batches of magic 2: v3), KIP-110 (zstd: v7), KIP-467 (errors of single records:
// v8), KIP-482 (flexible: v9), KIP-951 (the new leader in the answer: v10), KIP-890 (v12), KIP-516 (topic
// ids: v13).
//
// With acks 0 no response is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ProduceResponse;

struct ProduceRequest {
  static constexpr std::string_view schema_name = "ProduceRequest";
  static constexpr int16_t api_key = 0;
  using Response = ProduceResponse;
  static const MessageSchema& schema();

  struct PartitionProduceData {
    int32_t index = 0;
    Records records{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("index", index);
      f("records", records, nullable);
    }
  };
  struct TopicProduceData {
    std::string name{};
    Uuid topic_id{};
    std::vector<PartitionProduceData> partition_data{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(12));
      f("topicId", topic_id, since(13));
      f("partitionData", partition_data);
    }
  };
  std::optional<std::string> transactional_id{};
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id, since(3).nullable());
    f("acks", acks);
    f("timeoutMs", timeout_ms);
    f("topicData", topic_data);
  }
};

struct ProduceResponse {
  static constexpr std::string_view schema_name = "ProduceResponse";
  static constexpr int16_t api_key = 0;
  static const MessageSchema& schema();

  struct BatchIndexAndErrorMessage {
    int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("batchIndex", batch_index);
      f("batchIndexErrorMessage", batch_index_error_message, nullable);
    }
  };
  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
    }
  };
  struct PartitionProduceResponse {
    int32_t index = 0;
    int16_t error_code = 0;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors{};
    std::optional<std::string> error_message{};
    LeaderIdAndEpoch current_leader{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("index", index);
      f("errorCode", error_code);
      f("baseOffset", base_offset);
      f("logAppendTimeMs", log_append_time_ms, since(2));
      f("logStartOffset", log_start_offset, since(5));
      f("recordErrors", record_errors, since(8));
      f("errorMessage", error_message, since(8).nullable());
      f("currentLeader", current_leader, since(10).tagged(0));
    }
  };
  struct TopicProduceResponse {
    std::string name{};
    Uuid topic_id{};
    std::vector<PartitionProduceResponse> partition_responses{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(12));
      f("topicId", topic_id, since(13));
      f("partitionResponses", partition_responses);
    }
  };
  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host{};
    int32_t port = 0;
    std::optional<std::string> rack{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("nodeId", node_id);
      f("host", host);
      f("port", port);
      f("rack", rack, nullable);
    }
  };
  std::vector<TopicProduceResponse> responses{};
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("responses", responses);
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("nodeEndpoints", node_endpoints, since(10).tagged(0));
  }
};

}  // namespace brokerlab::kafka

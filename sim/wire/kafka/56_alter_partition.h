// AlterPartition (56): a partition's leader asks the controller to change the ISR. Versions 2 and 3,
// before Kafka 4 also 0 and 1.
//
// KIP-497, KIP-704 (leader recovery state), KIP-841 (topic ids: v2), KIP-903 (broker epochs of the new ISR:
// v3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AlterPartitionResponse;

struct AlterPartitionRequest {
  static constexpr std::string_view schema_name = "AlterPartitionRequest";
  static constexpr int16_t api_key = 56;
  using Response = AlterPartitionResponse;
  static const MessageSchema& schema();

  struct BrokerState {
    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("brokerId", broker_id);
      f("brokerEpoch", broker_epoch);
    }
  };
  struct PartitionData {
    int32_t partition_index = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> new_isr{};
    std::vector<BrokerState> new_isr_with_epochs{};
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("leaderEpoch", leader_epoch);
      f("newIsr", new_isr, until(2));
      f("newIsrWithEpochs", new_isr_with_epochs, since(3));
      f("leaderRecoveryState", leader_recovery_state, since(1));
      f("partitionEpoch", partition_epoch);
    }
  };
  struct TopicData {
    std::string topic_name{};
    Uuid topic_id{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name, until(1));
      f("topicId", topic_id, since(2));
      f("partitions", partitions);
    }
  };
  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<TopicData> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
    f("topics", topics);
  }
};

struct AlterPartitionResponse {
  static constexpr std::string_view schema_name = "AlterPartitionResponse";
  static constexpr int16_t api_key = 56;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr{};
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("isr", isr);
      f("leaderRecoveryState", leader_recovery_state, since(1));
      f("partitionEpoch", partition_epoch);
    }
  };
  struct TopicData {
    std::string topic_name{};
    Uuid topic_id{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name, until(1));
      f("topicId", topic_id, since(2));
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<TopicData> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka

// ControlledShutdown (7): a broker asks the controller of ZooKeeper mode to move its leaders away before
// it stops. Versions 0 to 3, until Kafka 3.9.
//
// KIP-380 (broker epoch: v2). Its v0 alone has request header v0, without a client id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ControlledShutdownResponse;

struct ControlledShutdownRequest {
  static constexpr std::string_view schema_name = "ControlledShutdownRequest";
  static constexpr int16_t api_key = 7;
  using Response = ControlledShutdownResponse;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch, since(2));
  }
};

struct ControlledShutdownResponse {
  static constexpr std::string_view schema_name = "ControlledShutdownResponse";
  static constexpr int16_t api_key = 7;
  static const MessageSchema& schema();

  struct RemainingPartition {
    std::string topic_name{};
    int32_t partition_index = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionIndex", partition_index);
    }
  };
  int16_t error_code = 0;
  std::vector<RemainingPartition> remaining_partitions{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("remainingPartitions", remaining_partitions);
  }
};

}  // namespace brokerlab::kafka

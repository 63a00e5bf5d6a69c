// What members of classic groups tell each other through JoinGroup and SyncGroup (protocol type
// `consumer`). Versions 0 to 3.
//
// A group's leader reads the one and hands out the other. KIP-429 (partitions owned: v1), KIP-792
// (generation: v2), KIP-881 (rack: v3). Both begin with the version of their schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ConsumerProtocolSubscription {
  static constexpr std::string_view schema_name = "ConsumerProtocolSubscription";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 3};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  struct TopicPartition {
    std::string topic{};
    std::vector<int32_t> partitions{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  std::vector<std::string> topics{};
  std::optional<Bytes> user_data{};
  std::vector<TopicPartition> owned_partitions{};
  int32_t generation_id = -1;
  std::optional<std::string> rack_id{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("userData", user_data, nullable);
    f("ownedPartitions", owned_partitions, since(1));
    f("generationId", generation_id, since(2));
    f("rackId", rack_id, since(3).nullable());
  }
};

struct ConsumerProtocolAssignment {
  static constexpr std::string_view schema_name = "ConsumerProtocolAssignment";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 3};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  struct TopicPartition {
    std::string topic{};
    std::vector<int32_t> partitions{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  std::vector<TopicPartition> assigned_partitions{};
  std::optional<Bytes> user_data{};
  template <class F>
  void fields(F&& f) {
    f("assignedPartitions", assigned_partitions);
    f("userData", user_data, nullable);
  }
};

}  // namespace brokerlab::kafka

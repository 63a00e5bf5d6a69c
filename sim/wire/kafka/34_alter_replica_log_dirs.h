// AlterReplicaLogDirs (34): moves replicas between the log directories of a broker. Versions 1 and 2,
// before Kafka 4 also 0.
//
// KIP-113.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AlterReplicaLogDirsResponse;

struct AlterReplicaLogDirsRequest {
  static constexpr std::string_view schema_name = "AlterReplicaLogDirsRequest";
  static constexpr int16_t api_key = 34;
  using Response = AlterReplicaLogDirsResponse;
  static const MessageSchema& schema();

  struct AlterReplicaLogDirTopic {
    std::string name{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct AlterReplicaLogDir {
    std::string path{};
    std::vector<AlterReplicaLogDirTopic> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("path", path);
      f("topics", topics);
    }
  };
  std::vector<AlterReplicaLogDir> dirs{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("dirs", dirs);
  }
};

struct AlterReplicaLogDirsResponse {
  static constexpr std::string_view schema_name = "AlterReplicaLogDirsResponse";
  static constexpr int16_t api_key = 34;
  static const MessageSchema& schema();

  struct AlterReplicaLogDirPartitionResult {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct AlterReplicaLogDirTopicResult {
    std::string topic_name{};
    std::vector<AlterReplicaLogDirPartitionResult> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<AlterReplicaLogDirTopicResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka

// AssignReplicasToDirs (73): a broker tells the controller in which log directories its replicas lie.
// Version 0.
//
// KIP-858.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AssignReplicasToDirsResponse;

struct AssignReplicasToDirsRequest {
  static constexpr std::string_view schema_name = "AssignReplicasToDirsRequest";
  static constexpr int16_t api_key = 73;
  using Response = AssignReplicasToDirsResponse;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
    }
  };
  struct TopicData {
    Uuid topic_id{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
    }
  };
  struct DirectoryData {
    Uuid id{};
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("id", id);
      f("topics", topics);
    }
  };
  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<DirectoryData> directories{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
    f("directories", directories);
  }
};

struct AssignReplicasToDirsResponse {
  static constexpr std::string_view schema_name = "AssignReplicasToDirsResponse";
  static constexpr int16_t api_key = 73;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct TopicData {
    Uuid topic_id{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
    }
  };
  struct DirectoryData {
    Uuid id{};
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("id", id);
      f("topics", topics);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<DirectoryData> directories{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("directories", directories);
  }
};

}  // namespace brokerlab::kafka

// FetchSnapshot (59): a piece of a metadata snapshot. Versions 0 and 1.
//
// KIP-630, KIP-853 (directory id and endpoints: v1). The piece need not begin or end at a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct FetchSnapshotResponse;

struct FetchSnapshotRequest {
  static constexpr std::string_view schema_name = "FetchSnapshotRequest";
  static constexpr int16_t api_key = 59;
  using Response = FetchSnapshotResponse;
  static const MessageSchema& schema();

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("endOffset", end_offset);
      f("epoch", epoch);
    }
  };
  struct PartitionSnapshot {
    int32_t partition = 0;
    int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id{};
    int64_t position = 0;
    Uuid replica_directory_id{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partition", partition);
      f("currentLeaderEpoch", current_leader_epoch);
      f("snapshotId", snapshot_id);
      f("position", position);
      f("replicaDirectoryId", replica_directory_id, since(1).tagged(0));
    }
  };
  struct TopicSnapshot {
    std::string name{};
    std::vector<PartitionSnapshot> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  std::optional<std::string> cluster_id{};
  int32_t replica_id = -1;
  int32_t max_bytes = INT32_MAX;
  std::vector<TopicSnapshot> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable.tagged(0));
    f("replicaId", replica_id);
    f("maxBytes", max_bytes);
    f("topics", topics);
  }
};

struct FetchSnapshotResponse {
  static constexpr std::string_view schema_name = "FetchSnapshotResponse";
  static constexpr int16_t api_key = 59;
  static const MessageSchema& schema();

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("endOffset", end_offset);
      f("epoch", epoch);
    }
  };
  struct LeaderIdAndEpoch {
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
    }
  };
  struct PartitionSnapshot {
    int32_t index = 0;
    int16_t error_code = 0;
    SnapshotId snapshot_id{};
    LeaderIdAndEpoch current_leader{};
    int64_t size = 0;
    int64_t position = 0;
    Slices unaligned_records{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("index", index);
      f("errorCode", error_code);
      f("snapshotId", snapshot_id);
      f("currentLeader", current_leader, always.tagged(0));
      f("size", size);
      f("position", position);
      f("unalignedRecords", unaligned_records);
    }
  };
  struct TopicSnapshot {
    std::string name{};
    std::vector<PartitionSnapshot> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host{};
    uint16_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("nodeId", node_id);
      f("host", host);
      f("port", port);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<TopicSnapshot> topics{};
  std::vector<NodeEndpoint> node_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("topics", topics);
    f("nodeEndpoints", node_endpoints, since(1).tagged(0));
  }
};

}  // namespace brokerlab::kafka

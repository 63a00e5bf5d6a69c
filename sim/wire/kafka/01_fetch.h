// Fetch (1): reads record batches, for consumers, follower replicas and the metadata quorum. Versions 4
// to 18, before Kafka 4 also 0 to 3.
//
// KIP-98 (isolation level: v4), KIP-107 (log start offset: v5), KIP-227 (sessions: v7), KIP-320 (leader
// epoch: v9), KIP-392 (rack: v11), KIP-595 (diverging epoch, snapshot id, current leader: v12), KIP-516
// (topic ids: v13), KIP-903 (replica epoch: v15), KIP-951 (node endpoints: v16), KIP-853 (directory id:
// v17), KIP-1166 (high watermark: v18).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct FetchResponse;

struct FetchRequest {
  static constexpr std::string_view schema_name = "FetchRequest";
  static constexpr int16_t api_key = 1;
  using Response = FetchResponse;
  static const MessageSchema& schema();

  struct ReplicaState {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("replicaId", replica_id);
      f("replicaEpoch", replica_epoch);
    }
  };
  struct FetchPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t partition_max_bytes = 0;
    Uuid replica_directory_id{};
    int64_t high_watermark = INT64_MAX;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partition", partition);
      f("currentLeaderEpoch", current_leader_epoch, since(9));
      f("fetchOffset", fetch_offset);
      f("lastFetchedEpoch", last_fetched_epoch, since(12));
      f("logStartOffset", log_start_offset, since(5));
      f("partitionMaxBytes", partition_max_bytes);
      f("replicaDirectoryId", replica_directory_id, since(17).tagged(0));
      f("highWatermark", high_watermark, since(18).tagged(1));
    }
  };
  struct FetchTopic {
    std::string topic{};
    Uuid topic_id{};
    std::vector<FetchPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic, until(12));
      f("topicId", topic_id, since(13));
      f("partitions", partitions);
    }
  };
  struct ForgottenTopic {
    std::string topic{};
    Uuid topic_id{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic, until(12));
      f("topicId", topic_id, since(13));
      f("partitions", partitions);
    }
  };
  std::optional<std::string> cluster_id{};
  int32_t replica_id = -1;
  ReplicaState replica_state{};
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = INT32_MAX;
  int8_t isolation_level = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<FetchTopic> topics{};
  std::vector<ForgottenTopic> forgotten_topics_data{};
  std::string rack_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, since(12).nullable().tagged(0));
    f("replicaId", replica_id, until(14));
    f("replicaState", replica_state, since(15).tagged(1));
    f("maxWaitMs", max_wait_ms);
    f("minBytes", min_bytes);
    f("maxBytes", max_bytes, since(3));
    f("isolationLevel", isolation_level, since(4));
    f("sessionId", session_id, since(7));
    f("sessionEpoch", session_epoch, since(7));
    f("topics", topics);
    f("forgottenTopicsData", forgotten_topics_data, since(7));
    f("rackId", rack_id, since(11));
  }
};

struct FetchResponse {
  static constexpr std::string_view schema_name = "FetchResponse";
  static constexpr int16_t api_key = 1;
  static const MessageSchema& schema();

  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("epoch", epoch);
      f("endOffset", end_offset);
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
  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("endOffset", end_offset);
      f("epoch", epoch);
    }
  };
  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("producerId", producer_id);
      f("firstOffset", first_offset);
    }
  };
  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch{};
    LeaderIdAndEpoch current_leader{};
    SnapshotId snapshot_id{};
    std::optional<std::vector<AbortedTransaction>> aborted_transactions = std::vector<AbortedTransaction>{};
    int32_t preferred_read_replica = -1;
    Records records{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("highWatermark", high_watermark);
      f("lastStableOffset", last_stable_offset, since(4));
      f("logStartOffset", log_start_offset, since(5));
      f("divergingEpoch", diverging_epoch, since(12).tagged(0));
      f("currentLeader", current_leader, since(12).tagged(1));
      f("snapshotId", snapshot_id, since(12).tagged(2));
      f("abortedTransactions", aborted_transactions, since(4).nullable());
      f("preferredReadReplica", preferred_read_replica, since(11));
      f("records", records, nullable);
    }
  };
  struct FetchableTopicResponse {
    std::string topic{};
    Uuid topic_id{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic, until(12));
      f("topicId", topic_id, since(13));
      f("partitions", partitions);
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
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses{};
  std::vector<NodeEndpoint> node_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code, since(7));
    f("sessionId", session_id, since(7));
    f("responses", responses);
    f("nodeEndpoints", node_endpoints, since(16).tagged(0));
  }
};

}  // namespace brokerlab::kafka

// The structs of snapshots: what the window, lessons, `expect` and tests may know of a node.
//
// Plain data, copied out between steps. Each struct lists its fields once (`fields`), so that one visitor
// prints, compares and looks up paths. Lists are sorted by their ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace brokerlab {

/// A partition as a node's metadata image has it.
struct PartitionView {
  std::string topic;
  int32_t partition = 0;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_elr;
  template <class F>
  void fields(F&& f) {
    f("topic", topic);
    f("partition", partition);
    f("leader", leader);
    f("leader_epoch", leader_epoch);
    f("partition_epoch", partition_epoch);
    f("replicas", replicas);
    f("isr", isr);
    f("elr", elr);
    f("last_known_elr", last_known_elr);
  }
};

/// What a leader knows of one of its followers.
struct FollowerProgressView {
  int32_t replica = -1;
  int64_t log_end_offset = -1;
  bool in_sync = false;
  template <class F>
  void fields(F&& f) {
    f("replica", replica);
    f("log_end_offset", log_end_offset);
    f("in_sync", in_sync);
  }
};

/// One replica on the broker that holds it: what that broker itself knows.
struct ReplicaView {
  std::string topic;
  int32_t partition = 0;
  std::string role;  ///< leader, follower, offline
  int32_t leader_epoch = 0;
  int64_t log_start_offset = 0;
  int64_t high_watermark = 0;
  int64_t log_end_offset = 0;
  int64_t size_bytes = 0;
  std::vector<FollowerProgressView> followers;
  template <class F>
  void fields(F&& f) {
    f("topic", topic);
    f("partition", partition);
    f("role", role);
    f("leader_epoch", leader_epoch);
    f("log_start_offset", log_start_offset);
    f("high_watermark", high_watermark);
    f("log_end_offset", log_end_offset);
    f("size_bytes", size_bytes);
    f("followers", followers);
  }
};

struct QuorumVoterView {
  int32_t replica = -1;
  int64_t log_end_offset = -1;
  int64_t last_fetch_ms = -1;
  int64_t last_caught_up_ms = -1;
  template <class F>
  void fields(F&& f) {
    f("replica", replica);
    f("log_end_offset", log_end_offset);
    f("last_fetch_ms", last_fetch_ms);
    f("last_caught_up_ms", last_caught_up_ms);
  }
};

struct QuorumView {
  std::string role;  ///< empty: this node is no voter
  int32_t epoch = 0;
  int32_t leader_id = -1;
  int32_t voted_id = -1;
  int32_t votes = 0;  ///< candidate: granted so far
  int32_t votes_needed = 0;
  int64_t log_end_offset = 0;
  int64_t high_watermark = 0;
  std::vector<QuorumVoterView> voters;  ///< only the leader knows the progress of the others
  template <class F>
  void fields(F&& f) {
    f("role", role);
    f("epoch", epoch);
    f("leader_id", leader_id);
    f("voted_id", voted_id);
    f("votes", votes);
    f("votes_needed", votes_needed);
    f("log_end_offset", log_end_offset);
    f("high_watermark", high_watermark);
    f("voters", voters);
  }
};

struct BrokerRegistrationView {
  int32_t broker = -1;
  int64_t broker_epoch = -1;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::string host;
  uint16_t port = 0;
  template <class F>
  void fields(F&& f) {
    f("broker", broker);
    f("broker_epoch", broker_epoch);
    f("fenced", fenced);
    f("in_controlled_shutdown", in_controlled_shutdown);
    f("host", host);
    f("port", port);
  }
};

struct KafkaView {
  int32_t node_id = -1;
  std::string cluster_id;
  std::string state;  ///< starting, recovering, running, stopping
  QuorumView quorum;
  int64_t metadata_offset = -1;  ///< the last record that its image holds
  std::vector<BrokerRegistrationView> brokers;
  std::vector<PartitionView> partitions;
  std::vector<ReplicaView> replicas;
  template <class F>
  void fields(F&& f) {
    f("node_id", node_id);
    f("cluster_id", cluster_id);
    f("state", state);
    f("quorum", quorum);
    f("metadata_offset", metadata_offset);
    f("brokers", brokers);
    f("partitions", partitions);
    f("replicas", replicas);
  }
};

struct ClientPositionView {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = -1;  ///< producer: last acknowledged; consumer: next to read
  int32_t leader = -1;
  template <class F>
  void fields(F&& f) {
    f("topic", topic);
    f("partition", partition);
    f("offset", offset);
    f("leader", leader);
  }
};

struct ClientView {
  std::string role;  ///< producer, consumer, tool
  std::string client_id;
  std::string topic;
  int16_t acks = 1;
  int64_t records = 0;  ///< acknowledged or consumed
  int64_t failed = 0;
  int64_t in_flight = 0;
  std::vector<ClientPositionView> positions;
  template <class F>
  void fields(F&& f) {
    f("role", role);
    f("client_id", client_id);
    f("topic", topic);
    f("acks", acks);
    f("records", records);
    f("failed", failed);
    f("in_flight", in_flight);
    f("positions", positions);
  }
};

using NodeView = std::variant<std::monostate, KafkaView, ClientView>;

}  // namespace brokerlab

// Follows leaders: one Fetch at a time to each broker that leads partitions which this broker replicates
// (v17).
//
// A fetch names the follower's log end offset and the epoch of its last record; that acknowledges everything
// before, and lets the leader say where the logs part (KIP-595's diverging epoch, for partitions since Kafka
// 2.7). Answers that speak of another offset or epoch than is now wanted are ignored.
//
// After OFFSET_OUT_OF_RANGE it asks with ListOffsets where the leader's log ends and starts, and cuts or
// starts over there. After other errors, and without a connection, a partition waits for
// replica.fetch.backoff.ms.
//
// It fetches incrementally (KIP-227), and looks only at partitions that moved since the last request.
//
// Deviation: nothing is throttled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/base/settings.h"
#include "sim/brokers/fetch_session_handler.h"
#include "sim/brokers/replica_manager.h"
#include "sim/clients/network_client.h"
#include "sim/network/node_step.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/02_list_offsets.h"

namespace brokerlab {

class ReplicaFetcher {
 public:
  ReplicaFetcher(int32_t broker_id, std::string listener, const Settings& settings,
                 NetworkClient::Config network);

  /// These partitions may have another role or leader now.
  void roles_changed(const std::set<PartitionKey>& keys, ReplicaManager& replicas, Effects& effects);
  /// Sends what is due. Call it at the end of each step.
  void poll(NodeStep& step, ReplicaManager& replicas, const MetadataImage& image, int64_t broker_epoch);
  Instant next_deadline() const { return next_deadline_; }
  bool owns(const Input& input) const { return network_.owns(input); }
  void handle(NodeStep& step, ReplicaManager& replicas, const Input& input);

 private:
  enum class Asking : uint8_t { records, latest_offset, earliest_offset };
  struct Followed {
    int32_t leader_epoch = -1;
    Asking asking = Asking::records;
    std::optional<Instant> retry_at;
  };
  struct Leader {
    std::map<PartitionKey, Followed> partitions;
    std::set<PartitionKey> to_tell;  ///< the session may know them otherwise than they are
    std::set<std::pair<Instant, PartitionKey>> held_back;  ///< those with `retry_at`, until then
    std::set<PartitionKey> to_ask;                         ///< for an offset, before records are asked for
    std::optional<uint64_t> in_flight;
    FetchSessionHandler session;
    std::set<PartitionKey> asked;  ///< for an offset, by the request in flight
  };

  static void forget(Leader& leader, const PartitionKey& key);
  static void ask_for(Leader& leader, const PartitionKey& key, Asking asking);
  void back_off(Leader& leader, const PartitionKey& key, Instant now) const;
  static void release(Leader& leader, Instant now);
  void send_fetch(NodeStep& step, ReplicaManager& replicas, int64_t broker_epoch, int32_t id, Leader& leader);
  bool send_list_offsets(NodeStep& step, ReplicaManager& replicas, int32_t id, Leader& leader);
  void handle_fetch(NodeStep& step, ReplicaManager& replicas, Leader& leader,
                    const kafka::FetchResponse& response);
  void handle_partition(NodeStep& step, ReplicaManager& replicas, Partition& partition, Leader& leader,
                        const kafka::FetchResponse::PartitionData& data);
  void handle_list_offsets(NodeStep& step, ReplicaManager& replicas, Leader& leader,
                           const std::set<PartitionKey>& asked, const kafka::ListOffsetsResponse& response);

  int32_t broker_id_;
  std::string listener_;
  Duration max_wait_;
  Duration backoff_;
  int32_t max_bytes_;
  int32_t response_max_bytes_;
  NetworkClient network_;
  std::map<int32_t, Leader> leaders_;
  uint64_t next_token_ = 1;
  Instant next_deadline_ = never;
};

}  // namespace brokerlab

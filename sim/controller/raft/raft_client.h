// KafkaRaft: the replicated log `__cluster_metadata-0` and the election of its leader.
//
// KIP-595 (pull-based Raft), KIP-996 (pre-vote, Vote v2), KIP-853's messages with a static voter set
// (kraft.version 0). A deterministic state machine: whoever owns it hands in requests, answers of its own
// requests, timers and finished flushes, and then reads what was committed.
//
// Invariants
// - At most one leader an epoch: a vote is synced to `quorum-state` before it is sent, and given once an
// epoch.
// - A replica's end offset counts towards the high watermark only once it is flushed; a follower's next
// fetch, which is
//   its acknowledgement, waits for that flush.
// - The high watermark only covers an entry of the leader's own epoch (every epoch starts with a LeaderChange
// control
//   record), which is how the case of figure 8 in the Raft paper is excluded.
// - Committed entries are never truncated (asserted).
//
// Deviations: no snapshots yet (KIP-630), no change of voters, an append is written at once instead of
// lingering for controller.quorum.append.linger.ms (25 ms).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/clients/network_client.h"
#include "sim/controller/metadata/loader.h"
#include "sim/network/request_channel.h"
#include "sim/storage/log.h"
#include "sim/wire/kafka/55_describe_quorum.h"

namespace brokerlab {

struct RaftConfig {
  int32_t node_id = -1;
  std::string cluster_id;
  Uuid directory_id;
  std::map<int32_t, Address> voters;  ///< CONTROLLER addresses; a node that is not among them is an observer
  std::string listener = "CONTROLLER";
  Duration election_timeout;      ///< controller.quorum.election.timeout.ms; doubled at most by chance
  Duration fetch_timeout;         ///< controller.quorum.fetch.timeout.ms
  Duration election_backoff_max;  ///< controller.quorum.election.backoff.max.ms
};

/// Kafka 4's states. A node that is unattached and gave its vote is called `voted` (its name until 3.9).
enum class QuorumRole : uint8_t { unattached, prospective, candidate, voted, leader, follower, resigned };
std::string_view to_string(QuorumRole role);

struct LeaderAndEpoch {
  int32_t leader_id = -1;  ///< -1: unknown
  int32_t epoch = 0;
  friend bool operator==(const LeaderAndEpoch&, const LeaderAndEpoch&) = default;
};

class RaftClient {
 public:
  /// Timers of this kind range (TimerKey.kind) are the Raft client's.
  static constexpr uint16_t first_timer_kind = 100;
  static constexpr uint16_t last_timer_kind = 119;
  /// Its flushes have tokens from here; other roles of the node use smaller ones.
  static constexpr uint64_t first_disk_token = uint64_t{1} << 48;

  RaftClient(RaftConfig config, uint32_t incarnation, Random random);

  /// Opens the log and `quorum-state` and takes the role that they say. I/O errors and a broken quorum-state
  /// end the node.
  Status start(const Now& now, Effects& effects);

  /// Vote, BeginQuorumEpoch, EndQuorumEpoch, Fetch (of the metadata topic), UpdateRaftVoter. The answer may
  /// come in a later step (long poll).
  static bool handles(int16_t api_key);
  void handle_request(const Now& now, Effects& effects, RequestChannel& channel, const Request& request);
  /// DescribeQuorum: only the leader knows (KIP-595, KIP-836), others answer NOT_LEADER_OR_FOLLOWER.
  kafka::DescribeQuorumResponse describe_quorum(const Now& now,
                                                const kafka::DescribeQuorumRequest& request) const;

  /// Whether the input (a connection that it opened, a timer, a flush) is the Raft client's.
  bool owns(const Input& input) const;
  /// REQUIRES: owns(input).
  void handle_input(const Now& now, Effects& effects, RequestChannel& channel, const Input& input);

  /// Leader: appends the records as one batch of `epoch`; the offset of the first. Empty when this node does
  /// not lead that epoch. They are committed once `high_watermark()` is above them, and may be lost before
  /// that.
  std::optional<int64_t> append(const Now& now, Effects& effects, RequestChannel& channel, int32_t epoch,
                                const std::vector<kafka::MetadataRecord>& records);
  /// Leader: gives leadership up, so that another is elected.
  void resign(const Now& now, Effects& effects, RequestChannel& channel, int32_t epoch);
  /// Ends gracefully: a leader sends EndQuorumEpoch to its successors. `is_shut_down` once a new leader is
  /// known or the election timeout has passed.
  void shut_down(const Now& now, Effects& effects, RequestChannel& channel);
  bool is_shut_down() const;

  LeaderAndEpoch leader_and_epoch() const;
  bool is_leader() const;
  bool is_voter() const;
  /// REQUIRES: is_leader(). The offset of this epoch's LeaderChange record.
  int64_t epoch_start_offset() const;
  const Address* voter_address(int32_t id) const;
  int64_t log_end_offset() const;
  /// Everything below it is committed; 0 until that is known.
  int64_t high_watermark() const;
  /// The committed batches from `offset` on. I/O errors, and bytes that are no metadata records, end the
  /// node.
  Result<std::vector<MetadataBatch>> committed_from(Disk& disk, int64_t offset) const;

  QuorumView describe(const Now& now) const;
};

}  // namespace brokerlab

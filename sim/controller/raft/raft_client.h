// KafkaRaft: the replicated log `__cluster_metadata-0` and the election of its leader.
//
// KIP-595 (Raft in which followers fetch), KIP-996 (pre-vote, Vote v2), KIP-853's messages with a static
// voter set (kraft.version 0), KIP-1166 (a fetch also waits for the high watermark). A deterministic state
// machine: its owner hands in requests, connections, timers and finished flushes, and then reads what was
// committed.
//
// Invariants
// - At most one leader an epoch: a vote is synced to `quorum-state` before it is sent, and given once an
//   epoch.
// - A replica's end offset counts towards the high watermark only once it is flushed; a follower's next
//   fetch, which is its acknowledgement, waits for that flush.
// - The high watermark only covers an entry of the leader's own epoch (every epoch starts with a LeaderChange
//   control record), which excludes the case of figure 8 in the Raft paper.
// - Committed entries are never truncated (asserted).
// - What the log has no more stands in a snapshot (KIP-630). A replica that lacks it fetches the newest one in pieces,
//   stores it durably, and begins its log anew behind it.
//
// Deviations: no change of voters; an append is written at once instead of lingering for
// controller.quorum.append.linger.ms (25 ms); controller.quorum.request.timeout.ms is the fetch timeout (both are 2000
// in Kafka); a snapshot that is being fetched stays in memory until it is whole (Kafka: in a file `.part`, which a
// restart removes).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bugs.h"
#include "sim/base/node.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/base/views/node_view.h"
#include "sim/clients/network_client.h"
#include "sim/controller/metadata/loader.h"
#include "sim/controller/raft/leader_state.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/controller/raft/quorum_state.h"
#include "sim/controller/raft/snapshot.h"
#include "sim/network/node_step.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/52_vote.h"
#include "sim/wire/kafka/53_begin_quorum_epoch.h"
#include "sim/wire/kafka/54_end_quorum_epoch.h"
#include "sim/wire/kafka/55_describe_quorum.h"
#include "sim/wire/kafka/59_fetch_snapshot.h"
#include "sim/wire/kafka/82_update_raft_voter.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

struct RaftConfig {
  int32_t node_id = -1;
  std::string cluster_id;
  Uuid directory_id;
  std::map<int32_t, Address> voters;  ///< CONTROLLER addresses; a node that is not among them is an observer
  std::string listener = "CONTROLLER";
  Duration election_timeout;  ///< controller.quorum.election.timeout.ms: an election takes this to twice this
  Duration fetch_timeout;     ///< controller.quorum.fetch.timeout.ms
  Duration election_backoff_max;  ///< controller.quorum.election.backoff.max.ms
  Bugs bugs;                      ///< built in on purpose
  MetadataLogConfig log;
};

/// Kafka's states. An unattached replica that gave its vote is called `voted`, Kafka's name for it until 3.9.
enum class QuorumRole : uint8_t { unattached, voted, prospective, candidate, leader, follower, resigned };
std::string_view to_string(QuorumRole role);

struct LeaderAndEpoch {
  int32_t leader_id = nobody;
  int32_t epoch = 0;
  friend bool operator==(const LeaderAndEpoch&, const LeaderAndEpoch&) = default;
};

class RaftClient {
 public:
  /// Timers of this range of kinds (TimerKey.kind) are the Raft client's.
  static constexpr uint16_t first_timer_kind = 100;
  static constexpr uint16_t last_timer_kind = 119;
  // Kafka's RETRY_BACKOFF_MS, MAX_FETCH_SIZE_BYTES as the recordings show it, and how often old snapshots are looked
  // for.
  static constexpr Duration retry_backoff = milliseconds(20);
  static constexpr int32_t fetch_max_bytes = 1 << 20;
  static constexpr Duration cleaning_interval = seconds(60);

  RaftClient(RaftConfig config, Random random);

  /// Opens the log and `quorum-state` and takes the role that they say. I/O errors, and a quorum-state that
  /// cannot be read, are in `status()` afterwards.
  void start(NodeStep& step);
  /// The first error of its disk, after which the node must end. Nothing works any more then.
  const Status& status() const { return status_; }

  /// The requests of the CONTROLLER listener that are the quorum's: Vote, BeginQuorumEpoch, EndQuorumEpoch,
  /// Fetch, FetchSnapshot, UpdateRaftVoter. An answer may come in a later step (long poll).
  static bool handles(int16_t api_key);
  void handle_request(NodeStep& step, const Request& request);
  /// DescribeQuorum: only the leader knows, others answer NOT_LEADER_OR_FOLLOWER (KIP-595, KIP-836).
  kafka::DescribeQuorumResponse describe_quorum(const Now& now,
                                                const kafka::DescribeQuorumRequest& request) const;

  /// Whether an input is the Raft client's: a connection that it opened, its timers, its flushes.
  bool owns(const Input& input) const;
  /// REQUIRES: owns(input).
  void handle_input(NodeStep& step, const Input& input);

  /// Leader: appends the records as one batch of `epoch`; the offset of the first. Empty when this node does
  /// not lead in that epoch. They are committed once `high_watermark()` is above them, and may be lost before
  /// that.
  std::optional<int64_t> append(NodeStep& step, int32_t epoch,
                                const std::vector<kafka::MetadataRecord>& records);
  /// SIGTERM: a leader resigns and tells its successors (EndQuorumEpoch); others stop taking part in
  /// elections.
  void shut_down(NodeStep& step);
  /// Whether a node that shuts down may end: another leads, or nobody took over in time.
  bool is_shut_down(const Now& now) const;
  /// The node ends: closes the log. Errors are in `status()`.
  void close(Disk& disk);

  LeaderAndEpoch leader_and_epoch() const { return {state_.leader_id, state_.epoch}; }
  QuorumRole role() const { return role_; }
  bool is_leader() const { return role_ == QuorumRole::leader; }
  bool is_voter() const { return config_.voters.contains(config_.node_id); }
  /// REQUIRES: is_leader(). The offset of this epoch's LeaderChange record.
  int64_t epoch_start_offset() const { return leader_->start_offset(); }
  /// CONTROLLER address of a voter; null for other nodes.
  const Address* voter_address(int32_t id) const;
  const std::string& listener() const { return config_.listener; }
  int64_t log_end_offset() const { return log_ ? log_->end_offset() : 0; }
  /// Everything below it is committed, as far as this node knows.
  int64_t high_watermark() const { return high_watermark_; }
  /// The committed batches from `offset` on, some of them when there are many; none when there are none.
  /// Errors of the disk, and bytes that are no metadata records, end the node.
  Result<std::vector<MetadataBatch>> committed_from(Disk& disk, int64_t offset) const;

  /// The snapshot with which one has to begin that has everything below `offset`: when it has nothing, or the log does
  /// not go back so far. Empty when the log has what comes next.
  Result<std::optional<Snapshot>> snapshot_for(Disk& disk, int64_t offset) const;
  /// Makes a snapshot of committed records that are in the log. False when there is one already, or the log begins
  /// behind it. Errors are in `status()`.
  bool create_snapshot(NodeStep& step, const Snapshot& snapshot);

  QuorumView describe(const Now& now) const;

 private:
  /// What was asked of another voter. One request at a time each, as Kafka's RequestManager.
  struct Peer {
    std::optional<uint64_t> in_flight;
    int32_t epoch = 0;      ///< of the request in flight
    bool pre_vote = false;  ///< it is a Vote that only asks
    Instant retry_at{};
  };
  struct ParkedFetch {
    RequestContext context;
    kafka::FetchRequest request;
    Instant deadline;
  };
  /// A snapshot of the leader of which some pieces are here.
  struct FetchingSnapshot {
    SnapshotId id;
    Slices pieces;
    int64_t bytes() const { return static_cast<int64_t>(size_of(pieces)); }
  };

  // Roles: each records the change durably before anything is sent.
  void become_unattached(NodeStep& step, int32_t epoch);
  void become_prospective(NodeStep& step);
  void become_candidate(NodeStep& step);
  void become_leader(NodeStep& step);
  void become_follower(NodeStep& step, int32_t epoch, int32_t leader_id);
  void become_resigned(NodeStep& step);
  void lose_election(NodeStep& step);
  void change_role(NodeStep& step, QuorumRole role, QuorumState state);
  void learn_leader(NodeStep& step, int32_t epoch, int32_t leader_id);
  Duration random_election_timeout();
  size_t majority() const;
  size_t votes_granted() const;
  /// Too many have said no.
  bool is_election_lost() const;

  // What is due: called at the end of everything that may change it.
  void poll(NodeStep& step);
  bool poll_role(NodeStep& step);
  void send_votes(NodeStep& step, bool pre_vote);
  void send_begin_quorum_epoch(NodeStep& step);
  void send_end_quorum_epoch(NodeStep& step);
  void send_fetch_to_leader(NodeStep& step);
  void send_fetch_to_any_voter(NodeStep& step);
  void send_fetch(NodeStep& step, int32_t voter);
  void send_fetch_snapshot(NodeStep& step);
  void send_update_voter(NodeStep& step);
  template <class M>
  void send(NodeStep& step, int32_t voter, M message, int16_t version, bool pre_vote = false);
  bool can_ask(const Peer& peer, Instant now) const { return !peer.in_flight && now >= peer.retry_at; }
  Instant next_deadline(Instant now) const;

  // Requests of others.
  void handle_vote(NodeStep& step, const Request& request);
  void handle_begin_quorum_epoch(NodeStep& step, const Request& request);
  void handle_end_quorum_epoch(NodeStep& step, const Request& request);
  void handle_fetch(NodeStep& step, const Request& request);
  void handle_fetch_snapshot(NodeStep& step, const Request& request);
  void handle_update_voter(NodeStep& step, const Request& request);
  bool grants_vote(const kafka::VoteRequest::PartitionData& vote) const;
  bool is_up_to_date(int64_t end_offset, int32_t last_epoch) const;
  bool has_cluster_id(const std::optional<std::string>& cluster_id) const;
  kafka::ErrorCode validate_voter_request(int32_t replica_id, int32_t epoch) const;
  kafka::ErrorCode validate_for_leader(int32_t epoch) const;
  kafka::ErrorCode validate_fetch(const kafka::FetchRequest::FetchPartition& fetch,
                                  int32_t max_wait_ms) const;
  template <class Response>
  Response quorum_response(kafka::ErrorCode error) const;
  /// The answer to a fetch; empty when it should wait for records or a higher high watermark.
  std::optional<kafka::FetchResponse> answer_fetch(NodeStep& step, const kafka::FetchRequest& request,
                                                   bool may_wait);
  void respond_fetch(NodeStep& step, const RequestContext& context, const kafka::FetchResponse& response);
  void complete_fetches(NodeStep& step);

  // Answers of others.
  void handle_completion(NodeStep& step, const Completion& completion);
  void handle_vote_response(NodeStep& step, int32_t voter, const Peer& asked,
                            const kafka::VoteResponse& response);
  void handle_fetch_response(NodeStep& step, int32_t voter, const kafka::FetchResponse& response);
  void begin_fetching_snapshot(NodeStep& step, const SnapshotId& id);
  void handle_fetch_snapshot_response(NodeStep& step, int32_t voter,
                                      const kafka::FetchSnapshotResponse& response);
  void install_snapshot(NodeStep& step);
  /// What every answer may tell of epoch and leader. False when there is nothing more to look at in it.
  bool handle_common(NodeStep& step, int32_t voter, int16_t error, int32_t epoch, int32_t leader_id);
  void unexpected_error(NodeStep& step, int32_t voter, std::string_view api, int16_t error);

  void clean_log(NodeStep& step);
  void log_was_flushed(NodeStep& step);
  void advance_high_watermark(NodeStep& step, int64_t offset);
  bool check(Status status);
  void note(NodeStep& step, std::string text) const;

  RaftConfig config_;
  Random random_;
  NetworkClient network_;
  std::optional<MetadataLog> log_;  ///< from `start` on
  Status status_;

  QuorumRole role_ = QuorumRole::unattached;
  QuorumState state_;
  Instant deadline_ = never;          ///< election timeout, or as a follower the fetch timeout
  std::map<int32_t, bool> votes_;     ///< prospective and candidate: answers so far, its own included
  bool fetched_from_leader_ = false;  ///< follower: in this epoch
  std::optional<FetchingSnapshot> fetching_snapshot_;  ///< follower
  std::optional<LeaderState> leader_;                  ///< leader
  Instant next_begin_quorum_{};                        ///< leader: when silent voters are told again
  std::vector<int32_t> successors_;                    ///< resigned: in the order in which they should try
  std::vector<int32_t> unaware_;     ///< resigned: voters that have not confirmed EndQuorumEpoch
  Instant update_voter_at_ = never;  ///< follower: when UpdateRaftVoter is due
  std::optional<Instant> shutdown_deadline_;

  Instant next_cleaning_ = never;
  int64_t high_watermark_ = 0;
  std::map<int32_t, Peer> peers_;  ///< the other voters
  uint64_t next_token_ = 1;
  std::vector<ParkedFetch> parked_fetches_;
  Instant armed_ = never;
};

}  // namespace brokerlab

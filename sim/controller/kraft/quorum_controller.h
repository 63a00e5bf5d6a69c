// The KRaft controller of a node (KIP-500, KIP-631): it decides, the metadata log remembers, replay changes
// state.
//
// Active while its node leads the quorum and everything from before that leadership is committed. A decision
// reads the image, which holds what was decided but may not be committed yet, and returns records and an
// answer; the records are appended and replayed at once, the answer leaves when they are committed. When
// leadership is lost, every answer that waits becomes NOT_CONTROLLER and the image is thrown away: the next
// one starts from the committed image.
//
// The decisions: cluster_control.h (registration, heartbeats, fencing), replication_control.h (topics,
// partitions, ISR), leader_election.h, reassignment.h, config_control.h, client_quota_control.h.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sim/base/bugs.h"
#include "sim/base/node.h"
#include "sim/base/random.h"
#include "sim/base/settings.h"
#include "sim/controller/kraft/cluster_control.h"
#include "sim/controller/kraft/controller_registrar.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/kraft/replication_control.h"
#include "sim/controller/metadata/image.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/node_step.h"
#include "sim/wire/kafka/33_alter_configs.h"
#include "sim/wire/kafka/43_elect_leaders.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"
#include "sim/wire/kafka/58_envelope.h"
#include "sim/wire/kafka/67_allocate_producer_ids.h"

namespace brokerlab {

struct ControllerConfig {
  int32_t node_id = -1;
  std::string cluster_id;
  Settings settings;
  Bugs bugs{};
};

class QuorumController {
 public:
  /// Timers of this range of kinds (TimerKey.kind) are the controller's.
  static constexpr uint16_t first_timer_kind = 120;
  static constexpr uint16_t last_timer_kind = 139;

  QuorumController(ControllerConfig config, const Random& random);

  /// The requests of the CONTROLLER listener that are the controller's: BrokerRegistration, BrokerHeartbeat,
  /// ControllerRegistration, AlterPartition, CreateTopics, DeleteTopics, CreatePartitions, ElectLeaders,
  /// AlterPartitionReassignments, AlterConfigs, IncrementalAlterConfigs, AllocateProducerIds, DescribeQuorum, and
  /// Envelope around those that clients send (KIP-590).
  static bool handles(int16_t api_key);
  void handle_request(NodeStep& step, RaftClient& raft, const Request& request);
  /// Whether an input is the controller's: its timers, a connection that it opened.
  bool owns(const Input& input) const;
  /// REQUIRES: owns(input).
  void handle_input(NodeStep& step, RaftClient& raft, const Input& input);
  /// To be called at the end of every step, when `committed` was brought up to the Raft client's high
  /// watermark: takes or gives up the active role, and sends the answers whose records are committed.
  void advance(NodeStep& step, RaftClient& raft, const MetadataImage& committed);

  bool is_active() const { return image_.has_value(); }

 private:
  using Response = std::variant<kafka::BrokerRegistrationResponse, kafka::BrokerHeartbeatResponse,
                                kafka::ControllerRegistrationResponse, kafka::AlterPartitionResponse,
                                kafka::CreateTopicsResponse, kafka::DeleteTopicsResponse,
                                kafka::CreatePartitionsResponse, kafka::ElectLeadersResponse,
                                kafka::AlterPartitionReassignmentsResponse, kafka::AlterConfigsResponse,
                                kafka::IncrementalAlterConfigsResponse, kafka::AlterClientQuotasResponse,
                                kafka::AllocateProducerIdsResponse, kafka::DescribeQuorumResponse>;
  /// Who is to be answered: a request, or the one inside an Envelope.
  struct Asker {
    RequestContext context;
    kafka::RequestHeader header;
    bool is_enveloped = false;
  };
  struct Pending {
    Asker asker;
    Response response;
    int64_t offset = 0;  ///< of its last record
  };
  /// What the events of a decision's records say of their cause.
  struct Why {
    std::string_view partition;
    std::string_view broker;
  };

  void handle_timer(NodeStep& step, RaftClient& raft, TimerKey timer);
  void dispatch(NodeStep& step, RaftClient& raft, const Asker& asker, const Bytes& body);
  /// Decodes, decides if this controller is active, writes, answers.
  template <class Request, class Decide>
  void decide(NodeStep& step, RaftClient& raft, const Asker& asker, const Bytes& body, Decide&& decide,
              Why why = {});
  ControllerResult<kafka::AllocateProducerIdsResponse> allocate_producer_ids(
      const kafka::AllocateProducerIdsRequest& request) const;
  static Why why_of(const ControllerResult<kafka::BrokerHeartbeatResponse>& result);

  /// Appends, replays, tells the journal. The offset of the last record; empty when leadership was lost.
  std::optional<int64_t> write(NodeStep& step, RaftClient& raft, const MetadataRecords& records, Why why);
  Why why_of(const kafka::MetadataRecord& record, Why why) const;
  void tell(NodeStep& step, const kafka::MetadataRecord& record, const MetadataRecords& batch, Why why) const;
  void tell_partition(NodeStep& step, const PartitionKey& key, std::string_view reason) const;
  void tell_config(NodeStep& step, const ConfigResource& resource, const std::string& name,
                   const std::optional<std::string>& value) const;
  void tell_all_configs(NodeStep& step) const;
  void tell_asked(NodeStep& step, const kafka::ElectLeadersRequest& request) const;
  /// Elections that nobody asked for.
  void elect_by_itself(NodeStep& step, RaftClient& raft, TimerKey timer);
  void arm_election_timers(NodeStep& step) const;
  void respond(NodeStep& step, const Asker& asker, const Response& response);
  void activate(NodeStep& step, RaftClient& raft, const MetadataImage& committed);
  void deactivate(NodeStep& step, const RaftClient& raft);
  void arm_session_timer(NodeStep& step);
  void note(NodeStep& step, std::string text) const;

  ControllerConfig config_;
  ClusterControl cluster_;
  ReplicationControl replication_;
  ControllerRegistrar registrar_;
  int32_t epoch_ = -1;                  ///< of the leadership in which it is active
  std::optional<MetadataImage> image_;  ///< while active: what was decided, committed or not
  std::deque<Pending> pending_;         ///< by offset
  Instant session_timer_ = never;
};

}  // namespace brokerlab

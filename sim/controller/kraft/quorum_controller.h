// The KRaft controller of a node (KIP-500, KIP-631): it decides, the metadata log remembers, replay changes
// state.
//
// Active while its node leads the quorum and everything before that leadership is committed. Each decision
// reads the image, which includes what was decided but is not committed yet, and returns records and an
// answer; the records are appended and replayed at once, the answer leaves when they are committed. When
// leadership is lost, every answer that waits becomes NOT_CONTROLLER and the image is thrown away; the next
// time it starts from the committed one.
//
// The managers: cluster_control.h (registration, heartbeats, fencing), replication_control.h (topics,
// partitions, leader election, ISR), both free of messages' transport.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/base/random.h"
#include "sim/base/settings.h"
#include "sim/controller/metadata/image.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/request_channel.h"

namespace brokerlab {

struct ControllerConfig {
  int32_t node_id = -1;
  std::string cluster_id;
  Settings settings;
};

class QuorumController {
 public:
  /// Timers of this kind range (TimerKey.kind) are the controller's.
  static constexpr uint16_t first_timer_kind = 120;
  static constexpr uint16_t last_timer_kind = 139;

  QuorumController(ControllerConfig config, Random random);

  /// Every request of the CONTROLLER listener that is not the Raft client's own: BrokerRegistration,
  /// BrokerHeartbeat, AlterPartition, CreateTopics, DeleteTopics, CreatePartitions, IncrementalAlterConfigs,
  /// ElectLeaders, AllocateProducerIds, DescribeQuorum, and Envelope around those (KIP-590).
  static bool handles(int16_t api_key);
  void handle_request(const Now& now, Effects& effects, RequestChannel& channel, RaftClient& raft,
                      const Request& request);
  void handle_timer(const Now& now, Effects& effects, RequestChannel& channel, RaftClient& raft,
                    TimerKey timer);
  /// After the Raft client's state may have moved and `committed` was brought up to its high watermark: takes
  /// or gives up the active role, sends the answers whose records are committed. Call it at the end of every
  /// step.
  void advance(const Now& now, Effects& effects, RequestChannel& channel, RaftClient& raft,
               const MetadataImage& committed);

  bool is_active() const;
};

}  // namespace brokerlab

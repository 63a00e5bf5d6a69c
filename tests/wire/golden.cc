#include "tests/wire/golden.h"

#include <fstream>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/10_find_coordinator.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/22_init_producer_id.h"
#include "sim/wire/kafka/23_offset_for_leader_epoch.h"
#include "sim/wire/kafka/32_describe_configs.h"
#include "sim/wire/kafka/37_create_partitions.h"
#include "sim/wire/kafka/43_elect_leaders.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/46_list_partition_reassignments.h"
#include "sim/wire/kafka/52_vote.h"
#include "sim/wire/kafka/53_begin_quorum_epoch.h"
#include "sim/wire/kafka/54_end_quorum_epoch.h"
#include "sim/wire/kafka/55_describe_quorum.h"
#include "sim/wire/kafka/56_alter_partition.h"
#include "sim/wire/kafka/58_envelope.h"
#include "sim/wire/kafka/59_fetch_snapshot.h"
#include "sim/wire/kafka/60_describe_cluster.h"
#include "sim/wire/kafka/62_broker_registration.h"
#include "sim/wire/kafka/63_broker_heartbeat.h"
#include "sim/wire/kafka/67_allocate_producer_ids.h"
#include "sim/wire/kafka/70_controller_registration.h"
#include "sim/wire/kafka/75_describe_topic_partitions.h"
#include "sim/wire/kafka/82_update_raft_voter.h"

namespace brokerlab::kafka::test {

std::vector<Json> golden_lines(const std::string& file) {
  std::ifstream in(std::string(BROKERLAB_GOLDEN_DIR) + "/" + file);
  std::vector<Json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  REQUIRE_MESSAGE(!lines.empty(), "nothing recorded in ", file);
  return lines;
}

Bytes bytes_of_hex(const std::string& hex) { return Bytes::adopt(from_hex(hex)); }

Bytes joined(const Slices& slices) {
  std::vector<uint8_t> all;
  for (const Slice& slice : slices) {
    const Bytes& piece = std::get<Bytes>(slice);
    all.insert(all.end(), piece.begin(), piece.end());
  }
  return Bytes::adopt(std::move(all));
}

const std::map<std::pair<int, Direction>, Codec>& declared_messages() {
  static const auto codecs = [] {
    std::map<std::pair<int, Direction>, Codec> made;
    const auto add = [&]<class Request>() {
      made.emplace(std::pair(Request::api_key, Direction::request), codec_of<Request>());
      made.emplace(std::pair(Request::api_key, Direction::response), codec_of<typename Request::Response>());
    };
    add.operator()<ProduceRequest>();
    add.operator()<FetchRequest>();
    add.operator()<ListOffsetsRequest>();
    add.operator()<MetadataRequest>();
    add.operator()<FindCoordinatorRequest>();
    add.operator()<ApiVersionsRequest>();
    add.operator()<CreateTopicsRequest>();
    add.operator()<DeleteTopicsRequest>();
    add.operator()<InitProducerIdRequest>();
    add.operator()<OffsetForLeaderEpochRequest>();
    add.operator()<DescribeConfigsRequest>();
    add.operator()<CreatePartitionsRequest>();
    add.operator()<ElectLeadersRequest>();
    add.operator()<IncrementalAlterConfigsRequest>();
    add.operator()<ListPartitionReassignmentsRequest>();
    add.operator()<VoteRequest>();
    add.operator()<BeginQuorumEpochRequest>();
    add.operator()<EndQuorumEpochRequest>();
    add.operator()<DescribeQuorumRequest>();
    add.operator()<AlterPartitionRequest>();
    add.operator()<EnvelopeRequest>();
    add.operator()<FetchSnapshotRequest>();
    add.operator()<DescribeClusterRequest>();
    add.operator()<BrokerRegistrationRequest>();
    add.operator()<BrokerHeartbeatRequest>();
    add.operator()<AllocateProducerIdsRequest>();
    add.operator()<ControllerRegistrationRequest>();
    add.operator()<DescribeTopicPartitionsRequest>();
    add.operator()<UpdateRaftVoterRequest>();
    return made;
  }();
  return codecs;
}

}  // namespace brokerlab::kafka::test

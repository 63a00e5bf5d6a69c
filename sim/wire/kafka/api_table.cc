#include "sim/wire/kafka/api_table.h"

#include <algorithm>

namespace brokerlab::kafka {
namespace {

constexpr Api apis[] = {
    {0, "Produce", {3, 13}, 9, Listeners::broker, {0, 13}, {0, 2}},
    {1, "Fetch", {4, 18}, 12, Listeners::both, {4, 18}, {0, 3}},
    {2, "ListOffsets", {1, 11}, 6, Listeners::broker, {1, 11}, {0, 0}},
    {3, "Metadata", {0, 13}, 9, Listeners::broker, {0, 13}},
    {4, "LeaderAndIsr", no_versions, 4, Listeners::zookeeper_mode, no_versions, {0, 7}},
    {5, "StopReplica", no_versions, 2, Listeners::zookeeper_mode, no_versions, {0, 4}},
    {6, "UpdateMetadata", no_versions, 6, Listeners::zookeeper_mode, no_versions, {0, 8}},
    {7, "ControlledShutdown", no_versions, 3, Listeners::zookeeper_mode, no_versions, {0, 3}},
    {8, "OffsetCommit", {2, 10}, 8, Listeners::broker, no_versions, {0, 1}},
    {9, "OffsetFetch", {1, 10}, 6, Listeners::broker, no_versions, {0, 0}},
    {10, "FindCoordinator", {0, 6}, 3, Listeners::broker, {0, 0}},
    {11, "JoinGroup", {0, 9}, 6, Listeners::broker},
    {12, "Heartbeat", {0, 4}, 4, Listeners::broker},
    {13, "LeaveGroup", {0, 5}, 4, Listeners::broker},
    {14, "SyncGroup", {0, 5}, 4, Listeners::broker},
    {15, "DescribeGroups", {0, 6}, 5, Listeners::broker},
    {16, "ListGroups", {0, 5}, 3, Listeners::broker},
    {17, "SaslHandshake", {0, 1}, never_flexible, Listeners::both},
    {18, "ApiVersions", {0, 4}, 3, Listeners::both, {0, 4}},
    {19, "CreateTopics", {2, 7}, 5, Listeners::both, {2, 7}, {0, 1}},
    {20, "DeleteTopics", {1, 6}, 4, Listeners::both, {1, 6}, {0, 0}},
    {21, "DeleteRecords", {0, 2}, 2, Listeners::broker, {0, 2}},
    {22, "InitProducerId", {0, 6}, 2, Listeners::broker, {0, 5}},
    {23, "OffsetForLeaderEpoch", {2, 4}, 4, Listeners::broker, {2, 4}, {0, 1}},
    {24, "AddPartitionsToTxn", {0, 5}, 3, Listeners::broker},
    {25, "AddOffsetsToTxn", {0, 4}, 3, Listeners::broker},
    {26, "EndTxn", {0, 5}, 3, Listeners::broker},
    {27, "WriteTxnMarkers", {1, 2}, 1, Listeners::broker, no_versions, {0, 0}},
    {28, "TxnOffsetCommit", {0, 5}, 3, Listeners::broker},
    {29, "DescribeAcls", {1, 3}, 2, Listeners::both, no_versions, {0, 0}},
    {30, "CreateAcls", {1, 3}, 2, Listeners::both, no_versions, {0, 0}},
    {31, "DeleteAcls", {1, 3}, 2, Listeners::both, no_versions, {0, 0}},
    {32, "DescribeConfigs", {1, 4}, 4, Listeners::both, {1, 4}, {0, 0}},
    {33, "AlterConfigs", {0, 2}, 2, Listeners::both, {0, 2}},
    {34, "AlterReplicaLogDirs", {1, 2}, 2, Listeners::broker, no_versions, {0, 0}},
    {35, "DescribeLogDirs", {1, 5}, 2, Listeners::broker, {1, 5}, {0, 0}},
    {36, "SaslAuthenticate", {0, 2}, 2, Listeners::both},
    {37, "CreatePartitions", {0, 3}, 2, Listeners::both, {0, 3}},
    {38, "CreateDelegationToken", {1, 3}, 2, Listeners::both},
    {39, "RenewDelegationToken", {1, 2}, 2, Listeners::both},
    {40, "ExpireDelegationToken", {1, 2}, 2, Listeners::both},
    {41, "DescribeDelegationToken", {1, 3}, 2, Listeners::both},
    {42, "DeleteGroups", {0, 2}, 2, Listeners::broker},
    {43, "ElectLeaders", {0, 2}, 2, Listeners::both, {0, 2}},
    {44, "IncrementalAlterConfigs", {0, 1}, 1, Listeners::both, {0, 1}},
    {45, "AlterPartitionReassignments", {0, 1}, 0, Listeners::both, {0, 1}},
    {46, "ListPartitionReassignments", {0, 0}, 0, Listeners::both, {0, 0}},
    {47, "OffsetDelete", {0, 0}, never_flexible, Listeners::broker},
    {48, "DescribeClientQuotas", {0, 1}, 1, Listeners::broker, {0, 1}},
    {49, "AlterClientQuotas", {0, 1}, 1, Listeners::both, {0, 1}},
    {50, "DescribeUserScramCredentials", {0, 0}, 0, Listeners::both},
    {51, "AlterUserScramCredentials", {0, 0}, 0, Listeners::both},
    {52, "Vote", {0, 2}, 0, Listeners::controller, {0, 2}},
    {53, "BeginQuorumEpoch", {0, 1}, 1, Listeners::controller, {0, 1}},
    {54, "EndQuorumEpoch", {0, 1}, 1, Listeners::controller, {0, 1}},
    {55, "DescribeQuorum", {0, 2}, 0, Listeners::both, {0, 2}},
    {56, "AlterPartition", {2, 3}, 0, Listeners::controller, {2, 3}, {0, 1}},
    {57, "UpdateFeatures", {0, 2}, 0, Listeners::both},
    {58, "Envelope", {0, 0}, 0, Listeners::controller, {0, 0}},
    {59, "FetchSnapshot", {0, 1}, 0, Listeners::controller, {0, 1}},
    {60, "DescribeCluster", {0, 2}, 0, Listeners::both, {0, 2}},
    {61, "DescribeProducers", {0, 0}, 0, Listeners::broker},
    {62, "BrokerRegistration", {0, 4}, 0, Listeners::controller, {0, 4}},
    {63, "BrokerHeartbeat", {0, 2}, 0, Listeners::controller, {0, 2}},
    {64, "UnregisterBroker", {0, 0}, 0, Listeners::both},
    {65, "DescribeTransactions", {0, 0}, 0, Listeners::broker},
    {66, "ListTransactions", {0, 2}, 0, Listeners::broker},
    {67, "AllocateProducerIds", {0, 0}, 0, Listeners::controller, {0, 0}},
    {68, "ConsumerGroupHeartbeat", {0, 1}, 0, Listeners::broker},
    {69, "ConsumerGroupDescribe", {0, 1}, 0, Listeners::broker},
    {70, "ControllerRegistration", {0, 0}, 0, Listeners::controller, {0, 0}},
    {71, "GetTelemetrySubscriptions", {0, 0}, 0, Listeners::broker},
    {72, "PushTelemetry", {0, 0}, 0, Listeners::broker},
    {73, "AssignReplicasToDirs", {0, 0}, 0, Listeners::controller},
    {74, "ListConfigResources", {0, 1}, 0, Listeners::broker},
    {75, "DescribeTopicPartitions", {0, 0}, 0, Listeners::broker, {0, 0}},
    {76, "ShareGroupHeartbeat", {1, 1}, 0, Listeners::broker},
    {77, "ShareGroupDescribe", {1, 1}, 0, Listeners::broker},
    {78, "ShareFetch", {1, 2}, 0, Listeners::broker},
    {79, "ShareAcknowledge", {1, 2}, 0, Listeners::broker},
    {80, "AddRaftVoter", {0, 1}, 0, Listeners::both},
    {81, "RemoveRaftVoter", {0, 0}, 0, Listeners::both},
    {82, "UpdateRaftVoter", {0, 0}, 0, Listeners::controller, {0, 0}},
    {83, "InitializeShareGroupState", {0, 0}, 0, Listeners::broker},
    {84, "ReadShareGroupState", {0, 0}, 0, Listeners::broker},
    {85, "WriteShareGroupState", {0, 1}, 0, Listeners::broker},
    {86, "DeleteShareGroupState", {0, 0}, 0, Listeners::broker},
    {87, "ReadShareGroupStateSummary", {0, 1}, 0, Listeners::broker},
    {88, "StreamsGroupHeartbeat", {0, 0}, 0, Listeners::broker},
    {89, "StreamsGroupDescribe", {0, 0}, 0, Listeners::broker},
    {90, "DescribeShareGroupOffsets", {0, 1}, 0, Listeners::broker},
    {91, "AlterShareGroupOffsets", {0, 0}, 0, Listeners::broker},
    {92, "DeleteShareGroupOffsets", {0, 0}, 0, Listeners::broker},
};
constexpr int16_t controlled_shutdown_key = 7;
constexpr int16_t api_versions_key = 18;

}  // namespace

std::span<const Api> all_apis() { return apis; }

const Api* find_api(int16_t key) {
  const Api* api = std::lower_bound(std::begin(apis), std::end(apis), key,
                                    [](const Api& a, int16_t wanted) { return a.key < wanted; });
  return api != std::end(apis) && api->key == key ? api : nullptr;
}

int16_t request_header_version(const Api& api, int16_t version) {
  if (api.key == controlled_shutdown_key && version == 0) return 0;
  return version >= api.first_flexible ? 2 : 1;
}

int16_t response_header_version(const Api& api, int16_t version) {
  return api.key != api_versions_key && version >= api.first_flexible ? 1 : 0;
}

}  // namespace brokerlab::kafka

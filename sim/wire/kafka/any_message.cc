#include "sim/wire/kafka/any_message.h"

#include <map>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/04_leader_and_isr.h"
#include "sim/wire/kafka/05_stop_replica.h"
#include "sim/wire/kafka/06_update_metadata.h"
#include "sim/wire/kafka/07_controlled_shutdown.h"
#include "sim/wire/kafka/08_offset_commit.h"
#include "sim/wire/kafka/09_offset_fetch.h"
#include "sim/wire/kafka/10_find_coordinator.h"
#include "sim/wire/kafka/11_join_group.h"
#include "sim/wire/kafka/12_heartbeat.h"
#include "sim/wire/kafka/13_leave_group.h"
#include "sim/wire/kafka/14_sync_group.h"
#include "sim/wire/kafka/15_describe_groups.h"
#include "sim/wire/kafka/16_list_groups.h"
#include "sim/wire/kafka/17_sasl_handshake.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/21_delete_records.h"
#include "sim/wire/kafka/22_init_producer_id.h"
#include "sim/wire/kafka/23_offset_for_leader_epoch.h"
#include "sim/wire/kafka/24_add_partitions_to_txn.h"
#include "sim/wire/kafka/25_add_offsets_to_txn.h"
#include "sim/wire/kafka/26_end_txn.h"
#include "sim/wire/kafka/27_write_txn_markers.h"
#include "sim/wire/kafka/28_txn_offset_commit.h"
#include "sim/wire/kafka/29_describe_acls.h"
#include "sim/wire/kafka/30_create_acls.h"
#include "sim/wire/kafka/31_delete_acls.h"
#include "sim/wire/kafka/32_describe_configs.h"
#include "sim/wire/kafka/33_alter_configs.h"
#include "sim/wire/kafka/34_alter_replica_log_dirs.h"
#include "sim/wire/kafka/35_describe_log_dirs.h"
#include "sim/wire/kafka/36_sasl_authenticate.h"
#include "sim/wire/kafka/37_create_partitions.h"
#include "sim/wire/kafka/42_delete_groups.h"
#include "sim/wire/kafka/43_elect_leaders.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"
#include "sim/wire/kafka/46_list_partition_reassignments.h"
#include "sim/wire/kafka/47_offset_delete.h"
#include "sim/wire/kafka/48_describe_client_quotas.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"
#include "sim/wire/kafka/50_describe_user_scram_credentials.h"
#include "sim/wire/kafka/51_alter_user_scram_credentials.h"
#include "sim/wire/kafka/52_vote.h"
#include "sim/wire/kafka/53_begin_quorum_epoch.h"
#include "sim/wire/kafka/54_end_quorum_epoch.h"
#include "sim/wire/kafka/55_describe_quorum.h"
#include "sim/wire/kafka/56_alter_partition.h"
#include "sim/wire/kafka/57_update_features.h"
#include "sim/wire/kafka/58_envelope.h"
#include "sim/wire/kafka/59_fetch_snapshot.h"
#include "sim/wire/kafka/60_describe_cluster.h"
#include "sim/wire/kafka/61_describe_producers.h"
#include "sim/wire/kafka/62_broker_registration.h"
#include "sim/wire/kafka/63_broker_heartbeat.h"
#include "sim/wire/kafka/64_unregister_broker.h"
#include "sim/wire/kafka/65_describe_transactions.h"
#include "sim/wire/kafka/66_list_transactions.h"
#include "sim/wire/kafka/67_allocate_producer_ids.h"
#include "sim/wire/kafka/68_consumer_group_heartbeat.h"
#include "sim/wire/kafka/69_consumer_group_describe.h"
#include "sim/wire/kafka/70_controller_registration.h"
#include "sim/wire/kafka/73_assign_replicas_to_dirs.h"
#include "sim/wire/kafka/74_list_config_resources.h"
#include "sim/wire/kafka/75_describe_topic_partitions.h"
#include "sim/wire/kafka/80_add_raft_voter.h"
#include "sim/wire/kafka/81_remove_raft_voter.h"
#include "sim/wire/kafka/82_update_raft_voter.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/consumer_protocol.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/coordinator_records.h"
#include "sim/wire/kafka/frame.h"
#include "sim/wire/kafka/metadata_records.h"
#include "sim/wire/kafka/quorum_state_data.h"
#include "sim/wire/kafka/schema.h"
#include "sim/wire/kafka/transaction_records.h"

namespace brokerlab::kafka {
namespace {

using Table = std::map<std::string_view, const MessageSchema& (*)()>;

template <class... Messages>
void add(Table& table) {
  (table.emplace(Messages::schema_name, &Messages::schema), ...);
}

template <class... Requests>
void add_requests_and_responses(Table& table) {
  (add<Requests, typename Requests::Response>(table), ...);
}

template <class... Records>
void add_records(Table& table, const std::variant<Records...>*) {
  add<Records...>(table);
}

Table all_messages() {
  Table table;
  add_requests_and_responses<
      ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, LeaderAndIsrRequest,
      StopReplicaRequest, UpdateMetadataRequest, ControlledShutdownRequest, OffsetCommitRequest,
      OffsetFetchRequest, FindCoordinatorRequest, JoinGroupRequest, HeartbeatRequest, LeaveGroupRequest,
      SyncGroupRequest, DescribeGroupsRequest, ListGroupsRequest, SaslHandshakeRequest, ApiVersionsRequest,
      CreateTopicsRequest, DeleteTopicsRequest, DeleteRecordsRequest, InitProducerIdRequest,
      OffsetForLeaderEpochRequest, AddPartitionsToTxnRequest, AddOffsetsToTxnRequest, EndTxnRequest,
      WriteTxnMarkersRequest, TxnOffsetCommitRequest, DescribeAclsRequest, CreateAclsRequest,
      DeleteAclsRequest, DescribeConfigsRequest, AlterConfigsRequest, AlterReplicaLogDirsRequest,
      DescribeLogDirsRequest, SaslAuthenticateRequest, CreatePartitionsRequest, DeleteGroupsRequest,
      ElectLeadersRequest, IncrementalAlterConfigsRequest, AlterPartitionReassignmentsRequest,
      ListPartitionReassignmentsRequest, OffsetDeleteRequest, DescribeClientQuotasRequest,
      AlterClientQuotasRequest, DescribeUserScramCredentialsRequest, AlterUserScramCredentialsRequest,
      VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, DescribeQuorumRequest,
      AlterPartitionRequest, UpdateFeaturesRequest, EnvelopeRequest, FetchSnapshotRequest,
      DescribeClusterRequest, DescribeProducersRequest, BrokerRegistrationRequest, BrokerHeartbeatRequest,
      UnregisterBrokerRequest, DescribeTransactionsRequest, ListTransactionsRequest,
      AllocateProducerIdsRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupDescribeRequest,
      ControllerRegistrationRequest, AssignReplicasToDirsRequest, ListConfigResourcesRequest,
      DescribeTopicPartitionsRequest, AddRaftVoterRequest, RemoveRaftVoterRequest, UpdateRaftVoterRequest>(
      table);
  add<RequestHeader, ResponseHeader>(table);
  add_records(table, static_cast<const MetadataRecord*>(nullptr));
  add<LeaderChangeMessage, SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord,
      EndTxnMarker, ControlRecordTypeSchema>(table);
  add<LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue, GroupMetadataKey,
      GroupMetadataValue, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
      ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue, ConsumerGroupMemberMetadataKey,
      ConsumerGroupMemberMetadataValue, ConsumerGroupTargetAssignmentMetadataKey,
      ConsumerGroupTargetAssignmentMetadataValue, ConsumerGroupTargetAssignmentMemberKey,
      ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupCurrentMemberAssignmentKey,
      ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupRegularExpressionKey,
      ConsumerGroupRegularExpressionValue>(table);
  add<TransactionLogKey, TransactionLogValue>(table);
  add<ConsumerProtocolSubscription, ConsumerProtocolAssignment>(table);
  add<QuorumStateData>(table);
  return table;
}

}  // namespace

const MessageSchema* find_message(std::string_view schema_name) {
  static const Table table = all_messages();
  const auto found = table.find(schema_name);
  return found == table.end() ? nullptr : &found->second();
}

const MessageSchema* find_message(int16_t api_key, MessageKind kind) {
  const Api* api = find_api(api_key);
  if (api == nullptr) return nullptr;
  return find_message(std::string(api->name) + (kind == MessageKind::request ? "Request" : "Response"));
}

AnyMessage::AnyMessage(const MessageSchema& schema, int16_t version)
    : schema_(&schema), version_(version), message_(schema.make()) {}

Result<AnyMessage> AnyMessage::decode(const MessageSchema& schema, int16_t version, const Bytes& bytes) {
  AnyMessage made(schema, version);
  if (schema.framing == Framing::none) {
    const Status status = untyped::decode(made.message_.get(), schema, version, bytes, made.consumed_);
    if (!status.ok()) return status;
    return made;
  }
  const Result<int16_t> found = untyped::decode_framed(made.message_.get(), schema, bytes, made.consumed_);
  if (!found.ok()) return found.status();
  if (*found != version)
    return Status::error(StatusCode::invalid, std::string(schema.name) + ": the bytes are of version " +
                                                  std::to_string(*found) + ", not " +
                                                  std::to_string(version));
  return made;
}

Result<AnyMessage> AnyMessage::from_json(const MessageSchema& schema, int16_t version, std::string_view json,
                                         std::span<const Bytes> records) {
  AnyMessage made(schema, version);
  const Status status = untyped::from_json(made.message_.get(), schema, version, json, records);
  if (!status.ok()) return status;
  return made;
}

Bytes AnyMessage::encode() const {
  if (schema_->framing == Framing::none) return joined(untyped::encode(message_.get(), *schema_, version_));
  return untyped::encode_framed(message_.get(), *schema_, version_);
}

std::string AnyMessage::to_json() const { return untyped::to_json(message_.get(), *schema_, version_); }

std::vector<Bytes> AnyMessage::records() const {
  return untyped::records_of(message_.get(), *schema_, version_);
}

}  // namespace brokerlab::kafka

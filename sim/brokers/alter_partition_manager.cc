#include "sim/brokers/alter_partition_manager.h"

#include <algorithm>

#include "sim/wire/kafka/56_alter_partition.h"
#include "sim/wire/kafka/codec.h"

namespace brokerlab {

using kafka::ErrorCode;

namespace {

constexpr int16_t alter_partition_version = 3;

kafka::AlterPartitionRequest make_request(const std::vector<ReplicaManager::Proposal>& proposals) {
  kafka::AlterPartitionRequest request;
  for (const ReplicaManager::Proposal& proposal : proposals) {  // sorted by topic
    if (request.topics.empty() || request.topics.back().topic_id != proposal.key.topic_id)
      request.topics.emplace_back().topic_id = proposal.key.topic_id;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = proposal.key.partition;
    partition.leader_epoch = proposal.isr.leader_epoch;
    partition.partition_epoch = proposal.isr.partition_epoch;
    for (size_t i = 0; i < proposal.isr.isr.size(); ++i) {
      auto& member = partition.new_isr_with_epochs.emplace_back();
      member.broker_id = proposal.isr.isr[i];
      member.broker_epoch = proposal.broker_epochs[i];
    }
  }
  return request;
}

}  // namespace

void AlterPartitionManager::poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image,
                                 ReplicaManager& replicas, int64_t broker_epoch) {
  if (channel_.follow(step, raft)) {
    if (in_flight_) give_back(step, image, replicas);
    retry_at_ = step.now.monotonic;
  }
  const bool can_ask =
      !in_flight_ && channel_.is_known() && broker_epoch >= 0 && step.now.monotonic >= retry_at_;
  if (!can_ask || !replicas.has_proposals()) return;
  asked_ = replicas.take_proposals(broker_epoch);
  if (asked_.empty()) return;
  kafka::AlterPartitionRequest request = make_request(asked_);
  request.broker_id = broker_id_;
  request.broker_epoch = broker_epoch;
  in_flight_ = channel_.send(step, std::move(request), alter_partition_version);
}

void AlterPartitionManager::give_back(NodeStep& step, const MetadataImage& image, ReplicaManager& replicas) {
  in_flight_.reset();
  Partition::IsrAnswer not_served;
  not_served.error = ErrorCode::network_exception;
  for (const ReplicaManager::Proposal& proposal : std::exchange(asked_, {}))
    replicas.answer_proposal(proposal, not_served, image, step.now, step.effects);
}

void AlterPartitionManager::handle(NodeStep& step, const MetadataImage& image, ReplicaManager& replicas,
                                   const Input& input) {
  for (const Completion& completion : channel_.handle(step, input)) {
    if (in_flight_ != completion.token) continue;
    retry_at_ = step.now.monotonic + controller_retry_backoff;
    Result<kafka::AlterPartitionResponse> response =
        completion.answered()
            ? kafka::decode<kafka::AlterPartitionResponse>(completion.body, completion.version)
            : Status::error(StatusCode::unavailable, "not answered");
    if (!response || response->error_code != 0) {
      give_back(step, image, replicas);
      continue;
    }
    in_flight_.reset();
    retry_at_ = step.now.monotonic;
    std::vector<ReplicaManager::Proposal> asked = std::exchange(asked_, {});
    for (const auto& topic : response->topics) {
      for (const auto& partition : topic.partitions) {
        const auto proposal =
            std::find_if(asked.begin(), asked.end(), [&](const ReplicaManager::Proposal& p) {
              return p.key == PartitionKey{topic.topic_id, partition.partition_index};
            });
        if (proposal == asked.end()) continue;
        Partition::IsrAnswer answer;
        answer.error = kafka::error_from(partition.error_code);
        answer.leader_epoch = partition.leader_epoch;
        answer.partition_epoch = partition.partition_epoch;
        answer.isr = partition.isr;
        if (answer.error != ErrorCode::none) retry_at_ = step.now.monotonic + controller_retry_backoff;
        replicas.answer_proposal(*proposal, answer, image, step.now, step.effects);
      }
    }
  }
}

}  // namespace brokerlab

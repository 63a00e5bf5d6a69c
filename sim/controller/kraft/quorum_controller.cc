#include "sim/controller/kraft/quorum_controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/kraft/client_quota_control.h"
#include "sim/controller/kraft/config_control.h"
#include "sim/controller/kraft/leader_election.h"
#include "sim/controller/kraft/reassignment.h"
#include "sim/network/message_info.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

constexpr TimerKey session_timer{QuorumController::first_timer_kind, 0};
constexpr TimerKey no_op_timer{QuorumController::first_timer_kind + 1, 0};
constexpr uint16_t registrar_timer_kind = QuorumController::first_timer_kind + 2;
constexpr TimerKey preferred_election_timer{QuorumController::first_timer_kind + 3, 0};
constexpr TimerKey unclean_election_timer{QuorumController::first_timer_kind + 4, 0};
constexpr int32_t producer_id_block = 1000;  // KIP-730

// What clients may send through a broker (KIP-590). The others come from the nodes themselves.
constexpr bool is_forwardable(int16_t api_key) {
  switch (api_key) {
    case kafka::CreateTopicsRequest::api_key:
    case kafka::DeleteTopicsRequest::api_key:
    case kafka::CreatePartitionsRequest::api_key:
    case kafka::ElectLeadersRequest::api_key:
    case kafka::AlterPartitionReassignmentsRequest::api_key:
    case kafka::AlterConfigsRequest::api_key:
    case kafka::IncrementalAlterConfigsRequest::api_key:
    case kafka::AlterClientQuotasRequest::api_key:
    case kafka::DescribeQuorumRequest::api_key:
      return true;
    default:
      return false;
  }
}

std::string wrong_controller(const RaftClient& raft) {
  const int32_t leader = raft.leader_and_epoch().leader_id;
  return leader == nobody ? "No controller appears to be active."
                          : fmt::format("The active controller appears to be node {}.", leader);
}

// ---- Answers that only say NOT_CONTROLLER. `blank` names what was asked for, where an error stands beside
// each name.

template <class Request>
typename Request::Response blank(const Request&) {
  return {};
}
kafka::CreateTopicsResponse blank(const kafka::CreateTopicsRequest& request) {
  kafka::CreateTopicsResponse response;
  for (const auto& topic : request.topics) response.topics.emplace_back().name = topic.name;
  return response;
}
kafka::DeleteTopicsResponse blank(const kafka::DeleteTopicsRequest& request) {
  kafka::DeleteTopicsResponse response;
  for (const std::string& name : request.topic_names) response.responses.emplace_back().name = name;
  for (const auto& topic : request.topics) {
    auto& answer = response.responses.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
  }
  return response;
}
kafka::CreatePartitionsResponse blank(const kafka::CreatePartitionsRequest& request) {
  kafka::CreatePartitionsResponse response;
  for (const auto& topic : request.topics) response.results.emplace_back().name = topic.name;
  return response;
}
template <class Response, class Request>
Response blank_configs(const Request& request) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& answer = response.responses.emplace_back();
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
  }
  return response;
}
kafka::AlterConfigsResponse blank(const kafka::AlterConfigsRequest& request) {
  return blank_configs<kafka::AlterConfigsResponse>(request);
}
kafka::IncrementalAlterConfigsResponse blank(const kafka::IncrementalAlterConfigsRequest& request) {
  return blank_configs<kafka::IncrementalAlterConfigsResponse>(request);
}
kafka::AlterClientQuotasResponse blank(const kafka::AlterClientQuotasRequest& request) {
  kafka::AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& answer = response.entries.emplace_back();
    for (const auto& part : entry.entity)
      answer.entity.push_back(
          {.entity_type = part.entity_type, .entity_name = part.entity_name, .unknown_tags = {}});
  }
  return response;
}

/// What a new cluster begins with, in Kafka's order.
MetadataRecords bootstrap_records(const Settings& settings, const Bugs& bugs) {
  MetadataRecords records;
  kafka::BeginTransactionRecord begin;
  begin.name = "Bootstrap records";
  records.push_back(begin);
  for (const SupportedFeature& supported : supported_features) {
    if (supported.name == elr_feature && bugs.has(Bug::no_eligible_replicas)) continue;
    kafka::FeatureLevelRecord feature;
    feature.name = supported.name;
    feature.feature_level = supported.level_of_new_clusters;
    records.push_back(feature);
  }
  // What may be electable is counted with it, so it has to be the same for every broker, and in the log.
  kafka::ConfigRecord min_isr;
  min_isr.resource_type = ConfigResource::broker;
  min_isr.name = "min.insync.replicas";
  min_isr.value = settings.get(min_isr.name);
  records.push_back(min_isr);
  records.push_back(kafka::EndTransactionRecord{});
  return records;
}

template <class Response>
void fail(Response& response, ErrorCode error, const std::string& message) {
  const auto fail_each = [&](auto& items) {
    for (auto& item : items) {
      item.error_code = to_int16(error);
      item.error_message = message;
    }
  };
  if constexpr (std::is_same_v<Response, kafka::CreateTopicsResponse>) {
    for (auto& topic : response.topics) {
      const std::string name = topic.name;
      topic = {};
      topic.name = name;
    }
    fail_each(response.topics);
  } else if constexpr (requires { response.error_code; }) {
    response = {};
    response.error_code = to_int16(error);
    if constexpr (requires { response.error_message; }) response.error_message = message;
  } else if constexpr (requires { response.entries; }) {
    fail_each(response.entries);
  } else if constexpr (requires { response.results; }) {
    fail_each(response.results);
  } else {
    fail_each(response.responses);
  }
}

}  // namespace

QuorumController::QuorumController(ControllerConfig config, const Random& random)
    : config_(std::move(config)),
      cluster_(config_.cluster_id, config_.settings),
      replication_(config_.settings, random.fork(0)),
      registrar_(config_.node_id, random.fork(1).uuid(), registrar_timer_kind) {}

bool QuorumController::handles(int16_t api_key) {
  switch (api_key) {
    case kafka::BrokerRegistrationRequest::api_key:
    case kafka::BrokerHeartbeatRequest::api_key:
    case kafka::ControllerRegistrationRequest::api_key:
    case kafka::AlterPartitionRequest::api_key:
    case kafka::AllocateProducerIdsRequest::api_key:
    case kafka::EnvelopeRequest::api_key:
      return true;
    default:
      return is_forwardable(api_key);
  }
}

// ---- Requests ---------------------------------------------------------------------------------------------

void QuorumController::handle_request(NodeStep& step, RaftClient& raft, const Request& request) {
  if (request.context.header.api_key != kafka::EnvelopeRequest::api_key) {
    dispatch(step, raft, {request.context, request.context.header}, request.body);
    return;
  }
  const auto envelope =
      kafka::decode<kafka::EnvelopeRequest>(request.body, request.context.header.api_version);
  if (!envelope) {
    step.channel.close(request.context, step.effects);
    return;
  }
  Bytes body;
  const Result<kafka::RequestHeader> header = kafka::decode_request_header(envelope->request_data, body);
  if (!header || !is_forwardable(header->api_key)) {
    kafka::EnvelopeResponse response;
    response.error_code = to_int16(ErrorCode::invalid_request);
    step.channel.respond(
        request.context, response,
        message_info(response, request.context.header.api_version, request.context.header.correlation_id),
        step.effects);
    return;
  }
  dispatch(step, raft, {request.context, *header, true}, body);
}

void QuorumController::dispatch(NodeStep& step, RaftClient& raft, const Asker& asker, const Bytes& body) {
  const int16_t version = asker.header.api_version;
  const Instant now = step.now.monotonic;
  switch (asker.header.api_key) {
    case kafka::BrokerRegistrationRequest::api_key:
      decide<kafka::BrokerRegistrationRequest>(step, raft, asker, body,
                                               [&](const auto& request) {
                                                 return cluster_.register_broker(*image_, request,
                                                                                 raft.log_end_offset(), now);
                                               },
                                               {"unclean_shutdown", "registered"});
      break;
    case kafka::BrokerHeartbeatRequest::api_key:
      decide<kafka::BrokerHeartbeatRequest>(step, raft, asker, body, [&](const auto& request) {
        return cluster_.heartbeat(*image_, request, now);
      });
      break;
    case kafka::ControllerRegistrationRequest::api_key:
      decide<kafka::ControllerRegistrationRequest>(step, raft, asker, body, [&](const auto& request) {
        return cluster_.register_controller(request);
      });
      break;
    case kafka::AlterPartitionRequest::api_key:
      decide<kafka::AlterPartitionRequest>(
          step, raft, asker, body,
          [&](const auto& request) { return replication_.alter_partition(*image_, request, version); },
          {"isr_changed", ""});
      break;
    case kafka::CreateTopicsRequest::api_key:
      decide<kafka::CreateTopicsRequest>(
          step, raft, asker, body,
          [&](const auto& request) { return replication_.create_topics(*image_, request); }, {"created", ""});
      break;
    case kafka::DeleteTopicsRequest::api_key:
      decide<kafka::DeleteTopicsRequest>(step, raft, asker, body, [&](const auto& request) {
        return replication_.delete_topics(*image_, request, version);
      });
      break;
    case kafka::CreatePartitionsRequest::api_key:
      decide<kafka::CreatePartitionsRequest>(
          step, raft, asker, body,
          [&](const auto& request) { return replication_.create_partitions(*image_, request); },
          {"created", ""});
      break;
    case kafka::ElectLeadersRequest::api_key:
      decide<kafka::ElectLeadersRequest>(step, raft, asker, body,
                                         [&](const auto& request) {
                                           tell_asked(step, request);
                                           return elect_leaders(*image_, config_.settings, request);
                                         },
                                         {"preferred", ""});
      break;
    case kafka::AlterPartitionReassignmentsRequest::api_key:
      decide<kafka::AlterPartitionReassignmentsRequest>(step, raft, asker, body,
                                                        [&](const auto& request) {
                                                          return alter_partition_reassignments(
                                                              *image_, config_.settings, request);
                                                        },
                                                        {"reassigned", ""});
      break;
    case kafka::AlterConfigsRequest::api_key:
      decide<kafka::AlterConfigsRequest>(step, raft, asker, body, [&](const auto& request) {
        return alter_configs(*image_, config_.settings, request);
      });
      break;
    case kafka::IncrementalAlterConfigsRequest::api_key:
      decide<kafka::IncrementalAlterConfigsRequest>(step, raft, asker, body, [&](const auto& request) {
        return alter_configs(*image_, config_.settings, request);
      });
      break;
    case kafka::AlterClientQuotasRequest::api_key:
      decide<kafka::AlterClientQuotasRequest>(step, raft, asker, body, [&](const auto& request) {
        return alter_client_quotas(*image_, request);
      });
      break;
    case kafka::AllocateProducerIdsRequest::api_key:
      decide<kafka::AllocateProducerIdsRequest>(
          step, raft, asker, body, [&](const auto& request) { return allocate_producer_ids(request); });
      break;
    case kafka::DescribeQuorumRequest::api_key: {
      // A question to the Raft client, which is answered without the log.
      const auto request = kafka::decode<kafka::DescribeQuorumRequest>(body, version);
      if (request) {
        respond(step, asker, raft.describe_quorum(step.now, *request));
      } else {
        step.channel.close(asker.context, step.effects);
      }
      break;
    }
    default:
      BROKERLAB_ASSERT(false);
  }
}

template <class Request, class Decide>
void QuorumController::decide(NodeStep& step, RaftClient& raft, const Asker& asker, const Bytes& body,
                              Decide&& decide, Why why) {
  const auto request = kafka::decode<Request>(body, asker.header.api_version);
  if (!request) {
    step.channel.close(asker.context, step.effects);
    return;
  }
  if (!is_active()) {
    typename Request::Response response = blank(*request);
    fail(response, ErrorCode::not_controller, wrong_controller(raft));
    respond(step, asker, response);
    return;
  }
  ControllerResult<typename Request::Response> result = decide(*request);
  if constexpr (std::is_same_v<Request, kafka::BrokerHeartbeatRequest>) why = why_of(result);
  if (result.records.empty()) {
    // Nothing of its own to wait for, but it was decided from what may not be committed yet, and never be.
    if (pending_.empty() && image_->offset() < raft.high_watermark()) {
      respond(step, asker, std::move(result.response));
    } else {
      pending_.push_back({asker, std::move(result.response), image_->offset()});
    }
  } else if (const auto offset = write(step, raft, result.records, why)) {
    pending_.push_back({asker, std::move(result.response), *offset});
  } else {
    fail(result.response, ErrorCode::not_controller, wrong_controller(raft));
    respond(step, asker, std::move(result.response));
  }
  arm_session_timer(step);
}

ControllerResult<kafka::AllocateProducerIdsResponse> QuorumController::allocate_producer_ids(
    const kafka::AllocateProducerIdsRequest& request) const {
  ControllerResult<kafka::AllocateProducerIdsResponse> result;
  if (const ErrorCode error = ClusterControl::check_epoch(*image_, request.broker_id, request.broker_epoch);
      error != ErrorCode::none) {
    result.response.error_code = to_int16(error);
    return result;
  }
  kafka::ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = image_->next_producer_id() + producer_id_block;
  result.records.push_back(record);
  result.response.producer_id_start = image_->next_producer_id();
  result.response.producer_id_len = producer_id_block;
  return result;
}

/// The reasons for the records of a heartbeat, by what it did to the broker's registration.
QuorumController::Why QuorumController::why_of(
    const ControllerResult<kafka::BrokerHeartbeatResponse>& result) {
  if (result.response.should_shut_down) return {"leader_stopping", "controlled shutdown"};
  for (const kafka::MetadataRecord& record : result.records) {
    const auto* change = std::get_if<kafka::BrokerRegistrationChangeRecord>(&record);
    if (change == nullptr) continue;
    if (change->in_controlled_shutdown > 0) return {"leader_stopping", "controlled shutdown"};
    if (change->fenced < 0) return {"broker_unfenced", "caught up"};
  }
  return {"broker_fenced", "asked to be fenced"};
}

void QuorumController::respond(NodeStep& step, const Asker& asker, const Response& response) {
  std::visit(
      [&](const auto& message) {
        const int16_t version = asker.header.api_version;
        MessageInfo info = message_info(message, version, asker.context.header.correlation_id);
        if (info.error_code != 0) {
          step.effects.emit(event::RequestRefused{.api_key = info.api_key,
                                                  .error_code = info.error_code,
                                                  .topic = info.topic,
                                                  .partition = info.partition});
        }
        if (!asker.is_enveloped) {
          step.channel.respond(asker.context, message, std::move(info), step.effects);
          return;
        }
        kafka::EnvelopeResponse envelope;
        const auto error = kafka::error_from(info.error_code);
        if (error == ErrorCode::not_controller || (info.api_key == kafka::DescribeQuorumResponse::api_key &&
                                                   error == ErrorCode::not_leader_or_follower)) {
          // The broker asks another controller instead of passing this on.
          envelope.error_code = to_int16(ErrorCode::not_controller);
        } else {
          const Slices frame = kafka::response_frame(message, version, asker.header.correlation_id);
          BROKERLAB_ASSERT(frame.size() == 1);
          constexpr size_t length_prefix = 4;
          envelope.response_data = std::get<Bytes>(frame.front()).subview(length_prefix);
        }
        const MessageInfo outer =
            message_info(envelope, asker.context.header.api_version, asker.context.header.correlation_id);
        step.channel.respond(asker.context, envelope, outer, step.effects);
      },
      response);
}

// ---- Writing ----------------------------------------------------------------------------------------------

std::optional<int64_t> QuorumController::write(NodeStep& step, RaftClient& raft,
                                               const MetadataRecords& records, Why why) {
  const std::optional<int64_t> first = raft.append(step, epoch_, records);
  if (!first) return std::nullopt;
  int64_t offset = *first;
  for (const kafka::MetadataRecord& record : records) {
    const Why why_this = why_of(record, why);
    MetadataDelta delta;
    if (std::holds_alternative<kafka::RemoveTopicRecord>(record)) tell(step, record, records, why_this);
    const Status status = image_->replay(record, delta);
    BROKERLAB_ASSERT_THAT(status.ok(), status.message);
    cluster_.replay(record, offset, step.now.monotonic);
    if (std::holds_alternative<kafka::ClearElrRecord>(record)) {
      for (const PartitionKey& key : delta.changed_partitions) tell_partition(step, key, "min_isr_changed");
    } else if (!std::holds_alternative<kafka::RemoveTopicRecord>(record)) {
      tell(step, record, records, why_this);
    }
    ++offset;
  }
  image_->advance_to(offset - 1, epoch_);
  return offset - 1;
}

/// The reasons for a record that is about to be replayed, where they are not those of all. A record does not say of every
/// unclean election that it is one: not as long as a leader has not recovered from the one before.
QuorumController::Why QuorumController::why_of(const kafka::MetadataRecord& record, Why why) const {
  if (const auto* registered = std::get_if<kafka::RegisterBrokerRecord>(&record)) {
    const BrokerRegistration* before = image_->broker(registered->broker_id);
    if (before != nullptr && before->incarnation_id == registered->incarnation_id)
      why.broker = "registered again";
  }
  const auto* change = std::get_if<kafka::PartitionChangeRecord>(&record);
  if (change == nullptr || change->leader < 0) return why;
  const PartitionRegistration* before = image_->partition(change->topic_id, change->partition_id);
  const auto has_leader = [&](const std::vector<int32_t>& ids) {
    return std::find(ids.begin(), ids.end(), change->leader) != ids.end();
  };
  if (before == nullptr || has_leader(before->isr) || has_leader(before->elr)) return why;
  // The end of a move: the leader that goes has just brought into the ISR who follows it.
  const bool is_new_in_sync = why.partition == "isr_changed" && change->leader_recovery_state <= 0;
  if (is_new_in_sync) return why;
  // Such a record is about partitions that had the broker in the ISR or ELR: who is alone there is the one that leaves.
  const size_t left = before->isr.size() + before->elr.size() - (why.partition == "unclean_shutdown" ? 1 : 0);
  const bool is_last_known = left == 0 && before->last_known_elr == std::vector{change->leader};
  why.partition = is_last_known ? "last_known_leader" : "unclean";
  return why;
}

/// What the journal says of a record that was just replayed (of a topic's removal: that is about to be).
void QuorumController::tell(NodeStep& step, const kafka::MetadataRecord& record, const MetadataRecords& batch,
                            Why why) const {
  const auto tell_broker = [&](int32_t broker, int64_t epoch, const char* state, std::string_view reason) {
    step.effects.emit(event::BrokerStateChanged{
        .broker = broker, .state = state, .broker_epoch = epoch, .reason = std::string(reason)});
  };
  if (const auto* topic = std::get_if<kafka::TopicRecord>(&record)) {
    const auto partitions =
        std::count_if(batch.begin(), batch.end(), [&](const kafka::MetadataRecord& other) {
          const auto* partition = std::get_if<kafka::PartitionRecord>(&other);
          return partition != nullptr && partition->topic_id == topic->topic_id;
        });
    step.effects.emit(event::TopicChanged{.topic = topic->name,
                                          .change = "created",
                                          .partitions = static_cast<int32_t>(partitions),
                                          .topic_id = topic->topic_id});
  } else if (const auto* removed = std::get_if<kafka::RemoveTopicRecord>(&record)) {
    const TopicImage& image = *image_->topic(removed->topic_id);
    step.effects.emit(event::TopicChanged{.topic = image.name,
                                          .change = "deleted",
                                          .partitions = static_cast<int32_t>(image.partitions.size()),
                                          .topic_id = removed->topic_id});
  } else if (const auto* partition = std::get_if<kafka::PartitionRecord>(&record)) {
    tell_partition(step, {partition->topic_id, partition->partition_id}, why.partition);
  } else if (const auto* change = std::get_if<kafka::PartitionChangeRecord>(&record)) {
    tell_partition(step, {change->topic_id, change->partition_id}, why.partition);
  } else if (const auto* registered = std::get_if<kafka::RegisterBrokerRecord>(&record)) {
    tell_broker(registered->broker_id, registered->broker_epoch, "registered", why.broker);
  } else if (const auto* broker = std::get_if<kafka::BrokerRegistrationChangeRecord>(&record)) {
    if (broker->fenced > 0) {
      tell_broker(broker->broker_id, broker->broker_epoch, "fenced", why.broker);
    } else if (broker->fenced < 0) {
      tell_broker(broker->broker_id, broker->broker_epoch, "unfenced", why.broker);
      note(step,
           fmt::format("The request from broker {} to unfence has been granted because it has caught up with "
                       "the offset of its register broker record {}.",
                       broker->broker_id, broker->broker_epoch));
    } else if (broker->in_controlled_shutdown > 0) {
      tell_broker(broker->broker_id, broker->broker_epoch, "shutting_down", why.broker);
      note(step, fmt::format("Unfenced broker {} has requested and been granted a controlled shutdown.",
                             broker->broker_id));
    }
  } else if (const auto* config = std::get_if<kafka::ConfigRecord>(&record)) {
    tell_config(step, {config->resource_type, config->resource_name}, config->name, config->value);
  }
}

void QuorumController::tell_config(NodeStep& step, const ConfigResource& resource, const std::string& name,
                                   const std::optional<std::string>& value) const {
  if (resource.type != ConfigResource::topic && resource.type != ConfigResource::broker) return;
  step.effects.emit(
      event::ConfigChanged{.resource_type = resource.type == ConfigResource::topic ? "topic" : "broker",
                           .resource = resource.name,
                           .name = name,
                           .value = value.value_or(""),
                           .is_set = value.has_value()});
}

/// By what it decides from now on, whoever has been told nothing before.
void QuorumController::tell_all_configs(NodeStep& step) const {
  const std::string name = "unclean.leader.election.enable";
  step.effects.emit(event::ConfigChanged{.resource_type = "node",
                                         .resource = std::to_string(config_.node_id),
                                         .name = name,
                                         .value = config_.settings.get(name)});
  for (const auto& [resource, configs] : image_->configs())
    for (const auto& [key, value] : configs) tell_config(step, resource, key, value);
}

/// Of a request, before it is looked at: whether an election was allowed must not be told by who decides it.
void QuorumController::tell_asked(NodeStep& step, const kafka::ElectLeadersRequest& request) const {
  const auto tell_one = [&](TopicPartition partition) {
    step.effects.emit(event::ElectionAsked{.partition = std::move(partition),
                                           .type = request.election_type == 0 ? "preferred" : "unclean"});
  };
  if (!request.topic_partitions) return tell_one({"", -1});
  for (const auto& asked : *request.topic_partitions)
    for (const int32_t partition : asked.partitions) tell_one({asked.topic, partition});
}

void QuorumController::tell_partition(NodeStep& step, const PartitionKey& key,
                                      std::string_view reason) const {
  const PartitionRegistration& partition = *image_->partition(key.topic_id, key.partition);
  step.effects.emit(event::PartitionChanged{.partition = {image_->topic(key.topic_id)->name, key.partition},
                                            .decided = true,
                                            .leader = partition.leader,
                                            .leader_epoch = partition.leader_epoch,
                                            .partition_epoch = partition.partition_epoch,
                                            .replicas = partition.replicas,
                                            .isr = partition.isr,
                                            .elr = partition.elr,
                                            .last_known_elr = partition.last_known_elr,
                                            .reason = std::string(reason),
                                            .topic_id = key.topic_id});
}

// ---- Taking and losing the active role --------------------------------------------------------------------

void QuorumController::advance(NodeStep& step, RaftClient& raft, const MetadataImage& committed) {
  if (is_active() && (!raft.is_leader() || raft.leader_and_epoch().epoch != epoch_)) deactivate(step, raft);
  if (!is_active() && raft.is_leader() && committed.offset() >= raft.epoch_start_offset()) {
    activate(step, raft, committed);
  }
  while (!pending_.empty() && pending_.front().offset <= committed.offset()) {
    const Pending done = std::move(pending_.front());
    pending_.pop_front();
    respond(step, done.asker, done.response);
  }
  registrar_.poll(step, raft, committed);
}

void QuorumController::activate(NodeStep& step, RaftClient& raft, const MetadataImage& committed) {
  BROKERLAB_ASSERT(committed.offset() + 1 == raft.log_end_offset());
  epoch_ = raft.leader_and_epoch().epoch;
  image_ = committed;
  cluster_.activate(*image_, step.now.monotonic);
  note(step, fmt::format("Becoming the active controller at epoch {}, next write offset {}.", epoch_,
                         raft.log_end_offset()));
  tell_all_configs(step);
  if (image_->features().empty()) {
    write(step, raft, bootstrap_records(config_.settings, config_.bugs), {});
  }
  if (const Duration idle = config_.settings.duration("metadata.max.idle.interval.ms"); idle > Duration{}) {
    step.effects.set_timer(no_op_timer, step.now.monotonic + idle);
  }
  arm_election_timers(step);
  session_timer_ = never;
  arm_session_timer(step);
}

void QuorumController::deactivate(NodeStep& step, const RaftClient& raft) {
  note(step, fmt::format("Renouncing leadership of epoch {}: {}", epoch_, wrong_controller(raft)));
  image_.reset();
  std::deque<Pending> pending = std::move(pending_);
  pending_.clear();
  for (Pending& waiting : pending) {
    std::visit([&](auto& response) { fail(response, ErrorCode::not_controller, wrong_controller(raft)); },
               waiting.response);
    respond(step, waiting.asker, waiting.response);
  }
  for (const TimerKey timer : {no_op_timer, session_timer, preferred_election_timer, unclean_election_timer})
    step.effects.cancel_timer(timer);
}

bool QuorumController::owns(const Input& input) const {
  if (const auto* timer = std::get_if<input::TimerFired>(&input)) {
    return timer->timer.kind >= first_timer_kind && timer->timer.kind <= last_timer_kind;
  }
  return registrar_.owns(input);
}

void QuorumController::handle_input(NodeStep& step, RaftClient& raft, const Input& input) {
  if (registrar_.owns(input)) {
    registrar_.handle_input(step, input);
  } else {
    handle_timer(step, raft, std::get<input::TimerFired>(input).timer);
  }
}

void QuorumController::handle_timer(NodeStep& step, RaftClient& raft, TimerKey timer) {
  if (!is_active()) return;
  if (timer == no_op_timer) {
    write(step, raft, {kafka::NoOpRecord{}}, {});
    step.effects.set_timer(no_op_timer,
                           step.now.monotonic + config_.settings.duration("metadata.max.idle.interval.ms"));
    return;
  }
  if (timer == preferred_election_timer || timer == unclean_election_timer)
    return elect_by_itself(step, raft, timer);
  BROKERLAB_ASSERT(timer == session_timer);
  while (const auto broker = cluster_.find_expired(*image_, step.now.monotonic)) {
    note(step, fmt::format("Fencing broker {} at epoch {} because its session has timed out.", *broker,
                           image_->broker(*broker)->epoch));
    if (!write(step, raft, cluster_.fence(*image_, *broker), {"broker_fenced", "session timeout"})) return;
  }
  session_timer_ = never;
  arm_session_timer(step);
}

void QuorumController::arm_election_timers(NodeStep& step) const {
  const Settings& settings = config_.settings;
  if (settings.flag("auto.leader.rebalance.enable"))
    step.effects.set_timer(
        preferred_election_timer,
        step.now.monotonic + seconds(settings.number("leader.imbalance.check.interval.seconds")));
  step.effects.set_timer(unclean_election_timer,
                         step.now.monotonic + settings.duration("unclean.leader.election.interval.ms"));
}

void QuorumController::elect_by_itself(NodeStep& step, RaftClient& raft, TimerKey timer) {
  const bool is_preferred = timer == preferred_election_timer;
  const Settings& settings = config_.settings;
  const MetadataRecords records = is_preferred ? elect_preferred_leaders(*image_, settings)
                                               : elect_unclean_leaders(*image_, settings, config_.bugs);
  if (!records.empty() && !write(step, raft, records, {is_preferred ? "preferred" : "unclean", ""})) return;
  const Duration pause = records.size() == max_elections_at_a_time ? milliseconds(10)
                         : is_preferred ? seconds(settings.number("leader.imbalance.check.interval.seconds"))
                                        : settings.duration("unclean.leader.election.interval.ms");
  step.effects.set_timer(timer, step.now.monotonic + pause);
}

/// The timer may fire too early, when there was a heartbeat meanwhile, but never too late.
void QuorumController::arm_session_timer(NodeStep& step) {
  if (!is_active()) return;
  const Instant next = cluster_.next_expiry(*image_);
  if (next >= session_timer_) return;
  session_timer_ = next;
  step.effects.set_timer(session_timer, next);
}

void QuorumController::note(NodeStep& step, std::string text) const {
  step.effects.emit(event::Noted{fmt::format("[QuorumController id={}] {}", config_.node_id, text)});
}

}  // namespace brokerlab

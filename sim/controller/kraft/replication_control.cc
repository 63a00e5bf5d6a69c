#include "sim/controller/kraft/replication_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/kraft/cluster_control.h"
#include "sim/controller/kraft/config_control.h"
#include "sim/controller/kraft/partition_change.h"
#include "sim/controller/kraft/replica_placer.h"
#include "sim/controller/metadata/effective_config.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

constexpr size_t max_topic_name_length = 249;
/// Kafka's MAX_PARTITIONS_PER_BATCH.
constexpr int64_t max_partitions_per_request = 10'000;
constexpr std::string_view metadata_topic = "__cluster_metadata";
/// A new topic's settings are those of the cluster, of no broker.

bool is_active(const MetadataImage& image, int32_t broker) {
  const BrokerRegistration* registration = image.broker(broker);
  return registration != nullptr && registration->is_active();
}

std::vector<int32_t> active_of(const MetadataImage& image, const std::vector<int32_t>& replicas) {
  std::vector<int32_t> active;
  std::copy_if(replicas.begin(), replicas.end(), std::back_inserter(active),
               [&](int32_t broker) { return is_active(image, broker); });
  return active;
}

bool has_duplicate(std::vector<int32_t> ids) {
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

ApiError validate_topic_name(const std::string& name) {
  const auto invalid = [](const std::string& why) {
    return ApiError{ErrorCode::invalid_topic_exception, "Topic name is invalid: " + why};
  };
  if (name.empty()) return invalid("the empty string is not allowed");
  if (name == "." || name == "..") return invalid(fmt::format("'{}' is not allowed", name));
  if (name.size() > max_topic_name_length) {
    return invalid(fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                               max_topic_name_length));
  }
  const auto is_legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (!std::all_of(name.begin(), name.end(), is_legal)) {
    return invalid(fmt::format(
        "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name));
  }
  return {};
}

/// Topics whose names differ only in '.' and '_' would share the names of metrics.
ApiError check_collision(const MetadataImage& image, const std::string& name) {
  if (name.find_first_of("._") == std::string::npos) return {};
  const auto unified = [](std::string text) {
    std::replace(text.begin(), text.end(), '.', '_');
    return text;
  };
  for (const auto& [other, id] : image.topic_ids()) {
    if (other != name && unified(other) == unified(name)) {
      return {ErrorCode::invalid_topic_exception,
              fmt::format("Topic '{}' collides with existing topic: {}", name, other)};
    }
  }
  return {};
}

/// Why `replication_factor` replicas cannot be placed; no failure when they can.
ApiError check_placement(const MetadataImage& image, int32_t replication_factor) {
  const auto invalid = [&](const std::string& why) {
    return ApiError{ErrorCode::invalid_replication_factor,
                    fmt::format("Unable to replicate the partition {} time(s): {}", replication_factor, why)};
  };
  const auto& brokers = image.brokers();
  if (std::all_of(brokers.begin(), brokers.end(), [](const auto& broker) { return broker.second.fenced; })) {
    return invalid("All brokers are currently fenced.");
  }
  if (static_cast<size_t>(replication_factor) > brokers.size()) {
    return invalid(fmt::format(
        "The target replication factor of {} cannot be reached because only {} broker(s) are registered "
        "or some brokers have all their log directories cordoned.",
        replication_factor, brokers.size()));
  }
  return {};
}

/// A new partition: every living replica is in sync, the first of them leads. REQUIRES: one of them lives.
kafka::PartitionRecord new_partition(const MetadataImage& image, Uuid topic_id, int32_t number,
                                     const std::vector<int32_t>& replicas) {
  kafka::PartitionRecord record;
  record.topic_id = topic_id;
  record.partition_id = number;
  record.replicas = replicas;
  record.isr = active_of(image, replicas);
  BROKERLAB_ASSERT(!record.isr.empty());
  record.leader = record.isr.front();
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  for (const int32_t broker : replicas) {
    // Each broker of the lab has one log directory.
    const auto& directories = image.broker(broker)->directories;
    record.directories.push_back(directories.empty() ? Uuid{} : directories.front());
  }
  return record;
}

}  // namespace

ApiError validate_manual_assignment(const MetadataImage& image, const std::vector<int32_t>& replicas,
                                    std::optional<size_t> replication_factor) {
  const auto invalid = [](std::string why) {
    return ApiError{ErrorCode::invalid_replica_assignment, std::move(why)};
  };
  if (replicas.empty()) return invalid("The manual partition assignment includes an empty replica list.");
  std::vector<int32_t> sorted = replicas;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (image.broker(sorted[i]) == nullptr) {
      return invalid(
          fmt::format("The manual partition assignment includes broker {}, but no such broker is registered.",
                      sorted[i]));
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return invalid(
          fmt::format("The manual partition assignment includes the broker {} more than once.", sorted[i]));
    }
  }
  if (replication_factor && sorted.size() != *replication_factor) {
    return invalid(fmt::format(
        "The manual partition assignment includes a partition with {} replica(s), but this is not "
        "consistent with previous partitions, which have {} replica(s).",
        sorted.size(), *replication_factor));
  }
  return {};
}

// ---- Creating and deleting --------------------------------------------------------------------------------

int64_t ReplicationControl::partitions_asked_for(const kafka::CreateTopicsRequest& request) const {
  int64_t partitions = 0;
  for (const CreatableTopic& topic : request.topics) {
    if (!topic.assignments.empty())
      partitions += static_cast<int64_t>(topic.assignments.size());
    else if (topic.num_partitions == -1)
      partitions += settings_.number("num.partitions");
    else
      partitions += std::max(topic.num_partitions, 0);
  }
  return partitions;
}

ControllerResult<kafka::CreateTopicsResponse> ReplicationControl::create_topics(
    const MetadataImage& image, const kafka::CreateTopicsRequest& request) {
  ControllerResult<kafka::CreateTopicsResponse> result;
  std::map<std::string, int> times;
  for (const CreatableTopic& topic : request.topics) ++times[topic.name];
  std::set<std::string> answered;
  const bool is_excessive = partitions_asked_for(request) > max_partitions_per_request;
  for (const CreatableTopic& topic : request.topics) {
    if (!answered.insert(topic.name).second) continue;
    kafka::CreateTopicsResponse::CreatableTopicResult answer;
    answer.name = topic.name;
    ApiError error;
    if (is_excessive) {
      error = {ErrorCode::policy_violation, "Excessively large number of partitions per request."};
    } else if (times[topic.name] > 1) {
      error = {ErrorCode::invalid_request, "Duplicate topic name."};
    } else if (topic.name == metadata_topic) {
      error.code = ErrorCode::topic_authorization_failed;
      error.message = kafka::error_message(error.code);
    } else {
      MetadataRecords records;
      error = create_topic(image, topic, answer, records);
      if (!error.is_failure()) result.records.insert(result.records.end(), records.begin(), records.end());
    }
    if (error.is_failure()) {
      answer = {};
      answer.name = topic.name;
      answer.error_code = to_int16(error.code);
      answer.configs = std::vector<kafka::CreateTopicsResponse::CreatableTopicConfigs>{};
    }
    answer.error_message = error.message;
    result.response.topics.push_back(std::move(answer));
  }
  if (request.validate_only) result.records.clear();
  return result;
}

ApiError ReplicationControl::create_topic(const MetadataImage& image, const CreatableTopic& topic,
                                          kafka::CreateTopicsResponse::CreatableTopicResult& result,
                                          MetadataRecords& records) {
  if (ApiError error = validate_topic_name(topic.name); error.is_failure()) return error;
  if (ApiError error = check_collision(image, topic.name); error.is_failure()) return error;
  if (image.topic(topic.name) != nullptr) {
    return {ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", topic.name)};
  }
  std::map<std::string, std::string> configs;
  for (const auto& config : topic.configs) {
    if (ApiError error = validate_topic_config(config.name, config.value); error.is_failure()) return error;
    configs[config.name] = *config.value;
  }
  if (ApiError error = validate_topic_configs(configs, settings_); error.is_failure()) return error;
  std::vector<std::vector<int32_t>> assignment;
  if (ApiError error = assign_replicas(image, topic, assignment); error.is_failure()) return error;

  const Uuid topic_id = random_.uuid();
  kafka::TopicRecord topic_record;
  topic_record.name = topic.name;
  topic_record.topic_id = topic_id;
  records.push_back(std::move(topic_record));
  for (const auto& config : topic.configs) {
    kafka::ConfigRecord record;
    record.resource_type = ConfigResource::topic;
    record.resource_name = topic.name;
    record.name = config.name;
    record.value = config.value;
    records.push_back(std::move(record));
  }
  for (size_t number = 0; number < assignment.size(); ++number) {
    records.push_back(new_partition(image, topic_id, static_cast<int32_t>(number), assignment[number]));
  }

  result.topic_id = topic_id;
  result.num_partitions = static_cast<int32_t>(assignment.size());
  result.replication_factor = static_cast<int16_t>(assignment.front().size());
  std::map<std::string, ConfigValue> effective;
  for (const SettingSpec& setting : all_settings()) {
    if (setting.topic_name.empty()) continue;
    const std::string name(setting.topic_name);
    const auto own = configs.find(name);
    if (own != configs.end()) {
      effective[name] = {name, own->second, ConfigSource::topic};
      continue;
    }
    const auto inherited = config_values(setting, image, settings_, no_broker, topic.name);
    if (!inherited.empty()) effective[name] = inherited.front();
  }
  result.configs.emplace();
  for (const auto& [name, config] : effective) {
    result.configs->push_back({.name = name,
                               .value = config.value,
                               .read_only = false,
                               .config_source = static_cast<int8_t>(config.source),
                               .is_sensitive = false});
  }
  return {};
}

ApiError ReplicationControl::assign_replicas(const MetadataImage& image, const CreatableTopic& topic,
                                             std::vector<std::vector<int32_t>>& assignment) {
  if (!topic.assignments.empty()) {
    if (topic.replication_factor != -1) {
      return {ErrorCode::invalid_request,
              "A manual partition assignment was specified, but replication factor was not set to -1."};
    }
    if (topic.num_partitions != -1) {
      return {ErrorCode::invalid_request,
              "A manual partition assignment was specified, but numPartitions was not set to -1."};
    }
    std::map<int32_t, std::vector<int32_t>> by_partition;
    std::optional<size_t> replication_factor;
    for (const auto& manual : topic.assignments) {
      if (by_partition.contains(manual.partition_index)) {
        return {ErrorCode::invalid_replica_assignment,
                fmt::format("Found multiple manual partition assignments for partition {}",
                            manual.partition_index)};
      }
      if (ApiError error = validate_manual_assignment(image, manual.broker_ids, replication_factor);
          error.is_failure()) {
        return error;
      }
      replication_factor = manual.broker_ids.size();
      if (active_of(image, manual.broker_ids).empty()) {
        return {ErrorCode::invalid_replica_assignment,
                fmt::format(
                    "All brokers specified in the manual partition assignment for partition {} are fenced or "
                    "in controlled shutdown.",
                    manual.partition_index)};
      }
      by_partition[manual.partition_index] = manual.broker_ids;
    }
    for (auto& [number, replicas] : by_partition) {
      if (number != static_cast<int32_t>(assignment.size())) {
        return {ErrorCode::invalid_replica_assignment,
                "partitions should be a consecutive 0-based integer sequence"};
      }
      assignment.push_back(std::move(replicas));
    }
    return {};
  }
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return {ErrorCode::invalid_replication_factor,
            "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return {ErrorCode::invalid_partitions, "Number of partitions was set to an invalid non-positive value."};
  }
  const int64_t partitions =
      topic.num_partitions == -1 ? settings_.number("num.partitions") : topic.num_partitions;
  const int64_t replication_factor = topic.replication_factor == -1
                                         ? settings_.number("default.replication.factor")
                                         : topic.replication_factor;
  if (ApiError error = check_placement(image, static_cast<int32_t>(replication_factor)); error.is_failure()) {
    return error;
  }
  assignment = place_replicas(image, static_cast<int32_t>(partitions),
                              static_cast<int32_t>(replication_factor), random_);
  for (const std::vector<int32_t>& replicas : assignment) {
    if (active_of(image, replicas).empty()) {
      return {
          ErrorCode::invalid_replication_factor,
          fmt::format("Unable to replicate the partition {} time(s): All brokers are currently fenced or in "
                      "controlled shutdown.",
                      replication_factor)};
    }
  }
  return {};
}

ControllerResult<kafka::DeleteTopicsResponse> ReplicationControl::delete_topics(
    const MetadataImage& image, const kafka::DeleteTopicsRequest& request, int16_t version) const {
  ControllerResult<kafka::DeleteTopicsResponse> result;
  std::set<Uuid> deleted;
  const auto answer = [&](std::optional<std::string> name, Uuid id, ErrorCode error,
                          std::optional<std::string> message) {
    auto& response = result.response.responses.emplace_back();
    response.name = std::move(name);
    response.topic_id = id;
    response.error_code = to_int16(error);
    response.error_message = std::move(message);
  };
  const auto delete_topic = [&](const std::optional<std::string>& name, Uuid id) {
    const TopicImage* topic = name ? image.topic(*name) : image.topic(id);
    if (topic == nullptr) {
      const ErrorCode error = name ? ErrorCode::unknown_topic_or_partition : ErrorCode::unknown_topic_id;
      return answer(name, id, error, std::string(kafka::error_message(error)));
    }
    if (!deleted.insert(topic->id).second) {
      return answer(name, id, ErrorCode::invalid_request,
                    name ? "Duplicate topic name." : "Duplicate topic id.");
    }
    kafka::RemoveTopicRecord record;
    record.topic_id = topic->id;
    result.records.push_back(std::move(record));
    answer(topic->name, topic->id, ErrorCode::none, std::nullopt);
  };
  if (version < 6) {
    for (const std::string& name : request.topic_names) delete_topic(name, {});
    return result;
  }
  for (const auto& topic : request.topics) {
    if (topic.name && !topic.topic_id.is_zero()) {
      answer(topic.name, topic.topic_id, ErrorCode::invalid_request,
             "You may not specify both topic name and topic id.");
    } else if (!topic.name && topic.topic_id.is_zero()) {
      answer(std::nullopt, {}, ErrorCode::invalid_request, "Neither topic name nor id were specified.");
    } else {
      delete_topic(topic.name, topic.topic_id);
    }
  }
  return result;
}

ControllerResult<kafka::CreatePartitionsResponse> ReplicationControl::create_partitions(
    const MetadataImage& image, const kafka::CreatePartitionsRequest& request) {
  ControllerResult<kafka::CreatePartitionsResponse> result;
  std::map<std::string, int> times;
  for (const auto& topic : request.topics) ++times[topic.name];
  std::set<std::string> answered;
  for (const auto& topic : request.topics) {
    if (!answered.insert(topic.name).second) continue;
    MetadataRecords records;
    const ApiError error = times[topic.name] > 1
                               ? ApiError{ErrorCode::invalid_request, "Duplicate topic name."}
                               : add_partitions(image, topic, records);
    result.response.results.push_back(
        {.name = topic.name, .error_code = to_int16(error.code), .error_message = error.message});
    if (!error.is_failure() && !request.validate_only) {
      result.records.insert(result.records.end(), records.begin(), records.end());
    }
  }
  return result;
}

ApiError ReplicationControl::add_partitions(
    const MetadataImage& image, const kafka::CreatePartitionsRequest::CreatePartitionsTopic& topic,
    MetadataRecords& records) {
  const TopicImage* existing = image.topic(topic.name);
  if (existing == nullptr) {
    return {ErrorCode::unknown_topic_or_partition,
            std::string(kafka::error_message(ErrorCode::unknown_topic_or_partition))};
  }
  const auto count = static_cast<int32_t>(existing->partitions.size());
  if (topic.count == count) {
    return {ErrorCode::invalid_partitions, fmt::format("Topic already has {} partition(s).", count)};
  }
  if (topic.count < count) {
    return {ErrorCode::invalid_partitions,
            fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                        topic.name, count, topic.count)};
  }
  const int32_t additional = topic.count - count;
  if (additional > max_partitions_per_request) {
    return {ErrorCode::policy_violation, "Excessively large number of partitions per request."};
  }
  const size_t replication_factor = existing->partitions.begin()->second.replicas.size();
  std::vector<std::vector<int32_t>> assignment;
  if (topic.assignments) {
    if (topic.assignments->size() != static_cast<size_t>(additional)) {
      return {ErrorCode::invalid_replica_assignment,
              fmt::format(
                  "Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                  additional, topic.assignments->size())};
    }
    for (const auto& manual : *topic.assignments) {
      if (ApiError error = validate_manual_assignment(image, manual.broker_ids, replication_factor);
          error.is_failure()) {
        return error;
      }
      if (active_of(image, manual.broker_ids).empty()) {
        return {ErrorCode::invalid_replica_assignment,
                fmt::format(
                    "All brokers specified in the manual partition assignment for partition {} are fenced or "
                    "in controlled shutdown.",
                    count + static_cast<int32_t>(assignment.size()))};
      }
      assignment.push_back(manual.broker_ids);
    }
  } else {
    if (ApiError error = check_placement(image, static_cast<int32_t>(replication_factor));
        error.is_failure()) {
      return error;
    }
    assignment = place_replicas(image, additional, static_cast<int32_t>(replication_factor), random_);
    for (const std::vector<int32_t>& replicas : assignment) {
      if (active_of(image, replicas).empty()) {
        return {ErrorCode::invalid_replication_factor,
                fmt::format(
                    "Unable to replicate the partition {} time(s): All brokers are currently fenced or in "
                    "controlled shutdown.",
                    replication_factor)};
      }
    }
  }
  int32_t number = count;
  for (const std::vector<int32_t>& replicas : assignment) {
    records.push_back(new_partition(image, existing->id, number++, replicas));
  }
  return {};
}

// ---- AlterPartition ---------------------------------------------------------------------------------------

namespace {

struct IsrMember {
  int32_t broker = -1;
  int64_t epoch = -1;  ///< -1: the leader does not know it
};

std::vector<IsrMember> wanted_isr(const kafka::AlterPartitionRequest::PartitionData& data, int16_t version) {
  std::vector<IsrMember> isr;
  if (version >= 3) {
    for (const auto& member : data.new_isr_with_epochs)
      isr.push_back({member.broker_id, member.broker_epoch});
  } else {
    for (const int32_t broker : data.new_isr) isr.push_back({broker});
  }
  return isr;
}

/// Whether the broker may be in an ISR: registered, alive, and still the incarnation that the leader saw
/// (KIP-903).
bool is_eligible(const MetadataImage& image, const IsrMember& member) {
  const BrokerRegistration* broker = image.broker(member.broker);
  if (broker == nullptr || !broker->is_active()) return false;
  return member.epoch == -1 || member.epoch == broker->epoch;
}

/// The checks of Kafka's controller, in its order.
ErrorCode validate_alter_partition(const MetadataImage& image, int32_t sender,
                                   const PartitionRegistration& partition,
                                   const kafka::AlterPartitionRequest::PartitionData& data,
                                   const std::vector<IsrMember>& members) {
  // The sender knows more than this controller: another one must be active by now.
  if (data.leader_epoch > partition.leader_epoch || data.partition_epoch > partition.partition_epoch) {
    return ErrorCode::not_controller;
  }
  if (data.leader_epoch < partition.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (sender != partition.leader) return ErrorCode::invalid_request;
  if (data.partition_epoch < partition.partition_epoch) return ErrorCode::invalid_update_version;
  std::vector<int32_t> isr;
  for (const IsrMember& member : members) isr.push_back(member.broker);
  const auto is_replica = [&](int32_t broker) {
    return std::find(partition.replicas.begin(), partition.replicas.end(), broker) !=
           partition.replicas.end();
  };
  if (isr.empty() || has_duplicate(isr) || !std::all_of(isr.begin(), isr.end(), is_replica)) {
    return ErrorCode::invalid_request;
  }
  if (std::find(isr.begin(), isr.end(), partition.leader) == isr.end()) return ErrorCode::invalid_request;
  if (data.leader_recovery_state < 0 || data.leader_recovery_state > 1) return ErrorCode::invalid_request;
  const LeaderRecoveryState recovery{data.leader_recovery_state};
  if (recovery == LeaderRecoveryState::recovering && isr.size() > 1) return ErrorCode::invalid_request;
  if (recovery == LeaderRecoveryState::recovering &&
      partition.leader_recovery_state == LeaderRecoveryState::recovered) {
    return ErrorCode::invalid_request;
  }
  if (!std::all_of(members.begin(), members.end(),
                   [&](const IsrMember& m) { return is_eligible(image, m); })) {
    return ErrorCode::ineligible_replica;
  }
  return ErrorCode::none;
}

}  // namespace

ControllerResult<kafka::AlterPartitionResponse> ReplicationControl::alter_partition(
    const MetadataImage& image, const kafka::AlterPartitionRequest& request, int16_t version) const {
  ControllerResult<kafka::AlterPartitionResponse> result;
  if (const ErrorCode error = ClusterControl::check_epoch(image, request.broker_id, request.broker_epoch);
      error != ErrorCode::none) {
    result.response.error_code = to_int16(error);
    return result;
  }
  for (const auto& asked : request.topics) {
    const TopicImage* topic = image.topic(asked.topic_id);
    auto& answers = result.response.topics.emplace_back();
    answers.topic_id = asked.topic_id;
    for (const auto& data : asked.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = data.partition_index;
      if (topic == nullptr) {
        answer.error_code = to_int16(ErrorCode::unknown_topic_id);
        continue;
      }
      const PartitionRegistration* partition = image.partition(asked.topic_id, data.partition_index);
      if (partition == nullptr) {
        answer.error_code = to_int16(ErrorCode::unknown_topic_or_partition);
        continue;
      }
      const std::vector<IsrMember> members = wanted_isr(data, version);
      if (const ErrorCode error =
              validate_alter_partition(image, request.broker_id, *partition, data, members);
          error != ErrorCode::none) {
        answer.error_code = to_int16(error);
        continue;
      }
      const PartitionChanger changer(image, settings_, *topic);
      PartitionTarget target(*partition);
      target.isr.clear();
      for (const IsrMember& member : members) target.isr.push_back(member.broker);
      target.leader_recovery_state = LeaderRecoveryState{data.leader_recovery_state};
      target.election = changer.automatic_election();
      PartitionRegistration changed = *partition;
      if (auto record = changer.change({asked.topic_id, data.partition_index}, *partition, target)) {
        apply_change(changed, *record);
        result.records.push_back(std::move(*record));
      }
      if (changed.leader != request.broker_id) {
        // The leader asked, and what it asked for ends a reassignment that takes the leadership from it: it has to
        // read the metadata first.
        answer.error_code = to_int16(ErrorCode::new_leader_elected);
        continue;
      }
      answer.leader_id = changed.leader;
      answer.leader_epoch = changed.leader_epoch;
      answer.isr = changed.isr;
      answer.leader_recovery_state = static_cast<int8_t>(changed.leader_recovery_state);
      answer.partition_epoch = changed.partition_epoch;
    }
  }
  return result;
}

}  // namespace brokerlab

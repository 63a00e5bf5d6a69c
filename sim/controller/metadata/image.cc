#include "sim/controller/metadata/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

Status unknown(const char* record, const std::string& what) {
  return Status::error(StatusCode::invalid,
                       fmt::format("{} speaks of {}, which does not exist", record, what));
}

template <class Listeners>
std::vector<Endpoint> endpoints_of(const Listeners& listeners) {
  std::vector<Endpoint> endpoints;
  for (const auto& listener : listeners) {
    endpoints.push_back({listener.name, listener.host, listener.port, listener.security_protocol});
  }
  return endpoints;
}

template <class Features>
std::map<std::string, FeatureRange> ranges_of(const Features& features) {
  std::map<std::string, FeatureRange> ranges;
  for (const auto& feature : features) {
    ranges[feature.name] = {feature.min_supported_version, feature.max_supported_version};
  }
  return ranges;
}

/// A record may say any number: the one after the largest wraps, as in Java.
int32_t epoch_after(int32_t epoch) { return static_cast<int32_t>(static_cast<uint32_t>(epoch) + 1); }

/// What the tri-state fields of BrokerRegistrationChangeRecord say: 1 sets, -1 clears, 0 leaves alone.
void change_flag(int8_t change, bool& flag) {
  if (change != 0) flag = change > 0;
}

}  // namespace

const Endpoint* BrokerRegistration::listener(std::string_view listener_name) const {
  for (const Endpoint& endpoint : listeners) {
    if (endpoint.name == listener_name) return &endpoint;
  }
  return nullptr;
}

void apply_change(PartitionRegistration& partition, const kafka::PartitionChangeRecord& change) {
  if (change.replicas) partition.replicas = *change.replicas;
  if (change.isr) partition.isr = *change.isr;
  if (change.removing_replicas) partition.removing_replicas = *change.removing_replicas;
  if (change.adding_replicas) partition.adding_replicas = *change.adding_replicas;
  if (change.directories) partition.directories = *change.directories;
  if (change.eligible_leader_replicas) partition.elr = *change.eligible_leader_replicas;
  if (change.last_known_elr) partition.last_known_elr = *change.last_known_elr;
  if (change.leader_recovery_state >= 0)
    partition.leader_recovery_state = LeaderRecoveryState{change.leader_recovery_state};
  if (change.leader != no_leader_change) {
    partition.leader = change.leader;
    partition.leader_epoch = epoch_after(partition.leader_epoch);
  }
  partition.partition_epoch = epoch_after(partition.partition_epoch);
}

bool MetadataDelta::empty() const {
  return created_topics.empty() && deleted_topics.empty() && changed_partitions.empty() &&
         changed_brokers.empty() && changed_configs.empty() && !features_changed && !quotas_changed;
}

Status MetadataImage::replay(const kafka::MetadataRecord& record, MetadataDelta& delta) {
  if (std::holds_alternative<kafka::BeginTransactionRecord>(record)) {
    if (transaction_)
      return Status::error(StatusCode::invalid, "a metadata transaction begins inside another");
    transaction_.emplace();
    return {};
  }
  const bool ends = std::holds_alternative<kafka::EndTransactionRecord>(record);
  if (ends || std::holds_alternative<kafka::AbortTransactionRecord>(record)) {
    if (!transaction_)
      return Status::error(StatusCode::invalid, "a metadata transaction ends that never began");
    const Transaction transaction = std::move(*transaction_);
    transaction_.reset();
    if (!ends) return {};
    for (const kafka::MetadataRecord& held : transaction.records) {
      if (Status status = apply(held, delta); !status.ok()) return status;
    }
    return {};
  }
  if (transaction_) {
    transaction_->records.push_back(record);
    return {};
  }
  return apply(record, delta);
}

void MetadataImage::advance_to(int64_t offset, int32_t epoch) {
  BROKERLAB_ASSERT(offset >= offset_ && epoch >= epoch_);
  offset_ = offset;
  epoch_ = epoch;
}

Status MetadataImage::apply(const kafka::MetadataRecord& record, MetadataDelta& delta) {
  const auto change_broker = [&](int32_t id, auto&& change) -> Status {
    const auto broker = brokers_.find(id);
    if (broker == brokers_.end()) return unknown("a registration change", fmt::format("broker {}", id));
    change(broker->second);
    delta.changed_brokers.insert(id);
    return {};
  };
  return std::visit(
      Overloaded{
          [&](const kafka::RegisterBrokerRecord& r) -> Status {
            BrokerRegistration broker;
            broker.id = r.broker_id;
            broker.epoch = r.broker_epoch;
            broker.incarnation_id = r.incarnation_id;
            broker.listeners = endpoints_of(r.end_points);
            broker.features = ranges_of(r.features);
            broker.rack = r.rack;
            broker.fenced = r.fenced;
            broker.in_controlled_shutdown = r.in_controlled_shutdown;
            broker.directories = r.log_dirs;
            if (r.cordoned_log_dirs) broker.cordoned_directories = *r.cordoned_log_dirs;
            brokers_[r.broker_id] = std::move(broker);
            delta.changed_brokers.insert(r.broker_id);
            return {};
          },
          [&](const kafka::UnregisterBrokerRecord& r) -> Status {
            if (brokers_.erase(r.broker_id) == 0) {
              return unknown("UnregisterBrokerRecord", fmt::format("broker {}", r.broker_id));
            }
            delta.changed_brokers.insert(r.broker_id);
            return {};
          },
          [&](const kafka::FenceBrokerRecord& r) -> Status {
            return change_broker(r.id, [](BrokerRegistration& broker) { broker.fenced = true; });
          },
          [&](const kafka::UnfenceBrokerRecord& r) -> Status {
            return change_broker(r.id, [](BrokerRegistration& broker) { broker.fenced = false; });
          },
          [&](const kafka::BrokerRegistrationChangeRecord& r) -> Status {
            return change_broker(r.broker_id, [&](BrokerRegistration& broker) {
              change_flag(r.fenced, broker.fenced);
              change_flag(r.in_controlled_shutdown, broker.in_controlled_shutdown);
              if (!r.log_dirs.empty()) broker.directories = r.log_dirs;
              if (r.cordoned_log_dirs) broker.cordoned_directories = *r.cordoned_log_dirs;
            });
          },
          [&](const kafka::RegisterControllerRecord& r) -> Status {
            controllers_[r.controller_id] = {r.controller_id, r.incarnation_id, endpoints_of(r.end_points),
                                             ranges_of(r.features)};
            return {};
          },
          [&](const kafka::TopicRecord& r) -> Status {
            if (topics_.contains(r.topic_id) || topic_ids_.contains(r.name)) {
              return Status::error(StatusCode::invalid, fmt::format("topic {} is created twice", r.name));
            }
            topics_[r.topic_id] = {r.topic_id, r.name, {}};
            topic_ids_[r.name] = r.topic_id;
            delta.created_topics.insert(r.topic_id);
            return {};
          },
          [&](const kafka::RemoveTopicRecord& r) -> Status {
            const auto topic = topics_.find(r.topic_id);
            if (topic == topics_.end()) return unknown("RemoveTopicRecord", r.topic_id.to_string());
            if (configs_.erase({ConfigResource::topic, topic->second.name}) > 0) {
              delta.changed_configs.insert({ConfigResource::topic, topic->second.name});
            }
            for (const auto& [number, partition] : topic->second.partitions) {
              delta.changed_partitions.erase({r.topic_id, number});
            }
            topic_ids_.erase(topic->second.name);
            if (delta.created_topics.erase(r.topic_id) == 0) {
              delta.deleted_topics[r.topic_id] = std::move(topic->second);
            }
            topics_.erase(topic);
            return {};
          },
          [&](const kafka::PartitionRecord& r) -> Status {
            const auto topic = topics_.find(r.topic_id);
            if (topic == topics_.end()) return unknown("PartitionRecord", r.topic_id.to_string());
            PartitionRegistration partition;
            partition.replicas = r.replicas;
            partition.isr = r.isr;
            partition.removing_replicas = r.removing_replicas;
            partition.adding_replicas = r.adding_replicas;
            partition.elr = r.eligible_leader_replicas.value_or(std::vector<int32_t>{});
            partition.last_known_elr = r.last_known_elr.value_or(std::vector<int32_t>{});
            partition.directories = r.directories;
            partition.leader = r.leader;
            partition.leader_recovery_state = LeaderRecoveryState{r.leader_recovery_state};
            partition.leader_epoch = r.leader_epoch;
            partition.partition_epoch = r.partition_epoch;
            topic->second.partitions[r.partition_id] = std::move(partition);
            delta.changed_partitions.insert({r.topic_id, r.partition_id});
            return {};
          },
          [&](const kafka::PartitionChangeRecord& r) -> Status {
            const auto topic = topics_.find(r.topic_id);
            if (topic == topics_.end()) return unknown("PartitionChangeRecord", r.topic_id.to_string());
            const auto found = topic->second.partitions.find(r.partition_id);
            if (found == topic->second.partitions.end()) {
              return unknown("PartitionChangeRecord",
                             fmt::format("{}-{}", topic->second.name, r.partition_id));
            }
            apply_change(found->second, r);
            delta.changed_partitions.insert({r.topic_id, r.partition_id});
            return {};
          },
          [&](const kafka::ClearElrRecord& r) -> Status {
            for (auto& [id, topic] : topics_) {
              if (!r.topic_name.empty() && topic.name != r.topic_name) continue;
              for (auto& [number, partition] : topic.partitions) {
                if (partition.elr.empty() && partition.last_known_elr.empty()) continue;
                partition.elr.clear();
                partition.last_known_elr.clear();
                partition.partition_epoch = epoch_after(partition.partition_epoch);
                delta.changed_partitions.insert({id, number});
              }
            }
            return {};
          },
          [&](const kafka::ConfigRecord& r) -> Status {
            const ConfigResource resource{r.resource_type, r.resource_name};
            if (r.value) {
              configs_[resource][r.name] = *r.value;
            } else if (const auto config = configs_.find(resource); config != configs_.end()) {
              config->second.erase(r.name);
              if (config->second.empty()) configs_.erase(config);
            }
            delta.changed_configs.insert(resource);
            return {};
          },
          [&](const kafka::FeatureLevelRecord& r) -> Status {
            if (r.feature_level == 0) {
              features_.erase(r.name);
            } else {
              features_[r.name] = r.feature_level;
            }
            delta.features_changed = true;
            return {};
          },
          [&](const kafka::ClientQuotaRecord& r) -> Status {
            // A value that equals nothing, not even itself, is no quota.
            if (std::isnan(r.value)) return Status::error(StatusCode::invalid, "a quota is not a number");
            QuotaEntity entity;
            for (const auto& part : r.entity) entity[part.entity_type] = part.entity_name;
            if (!r.remove) {
              client_quotas_[entity][r.key] = r.value;
            } else if (const auto quotas = client_quotas_.find(entity); quotas != client_quotas_.end()) {
              quotas->second.erase(r.key);
              if (quotas->second.empty()) client_quotas_.erase(quotas);
            }
            delta.quotas_changed = true;
            return {};
          },
          [&](const kafka::ProducerIdsRecord& r) -> Status {
            next_producer_id_ = r.next_producer_id;
            return {};
          },
          [&](const auto&) -> Status {
            carry(record);
            return {};
          },
      },
      record);
}

/// False for a record that leaves nothing behind.
bool MetadataImage::carry(const kafka::MetadataRecord& record) {
  const auto keep = [&](std::string key) {
    carried_.insert_or_assign(std::move(key), CarriedRecord{record});
    return true;
  };
  const auto drop = [&](const std::string& key) { return carried_.erase(key) > 0; };
  const auto acl = [](Uuid id) { return "1 " + id.to_string(); };
  const auto scram = [](const auto& r) { return fmt::format("2 {} {}", r.mechanism, r.name); };
  const auto token = [](const auto& r) { return "3 " + r.token_id; };
  return std::visit(Overloaded{
                        [&](const kafka::AccessControlEntryRecord& r) { return keep(acl(r.id)); },
                        [&](const kafka::RemoveAccessControlEntryRecord& r) { return drop(acl(r.id)); },
                        [&](const kafka::UserScramCredentialRecord& r) { return keep(scram(r)); },
                        [&](const kafka::RemoveUserScramCredentialRecord& r) { return drop(scram(r)); },
                        [&](const kafka::DelegationTokenRecord& r) { return keep(token(r)); },
                        [&](const kafka::RemoveDelegationTokenRecord& r) { return drop(token(r)); },
                        [](const auto&) { return false; },
                    },
                    record);
}

const BrokerRegistration* MetadataImage::broker(int32_t id) const {
  const auto broker = brokers_.find(id);
  return broker == brokers_.end() ? nullptr : &broker->second;
}

const TopicImage* MetadataImage::topic(Uuid id) const {
  const auto topic = topics_.find(id);
  return topic == topics_.end() ? nullptr : &topic->second;
}

const TopicImage* MetadataImage::topic(std::string_view name) const {
  const auto id = topic_ids_.find(name);
  return id == topic_ids_.end() ? nullptr : topic(id->second);
}

const PartitionRegistration* MetadataImage::partition(Uuid topic_id, int32_t partition) const {
  const TopicImage* found = topic(topic_id);
  if (found == nullptr) return nullptr;
  const auto registration = found->partitions.find(partition);
  return registration == found->partitions.end() ? nullptr : &registration->second;
}

const PartitionRegistration* MetadataImage::partition(std::string_view name, int32_t number) const {
  const TopicImage* found = topic(name);
  return found == nullptr ? nullptr : partition(found->id, number);
}

const std::map<std::string, std::string>& MetadataImage::config(const ConfigResource& resource) const {
  static const std::map<std::string, std::string> nothing;
  const auto config = configs_.find(resource);
  return config == configs_.end() ? nothing : config->second;
}

int16_t MetadataImage::feature(std::string_view name) const {
  const auto feature = features_.find(name);
  return feature == features_.end() ? int16_t{0} : feature->second;
}

bool operator==(const CarriedRecord& a, const CarriedRecord& b) {
  const auto bytes = [](const kafka::MetadataRecord& record) {
    return kafka::encode_metadata_record(record, kafka::newest_version(record));
  };
  return bytes(a.record) == bytes(b.record);
}

// ---- A snapshot in the place of what was there ------------------------------------------------------------

namespace {

/// The keys of one map or both whose values differ.
template <class Map>
std::set<typename Map::key_type> changed_keys(const Map& before, const Map& after) {
  std::set<typename Map::key_type> changed;
  for (const auto& [key, value] : before) {
    const auto now = after.find(key);
    if (now == after.end() || !(now->second == value)) changed.insert(key);
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) changed.insert(key);
  }
  return changed;
}

}  // namespace

MetadataDelta difference(const MetadataImage& before, const MetadataImage& after) {
  MetadataDelta delta;
  for (const auto& [id, topic] : before.topics()) {
    if (!after.topics().contains(id)) delta.deleted_topics[id] = topic;
  }
  for (const auto& [id, topic] : after.topics()) {
    const TopicImage* known = before.topic(id);
    if (known == nullptr) delta.created_topics.insert(id);
    for (const auto& [number, registration] : topic.partitions) {
      const PartitionRegistration* old = before.partition(id, number);
      if (old == nullptr || !(*old == registration)) delta.changed_partitions.insert({id, number});
    }
  }
  delta.changed_brokers = changed_keys(before.brokers(), after.brokers());
  delta.changed_configs = changed_keys(before.configs(), after.configs());
  delta.features_changed = before.features() != after.features();
  delta.quotas_changed = before.client_quotas() != after.client_quotas();
  return delta;
}

}  // namespace brokerlab

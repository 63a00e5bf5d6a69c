#include "sim/controller/metadata/image_records.h"

#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

constexpr std::string_view metadata_version = "metadata.version";

template <class Record>
void set_end_points(Record& record, const std::vector<Endpoint>& listeners) {
  for (const Endpoint& listener : listeners) {
    auto& endpoint = record.end_points.emplace_back();
    endpoint.name = listener.name;
    endpoint.host = listener.host;
    endpoint.port = listener.port;
    endpoint.security_protocol = listener.security_protocol;
  }
}

template <class Record>
void set_features(Record& record, const std::map<std::string, FeatureRange>& features) {
  for (const auto& [name, range] : features) {
    auto& feature = record.features.emplace_back();
    feature.name = name;
    feature.min_supported_version = range.min;
    feature.max_supported_version = range.max;
  }
}

kafka::FeatureLevelRecord feature_record(std::string_view name, int16_t level) {
  kafka::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  return record;
}

kafka::RegisterBrokerRecord broker_record(const BrokerRegistration& broker) {
  kafka::RegisterBrokerRecord record;
  record.broker_id = broker.id;
  record.incarnation_id = broker.incarnation_id;
  record.broker_epoch = broker.epoch;
  set_end_points(record, broker.listeners);
  set_features(record, broker.features);
  record.rack = broker.rack;
  record.fenced = broker.fenced;
  record.in_controlled_shutdown = broker.in_controlled_shutdown;
  record.log_dirs = broker.directories;
  record.cordoned_log_dirs = broker.cordoned_directories;
  return record;
}

kafka::RegisterControllerRecord controller_record(const ControllerRegistration& controller) {
  kafka::RegisterControllerRecord record;
  record.controller_id = controller.id;
  record.incarnation_id = controller.incarnation_id;
  set_end_points(record, controller.listeners);
  set_features(record, controller.features);
  return record;
}

kafka::PartitionRecord partition_record(Uuid topic_id, int32_t number,
                                        const PartitionRegistration& partition) {
  kafka::PartitionRecord record;
  record.partition_id = number;
  record.topic_id = topic_id;
  record.replicas = partition.replicas;
  record.isr = partition.isr;
  record.removing_replicas = partition.removing_replicas;
  record.adding_replicas = partition.adding_replicas;
  record.leader = partition.leader;
  record.leader_recovery_state = static_cast<int8_t>(partition.leader_recovery_state);
  record.leader_epoch = partition.leader_epoch;
  record.partition_epoch = partition.partition_epoch;
  record.directories = partition.directories;
  if (!partition.elr.empty()) record.eligible_leader_replicas = partition.elr;
  if (!partition.last_known_elr.empty()) record.last_known_elr = partition.last_known_elr;
  return record;
}

}  // namespace

std::vector<kafka::MetadataRecord> records_of(const MetadataImage& image) {
  BROKERLAB_ASSERT(!image.is_in_transaction());
  std::vector<kafka::MetadataRecord> records;
  // How the rest is to be read depends on it.
  if (image.feature(metadata_version) > 0)
    records.emplace_back(feature_record(metadata_version, image.feature(metadata_version)));
  for (const auto& [name, level] : image.features())
    if (name != metadata_version) records.emplace_back(feature_record(name, level));
  for (const auto& [id, broker] : image.brokers()) records.emplace_back(broker_record(broker));
  for (const auto& [id, controller] : image.controllers())
    records.emplace_back(controller_record(controller));
  for (const auto& [id, topic] : image.topics()) {
    kafka::TopicRecord record;
    record.name = topic.name;
    record.topic_id = id;
    records.emplace_back(std::move(record));
    for (const auto& [number, partition] : topic.partitions)
      records.emplace_back(partition_record(id, number, partition));
  }
  for (const auto& [resource, settings] : image.configs()) {
    for (const auto& [name, value] : settings) {
      kafka::ConfigRecord record;
      record.resource_type = resource.type;
      record.resource_name = resource.name;
      record.name = name;
      record.value = value;
      records.emplace_back(std::move(record));
    }
  }
  for (const auto& [entity, quotas] : image.client_quotas()) {
    for (const auto& [key, value] : quotas) {
      kafka::ClientQuotaRecord record;
      for (const auto& [type, name] : entity) {
        auto& part = record.entity.emplace_back();
        part.entity_type = type;
        part.entity_name = name;
      }
      record.key = key;
      record.value = value;
      records.emplace_back(std::move(record));
    }
  }
  if (image.next_producer_id() > 0) {
    kafka::ProducerIdsRecord record;
    record.broker_id = -1;  // who asked for the last block no longer matters
    record.broker_epoch = -1;
    record.next_producer_id = image.next_producer_id();
    records.emplace_back(record);
  }
  for (const auto& [key, carried] : image.carried()) records.push_back(carried.record);
  return records;
}

}  // namespace brokerlab

#include "sim/controller/kraft/cluster_control.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <variant>

#include "sim/controller/kraft/partition_change.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

constexpr int8_t set_flag = 1;
constexpr int8_t clear_flag = -1;

kafka::BrokerRegistrationChangeRecord registration_change(const BrokerRegistration& broker) {
  kafka::BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id;
  record.broker_epoch = broker.epoch;
  return record;
}

template <class To, class From>
To copy_endpoint(const From& from) {
  return {
      .name = from.name, .host = from.host, .port = from.port, .security_protocol = from.security_protocol};
}

template <class To, class From>
To copy_feature(const From& from) {
  return {.name = from.name,
          .min_supported_version = from.min_supported_version,
          .max_supported_version = from.max_supported_version};
}

/// Directory ids with a zero high half mean "none", "lost" and the like (KIP-858).
bool is_reserved_directory(Uuid id) { return id.high == 0 && id.low < 100; }

ErrorCode check_directories(const MetadataImage& image, const kafka::BrokerRegistrationRequest& request) {
  if (request.log_dirs.empty()) return ErrorCode::invalid_registration;
  std::set<Uuid> seen;
  for (const Uuid& directory : request.log_dirs) {
    if (is_reserved_directory(directory) || !seen.insert(directory).second)
      return ErrorCode::invalid_registration;
  }
  for (const auto& [id, broker] : image.brokers()) {
    if (id == request.broker_id) continue;
    for (const Uuid& directory : broker.directories) {
      if (seen.contains(directory)) return ErrorCode::invalid_registration;
    }
  }
  return ErrorCode::none;
}

}  // namespace

void ClusterControl::activate(const MetadataImage& image, Instant now) {
  brokers_.clear();
  for (const auto& [id, broker] : image.brokers()) {
    if (!broker.fenced) brokers_[id].last_contact = now;
  }
}

void ClusterControl::replay(const kafka::MetadataRecord& record, int64_t offset, Instant now) {
  if (const auto* registered = std::get_if<kafka::RegisterBrokerRecord>(&record)) {
    brokers_[registered->broker_id] = {.last_contact = now};
  } else if (const auto* change = std::get_if<kafka::BrokerRegistrationChangeRecord>(&record)) {
    Liveness& broker = brokers_[change->broker_id];
    if (change->fenced == set_flag) {
      broker.last_contact.reset();
      broker.controlled_shutdown_offset = -1;
    }
    if (change->in_controlled_shutdown == set_flag) broker.controlled_shutdown_offset = offset;
  } else if (const auto* unregistered = std::get_if<kafka::UnregisterBrokerRecord>(&record)) {
    brokers_.erase(unregistered->broker_id);
  }
}

bool ClusterControl::has_valid_session(int32_t id, Instant now) const {
  const auto broker = brokers_.find(id);
  return broker != brokers_.end() && broker->second.last_contact &&
         now < *broker->second.last_contact + session_timeout();
}

ErrorCode ClusterControl::check_epoch(const MetadataImage& image, int32_t id, int64_t epoch) {
  const BrokerRegistration* broker = image.broker(id);
  return broker != nullptr && broker->epoch == epoch ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

ControllerResult<kafka::BrokerRegistrationResponse> ClusterControl::register_broker(
    const MetadataImage& image, const kafka::BrokerRegistrationRequest& request, int64_t next_offset,
    Instant now) const {
  ControllerResult<kafka::BrokerRegistrationResponse> result;
  const auto refuse = [&](ErrorCode error) {
    result.response.error_code = to_int16(error);
    return result;
  };
  if (request.cluster_id != cluster_id_) return refuse(ErrorCode::inconsistent_cluster_id);
  if (request.broker_id < 0 || request.is_migrating_zk_broker) return refuse(ErrorCode::invalid_request);
  const BrokerRegistration* existing = image.broker(request.broker_id);
  const bool is_same_incarnation = existing != nullptr && existing->incarnation_id == request.incarnation_id;
  if (existing != nullptr && !is_same_incarnation && has_valid_session(request.broker_id, now)) {
    return refuse(ErrorCode::duplicate_broker_registration);
  }
  if (const ErrorCode error = check_directories(image, request); error != ErrorCode::none)
    return refuse(error);

  // An earlier incarnation may not have been fenced yet: the new one starts fenced and must not lead anything.
  if (!is_same_incarnation) {
    const bool was_clean = existing != nullptr && request.previous_broker_epoch == existing->epoch;
    handle_new_incarnation(image, settings_, request.broker_id, was_clean, result.records);
  }
  kafka::RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  record.broker_epoch = next_offset + static_cast<int64_t>(result.records.size());
  for (const auto& listener : request.listeners) {
    record.end_points.push_back(copy_endpoint<kafka::RegisterBrokerRecord::BrokerEndpoint>(listener));
  }
  for (const auto& feature : request.features) {
    record.features.push_back(copy_feature<kafka::RegisterBrokerRecord::BrokerFeature>(feature));
  }
  record.rack = request.rack;
  record.log_dirs = request.log_dirs;
  if (is_same_incarnation) {
    record.broker_epoch = existing->epoch;
    record.fenced = existing->fenced;
    record.in_controlled_shutdown = existing->in_controlled_shutdown;
  }
  result.response.broker_epoch = record.broker_epoch;
  result.records.push_back(std::move(record));
  return result;
}

ControllerResult<kafka::BrokerHeartbeatResponse> ClusterControl::heartbeat(
    const MetadataImage& image, const kafka::BrokerHeartbeatRequest& request, Instant now) {
  ControllerResult<kafka::BrokerHeartbeatResponse> result;
  if (const ErrorCode error = check_epoch(image, request.broker_id, request.broker_epoch);
      error != ErrorCode::none) {
    result.response.error_code = to_int16(error);
    return result;
  }
  const BrokerRegistration& broker = *image.broker(request.broker_id);
  Liveness& liveness = brokers_[request.broker_id];
  const bool is_caught_up = request.current_metadata_offset >= broker.epoch;
  bool should_shut_down = false;
  bool fenced = broker.fenced;
  if (broker.fenced) {
    if (request.want_shut_down) {
      should_shut_down = true;
    } else if (!request.want_fence && is_caught_up) {
      kafka::BrokerRegistrationChangeRecord record = registration_change(broker);
      record.fenced = clear_flag;
      result.records.push_back(std::move(record));
      add_broker_to_leaderless_partitions(image, settings_, broker.id, result.records);
      fenced = false;
    }
  } else if (broker.in_controlled_shutdown) {
    should_shut_down = !has_leaderships(image, broker.id) &&
                       liveness.controlled_shutdown_offset <= lowest_active_offset(image, broker.id);
  } else if (request.want_shut_down && !request.want_fence && has_leaderships(image, broker.id)) {
    kafka::BrokerRegistrationChangeRecord record = registration_change(broker);
    record.in_controlled_shutdown = set_flag;
    result.records.push_back(std::move(record));
    remove_broker_from_partitions(image, settings_, broker.id, result.records);
  } else if (request.want_shut_down) {
    should_shut_down = true;
  } else if (request.want_fence) {
    result.records = fence(image, broker.id);
    fenced = true;
  }
  if (should_shut_down && !broker.fenced) {
    result.records = fence(image, broker.id);
    fenced = true;
  }
  liveness.last_contact = now;
  liveness.metadata_offset = request.current_metadata_offset;
  result.response.is_caught_up = is_caught_up;
  result.response.is_fenced = fenced;
  result.response.should_shut_down = should_shut_down;
  return result;
}

ControllerResult<kafka::ControllerRegistrationResponse> ClusterControl::register_controller(
    const kafka::ControllerRegistrationRequest& request) const {
  ControllerResult<kafka::ControllerRegistrationResponse> result;
  kafka::RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  record.zk_migration_ready = request.zk_migration_ready;
  for (const auto& listener : request.listeners) {
    record.end_points.push_back(copy_endpoint<kafka::RegisterControllerRecord::ControllerEndpoint>(listener));
  }
  for (const auto& feature : request.features) {
    record.features.push_back(copy_feature<kafka::RegisterControllerRecord::ControllerFeature>(feature));
  }
  result.records.push_back(std::move(record));
  return result;
}

std::optional<int32_t> ClusterControl::find_expired(const MetadataImage& image, Instant now) const {
  for (const auto& [id, broker] : image.brokers()) {
    if (!broker.fenced && !has_valid_session(id, now)) return id;
  }
  return std::nullopt;
}

MetadataRecords ClusterControl::fence(const MetadataImage& image, int32_t id) const {
  MetadataRecords records;
  remove_broker_from_partitions(image, settings_, id, records);
  kafka::BrokerRegistrationChangeRecord record = registration_change(*image.broker(id));
  record.fenced = set_flag;
  records.push_back(std::move(record));
  return records;
}

Instant ClusterControl::next_expiry(const MetadataImage& image) const {
  Instant next = never;
  for (const auto& [id, broker] : image.brokers()) {
    if (broker.fenced) continue;
    const auto liveness = brokers_.find(id);
    if (liveness == brokers_.end() || !liveness->second.last_contact) continue;
    next = std::min(next, *liveness->second.last_contact + session_timeout());
  }
  return next;
}

/// The least metadata offset that the other living brokers have told.
int64_t ClusterControl::lowest_active_offset(const MetadataImage& image, int32_t except) const {
  int64_t lowest = std::numeric_limits<int64_t>::max();
  for (const auto& [id, broker] : image.brokers()) {
    if (id == except || !broker.is_active()) continue;
    const auto liveness = brokers_.find(id);
    lowest = std::min(lowest, liveness == brokers_.end() ? -1 : liveness->second.metadata_offset);
  }
  return lowest;
}

}  // namespace brokerlab

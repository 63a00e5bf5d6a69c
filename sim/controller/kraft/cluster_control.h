// The brokers of the cluster: registration, heartbeats, fencing, controlled shutdown (KIP-631, KIP-841).
//
// A broker registers fenced; its epoch is the offset of its RegisterBrokerRecord. It is unfenced once it has
// replayed the metadata up to that record and asks for it, and fenced again when its session ends. Sessions
// live only in the memory of the active controller: a new one gives every broker a whole session timeout.
//
// A broker whose registration names another epoch than its last one has not shut down cleanly, and may have lost
// what it had written: it leaves ISRs and ELRs before it is registered (KIP-966).
//
// Controlled shutdown: a broker that leads anything first loses its leaderships and its places in ISRs, and
// may stop once every other living broker has replayed that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/base/settings.h"
#include "sim/base/time.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/62_broker_registration.h"
#include "sim/wire/kafka/63_broker_heartbeat.h"
#include "sim/wire/kafka/70_controller_registration.h"

namespace brokerlab {

class ClusterControl {
 public:
  ClusterControl(std::string cluster_id, const Settings& settings)
      : cluster_id_(std::move(cluster_id)), settings_(settings) {}

  /// The controller becomes active: every living broker gets a new session.
  void activate(const MetadataImage& image, Instant now);
  /// Follows what was decided. `offset` is the record's.
  void replay(const kafka::MetadataRecord& record, int64_t offset, Instant now);

  /// BrokerRegistration. `next_offset` is that of the first record that is returned.
  ControllerResult<kafka::BrokerRegistrationResponse> register_broker(
      const MetadataImage& image, const kafka::BrokerRegistrationRequest& request, int64_t next_offset,
      Instant now) const;
  /// BrokerHeartbeat. Notes the contact and the broker's metadata offset, which are no records.
  ControllerResult<kafka::BrokerHeartbeatResponse> heartbeat(const MetadataImage& image,
                                                             const kafka::BrokerHeartbeatRequest& request,
                                                             Instant now);
  ControllerResult<kafka::ControllerRegistrationResponse> register_controller(
      const kafka::ControllerRegistrationRequest& request) const;

  /// NONE, or STALE_BROKER_EPOCH when the broker is not registered with this epoch.
  static kafka::ErrorCode check_epoch(const MetadataImage& image, int32_t broker, int64_t epoch);

  /// An unfenced broker whose session has ended.
  std::optional<int32_t> find_expired(const MetadataImage& image, Instant now) const;
  /// Its fencing: out of ISRs and leaderships.
  MetadataRecords fence(const MetadataImage& image, int32_t broker) const;
  /// When the next session ends unless there is a heartbeat before.
  Instant next_expiry(const MetadataImage& image) const;

 private:
  struct Liveness {
    std::optional<Instant> last_contact;  ///< no session without one
    int64_t metadata_offset = -1;
    int64_t controlled_shutdown_offset = -1;  ///< of the record by which its controlled shutdown began
  };

  Duration session_timeout() const { return settings_.duration("broker.session.timeout.ms"); }
  bool has_valid_session(int32_t broker, Instant now) const;
  int64_t lowest_active_offset(const MetadataImage& image, int32_t except) const;

  std::string cluster_id_;
  Settings settings_;
  std::map<int32_t, Liveness> brokers_;
};

}  // namespace brokerlab

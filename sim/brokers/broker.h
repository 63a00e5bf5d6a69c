// The broker role of a Kafka node: replicas, their fetchers, and its dealings with the controller.
//
// It knows the cluster only as the committed metadata image and its deltas. It takes roles from it once its
// own registration has come back in it; before that the log may still tell of an earlier life in which it
// led.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/base/settings.h"
#include "sim/brokers/alter_partition_manager.h"
#include "sim/brokers/broker_lifecycle.h"
#include "sim/brokers/client_quotas.h"
#include "sim/brokers/fetch_session.h"
#include "sim/brokers/forwarding.h"
#include "sim/brokers/kafka_node.h"
#include "sim/brokers/producer_ids.h"
#include "sim/brokers/replica_fetcher.h"
#include "sim/brokers/replica_manager.h"

namespace brokerlab {

class Broker {
 public:
  /// `incarnation_id` and `directory_id` of this start; `random` for what clients see of chance.
  Broker(const KafkaNodeConfig& config, Uuid incarnation_id, Uuid directory_id,
         std::optional<CleanShutdown> clean, Random random);

  Status start(NodeStep& step);
  /// An I/O error that ends the node.
  const Status& failure() const { return replicas_.failure(); }

  void apply(NodeStep& step, const MetadataDelta& delta, const MetadataImage& image);
  bool owns(const Input& input) const;
  void handle_input(NodeStep& step, const MetadataImage& image, const Input& input);
  /// Answers what is done. Call it until no request is left, then `poll`.
  void complete(NodeStep& step, const MetadataImage& image);
  /// Sends what is due and sets the timer.
  void poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image);

  /// SIGTERM: hands leaderships over first, if controlled.shutdown.enable. `may_end` tells when that is done.
  void begin_stop(NodeStep& step);
  bool may_end() const { return lifecycle_.state() == BrokerState::stopped; }
  /// The end: fetches no more and flushes everything; once `is_flushed`, `close` writes what an orderly start
  /// needs.
  void flush(NodeStep& step);
  bool is_flushed() const { return replicas_.is_flushed(); }
  void close(Disk& disk);

  // What handlers work on.
  int32_t id() const { return config_.node_id; }
  const std::string& cluster_id() const { return config_.cluster_id; }
  const Settings& settings() const { return config_.settings; }
  ReplicaManager& replicas() { return replicas_; }
  const ReplicaManager& replicas() const { return replicas_; }
  Forwarding& forwarding() { return forwarding_; }
  ProducerIds& producer_ids() { return producer_ids_; }
  ClientQuotas& quotas() { return quotas_; }
  Random& random() { return random_; }
  const BrokerLifecycle& lifecycle() const { return lifecycle_; }

 private:
  void arm_timer(NodeStep& step);

  KafkaNodeConfig config_;
  bool was_clean_;
  Random random_;
  BrokerLifecycle lifecycle_;
  ReplicaManager replicas_;
  ReplicaFetcher fetcher_;
  AlterPartitionManager alter_partition_;
  ControllerChannel to_controller_;  ///< of forwarding and producer ids, as in Kafka
  Forwarding forwarding_;
  ProducerIds producer_ids_;
  ClientQuotas quotas_;

  bool follows_metadata_ = false;
  bool strays_are_aside_ = false;
  bool is_closing_ = false;
  Instant next_isr_check_ = never;
  Instant next_checkpoint_ = never;
  Instant next_recovery_point_checkpoint_ = never;
  Instant next_producer_expiry_ = never;
  Instant next_log_start_checkpoint_ = never;
  Instant next_retention_check_ = never;
  Instant armed_ = never;
};

}  // namespace brokerlab

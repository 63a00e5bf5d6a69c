#include "sim/brokers/broker.h"

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/brokers/handlers/handlers.h"
#include "sim/brokers/timers.h"

namespace brokerlab {

namespace {

NetworkClient::Config network_config(const KafkaNodeConfig& config, std::string client_id, BrokerNetwork id,
                                     Duration request_timeout) {
  NetworkClient::Config network;
  network.client_id = std::move(client_id) + "-" + std::to_string(config.node_id);
  network.request_timeout = request_timeout;
  // Whether a peer is back shows in the ISR: retry as fast as fetches do.
  network.reconnect_backoff_max = config.settings.duration("replica.fetch.backoff.ms");
  network.reconnect_backoff = std::min(network.reconnect_backoff, network.reconnect_backoff_max);
  network.timer_kind = static_cast<uint16_t>(BrokerTimer::network);
  network.timer_id = static_cast<uint64_t>(id);
  return network;
}

BrokerLifecycle::Config lifecycle_config(const KafkaNodeConfig& config, Uuid incarnation_id,
                                         Uuid directory_id, const std::optional<CleanShutdown>& clean) {
  BrokerLifecycle::Config lifecycle;
  lifecycle.broker_id = config.node_id;
  lifecycle.cluster_id = config.cluster_id;
  lifecycle.incarnation_id = incarnation_id;
  lifecycle.directory_id = directory_id;
  lifecycle.listeners = config.advertised;
  lifecycle.listeners.erase(std::string(listener_controller));
  lifecycle.previous_broker_epoch = clean ? clean->broker_epoch : -1;
  lifecycle.heartbeat_interval = config.settings.duration("broker.heartbeat.interval.ms");
  return lifecycle;
}

/// Brokers reach each other over INTERNAL; without one, over EXTERNAL.
std::string inter_broker_listener(const KafkaNodeConfig& config) {
  return std::string(config.advertised.contains(listener_internal) ? listener_internal : listener_external);
}

/// log.initial.task.delay.ms, which the lab has no setting for.
constexpr Duration initial_task_delay = seconds(30);

/// Everything there is, as if it had just come.
MetadataDelta all_of(const MetadataImage& image) {
  MetadataDelta delta;
  for (const auto& [id, topic] : image.topics()) {
    delta.created_topics.insert(id);
    for (const auto& [partition, registration] : topic.partitions)
      delta.changed_partitions.insert({id, partition});
  }
  return delta;
}

}  // namespace

Broker::Broker(const KafkaNodeConfig& config, Uuid incarnation_id, Uuid directory_id,
               std::optional<CleanShutdown> clean, Random random)
    : config_(config),
      was_clean_(clean.has_value()),
      random_(random),
      lifecycle_(lifecycle_config(config, incarnation_id, directory_id, clean),
                 network_config(config, "broker-lifecycle", BrokerNetwork::lifecycle,
                                config.settings.duration("broker.session.timeout.ms") / 2)),
      replicas_(config.node_id, config.settings, config.bugs),
      fetcher_(config.node_id, inter_broker_listener(config), config.settings,
               network_config(config, "broker", BrokerNetwork::replica_fetcher, seconds(30))),
      alter_partition_(config.node_id, network_config(config, "alter-partition",
                                                      BrokerNetwork::alter_partition, seconds(30))),
      to_controller_(network_config(config, "forwarding", BrokerNetwork::forwarding, seconds(30))) {}

Status Broker::start(NodeStep& step) {
  next_isr_check_ = step.now.monotonic + config_.settings.duration("replica.lag.time.max.ms") / 2;
  next_checkpoint_ =
      step.now.monotonic + config_.settings.duration("replica.high.watermark.checkpoint.interval.ms");
  next_recovery_point_checkpoint_ = step.now.monotonic + initial_task_delay;
  next_producer_expiry_ =
      step.now.monotonic + config_.settings.duration("producer.id.expiration.check.interval.ms");
  next_log_start_checkpoint_ =
      step.now.monotonic + config_.settings.duration("log.flush.start.offset.checkpoint.interval.ms");
  next_retention_check_ = step.now.monotonic + config_.settings.duration("log.retention.check.interval.ms");
  return replicas_.start(step.effects.disk(), was_clean_, step.now);
}

void Broker::apply(NodeStep& step, const MetadataDelta& delta, const MetadataImage& image) {
  if (delta.quotas_changed) quotas_.apply(image);
  if (follows_metadata_) {
    replicas_.apply(delta, image, step.now, step.effects);
  } else if (lifecycle_.is_registered_in(image)) {
    follows_metadata_ = true;
    // From here on the logs change. A broker that stops earlier leaves all as it found it, so that logs which
    // were not closed well are still checked when they are opened at last.
    if (was_clean_) replicas_.fail(remove_clean_shutdown(step.effects.disk()));
    replicas_.apply(all_of(image), image, step.now, step.effects);
    // All logs are open before this broker is unfenced, as in Kafka.
    while (replicas_.has_roles_to_take()) replicas_.take_roles(image, step.now, step.effects);
  }
  fetcher_.roles_changed(replicas_.take_changed_roles(), replicas_, step.effects);
  // Unfenced, so its metadata is complete: what is not ours now, once all roles are taken, is no longer ours.
  if (!strays_are_aside_ && lifecycle_.state() == BrokerState::running && !replicas_.has_roles_to_take()) {
    strays_are_aside_ = true;
    replicas_.set_strays_aside(step.effects);
  }
}

bool Broker::owns(const Input& input) const {
  if (const auto* timer = std::get_if<input::TimerFired>(&input))
    if (timer->timer.kind == static_cast<uint16_t>(BrokerTimer::due)) return true;
  if (const auto* done = std::get_if<input::DiskDone>(&input))
    return done->token.value >= first_broker_flush && done->token.value < end_of_broker_flushes;
  return lifecycle_.owns(input) || alter_partition_.owns(input) || to_controller_.owns(input) ||
         fetcher_.owns(input);
}

void Broker::handle_input(NodeStep& step, const MetadataImage& image, const Input& input) {
  if (const auto* done = std::get_if<input::DiskDone>(&input)) {
    if (done->token.value == cleaner_flush) {
      replicas_.fail(replicas_.cleaner().flushed(done->status, step.now.monotonic));
    } else {
      replicas_.flush_done(*done, step.effects);
    }
  } else if (lifecycle_.owns(input)) {
    lifecycle_.handle(step, input);
  } else if (alter_partition_.owns(input)) {
    alter_partition_.handle(step, image, replicas_, input);
  } else if (fetcher_.owns(input)) {
    if (!is_closing_) fetcher_.handle(step, replicas_, input);
  } else if (to_controller_.owns(input)) {
    for (const Completion& completion : to_controller_.handle(step, input))
      if (!producer_ids_.handle(step, completion)) forwarding_.handle(step, completion);
  } else {
    armed_ = never;  // the timer: what is due is found by `complete` and `poll`
    if (is_closing_) return;
    replicas_.take_roles(image, step.now, step.effects);
    fetcher_.roles_changed(replicas_.take_changed_roles(), replicas_, step.effects);
  }
}

void Broker::complete(NodeStep& step, const MetadataImage& image) {
  replicas_.complete(image, step.now, step.effects);
  for (ProduceOperation& operation : replicas_.take_produced())
    answer_produce(step, quotas_, image, std::move(operation));
  for (FetchOperation& operation : replicas_.take_fetched())
    answer_fetch(step, replicas_.fetch_sessions(), quotas_, image, std::move(operation));
  for (const DeleteRecordsOperation& operation : replicas_.take_deleted())
    answer_delete_records(step, operation);
  for (const ProducerIds::Granted& granted : producer_ids_.take_granted())
    answer_init_producer_id(step, granted);
}

void Broker::poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image) {
  const Instant now = step.now.monotonic;
  if (now >= next_isr_check_) {
    replicas_.shrink_isrs(step.now, step.effects);
    next_isr_check_ = now + config_.settings.duration("replica.lag.time.max.ms") / 2;
  }
  if (now >= next_checkpoint_) {
    if (follows_metadata_) replicas_.checkpoint_high_watermarks(step.effects.disk());
    next_checkpoint_ = now + config_.settings.duration("replica.high.watermark.checkpoint.interval.ms");
  }
  if (now >= next_recovery_point_checkpoint_) {
    if (follows_metadata_) replicas_.checkpoint_recovery_points(step.effects.disk());
    next_recovery_point_checkpoint_ =
        now + config_.settings.duration("log.flush.offset.checkpoint.interval.ms");
  }
  if (now >= next_producer_expiry_) {
    replicas_.expire_producers(step.now);
    next_producer_expiry_ = now + config_.settings.duration("producer.id.expiration.check.interval.ms");
  }
  if (now >= next_log_start_checkpoint_) {
    if (follows_metadata_) replicas_.checkpoint_log_starts(step.effects.disk());
    next_log_start_checkpoint_ =
        now + config_.settings.duration("log.flush.start.offset.checkpoint.interval.ms");
  }
  if (now >= next_retention_check_) {
    if (!is_closing_) replicas_.delete_old_segments(step.now, step.effects);
    next_retention_check_ = now + config_.settings.duration("log.retention.check.interval.ms");
  }
  if (!is_closing_) replicas_.clean_logs(step.now, step.effects);
  replicas_.remove_deleted_files(step.now, step.effects.disk());
  lifecycle_.poll(step, raft, image);
  alter_partition_.poll(step, raft, image, replicas_, lifecycle_.broker_epoch());
  const bool is_new_controller = to_controller_.follow(step, raft);
  forwarding_.poll(step, to_controller_, is_new_controller);
  producer_ids_.poll(step, to_controller_, is_new_controller, id(), lifecycle_.broker_epoch());
  if (follows_metadata_ && !is_closing_) fetcher_.poll(step, replicas_, image, lifecycle_.broker_epoch());
  arm_timer(step);
}

void Broker::arm_timer(NodeStep& step) {
  Instant next = never;
  for (const Instant deadline :
       {replicas_.next_deadline(), next_isr_check_, next_checkpoint_, next_recovery_point_checkpoint_,
        next_log_start_checkpoint_, next_retention_check_, next_producer_expiry_, replicas_.next_deletion(),
        replicas_.cleaner().next_deadline(), lifecycle_.next_deadline(),
        alter_partition_.next_deadline(replicas_), forwarding_.next_deadline(), producer_ids_.next_deadline(),
        fetcher_.next_deadline()})
    // What was due already and did not happen waits for something else: for a controller to be known.
    if (deadline > step.now.monotonic) next = std::min(next, deadline);
  // What a step leaves for the next one.
  if ((replicas_.has_roles_to_take() && !is_closing_) || replicas_.next_deletion() <= step.now.monotonic)
    next = step.now.monotonic;
  // A later deadline needs no change: the timer that is set finds nothing to do, and this sets the next.
  if (next >= armed_) return;
  armed_ = next;
  step.effects.set_timer({static_cast<uint16_t>(BrokerTimer::due), 0}, next);
}

void Broker::begin_stop(NodeStep& step) {
  lifecycle_.begin_stop(step.now.monotonic, config_.settings.flag("controlled.shutdown.enable"));
}

void Broker::flush(NodeStep& step) {
  is_closing_ = true;  // what came in now would be taken for flushed
  replicas_.flush_all(step.effects);
}

void Broker::close(Disk& disk) {
  if (!follows_metadata_) return;  // no log was opened: checkpoints and mark are those of the last stop
  replicas_.close(disk);
  if (failure().ok()) replicas_.fail(write_clean_shutdown(disk, {lifecycle_.broker_epoch()}));
}

}  // namespace brokerlab

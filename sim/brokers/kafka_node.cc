#include "sim/brokers/kafka_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "sim/base/assert.h"
#include "sim/base/random.h"
#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"
#include "sim/controller/kraft/quorum_controller.h"
#include "sim/controller/metadata/image_records.h"
#include "sim/controller/metadata/loader.h"
#include "sim/controller/metadata/snapshot_generator.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/request_channel.h"
#include "sim/storage/checkpoint.h"

namespace brokerlab {

namespace {

RaftConfig raft_config(const KafkaNodeConfig& config, Uuid directory_id) {
  RaftConfig raft;
  raft.node_id = config.node_id;
  raft.cluster_id = config.cluster_id;
  raft.directory_id = directory_id;
  raft.voters = config.voters;
  raft.listener = std::string(listener_controller);
  raft.election_timeout = config.settings.duration("controller.quorum.election.timeout.ms");
  raft.fetch_timeout = config.settings.duration("controller.quorum.fetch.timeout.ms");
  raft.bugs = config.bugs;
  raft.election_backoff_max = config.settings.duration("controller.quorum.election.backoff.max.ms");
  const bool has_small_segments = config.settings.is_set("internal.metadata.log.segment.bytes");
  raft.log.segment_bytes = static_cast<uint32_t>(config.settings.number(
      has_small_segments ? "internal.metadata.log.segment.bytes" : "metadata.log.segment.bytes"));
  raft.log.segment_ms = config.settings.number("metadata.log.segment.ms");
  raft.log.max_retention_bytes = config.settings.number("metadata.max.retention.bytes");
  raft.log.max_retention_ms = config.settings.number("metadata.max.retention.ms");
  return raft;
}

SnapshotGeneratorConfig snapshot_config(const KafkaNodeConfig& config) {
  return {config.settings.number("metadata.log.max.record.bytes.between.snapshots"),
          config.settings.duration("metadata.log.max.snapshot.interval.ms")};
}

/// The streams of chance of the roles: one does not disturb another.
enum class Chance : uint64_t { directory = 1, incarnation = 2, raft = 3, controller = 4, broker = 5 };

class KafkaNode final : public Node {
 public:
  KafkaNode(const Boot& boot, KafkaNodeConfig config)
      : config_(std::move(config)),
        seed_(boot.seed),
        connections_(boot.incarnation),
        channel_(std::string(listener_controller)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (phase_ == Phase::ended) return;
    NodeStep step{now, effects, channel_, connections_};
    if (std::holds_alternative<input::Start>(input))
      start(step);
    else
      route(step, input);
    if (roles_) settle(step);
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaNode>(*this); }
  NodeView describe(const Now& now) const override;

 private:
  enum class Phase : uint8_t {
    running,
    stopping,        ///< SIGTERM: leaderships are being handed over
    flushing,        ///< what was appended becomes durable
    leaving_quorum,  ///< another is to lead the quorum
    ended,
  };
  struct Roles {
    RaftClient raft;
    MetadataLoader metadata;
    SnapshotGenerator snapshots;
    std::optional<QuorumController> controller;
    std::optional<Broker> broker;
  };

  void start(NodeStep& step);
  Result<MetaProperties> load_identity(NodeStep& step, const Random& random);
  void route(NodeStep& step, const Input& input);
  void handle_command(NodeStep& step, const input::Command& command);
  void settle(NodeStep& step);
  void dispatch(NodeStep& step, const Request& request);
  bool load_metadata(NodeStep& step);
  Result<MetadataDelta> load_next(NodeStep& step);
  void make_snapshot(NodeStep& step, std::string_view reason);
  void go_on_stopping(NodeStep& step);
  void close_quorum(NodeStep& step);
  void fail(NodeStep& step, const Status& status);
  void end(NodeStep& step, int status);
  std::string_view state() const;

  KafkaNodeConfig config_;
  uint64_t seed_;
  OutgoingConnectionIds connections_;
  RequestChannel channel_;
  std::optional<Roles> roles_;
  Phase phase_ = Phase::running;
  bool stays_in_quorum_ = false;  ///< the whole program ends: nobody has to take over
};

// ---- start ------------------------------------------------------------------------------------------------

Result<MetaProperties> KafkaNode::load_identity(NodeStep& step, const Random& random) {
  Disk& disk = step.effects.disk();
  Result<MetaProperties> found = read_meta_properties(disk);
  if (found && found->node_id != config_.node_id)
    return Status::error(
        StatusCode::invalid,
        fmt::format("Stored node id {} doesn't match configured node id {} in meta.properties",
                    found->node_id, config_.node_id));
  if (found || found.status().code != StatusCode::not_found) return found;
  const MetaProperties made{config_.node_id, config_.cluster_id,
                            random.fork(static_cast<uint64_t>(Chance::directory)).uuid()};
  if (Status status = write_meta_properties(disk, made, step.now.wall_ms); !status) return status;
  return made;
}

void KafkaNode::start(NodeStep& step) {
  // The wall clock too: a lab that is started again on the same data and seed must not draw the same topic
  // ids.
  const Random random = Random(seed_).fork(static_cast<uint64_t>(step.now.wall_ms));
  const auto chance = [&](Chance label) { return random.fork(static_cast<uint64_t>(label)); };
  const Result<MetaProperties> identity = load_identity(step, random);
  if (!identity) return fail(step, identity.status());
  config_.cluster_id = identity->cluster_id;

  roles_.emplace(Roles{RaftClient(raft_config(config_, identity->directory_id), chance(Chance::raft)),
                       MetadataLoader{}, SnapshotGenerator(snapshot_config(config_), step.now.monotonic),
                       std::nullopt, std::nullopt});
  if (config_.is_controller)
    roles_->controller.emplace(
        ControllerConfig{config_.node_id, config_.cluster_id, config_.settings, config_.bugs},
        chance(Chance::controller));
  roles_->raft.start(step);
  if (config_.is_broker) {
    Disk& disk = step.effects.disk();
    const Result<CleanShutdown> clean = read_clean_shutdown(disk);
    roles_->broker.emplace(config_, chance(Chance::incarnation).uuid(), identity->directory_id,
                           clean ? std::optional(*clean) : std::nullopt, chance(Chance::broker));
    if (const Status status = roles_->broker->start(step); !status) return fail(step, status);
  }
}

// ---- inputs -----------------------------------------------------------------------------------------------

void KafkaNode::route(NodeStep& step, const Input& input) {
  if (!roles_) return;
  if (const auto* command = std::get_if<input::Command>(&input)) return handle_command(step, *command);
  if (const auto* opened = std::get_if<input::ConnectionOpened>(&input); opened && !opened->listener.empty())
    return channel_.connection_opened(*opened);
  if (const auto* closed = std::get_if<input::ConnectionClosed>(&input);
      closed && closed->connection.value < first_outgoing_connection)
    return channel_.connection_closed(closed->connection);
  if (const auto* frames = std::get_if<input::Frames>(&input);
      frames && frames->connection.value < first_outgoing_connection)
    return channel_.receive(*frames, step.effects);
  if (const auto* fired = std::get_if<input::TimerFired>(&input);
      fired && fired->timer.kind == RequestChannel::timer_kind)
    return channel_.unmute(step.now.monotonic, step.effects);
  // The rest belongs to a role; what is nobody's is of a connection, timer or flush that was given up
  // meanwhile.
  if (roles_->raft.owns(input))
    roles_->raft.handle_input(step, input);
  else if (roles_->controller && roles_->controller->owns(input))
    roles_->controller->handle_input(step, roles_->raft, input);
  else if (roles_->broker && roles_->broker->owns(input))
    roles_->broker->handle_input(step, roles_->metadata.image(), input);
}

void KafkaNode::handle_command(NodeStep& step, const input::Command& command) {
  if (command.verb == "stop" && phase_ == Phase::running) {
    phase_ = Phase::stopping;
    if (roles_->broker) roles_->broker->begin_stop(step);
  } else if (command.verb == "close" && phase_ < Phase::flushing) {
    phase_ = Phase::flushing;
    stays_in_quorum_ = true;
    if (roles_->broker) roles_->broker->flush(step);
  }
}

// ---- the rest of a step -----------------------------------------------------------------------------------

void KafkaNode::dispatch(NodeStep& step, const Request& request) {
  const ApiHandlers* row = find_handlers(request.context.header.api_key);
  BROKERLAB_ASSERT(row != nullptr);
  const bool on_controller =
      channel_.kind_of_listener(request.context.listener) == kafka::Listeners::controller;
  const bool is_served =
      on_controller ? roles_->controller.has_value() : roles_->broker && phase_ < Phase::flushing;
  if (!is_served) return channel_.close(request.context, step.effects);
  const Handler handler = on_controller ? row->on_controller : row->on_broker;
  BROKERLAB_ASSERT(handler != nullptr);
  const HandlerContext context{step,
                               config_,
                               roles_->metadata.image(),
                               roles_->raft,
                               roles_->controller ? &*roles_->controller : nullptr,
                               roles_->broker ? &*roles_->broker : nullptr};
  handler(context, request);
}

bool KafkaNode::load_metadata(NodeStep& step) {
  bool loaded = false;
  MetadataLoader& metadata = roles_->metadata;
  while (metadata.next_offset() < roles_->raft.high_watermark()) {
    const int64_t before = metadata.next_offset();
    const Result<MetadataDelta> delta = load_next(step);
    if (!delta) {
      fail(step, delta.status());
      return false;
    }
    if (metadata.next_offset() == before) break;
    loaded = true;
    if (roles_->broker) roles_->broker->apply(step, *delta, metadata.image());
  }
  return loaded;
}

/// The next committed batches; or the newest snapshot, when this node has nothing yet or the log has no more what it
/// needs.
Result<MetadataDelta> KafkaNode::load_next(NodeStep& step) {
  MetadataLoader& metadata = roles_->metadata;
  Disk& disk = step.effects.disk();
  const Result<std::optional<Snapshot>> snapshot = roles_->raft.snapshot_for(disk, metadata.next_offset());
  if (!snapshot) return snapshot.status();
  if (*snapshot) {
    roles_->snapshots.restart(step.now.monotonic);
    return metadata.load_snapshot((*snapshot)->records, (*snapshot)->id.end_offset - 1, (*snapshot)->id.epoch,
                                  (*snapshot)->last_contained_log_ms);
  }
  const Result<std::vector<MetadataBatch>> batches =
      roles_->raft.committed_from(disk, metadata.next_offset());
  if (!batches) return batches.status();
  Result<MetadataDelta> delta = metadata.load(*batches);
  uint64_t bytes = 0;
  for (const MetadataBatch& batch : *batches) bytes += batch.bytes;
  // An image inside a metadata transaction is not all that its offset says.
  const std::string reason = roles_->snapshots.replayed(bytes, step.now.monotonic);
  if (delta && !reason.empty() && !metadata.image().is_in_transaction()) make_snapshot(step, reason);
  return delta;
}

void KafkaNode::make_snapshot(NodeStep& step, std::string_view reason) {
  const MetadataImage& image = roles_->metadata.image();
  roles_->snapshots.restart(step.now.monotonic);
  const Snapshot snapshot{
      {image.epoch(), image.offset() + 1}, roles_->metadata.last_append_time_ms(), records_of(image)};
  const std::string name = snapshot_name(snapshot.id);
  if (!roles_->raft.create_snapshot(step, snapshot)) return;
  step.effects.emit(
      event::Noted{fmt::format("[SnapshotGenerator id={}] Creating new KRaft snapshot file {} because {}.",
                               config_.node_id, name.substr(0, name.find('.')), reason)});
}

void KafkaNode::settle(NodeStep& step) {
  bool again = true;
  while (again && phase_ != Phase::ended) {
    while (const std::optional<Request> request = channel_.next(step.effects)) dispatch(step, *request);
    again = load_metadata(step);
    if (phase_ == Phase::ended) return;
    if (roles_->controller) roles_->controller->advance(step, roles_->raft, roles_->metadata.image());
    if (roles_->broker) roles_->broker->complete(step, roles_->metadata.image());
    again = again || channel_.has_next();
  }
  if (roles_->broker) roles_->broker->poll(step, roles_->raft, roles_->metadata.image());
  go_on_stopping(step);
  if (phase_ == Phase::ended) return;
  if (!roles_->raft.status().ok()) return fail(step, roles_->raft.status());
  if (roles_->broker && !roles_->broker->failure().ok()) fail(step, roles_->broker->failure());
}

// ---- the end ----------------------------------------------------------------------------------------------

void KafkaNode::go_on_stopping(NodeStep& step) {
  if (phase_ == Phase::stopping && (!roles_->broker || roles_->broker->may_end())) {
    phase_ = Phase::flushing;
    if (roles_->broker) roles_->broker->flush(step);
  }
  if (phase_ == Phase::flushing && (!roles_->broker || roles_->broker->is_flushed())) {
    if (roles_->broker) {
      roles_->broker->close(step.effects.disk());
      if (!roles_->broker->failure().ok()) return fail(step, roles_->broker->failure());
      roles_->broker.reset();
    }
    if (stays_in_quorum_) return close_quorum(step);
    phase_ = Phase::leaving_quorum;
    roles_->raft.shut_down(step);
  }
  if (phase_ == Phase::leaving_quorum && roles_->raft.is_shut_down(step.now)) close_quorum(step);
}

void KafkaNode::close_quorum(NodeStep& step) {
  roles_->raft.close(step.effects.disk());
  if (!roles_->raft.status().ok()) return fail(step, roles_->raft.status());
  end(step, 0);
}

void KafkaNode::fail(NodeStep& step, const Status& status) {
  step.effects.emit(event::Noted{"ERROR " + status.message});
  // There is one log directory, and Kafka gives up the whole of it.
  if (status.code == StatusCode::io_error || status.code == StatusCode::disk_full)
    step.effects.emit(event::Noted{"ERROR Shutdown broker because all log dirs have failed"});
  end(step, 1);  // as Kafka exits: meta.properties of another node, an I/O error
}

void KafkaNode::end(NodeStep& step, int status) {
  phase_ = Phase::ended;
  step.effects.end(status);
}

// ---- description ------------------------------------------------------------------------------------------

std::string_view KafkaNode::state() const {
  if (phase_ != Phase::running) return "stopping";
  if (!roles_ || !roles_->broker) return roles_ ? "running" : "starting";
  return roles_->broker->lifecycle().state() == BrokerState::starting ? "starting" : "running";
}

NodeView KafkaNode::describe(const Now& now) const {
  KafkaView view;
  view.node_id = config_.node_id;
  view.cluster_id = config_.cluster_id;
  view.state = state();
  if (!roles_) return view;
  const MetadataImage& image = roles_->metadata.image();
  view.quorum = roles_->raft.describe(now);
  view.metadata_offset = image.offset();
  for (const auto& [id, registration] : image.brokers()) {
    BrokerRegistrationView& broker = view.brokers.emplace_back();
    broker.broker = id;
    broker.broker_epoch = registration.epoch;
    broker.fenced = registration.fenced;
    broker.in_controlled_shutdown = registration.in_controlled_shutdown;
    if (const Endpoint* endpoint = registration.listener(listener_external)) {
      broker.host = endpoint->host;
      broker.port = endpoint->port;
    }
  }
  for (const auto& [name, id] : image.topic_ids()) {
    for (const auto& [index, registration] : image.topic(id)->partitions) {
      PartitionView& partition = view.partitions.emplace_back();
      partition.topic = name;
      partition.partition = index;
      partition.leader = registration.leader;
      partition.leader_epoch = registration.leader_epoch;
      partition.partition_epoch = registration.partition_epoch;
      partition.replicas = registration.replicas;
      partition.isr = registration.isr;
      partition.elr = registration.elr;
      partition.last_known_elr = registration.last_known_elr;
    }
  }
  if (!roles_->broker) return view;
  for (const auto& [key, partition] : roles_->broker->replicas().partitions())
    view.replicas.push_back(partition.describe());
  std::sort(view.replicas.begin(), view.replicas.end(), [](const ReplicaView& a, const ReplicaView& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  return view;
}

}  // namespace

std::unique_ptr<Node> make_kafka_node(const Boot& boot, KafkaNodeConfig config) {
  return std::make_unique<KafkaNode>(boot, std::move(config));
}

}  // namespace brokerlab

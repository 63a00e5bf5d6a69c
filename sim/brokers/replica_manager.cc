#include "sim/brokers/replica_manager.h"

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/brokers/effective_config.h"
#include "sim/brokers/timers.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/disk.h"

namespace brokerlab {

using kafka::ErrorCode;

namespace {

/// TOPIC-PARTITION; empty when the folder is none of a log.
std::optional<TopicPartition> parse_log_folder(std::string_view folder) {
  const size_t dash = folder.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == folder.size()) return std::nullopt;
  int32_t partition = 0;
  for (const char digit : folder.substr(dash + 1)) {
    if (digit < '0' || digit > '9' || partition > INT32_MAX / 10 - 1) return std::nullopt;
    partition = partition * 10 + (digit - '0');
  }
  return TopicPartition{std::string(folder.substr(0, dash)), partition};
}

Status set_aside(Disk& disk, const TopicPartition& name, Uuid topic_id) {
  return disk.rename(name.to_string(), retired_folder_name(disk, name, topic_id, stray_folder_suffix));
}

}  // namespace

ReplicaManager::ReplicaManager(int32_t broker_id, const Settings& settings, Bugs bugs)
    : broker_id_(broker_id),
      settings_(settings),
      bugs_(bugs),
      cleaner_(settings.flag("log.cleaner.enable"), settings.duration("log.cleaner.backoff.ms"),
               DiskToken{cleaner_flush}) {}

void ReplicaManager::fail(Status status) {
  if (!status.ok() && failure_.ok()) failure_ = std::move(status);
}

Status ReplicaManager::start(Disk& disk, bool was_clean, const Now& now) {
  was_clean_ = was_clean;
  for (std::string& folder : folders_to_delete(disk))
    deletions_.add(std::move(folder), now.monotonic + settings_.duration("log.segment.delete.delay.ms"));
  if (Status status = cleaner_.start(disk, now.monotonic); !status) return status;
  const auto read = [&](std::string_view path, OffsetCheckpoint& offsets) -> Status {
    Result<OffsetCheckpoint> checkpoint = read_offset_checkpoint(disk, path);
    if (checkpoint) offsets = std::move(*checkpoint);
    // One that a crash has damaged says nothing: its logs are checked from their start.
    const StatusCode code = checkpoint.status().code;
    const bool is_known = checkpoint.ok() || code == StatusCode::not_found || code == StatusCode::invalid;
    return is_known ? Status{} : checkpoint.status();
  };
  if (Status status = read(replication_offset_checkpoint, checkpointed_high_watermarks_); !status)
    return status;
  if (Status status = read(recovery_point_offset_checkpoint, recovery_points_); !status) return status;
  return read(log_start_offset_checkpoint, log_starts_);
}

// ---- metadata ---------------------------------------------------------------------------------------------

PartitionConfig ReplicaManager::partition_config(const MetadataImage& image, const std::string& topic) const {
  const auto number = [&](std::string_view name) {
    return topic_config_number(name, image, settings_, broker_id_, topic);
  };
  PartitionConfig config;
  config.min_in_sync_replicas = static_cast<int32_t>(number("min.insync.replicas"));
  config.max_message_bytes = static_cast<uint32_t>(number("max.message.bytes"));
  config.timestamp_before_max_ms = number("message.timestamp.before.max.ms");
  config.timestamp_after_max_ms = number("message.timestamp.after.max.ms");
  const std::string codec = topic_config("compression.type", image, settings_, broker_id_, topic);
  config.compression = codec == "uncompressed" ? kafka::Compression::none
                                               : kafka::compression_of_name(codec);  // or "producer"
  config.replica_lag_time_max = settings_.duration("replica.lag.time.max.ms");
  config.bugs = bugs_;
  return config;
}

Partition* ReplicaManager::find(const PartitionKey& key) {
  const auto it = partitions_.find(key);
  return it == partitions_.end() ? nullptr : &it->second;
}

Partition* ReplicaManager::open(const PartitionKey& key, const std::string& topic, const MetadataImage& image,
                                const Now& now, Effects& effects) {
  if (Partition* partition = find(key)) return partition;
  Disk& disk = effects.disk();
  const TopicPartition name{topic, key.partition};
  const std::string folder = name.to_string();
  bool is_ours = false;
  if (disk.exists(folder)) {
    const Result<Uuid> topic_id = read_partition_metadata(disk, folder);
    is_ours = topic_id && *topic_id == key.topic_id;
    if (topic_id && !is_ours) fail(set_aside(disk, name, *topic_id));
  }
  LogCheckpoints checkpoints;
  int64_t high_watermark = 0;
  if (is_ours) {
    const auto look = [&](const OffsetCheckpoint& offsets) {
      const auto it = offsets.find(name);
      return it == offsets.end() ? int64_t{0} : it->second;
    };
    checkpoints = {was_clean_, look(recovery_points_), look(log_starts_)};
    high_watermark = look(checkpointed_high_watermarks_);
  }
  Result<Log> log =
      Log::open(disk, folder, log_config(image, settings_, broker_id_, topic), checkpoints, now.wall_ms);
  if (!log) {
    fail(log.status());
    return nullptr;
  }
  if (!is_ours) fail(write_partition_metadata(disk, folder, key.topic_id));
  Partition partition(name, key.topic_id, broker_id_, partition_config(image, topic), std::move(*log),
                      high_watermark);
  partition.note_load(effects);
  return &partitions_.emplace(key, std::move(partition)).first->second;
}

void ReplicaManager::remove(const PartitionKey& key, std::string_view reason, const MetadataImage& image,
                            const Now& now, Effects& effects) {
  const auto it = partitions_.find(key);
  if (it == partitions_.end()) return;
  Disk& disk = effects.disk();
  effects.emit(event::LogRemoved{it->second.name(), broker_id_, key.topic_id, std::string(reason)});
  const int64_t delay_ms = topic_config_number("file.delete.delay.ms", image, settings_, broker_id_, "");
  const Duration delay = milliseconds(std::min(delay_ms, longest_duration_ms));
  fail(cleaner_.forget(key, it->second, disk));
  Log& log = it->second.log();
  if (delay == Duration{}) {
    fail(log.remove(disk));
  } else {
    const std::string name =
        retired_folder_name(disk, it->second.name(), key.topic_id, deleted_folder_suffix);
    fail(log.rename_folder(disk, name));
    deletions_.add(name + "/", now.monotonic + delay);
  }
  // A topic of the same name would be given the recovery point of this one.
  recovery_points_go_back_ |= recovery_points_.erase(it->second.name()) > 0;
  flushes_.erase(key);
  partitions_.erase(it);
  proposing_.erase(key);
  changed_roles_.insert(key);
  touch(key);
}

void ReplicaManager::apply(const MetadataDelta& delta, const MetadataImage& image, const Now& now,
                           Effects& effects) {
  for (const auto& [topic_id, topic] : delta.deleted_topics)
    for (const auto& [partition, registration] : topic.partitions)
      remove({topic_id, partition}, "topic_deleted", image, now, effects);

  // Before the in-sync sets, which the controller has decided by these settings: who is eligible lacks nothing only as long
  // as fewer than min.insync.replicas commit nothing. Kafka takes the settings last.
  if (!delta.changed_configs.empty())
    for (auto& [key, partition] : partitions_)
      partition.set_config(partition_config(image, partition.name().topic),
                           log_config(image, settings_, broker_id_, partition.name().topic));

  std::vector<PartitionKey> followed;
  for (const PartitionKey& key : delta.changed_partitions) {
    const TopicImage* topic = image.topic(key.topic_id);
    BROKERLAB_ASSERT(topic != nullptr);
    const PartitionRegistration& registration = topic->partitions.at(key.partition);
    effects.emit(event::PartitionChanged{{topic->name, key.partition},
                                         false,
                                         registration.leader,
                                         registration.leader_epoch,
                                         registration.partition_epoch,
                                         registration.replicas,
                                         registration.isr,
                                         registration.elr,
                                         registration.last_known_elr,
                                         "",
                                         key.topic_id});
    if (!is_replica_of(registration))
      remove(key, "not_a_replica", image, now, effects);
    else if (registration.leader == broker_id_)
      roles_to_take_.push_back(key);
    else
      followed.push_back(key);
  }
  roles_to_take_.insert(roles_to_take_.end(), followed.begin(), followed.end());
  take_roles(image, now, effects);
}

void ReplicaManager::take_roles(const MetadataImage& image, const Now& now, Effects& effects) {
  for (size_t opened = 0; has_roles_to_take() && opened < logs_opened_at_once;) {
    const PartitionKey key = roles_to_take_.front();
    roles_to_take_.pop_front();
    const PartitionRegistration* registration = image.partition(key.topic_id, key.partition);
    if (registration == nullptr || !is_replica_of(*registration)) continue;  // gone again since
    touch(key);  // first: what sessions know of followers is of the role before
    if (find(key) == nullptr) ++opened;
    Partition* partition = open(key, image.topic(key.topic_id)->name, image, now, effects);
    if (partition == nullptr) continue;
    Result<bool> advanced = partition->apply(*registration, image, now, effects);
    if (!advanced) fail(advanced.status());
    changed_roles_.insert(key);
    proposing_.erase(key);
    note_proposal(key, *partition);
  }
}

bool ReplicaManager::is_replica_of(const PartitionRegistration& registration) const {
  const auto& replicas = registration.replicas;
  return std::find(replicas.begin(), replicas.end(), broker_id_) != replicas.end();
}

void ReplicaManager::set_strays_aside(Effects& effects) {
  Disk& disk = effects.disk();
  std::set<TopicPartition> ours;
  for (const auto& [key, partition] : partitions_) ours.insert(partition.name());
  for (std::string folder : disk.list("")) {
    if (!folder.ends_with('/')) continue;
    folder.pop_back();
    const std::optional<TopicPartition> name = parse_log_folder(folder);
    if (!name || ours.contains(*name) || *name == metadata_partition) continue;
    const Result<Uuid> topic_id = read_partition_metadata(disk, folder);
    if (!topic_id) continue;
    fail(set_aside(disk, *name, *topic_id));
    effects.emit(event::LogRemoved{*name, broker_id_, *topic_id, "not_a_replica"});
  }
  std::erase_if(recovery_points_, [&](const auto& point) { return !ours.contains(point.first); });
}

ErrorCode ReplicaManager::missing(const PartitionKey& key, const MetadataImage& image) {
  return image.partition(key.topic_id, key.partition) != nullptr ? ErrorCode::not_leader_or_follower
                                                                 : ErrorCode::unknown_topic_or_partition;
}

// ---- produce ----------------------------------------------------------------------------------------------

Partition::Append ReplicaManager::append(const PartitionKey& key, const Bytes& batch, int16_t acks,
                                         const MetadataImage& image, const Now& now, Effects& effects) {
  Partition::Append refused;
  Partition* partition = find(key);
  if (partition == nullptr) {
    refused.error = missing(key, image);
    return refused;
  }
  Result<Partition::Append> append = partition->append_as_leader(batch, acks, image, now, effects);
  if (!append) {
    effects.emit(event::Noted{"ERROR Error while appending records to " + partition->name().to_string()});
    fail(append.status());
    refused.error = ErrorCode::kafka_storage_error;
    return refused;
  }
  if (append->error == ErrorCode::none) touch(key);
  return *append;
}

void ReplicaManager::produce(ProduceOperation operation, Duration timeout, const MetadataImage& image,
                             const Now& now, Effects& effects) {
  if (operation.acks != -1 || decide(operation, image, effects)) {
    finish(std::move(operation), effects);
    return;
  }
  std::vector<PartitionKey> keys;
  for (const ProduceOperation::Appended& appended : operation.appended)
    if (!appended.is_decided) keys.push_back(appended.key);
  produces_.park(std::move(operation), now.monotonic + timeout, keys);
}

bool ReplicaManager::decide(ProduceOperation& operation, const MetadataImage& image, Effects& effects) {
  bool all_decided = true;
  for (ProduceOperation::Appended& appended : operation.appended) {
    if (appended.is_decided) continue;
    const Partition* partition = find(appended.key);
    const Partition::Committed committed = partition != nullptr
                                               ? partition->is_committed(appended.last_offset + 1)
                                               : Partition::Committed{true, missing(appended.key, image)};
    appended.is_decided = committed.is_decided;
    all_decided = all_decided && committed.is_decided;
    auto& answer = operation.response.responses[appended.topic].partition_responses[appended.partition];
    answer.error_code = to_int16(committed.error);
    // Said when it is decided: by the time the request's other partitions are, this may have another leader.
    if (committed.is_decided && committed.error == ErrorCode::none) acknowledge(operation, appended, effects);
  }
  return all_decided;
}

void ReplicaManager::acknowledge(const ProduceOperation& operation,
                                 const ProduceOperation::Appended& appended, Effects& effects) const {
  const auto& topic = operation.response.responses[appended.topic];
  effects.emit(event::Acknowledged{{topic.name, topic.partition_responses[appended.partition].index},
                                   broker_id_,
                                   appended.first_offset,
                                   appended.last_offset,
                                   appended.leader_epoch,
                                   operation.acks},
               operation.request.cause);
}

void ReplicaManager::finish(ProduceOperation operation, Effects& effects) {
  for (const ProduceOperation::Appended& appended : operation.appended) {
    const auto& answer = operation.response.responses[appended.topic].partition_responses[appended.partition];
    if (operation.acks == 1 && answer.error_code == 0) acknowledge(operation, appended, effects);
  }
  produced_.push_back(std::move(operation));
}

// ---- delete records ---------------------------------------------------------------------------------------

Partition::DeletedRecords ReplicaManager::delete_records(const PartitionKey& key, int64_t offset,
                                                         const MetadataImage& image, Effects& effects) {
  Partition::DeletedRecords refused;
  Partition* partition = find(key);
  if (partition == nullptr) {
    refused.error = missing(key, image);
    return refused;
  }
  Result<Partition::DeletedRecords> deleted = partition->delete_records(offset, image, effects);
  if (!deleted) {
    fail(deleted.status());
    refused.error = ErrorCode::kafka_storage_error;
    return refused;
  }
  if (deleted->error == ErrorCode::none)
    touch(key);  // a fetch that waits below the log start is out of range now
  return *deleted;
}

void ReplicaManager::delete_records(DeleteRecordsOperation operation, Duration timeout,
                                    const MetadataImage& image, const Now& now) {
  if (decide(operation, image)) {
    deleted_.push_back(std::move(operation));
    return;
  }
  std::vector<PartitionKey> keys;
  for (const DeleteRecordsOperation::Asked& asked : operation.asked)
    if (!asked.is_decided) keys.push_back(asked.key);
  deletes_.park(std::move(operation), now.monotonic + timeout, keys);
}

bool ReplicaManager::decide(DeleteRecordsOperation& operation, const MetadataImage& image) {
  bool all_decided = true;
  for (DeleteRecordsOperation::Asked& asked : operation.asked) {
    if (asked.is_decided) continue;
    auto& answer = operation.response.topics[asked.topic].partitions[asked.partition];
    const Partition* partition = find(asked.key);
    const bool leads = partition != nullptr && partition->is_leader();
    const int64_t low_watermark = leads ? partition->low_watermark(image) : -1;
    if (leads && low_watermark < asked.offset) {
      all_decided = false;
      continue;
    }
    asked.is_decided = true;
    answer.low_watermark = low_watermark;
    if (!leads)
      answer.error_code = to_int16(partition == nullptr ? ErrorCode::unknown_topic_or_partition
                                                        : ErrorCode::not_leader_or_follower);
  }
  return all_decided;
}

// ---- fetch ------------------------------------------------------------------------------------------------

Partition::Read ReplicaManager::read(const FetchPartition& request, const Fetcher& fetcher,
                                     uint64_t max_bytes, bool at_least_one_batch, const MetadataImage& image,
                                     Disk& disk) {
  const PartitionKey key{request.topic_id, request.partition};
  Partition::Read failed;
  Partition* partition = find(key);
  if (partition == nullptr) {
    failed.error = request.topic.empty() ? ErrorCode::unknown_topic_id : missing(key, image);
    return failed;
  }
  Result<Partition::Read> read = partition->read(request, fetcher, max_bytes, at_least_one_batch, disk);
  if (read) return std::move(*read);
  fail(read.status());
  failed.error = ErrorCode::kafka_storage_error;
  return failed;
}

void ReplicaManager::touch(const PartitionKey& key) {
  touched_.insert(key);
  moved_.insert(key);
  sessions_.touch(key);
  note_seen();
}

void ReplicaManager::note_seen() {
  for (const FetchSessions::Seen& seen : sessions_.take_seen())
    if (Partition* partition = find(seen.key)) partition->note_seen(seen.replica_id, seen.last_fetch);
}

FetchSessions::Context ReplicaManager::open_session(FetchSessions::Request request, Instant now,
                                                    Random& random) {
  FetchSessions::Context context = sessions_.open(std::move(request), now, random);
  note_seen();
  return context;
}

/// The promise of FetchSessions: what a session leaves out has nothing to say. Looks at each, so at small sessions only.
bool ReplicaManager::has_untold_news(const FetchOperation& operation) {
  constexpr size_t small = 32;
  const FetchSessions::Context& session = operation.session;
  if (!session.is_incremental || sessions_.partitions_in(session.session_id) > small) return false;
  for (const FetchPartition& request : sessions_.without_news(session.session_id)) {
    const Partition* partition = find({request.topic_id, request.partition});
    if (partition == nullptr) return true;
    const Partition::Peek peek = partition->peek(request, operation.fetcher);
    if (peek.error != ErrorCode::none || peek.is_diverging || peek.has_records) return true;
    if (!sessions_.knows(session, request, partition->high_watermark(), partition->log().log_start_offset()))
      return true;
  }
  return false;
}

bool ReplicaManager::is_ready(const FetchOperation& operation, Disk& disk) {
  if (operation.min_bytes == 0 || operation.session.is_empty()) return true;
  bool has_records = false;
  for (const FetchPartition& request : operation.session.partitions) {
    const Partition* partition = find({request.topic_id, request.partition});
    if (partition == nullptr) return true;
    const Partition::Peek peek = partition->peek(request, operation.fetcher);
    if (peek.error != ErrorCode::none || peek.is_diverging) return true;
    if (peek.has_records && operation.min_bytes <= 1) return true;
    has_records = has_records || peek.has_records;
  }
  if (!has_records) return false;
  uint64_t bytes = 0;
  for (const FetchPartition& request : operation.session.partitions) {
    const Partition* partition = find({request.topic_id, request.partition});
    const Result<Partition::Read> read = partition->read(
        request, operation.fetcher, static_cast<uint64_t>(std::max(request.max_bytes, 0)), bytes == 0, disk);
    if (!read) return true;  // told when it is read to be sent
    bytes += read->bytes;
    if (bytes >= operation.min_bytes) return true;
  }
  return false;
}

void ReplicaManager::record_fetch(const FetchPartition& request, const Fetcher& fetcher,
                                  int64_t leader_end_offset, const MetadataImage& image, const Now& now,
                                  Effects& effects) {
  const PartitionKey key{request.topic_id, request.partition};
  Partition& partition = partitions_.at(key);
  // Another life of the follower: what sessions of an earlier one ask for is refused from now on.
  if (partition.broker_epoch_of(fetcher.replica_id, -1) != fetcher.broker_epoch) touch(key);
  if (partition.record_fetch(fetcher.replica_id, fetcher.broker_epoch, request.fetch_offset,
                             request.log_start_offset, leader_end_offset, image, now, effects))
    touch(key);
  if (!deletes_.waiting_for(key).empty()) touch(key);  // it has told where its log starts
  note_proposal(key, partition);
}

void ReplicaManager::fetch(FetchOperation operation, Duration max_wait, const MetadataImage& image,
                           const Now& now, Effects& effects) {
  BROKERLAB_ASSERT(!has_untold_news(operation));
  if (max_wait <= Duration{} || is_ready(operation, effects.disk())) {
    finish(std::move(operation), image, now, effects);
    return;
  }
  std::vector<FetchWaitsFor> keys;
  if (operation.session.is_incremental) keys.emplace_back(FetchSessionId{operation.session.session_id});
  for (const FetchPartition& request : operation.session.partitions) {
    const PartitionKey key{request.topic_id, request.partition};
    if (!operation.session.is_incremental) keys.emplace_back(key);
    // The offset is the follower's acknowledgement, also when there is nothing to send yet. That it waited
    // until now says nothing about the follower: a paused one must not look alive when its answer leaves.
    if (operation.fetcher.is_follower())
      record_fetch(request, operation.fetcher, find(key)->log().log_end_offset(), image, now, effects);
  }
  operation.was_parked = true;
  fetches_.park(std::move(operation), now.monotonic + max_wait, keys);
}

void ReplicaManager::finish(FetchOperation operation, const MetadataImage& image, const Now& now,
                            Effects& effects) {
  uint64_t left = operation.max_bytes;
  bool is_first = true;
  for (const FetchPartition& request : operation.session.partitions) {
    const uint64_t wanted = static_cast<uint64_t>(std::max(request.max_bytes, 0));
    operation.reads.push_back(
        read(request, operation.fetcher, std::min(wanted, left), is_first, image, effects.disk()));
    Partition::Read& done = operation.reads.back();
    // Before this fetch counts: what it moves is news again.
    done.is_told = sessions_.knows(operation.session, request, done.high_watermark, done.log_start_offset);
    if (done.is_settled)
      sessions_.settle(operation.session, request, done.high_watermark, done.log_start_offset);
    left -= std::min(left, done.bytes);
    if (done.bytes > 0) is_first = false;
    const bool acknowledges = operation.fetcher.is_follower() && !operation.was_parked;
    if (acknowledges && done.error == ErrorCode::none && !done.diverging)
      record_fetch(request, operation.fetcher, done.log_end_offset, image, now, effects);
    if (!operation.fetcher.is_follower() && done.bytes > 0) {
      const Partition& partition = partitions_.at({request.topic_id, request.partition});
      effects.emit(event::RecordsFetched{partition.name(), broker_id_, request.fetch_offset,
                                         done.up_to_offset, done.high_watermark, partition.leader_epoch()},
                   operation.request.cause);
    }
  }
  fetched_.push_back(std::move(operation));
}

void ReplicaManager::try_again(const PartitionKey& key, const MetadataImage& image, Effects& effects) {
  for (const uint64_t id : produces_.waiting_for(key))
    if (decide(produces_.at(id), image, effects)) finish(produces_.take(id), effects);
  for (const uint64_t id : deletes_.waiting_for(key))
    if (decide(deletes_.at(id), image)) deleted_.push_back(deletes_.take(id));
}

std::set<uint64_t> ReplicaManager::fetches_waiting_for(const PartitionKey& key) const {
  const std::vector<uint64_t> ids = fetches_.waiting_for(key);
  std::set<uint64_t> waiting(ids.begin(), ids.end());
  for (const int32_t session : sessions_.sessions_of(key))
    for (const uint64_t id : fetches_.waiting_for(FetchSessionId{session})) waiting.insert(id);
  return waiting;
}

void ReplicaManager::complete(const MetadataImage& image, const Now& now, Effects& effects) {
  // Answering a follower can advance a high watermark, which touches the partition again.
  while (!touched_.empty()) {
    const std::set<PartitionKey> keys = std::exchange(touched_, {});
    std::set<uint64_t> fetches;  // each once, however much of it moved
    for (const PartitionKey& key : keys) {
      try_again(key, image, effects);
      flush_closed_segments(key, effects);
      fetches.merge(fetches_waiting_for(key));
    }
    for (const uint64_t id : fetches) {
      FetchSessions::Context& session = fetches_.at(id).session;
      if (sessions_.is_latest(session)) session.partitions = sessions_.with_news(session.session_id);
      if (is_ready(fetches_.at(id), effects.disk())) finish(fetches_.take(id), image, now, effects);
    }
  }
  // Nothing would wake them.
  for (const int32_t session : sessions_.take_closed())
    for (const uint64_t id : fetches_.waiting_for(FetchSessionId{session}))
      finish(fetches_.take(id), image, now, effects);
  if (recovery_points_go_back_) checkpoint_recovery_points(effects.disk());
  for (const uint64_t id : produces_.due(now.monotonic)) {
    ProduceOperation operation = produces_.take(id);
    for (const ProduceOperation::Appended& appended : operation.appended)
      if (!appended.is_decided)
        operation.response.responses[appended.topic].partition_responses[appended.partition].error_code =
            to_int16(ErrorCode::request_timed_out);
    finish(std::move(operation), effects);
  }
  for (const uint64_t id : deletes_.due(now.monotonic)) {
    DeleteRecordsOperation operation = deletes_.take(id);
    for (const DeleteRecordsOperation::Asked& asked : operation.asked)
      if (!asked.is_decided)
        operation.response.topics[asked.topic].partitions[asked.partition].error_code =
            to_int16(ErrorCode::request_timed_out);
    deleted_.push_back(std::move(operation));
  }
  for (const uint64_t id : fetches_.due(now.monotonic)) finish(fetches_.take(id), image, now, effects);
  if (!touched_.empty()) complete(image, now, effects);
}

// ---- in-sync sets -----------------------------------------------------------------------------------------

void ReplicaManager::note_proposal(const PartitionKey& key, const Partition& partition) {
  if (partition.unsent_proposal()) proposing_.insert(key);
}

void ReplicaManager::shrink_isrs(const Now& now, Effects& effects) {
  for (auto& [key, partition] : partitions_) {
    partition.maybe_shrink_isr(now, effects);
    note_proposal(key, partition);
  }
}

std::vector<ReplicaManager::Proposal> ReplicaManager::take_proposals(int64_t own_broker_epoch) {
  std::vector<Proposal> proposals;
  for (const PartitionKey& key : std::exchange(proposing_, {})) {
    Partition& partition = partitions_.at(key);
    if (!partition.unsent_proposal()) continue;
    Proposal& proposal = proposals.emplace_back();
    proposal.key = key;
    proposal.isr = *partition.unsent_proposal();
    for (const int32_t replica : proposal.isr.isr)
      proposal.broker_epochs.push_back(partition.broker_epoch_of(replica, own_broker_epoch));
    partition.mark_proposal_sent();
  }
  return proposals;
}

void ReplicaManager::answer_proposal(const Proposal& proposal, const Partition::IsrAnswer& answer,
                                     const MetadataImage& image, const Now& now, Effects& effects) {
  Partition* partition = find(proposal.key);
  if (partition == nullptr) return;
  if (partition->answer_isr(proposal.isr, answer, image, now, effects)) touch(proposal.key);
  note_proposal(proposal.key, *partition);
}

// ---- how long records stay --------------------------------------------------------------------------------

void ReplicaManager::delete_old_segments(Partition& partition, const Now& now, Effects& effects) {
  const int64_t log_start_offset = partition.log().log_start_offset();
  fail(partition.delete_old_segments(now, effects));
  if (partition.log().log_start_offset() != log_start_offset)
    touch({partition.topic_id(), partition.name().partition});
  // Also what truncations have put aside since the last time.
  const Instant due = now.monotonic + milliseconds(partition.log().config().file_delete_delay_ms);
  for (std::string& path : partition.log().take_deleted_files()) deletions_.add(std::move(path), due);
}

void ReplicaManager::delete_old_segments(const Now& now, Effects& effects) {
  for (auto& [key, partition] : partitions_)
    if (!partition.log().config().compacts) delete_old_segments(partition, now, effects);
}

void ReplicaManager::clean_logs(const Now& now, Effects& effects) {
  const Result<bool> looks_for_old_segments = cleaner_.poll(partitions_, now, effects);
  if (!looks_for_old_segments) return fail(looks_for_old_segments.status());
  if (!*looks_for_old_segments) return;
  for (auto& [key, partition] : partitions_)
    if (partition.log().config().compacts) delete_old_segments(partition, now, effects);
}

void ReplicaManager::checkpoint_log_starts(Disk& disk) {
  OffsetCheckpoint offsets;
  for (const auto& [key, partition] : partitions_) {
    const Log& log = partition.log();
    if (log.log_start_offset() > log.segments().front().base_offset())
      offsets[partition.name()] = log.log_start_offset();
  }
  fail(write_offset_checkpoint(disk, log_start_offset_checkpoint, offsets));
}

// ---- durability -------------------------------------------------------------------------------------------

void ReplicaManager::checkpoint_high_watermarks(Disk& disk) {
  OffsetCheckpoint offsets;
  for (const auto& [key, partition] : partitions_) offsets[partition.name()] = partition.high_watermark();
  fail(write_offset_checkpoint(disk, replication_offset_checkpoint, offsets));
}

void ReplicaManager::checkpoint_recovery_points(Disk& disk) {
  for (const auto& [key, partition] : partitions_)
    recovery_points_[partition.name()] = partition.log().recovery_point();
  recovery_points_go_back_ = false;
  fail(write_offset_checkpoint(disk, recovery_point_offset_checkpoint, recovery_points_));
}

void ReplicaManager::flush_closed_segments(const PartitionKey& key, Effects& effects) {
  Partition* partition = find(key);
  if (partition == nullptr) return;
  const Log& log = partition->log();
  const auto written = recovery_points_.find(partition->name());
  if (written != recovery_points_.end() && log.recovery_point() < written->second)
    recovery_points_go_back_ = true;
  if (flushes_.contains(key)) return;
  Flush flush{log.begin_flush(is_closing_ ? log.log_end_offset() : log.active_base_offset()), {}};
  if (flush.log_flush.files.empty()) return;
  for (const FileId file : flush.log_flush.files) {
    effects.flush(file, {next_token_});
    flushing_[next_token_] = key;
    flush.tokens.insert(next_token_++);
  }
  flushes_.emplace(key, std::move(flush));
}

void ReplicaManager::flush_done(const input::DiskDone& done, Effects& effects) {
  const auto flushing = flushing_.extract(done.token.value);
  BROKERLAB_ASSERT(!flushing.empty());
  // A file that is gone needs no flush: its segment was cut off.
  if (done.status.code != StatusCode::not_found) fail(done.status);
  const PartitionKey& key = flushing.mapped();
  const auto flush = flushes_.find(key);
  if (flush == flushes_.end() || flush->second.tokens.erase(done.token.value) == 0) return;
  if (!flush->second.tokens.empty()) return;
  Partition& partition = partitions_.at(key);
  const int64_t before = partition.log().recovery_point();
  if (failure_.ok()) partition.log().end_flush(effects.disk(), flush->second.log_flush);
  flushes_.erase(flush);
  if (partition.log().recovery_point() > before)
    effects.emit(event::LogFlushed{partition.name(), broker_id_, partition.log().recovery_point()});
  flush_closed_segments(key, effects);
}

void ReplicaManager::expire_producers(const Now& now) {
  for (auto& [key, partition] : partitions_) partition.log().expire_producers(now.wall_ms);
}

// ---- the end ----------------------------------------------------------------------------------------------

void ReplicaManager::flush_all(Effects& effects) {
  is_closing_ = true;
  fail(cleaner_.stop(partitions_, effects.disk()));
  for (auto& [key, partition] : partitions_) {
    fail(partition.log().seal(effects.disk()));
    flush_closed_segments(key, effects);
  }
}

void ReplicaManager::close(Disk& disk) {
  checkpoint_high_watermarks(disk);
  checkpoint_recovery_points(disk);
  checkpoint_log_starts(disk);
  for (auto& [key, partition] : partitions_) fail(partition.log().close(disk));
}

}  // namespace brokerlab

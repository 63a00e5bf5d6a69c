#include "sim/clients/cluster_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/wire/kafka/60_describe_cluster.h"

namespace brokerlab {

namespace {

constexpr kafka::Versions metadata_versions{1, 13};
constexpr kafka::Versions describe_cluster_versions{1, 2};
constexpr int8_t endpoint_type_controller = 2;

}  // namespace

void ClusterMetadata::start(NetworkClient& network) {
  for (size_t i = 0; i < config_.bootstrap.size(); ++i)
    network.set_address(-1 - static_cast<int32_t>(i), config_.bootstrap[i]);
}

void ClusterMetadata::add_topic(const std::string& topic) {
  if (wanted_.insert(topic).second) is_update_wanted_ = true;
}

const ClusterMetadata::Topic* ClusterMetadata::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const ClusterMetadata::Topic* ClusterMetadata::topic(const Uuid& id, std::string* name) const {
  for (const auto& [topic_name, topic] : topics_) {
    if (topic.id != id || id.is_zero()) continue;
    *name = topic_name;
    return &topic;
  }
  return nullptr;
}

int32_t ClusterMetadata::leader(const TopicPartition& partition) const {
  const Topic* found = topic(partition.topic);
  if (found == nullptr) return -1;
  const auto entry = found->partitions.find(partition.partition);
  if (entry == found->partitions.end() || !brokers_.contains(entry->second.leader)) return -1;
  return entry->second.leader;
}

int32_t ClusterMetadata::least_loaded(const NetworkClient& network) {
  std::vector<int32_t> candidates;
  for (const auto& [id, address] : brokers_) candidates.push_back(id);
  // When none of the brokers answers any more, the bootstrap addresses may know others (KIP-899).
  if (candidates.empty() || failures_ > static_cast<int32_t>(candidates.size()))
    for (size_t i = 0; i < config_.bootstrap.size(); ++i) candidates.push_back(-1 - static_cast<int32_t>(i));
  BROKERLAB_ASSERT(!candidates.empty());
  std::rotate(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(rotation_ % candidates.size()),
              candidates.end());
  return *std::min_element(candidates.begin(), candidates.end(),
                           [&](int32_t a, int32_t b) { return network.pending(a) < network.pending(b); });
}

Duration ClusterMetadata::backoff() const {
  return std::min(config_.retry_backoff * (int64_t{1} << std::min(failures_, 16)), config_.retry_backoff_max);
}

Instant ClusterMetadata::next_run() const {
  if (is_under_way_) return never;
  return is_update_wanted_ ? next_allowed_ : expires_;
}

void ClusterMetadata::run(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                          NetworkClient& network) {
  if (next_run() > now.monotonic) return;
  is_update_wanted_ = false;
  is_under_way_ = true;
  if (config_.of_controllers) {
    network.send(now, effects, ids, least_loaded(network),
                 kafka::DescribeClusterRequest{.endpoint_type = endpoint_type_controller},
                 describe_cluster_versions, token);
    return;
  }
  kafka::MetadataRequest request;
  for (const std::string& topic : wanted_) request.topics->push_back({.topic_id = {}, .name = topic});
  request.allow_auto_topic_creation = config_.allow_auto_topic_creation;
  network.send(now, effects, ids, least_loaded(network), std::move(request), metadata_versions, token);
}

void ClusterMetadata::handle(const Now& now, Effects& effects, NetworkClient& network,
                             const Completion& completion) {
  BROKERLAB_ASSERT(completion.token == token && is_under_way_);
  is_under_way_ = false;
  ++rotation_;
  if (completion.answered() && update(effects, network, completion)) {
    next_allowed_ = now.monotonic + backoff();
    failures_ = is_update_wanted_ ? failures_ + 1 : 0;
    expires_ = now.monotonic + config_.max_age;
    return;
  }
  if (completion.destination < 0 && completion.outcome == RequestOutcome::unreachable &&
      !config_.log_context.empty())
    effects.emit(event::Noted{
        fmt::format("WARN {}Bootstrap broker {} (id: {} rack: null isFenced: false) disconnected "
                    "(org.apache.kafka.clients.NetworkClient)",
                    config_.log_context, network.address_of(completion.destination)->to_string(),
                    completion.destination)});
  if (completion.destination < 0 && completion.outcome == RequestOutcome::unknown_host)
    unresolved_.insert(completion.destination);
  // Another destination is tried at once: each has a backoff of its own for its connections.
  is_update_wanted_ = true;
  ++failures_;
  next_allowed_ = now.monotonic;
}

void ClusterMetadata::learn_broker(NetworkClient& network, int32_t id, const Address& address) {
  brokers_[id] = address;
  network.set_address(id, address);
}

bool ClusterMetadata::update(Effects& effects, NetworkClient& network, const Completion& completion) {
  if (config_.of_controllers) return update_controllers(network, completion);
  const Result<kafka::MetadataResponse> response =
      kafka::decode<kafka::MetadataResponse>(completion.body, completion.version);
  if (!response.ok()) return false;
  has_answer_ = true;
  controller_id_ = response->controller_id;
  // An answer without brokers comes from one that is starting: keep what is known.
  if (response->brokers.empty()) is_update_wanted_ = true;
  if (!response->brokers.empty()) brokers_.clear();
  for (const kafka::MetadataResponse::MetadataResponseBroker& broker : response->brokers)
    learn_broker(network, broker.node_id, {broker.host, static_cast<uint16_t>(broker.port)});
  for (const kafka::MetadataResponse::MetadataResponseTopic& topic : response->topics)
    if (!update_topic(topic)) is_update_wanted_ = true;
  note_errors(effects, *response, completion.correlation_id);
  return true;
}

bool ClusterMetadata::update_controllers(NetworkClient& network, const Completion& completion) {
  const Result<kafka::DescribeClusterResponse> response =
      kafka::decode<kafka::DescribeClusterResponse>(completion.body, completion.version);
  if (!response.ok() || response->error_code != 0) return false;
  has_answer_ = true;
  controller_id_ = response->controller_id;
  brokers_.clear();
  for (const kafka::DescribeClusterResponse::DescribeClusterBroker& node : response->brokers)
    learn_broker(network, node.broker_id, {node.host, static_cast<uint16_t>(node.port)});
  return true;
}

bool ClusterMetadata::update_topic(const kafka::MetadataResponse::MetadataResponseTopic& topic) {
  const auto error = kafka::error_from(topic.error_code);
  Topic& known = topics_[topic.name.value_or("")];
  known.error = error;
  if (error != kafka::ErrorCode::none) {
    if (error == kafka::ErrorCode::unknown_topic_or_partition) known.partitions.clear();
    return !kafka::is_retriable(error);
  }
  if (known.id != topic.topic_id) known.partitions.clear();
  known.id = topic.topic_id;
  bool is_complete = true;
  for (const kafka::MetadataResponse::MetadataResponsePartition& partition : topic.partitions) {
    Partition& entry = known.partitions[partition.partition_index];
    if (partition.leader_epoch < entry.leader_epoch) {
      is_complete = false;
      continue;
    }
    entry.leader = partition.leader_id;
    entry.leader_epoch = partition.leader_epoch;
    if (entry.leader < 0) is_complete = false;
  }
  return is_complete;
}

void ClusterMetadata::note_errors(Effects& effects, const kafka::MetadataResponse& response,
                                  int32_t correlation_id) const {
  if (config_.log_context.empty()) return;
  std::vector<std::string> errors;
  std::vector<std::string> invalid;
  for (const kafka::MetadataResponse::MetadataResponseTopic& topic : response.topics) {
    const auto error = kafka::error_from(topic.error_code);
    if (error == kafka::ErrorCode::none) continue;
    errors.push_back(fmt::format("{}={}", topic.name.value_or(""), kafka::error_name(error)));
    if (error == kafka::ErrorCode::invalid_topic_exception) invalid.push_back(topic.name.value_or(""));
  }
  if (!errors.empty())
    effects.emit(event::Noted{fmt::format(
        "WARN {}The metadata response from the cluster reported a recoverable issue with correlation id {} : "
        "{{{}}} (org.apache.kafka.clients.NetworkClient)",
        config_.log_context, correlation_id, fmt::join(errors, ", "))});
  if (!invalid.empty())
    effects.emit(event::Noted{fmt::format(
        "ERROR {}Metadata response reported invalid topics [{}] (org.apache.kafka.clients.Metadata)",
        config_.log_context, fmt::join(invalid, ", "))});
}

void ClusterMetadata::learn_leader(const TopicPartition& partition, int32_t leader, int32_t leader_epoch) {
  const auto topic = topics_.find(partition.topic);
  if (topic == topics_.end()) return;
  const auto entry = topic->second.partitions.find(partition.partition);
  if (entry == topic->second.partitions.end() || leader_epoch <= entry->second.leader_epoch) return;
  entry->second = {leader, leader_epoch};
}

}  // namespace brokerlab

// Metadata (3): brokers, topics and leaders as the committed image has them, versions 0 to 13.
//
// A client learns the addresses of the listener it came in by. The controller that it is told is a random
// live broker, because controllers are not for clients (KIP-590). A topic that does not exist is created when
// the client allows it (v4) and auto.create.topics.enable; the first answer is UNKNOWN_TOPIC_OR_PARTITION all
// the same, and it asks again. KIP-516 (topic ids: v10, asking by them: v12), KIP-430 (authorized operations:
// v8).
#include "sim/wire/kafka/03_metadata.h"

#include <algorithm>
#include <set>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::MetadataRequest;
using kafka::MetadataResponse;

namespace {

constexpr int16_t first_version_with_all_as_null = 1;
constexpr int16_t first_version_by_id = 12;

MetadataResponse::MetadataResponsePartition describe_partition(const MetadataImage& image, int32_t index,
                                                               const PartitionRegistration& partition,
                                                               std::string_view listener, int16_t version) {
  MetadataResponse::MetadataResponsePartition answer;
  answer.partition_index = index;
  answer.leader_epoch = partition.leader_epoch;
  answer.replica_nodes = partition.replicas;
  answer.isr_nodes = partition.isr;
  answer.offline_replicas = offline_replicas(image, partition, listener);
  answer.leader_id = partition.leader;
  const bool has_leader = is_alive(image, partition.leader);
  if (!has_leader || endpoint_of(image, partition.leader, listener) == nullptr) {
    answer.leader_id = no_leader;
    answer.error_code =
        to_int16(has_leader ? ErrorCode::listener_not_found : ErrorCode::leader_not_available);
  }
  if (version == 0 && !answer.offline_replicas.empty()) {
    // Version 0 cannot say which replicas are offline: it leaves them out and says that some are missing.
    const auto is_offline = [&](int32_t replica) {
      const auto& offline = answer.offline_replicas;
      return std::find(offline.begin(), offline.end(), replica) != offline.end();
    };
    std::erase_if(answer.replica_nodes, is_offline);
    std::erase_if(answer.isr_nodes, is_offline);
    if (answer.error_code == 0) answer.error_code = to_int16(ErrorCode::replica_not_available);
  }
  return answer;
}

MetadataResponse::MetadataResponseTopic describe_topic(const MetadataImage& image, const TopicImage& topic,
                                                       std::string_view listener, int16_t version) {
  MetadataResponse::MetadataResponseTopic answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  answer.is_internal = is_internal_topic(topic.name);
  for (const auto& [index, partition] : topic.partitions)
    answer.partitions.push_back(describe_partition(image, index, partition, listener, version));
  return answer;
}

/// The answer for a topic that does not exist; it may be created.
ErrorCode missing_topic(const HandlerContext& context, const RequestContext& request, const std::string& name,
                        bool may_create) {
  if (!is_valid_topic_name(name)) return ErrorCode::invalid_topic_exception;
  const Settings& settings = context.config.settings;
  if (may_create && settings.flag("auto.create.topics.enable"))
    context.broker->forwarding().create_topic(
        name, static_cast<int32_t>(settings.number("num.partitions")),
        static_cast<int16_t>(settings.number("default.replication.factor")), request,
        context.step.now.monotonic);
  return ErrorCode::unknown_topic_or_partition;
}

}  // namespace

void handle_metadata(const HandlerContext& context, const Request& request) {
  const std::optional<MetadataRequest> asked = read_request<MetadataRequest>(context.step, request);
  if (!asked) return;
  const RequestContext& client = request.context;
  const int16_t version = client.header.api_version;
  const MetadataImage& image = context.image;

  MetadataResponse response;
  response.cluster_id = context.config.cluster_id;
  const std::vector<int32_t> alive = alive_brokers(image);
  for (const int32_t id : alive) {
    const Endpoint* endpoint = endpoint_of(image, id, client.listener);
    if (endpoint == nullptr) continue;
    auto& broker = response.brokers.emplace_back();
    broker.node_id = id;
    broker.host = endpoint->host;
    broker.port = endpoint->port;
  }
  if (!alive.empty()) response.controller_id = alive[context.broker->random().below(alive.size())];
  if (asked->include_cluster_authorized_operations)
    response.cluster_authorized_operations = all_cluster_operations;

  const auto add = [&](MetadataResponse::MetadataResponseTopic topic) {
    if (asked->include_topic_authorized_operations && topic.error_code == 0)
      topic.topic_authorized_operations = all_topic_operations;
    response.topics.push_back(std::move(topic));
  };
  const bool wants_all =
      version < first_version_with_all_as_null ? asked->topics && asked->topics->empty() : !asked->topics;
  if (wants_all) {
    for (const auto& [name, id] : image.topic_ids())
      add(describe_topic(image, *image.topic(id), client.listener, version));
  } else {
    std::set<std::pair<Uuid, std::string>> seen;
    for (const auto& wanted : *asked->topics) {
      const std::string name = wanted.name.value_or("");
      if (!seen.emplace(wanted.topic_id, name).second) continue;
      const bool by_id = !wanted.topic_id.is_zero();
      const TopicImage* topic = by_id ? image.topic(wanted.topic_id) : image.topic(name);
      MetadataResponse::MetadataResponseTopic missing;
      missing.topic_id = wanted.topic_id;
      missing.name = wanted.name;
      if ((by_id || !wanted.name) && version < first_version_by_id) {
        missing.name = name;
        missing.error_code = to_int16(ErrorCode::invalid_request);
        add(std::move(missing));
      } else if (topic != nullptr) {
        add(describe_topic(image, *topic, client.listener, version));
      } else {
        missing.error_code =
            to_int16(by_id ? ErrorCode::unknown_topic_id
                           : missing_topic(context, client, name, asked->allow_auto_topic_creation));
        add(std::move(missing));
      }
    }
  }
  answer(context.step, client, response);
}

}  // namespace brokerlab

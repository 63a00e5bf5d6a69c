// What a Kafka node answers: one function for each API key, each in a file of its own, and the one list of
// them.
//
// A handler is thin: it decodes, asks an engine (replica manager, metadata image, controller, quorum) and
// encodes. An answer that has to wait is given by the engine's owner through one of the `answer_` functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/brokers/kafka_node.h"
#include "sim/brokers/producer_ids.h"
#include "sim/brokers/replica_manager.h"
#include "sim/controller/kraft/quorum_controller.h"
#include "sim/controller/metadata/image.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/message_info.h"
#include "sim/network/node_step.h"
#include "sim/network/request_channel.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

class Broker;
class ClientQuotas;

struct HandlerContext {
  NodeStep& step;
  const KafkaNodeConfig& config;
  const MetadataImage& image;  ///< what is committed
  RaftClient& raft;
  QuorumController* controller;  ///< null: the node has no such role
  Broker* broker;                ///< null: likewise
};
using Handler = void (*)(const HandlerContext& context, const Request& request);

/// What serves a key on the listeners of brokers and on CONTROLLER; null: nothing there.
struct ApiHandlers {
  int16_t api_key = -1;
  Handler on_broker = nullptr;
  Handler on_controller = nullptr;
};
/// Sorted by key. The keys and listeners are those of kafka::Api::offered.
std::span<const ApiHandlers> api_handlers();
const ApiHandlers* find_handlers(int16_t api_key);

void handle_produce(const HandlerContext& context, const Request& request);
void handle_fetch(const HandlerContext& context, const Request& request);
void handle_list_offsets(const HandlerContext& context, const Request& request);
void handle_metadata(const HandlerContext& context, const Request& request);
void handle_find_coordinator(const HandlerContext& context, const Request& request);
void handle_api_versions(const HandlerContext& context, const Request& request);
void handle_delete_records(const HandlerContext& context, const Request& request);
void handle_init_producer_id(const HandlerContext& context, const Request& request);
void handle_offset_for_leader_epoch(const HandlerContext& context, const Request& request);
void handle_describe_configs(const HandlerContext& context, const Request& request);
void handle_describe_log_dirs(const HandlerContext& context, const Request& request);
void handle_list_partition_reassignments(const HandlerContext& context, const Request& request);
void handle_describe_client_quotas(const HandlerContext& context, const Request& request);
void handle_describe_cluster(const HandlerContext& context, const Request& request);
void handle_describe_topic_partitions(const HandlerContext& context, const Request& request);

void answer_produce(NodeStep& step, ClientQuotas& quotas, const MetadataImage& image,
                    ProduceOperation operation);
void answer_fetch(NodeStep& step, FetchSessions& sessions, ClientQuotas& quotas, const MetadataImage& image,
                  FetchOperation operation);
void answer_delete_records(NodeStep& step, const DeleteRecordsOperation& operation);
void answer_init_producer_id(NodeStep& step, const ProducerIds::Granted& granted);

// ---- what handlers share ----------------------------------------------------------------------------------

/// Tells the journal what a frame from outside was.
template <class M>
void describe_request(Effects& effects, const RequestContext& request, const M& message) {
  if (!request.from_outside) return;
  effects.emit(event::MessageDescribed{request.id.connection, request.header.client_id.value_or(""),
                                       message_info(message, request.header.api_version,
                                                    request.header.correlation_id)},
               request.cause);
}

/// The decoded body. A body that ends too early closes the connection, as Kafka does.
template <class M>
std::optional<M> read_request(NodeStep& step, const Request& request) {
  Result<M> message = kafka::decode<M>(request.body, request.context.header.api_version);
  if (!message) {
    step.channel.close(request.context, step.effects);
    return std::nullopt;
  }
  describe_request(step.effects, request.context, *message);
  return std::move(*message);
}

/// Answers, and journals an error as a refusal. `kind`: of the request, where that says more than the key.
template <class M>
void answer(NodeStep& step, const RequestContext& request, const M& response,
            std::optional<MessageKind> kind = std::nullopt) {
  MessageInfo info = message_info(response, request.header.api_version, request.header.correlation_id);
  if (kind) info.kind = *kind;
  if (info.error_code != 0)
    step.effects.emit(event::RequestRefused{info.api_key, info.error_code, info.topic, info.partition},
                      request.cause);
  step.channel.respond(request, response, std::move(info), step.effects, step.effects.cause());
}

/// Where a broker is reached on a listener; null when it is not registered there.
const Endpoint* endpoint_of(const MetadataImage& image, int32_t broker, std::string_view listener);
/// A broker that is not fenced.
bool is_alive(const MetadataImage& image, int32_t broker);
std::vector<int32_t> alive_brokers(const MetadataImage& image);
/// Kafka's topics for itself.
bool is_internal_topic(std::string_view name);
/// 1 to 249 of ASCII letters, digits, '.', '_', '-', and neither "." nor "..".
bool is_valid_topic_name(std::string_view name);
/// The replicas whose broker is not alive or not on that listener.
std::vector<int32_t> offline_replicas(const MetadataImage& image, const PartitionRegistration& partition,
                                      std::string_view listener);

/// What User:ANONYMOUS may do without an authorizer: everything (KIP-430, a bit for each AclOperation).
inline constexpr int32_t all_cluster_operations = 8096;
inline constexpr int32_t all_topic_operations = 3576;

}  // namespace brokerlab

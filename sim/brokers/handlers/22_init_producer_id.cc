// InitProducerId (22): an id for an idempotent producer, versions 0 to 5 (KIP-98, KIP-360).
//
// There is no transaction coordinator yet: a transactional id is refused with COORDINATOR_NOT_AVAILABLE, an
// empty one with INVALID_REQUEST, a timeout over transaction.max.timeout.ms (15 min) with
// INVALID_TRANSACTION_TIMEOUT.
#include "sim/wire/kafka/22_init_producer_id.h"

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

namespace {

constexpr int32_t max_transaction_timeout_ms = 15 * 60 * 1000;

void refuse(NodeStep& step, const RequestContext& request, ErrorCode error) {
  InitProducerIdResponse response;
  response.error_code = to_int16(error);
  response.producer_epoch = -1;
  answer(step, request, response);
}

}  // namespace

void handle_init_producer_id(const HandlerContext& context, const Request& request) {
  const std::optional<InitProducerIdRequest> asked =
      read_request<InitProducerIdRequest>(context.step, request);
  if (!asked) return;
  if (!asked->transactional_id) {
    // A producer that lost its place (KIP-360) gets a new id too: epochs are the coordinator's to bump.
    context.broker->producer_ids().request(request.context);
  } else if (asked->transactional_id->empty()) {
    refuse(context.step, request.context, ErrorCode::invalid_request);
  } else if (asked->transaction_timeout_ms > max_transaction_timeout_ms) {
    refuse(context.step, request.context, ErrorCode::invalid_transaction_timeout);
  } else {
    refuse(context.step, request.context, ErrorCode::coordinator_not_available);
  }
}

void answer_init_producer_id(NodeStep& step, const ProducerIds::Granted& granted) {
  InitProducerIdResponse response;
  response.producer_id = granted.producer_id;
  response.producer_epoch = 0;
  answer(step, granted.client, response);
}

}  // namespace brokerlab

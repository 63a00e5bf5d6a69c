// FindCoordinator (10): there is no coordinator of groups yet, which Kafka says as COORDINATOR_NOT_AVAILABLE.
//
// Deviation: version 0 alone. It is offered because librdkafka (up to 2.16 at least) takes a broker without it for one
// that cannot have LZ4, and then sends its batches uncompressed without a word. Transactions, which need version 1, are
// still refused by the clients themselves.
#include "sim/wire/kafka/10_find_coordinator.h"

#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

void handle_find_coordinator(const HandlerContext& context, const Request& request) {
  if (!read_request<kafka::FindCoordinatorRequest>(context.step, request)) return;
  kafka::FindCoordinatorResponse response;
  response.error_code = to_int16(kafka::ErrorCode::coordinator_not_available);
  response.node_id = -1;
  response.port = -1;
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

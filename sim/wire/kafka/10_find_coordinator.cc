#include "sim/wire/kafka/10_find_coordinator.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& FindCoordinatorRequest::schema() { return schema_of<FindCoordinatorRequest>(); }
const MessageSchema& FindCoordinatorResponse::schema() { return schema_of<FindCoordinatorResponse>(); }

}  // namespace brokerlab::kafka

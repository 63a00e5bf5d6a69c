#include "sim/wire/kafka/12_heartbeat.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& HeartbeatRequest::schema() { return schema_of<HeartbeatRequest>(); }
const MessageSchema& HeartbeatResponse::schema() { return schema_of<HeartbeatResponse>(); }

}  // namespace brokerlab::kafka

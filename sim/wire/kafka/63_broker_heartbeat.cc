#include "sim/wire/kafka/63_broker_heartbeat.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& BrokerHeartbeatRequest::schema() { return schema_of<BrokerHeartbeatRequest>(); }
const MessageSchema& BrokerHeartbeatResponse::schema() { return schema_of<BrokerHeartbeatResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/68_consumer_group_heartbeat.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ConsumerGroupHeartbeatRequest::schema() {
  return schema_of<ConsumerGroupHeartbeatRequest>();
}
const MessageSchema& ConsumerGroupHeartbeatResponse::schema() {
  return schema_of<ConsumerGroupHeartbeatResponse>();
}

}  // namespace brokerlab::kafka

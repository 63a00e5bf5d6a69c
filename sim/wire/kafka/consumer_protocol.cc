#include "sim/wire/kafka/consumer_protocol.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ConsumerProtocolSubscription::schema() {
  return schema_of<ConsumerProtocolSubscription>();
}
const MessageSchema& ConsumerProtocolAssignment::schema() { return schema_of<ConsumerProtocolAssignment>(); }

}  // namespace brokerlab::kafka

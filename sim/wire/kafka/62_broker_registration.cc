#include "sim/wire/kafka/62_broker_registration.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& BrokerRegistrationRequest::schema() { return schema_of<BrokerRegistrationRequest>(); }
const MessageSchema& BrokerRegistrationResponse::schema() { return schema_of<BrokerRegistrationResponse>(); }

}  // namespace brokerlab::kafka

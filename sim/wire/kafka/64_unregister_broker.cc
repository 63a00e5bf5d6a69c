#include "sim/wire/kafka/64_unregister_broker.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& UnregisterBrokerRequest::schema() { return schema_of<UnregisterBrokerRequest>(); }
const MessageSchema& UnregisterBrokerResponse::schema() { return schema_of<UnregisterBrokerResponse>(); }

}  // namespace brokerlab::kafka

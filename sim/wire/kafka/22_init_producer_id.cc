#include "sim/wire/kafka/22_init_producer_id.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& InitProducerIdRequest::schema() { return schema_of<InitProducerIdRequest>(); }
const MessageSchema& InitProducerIdResponse::schema() { return schema_of<InitProducerIdResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/00_produce.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ProduceRequest::schema() { return schema_of<ProduceRequest>(); }
const MessageSchema& ProduceResponse::schema() { return schema_of<ProduceResponse>(); }

}  // namespace brokerlab::kafka

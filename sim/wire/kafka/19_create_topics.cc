#include "sim/wire/kafka/19_create_topics.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& CreateTopicsRequest::schema() { return schema_of<CreateTopicsRequest>(); }
const MessageSchema& CreateTopicsResponse::schema() { return schema_of<CreateTopicsResponse>(); }

}  // namespace brokerlab::kafka

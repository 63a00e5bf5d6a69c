#include "sim/wire/kafka/20_delete_topics.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DeleteTopicsRequest::schema() { return schema_of<DeleteTopicsRequest>(); }
const MessageSchema& DeleteTopicsResponse::schema() { return schema_of<DeleteTopicsResponse>(); }

}  // namespace brokerlab::kafka

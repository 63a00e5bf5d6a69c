#include "sim/wire/kafka/37_create_partitions.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& CreatePartitionsRequest::schema() { return schema_of<CreatePartitionsRequest>(); }
const MessageSchema& CreatePartitionsResponse::schema() { return schema_of<CreatePartitionsResponse>(); }

}  // namespace brokerlab::kafka

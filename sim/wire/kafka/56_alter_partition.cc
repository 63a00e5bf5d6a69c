#include "sim/wire/kafka/56_alter_partition.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterPartitionRequest::schema() { return schema_of<AlterPartitionRequest>(); }
const MessageSchema& AlterPartitionResponse::schema() { return schema_of<AlterPartitionResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/45_alter_partition_reassignments.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterPartitionReassignmentsRequest::schema() {
  return schema_of<AlterPartitionReassignmentsRequest>();
}
const MessageSchema& AlterPartitionReassignmentsResponse::schema() {
  return schema_of<AlterPartitionReassignmentsResponse>();
}

}  // namespace brokerlab::kafka

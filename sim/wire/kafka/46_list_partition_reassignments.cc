#include "sim/wire/kafka/46_list_partition_reassignments.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ListPartitionReassignmentsRequest::schema() {
  return schema_of<ListPartitionReassignmentsRequest>();
}
const MessageSchema& ListPartitionReassignmentsResponse::schema() {
  return schema_of<ListPartitionReassignmentsResponse>();
}

}  // namespace brokerlab::kafka

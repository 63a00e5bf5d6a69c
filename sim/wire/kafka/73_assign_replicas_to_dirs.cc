#include "sim/wire/kafka/73_assign_replicas_to_dirs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AssignReplicasToDirsRequest::schema() {
  return schema_of<AssignReplicasToDirsRequest>();
}
const MessageSchema& AssignReplicasToDirsResponse::schema() {
  return schema_of<AssignReplicasToDirsResponse>();
}

}  // namespace brokerlab::kafka

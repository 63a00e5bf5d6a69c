#include "sim/wire/kafka/34_alter_replica_log_dirs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterReplicaLogDirsRequest::schema() { return schema_of<AlterReplicaLogDirsRequest>(); }
const MessageSchema& AlterReplicaLogDirsResponse::schema() {
  return schema_of<AlterReplicaLogDirsResponse>();
}

}  // namespace brokerlab::kafka

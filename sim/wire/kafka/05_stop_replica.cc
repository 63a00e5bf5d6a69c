#include "sim/wire/kafka/05_stop_replica.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& StopReplicaRequest::schema() { return schema_of<StopReplicaRequest>(); }
const MessageSchema& StopReplicaResponse::schema() { return schema_of<StopReplicaResponse>(); }

}  // namespace brokerlab::kafka

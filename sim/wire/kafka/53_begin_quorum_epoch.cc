#include "sim/wire/kafka/53_begin_quorum_epoch.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& BeginQuorumEpochRequest::schema() { return schema_of<BeginQuorumEpochRequest>(); }
const MessageSchema& BeginQuorumEpochResponse::schema() { return schema_of<BeginQuorumEpochResponse>(); }

}  // namespace brokerlab::kafka

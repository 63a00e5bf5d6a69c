#include "sim/wire/kafka/54_end_quorum_epoch.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& EndQuorumEpochRequest::schema() { return schema_of<EndQuorumEpochRequest>(); }
const MessageSchema& EndQuorumEpochResponse::schema() { return schema_of<EndQuorumEpochResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/82_update_raft_voter.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& UpdateRaftVoterRequest::schema() { return schema_of<UpdateRaftVoterRequest>(); }
const MessageSchema& UpdateRaftVoterResponse::schema() { return schema_of<UpdateRaftVoterResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/80_add_raft_voter.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AddRaftVoterRequest::schema() { return schema_of<AddRaftVoterRequest>(); }
const MessageSchema& AddRaftVoterResponse::schema() { return schema_of<AddRaftVoterResponse>(); }

}  // namespace brokerlab::kafka

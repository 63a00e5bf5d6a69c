#include "sim/wire/kafka/81_remove_raft_voter.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& RemoveRaftVoterRequest::schema() { return schema_of<RemoveRaftVoterRequest>(); }
const MessageSchema& RemoveRaftVoterResponse::schema() { return schema_of<RemoveRaftVoterResponse>(); }

}  // namespace brokerlab::kafka

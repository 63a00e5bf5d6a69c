#include "sim/wire/kafka/52_vote.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& VoteRequest::schema() { return schema_of<VoteRequest>(); }
const MessageSchema& VoteResponse::schema() { return schema_of<VoteResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/04_leader_and_isr.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& LeaderAndIsrRequest::schema() { return schema_of<LeaderAndIsrRequest>(); }
const MessageSchema& LeaderAndIsrResponse::schema() { return schema_of<LeaderAndIsrResponse>(); }

}  // namespace brokerlab::kafka

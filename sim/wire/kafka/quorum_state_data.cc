#include "sim/wire/kafka/quorum_state_data.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& QuorumStateData::schema() { return schema_of<QuorumStateData>(); }

}  // namespace brokerlab::kafka

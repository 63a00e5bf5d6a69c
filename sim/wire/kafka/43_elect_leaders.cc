#include "sim/wire/kafka/43_elect_leaders.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ElectLeadersRequest::schema() { return schema_of<ElectLeadersRequest>(); }
const MessageSchema& ElectLeadersResponse::schema() { return schema_of<ElectLeadersResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/11_join_group.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& JoinGroupRequest::schema() { return schema_of<JoinGroupRequest>(); }
const MessageSchema& JoinGroupResponse::schema() { return schema_of<JoinGroupResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/13_leave_group.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& LeaveGroupRequest::schema() { return schema_of<LeaveGroupRequest>(); }
const MessageSchema& LeaveGroupResponse::schema() { return schema_of<LeaveGroupResponse>(); }

}  // namespace brokerlab::kafka

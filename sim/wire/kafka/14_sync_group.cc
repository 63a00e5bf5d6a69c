#include "sim/wire/kafka/14_sync_group.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& SyncGroupRequest::schema() { return schema_of<SyncGroupRequest>(); }
const MessageSchema& SyncGroupResponse::schema() { return schema_of<SyncGroupResponse>(); }

}  // namespace brokerlab::kafka

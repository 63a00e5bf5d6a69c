#include "sim/wire/kafka/42_delete_groups.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DeleteGroupsRequest::schema() { return schema_of<DeleteGroupsRequest>(); }
const MessageSchema& DeleteGroupsResponse::schema() { return schema_of<DeleteGroupsResponse>(); }

}  // namespace brokerlab::kafka

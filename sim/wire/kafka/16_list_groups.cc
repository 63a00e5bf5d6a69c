#include "sim/wire/kafka/16_list_groups.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ListGroupsRequest::schema() { return schema_of<ListGroupsRequest>(); }
const MessageSchema& ListGroupsResponse::schema() { return schema_of<ListGroupsResponse>(); }

}  // namespace brokerlab::kafka

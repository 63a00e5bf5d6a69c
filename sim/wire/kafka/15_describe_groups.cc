#include "sim/wire/kafka/15_describe_groups.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeGroupsRequest::schema() { return schema_of<DescribeGroupsRequest>(); }
const MessageSchema& DescribeGroupsResponse::schema() { return schema_of<DescribeGroupsResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/29_describe_acls.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeAclsRequest::schema() { return schema_of<DescribeAclsRequest>(); }
const MessageSchema& DescribeAclsResponse::schema() { return schema_of<DescribeAclsResponse>(); }

}  // namespace brokerlab::kafka

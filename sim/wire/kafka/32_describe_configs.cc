#include "sim/wire/kafka/32_describe_configs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeConfigsRequest::schema() { return schema_of<DescribeConfigsRequest>(); }
const MessageSchema& DescribeConfigsResponse::schema() { return schema_of<DescribeConfigsResponse>(); }

}  // namespace brokerlab::kafka

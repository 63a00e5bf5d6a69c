#include "sim/wire/kafka/60_describe_cluster.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeClusterRequest::schema() { return schema_of<DescribeClusterRequest>(); }
const MessageSchema& DescribeClusterResponse::schema() { return schema_of<DescribeClusterResponse>(); }

}  // namespace brokerlab::kafka

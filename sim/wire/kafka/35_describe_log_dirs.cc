#include "sim/wire/kafka/35_describe_log_dirs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeLogDirsRequest::schema() { return schema_of<DescribeLogDirsRequest>(); }
const MessageSchema& DescribeLogDirsResponse::schema() { return schema_of<DescribeLogDirsResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/55_describe_quorum.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeQuorumRequest::schema() { return schema_of<DescribeQuorumRequest>(); }
const MessageSchema& DescribeQuorumResponse::schema() { return schema_of<DescribeQuorumResponse>(); }

}  // namespace brokerlab::kafka

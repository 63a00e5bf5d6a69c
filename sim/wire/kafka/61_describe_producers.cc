#include "sim/wire/kafka/61_describe_producers.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeProducersRequest::schema() { return schema_of<DescribeProducersRequest>(); }
const MessageSchema& DescribeProducersResponse::schema() { return schema_of<DescribeProducersResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/69_consumer_group_describe.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ConsumerGroupDescribeRequest::schema() {
  return schema_of<ConsumerGroupDescribeRequest>();
}
const MessageSchema& ConsumerGroupDescribeResponse::schema() {
  return schema_of<ConsumerGroupDescribeResponse>();
}

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/75_describe_topic_partitions.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeTopicPartitionsRequest::schema() {
  return schema_of<DescribeTopicPartitionsRequest>();
}
const MessageSchema& DescribeTopicPartitionsResponse::schema() {
  return schema_of<DescribeTopicPartitionsResponse>();
}

}  // namespace brokerlab::kafka

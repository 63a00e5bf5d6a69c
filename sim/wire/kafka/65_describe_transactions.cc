#include "sim/wire/kafka/65_describe_transactions.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeTransactionsRequest::schema() {
  return schema_of<DescribeTransactionsRequest>();
}
const MessageSchema& DescribeTransactionsResponse::schema() {
  return schema_of<DescribeTransactionsResponse>();
}

}  // namespace brokerlab::kafka

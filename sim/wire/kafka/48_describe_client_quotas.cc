#include "sim/wire/kafka/48_describe_client_quotas.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeClientQuotasRequest::schema() {
  return schema_of<DescribeClientQuotasRequest>();
}
const MessageSchema& DescribeClientQuotasResponse::schema() {
  return schema_of<DescribeClientQuotasResponse>();
}

}  // namespace brokerlab::kafka

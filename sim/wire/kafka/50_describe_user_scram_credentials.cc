#include "sim/wire/kafka/50_describe_user_scram_credentials.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DescribeUserScramCredentialsRequest::schema() {
  return schema_of<DescribeUserScramCredentialsRequest>();
}
const MessageSchema& DescribeUserScramCredentialsResponse::schema() {
  return schema_of<DescribeUserScramCredentialsResponse>();
}

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/51_alter_user_scram_credentials.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterUserScramCredentialsRequest::schema() {
  return schema_of<AlterUserScramCredentialsRequest>();
}
const MessageSchema& AlterUserScramCredentialsResponse::schema() {
  return schema_of<AlterUserScramCredentialsResponse>();
}

}  // namespace brokerlab::kafka

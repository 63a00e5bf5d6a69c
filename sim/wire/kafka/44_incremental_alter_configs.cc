#include "sim/wire/kafka/44_incremental_alter_configs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& IncrementalAlterConfigsRequest::schema() {
  return schema_of<IncrementalAlterConfigsRequest>();
}
const MessageSchema& IncrementalAlterConfigsResponse::schema() {
  return schema_of<IncrementalAlterConfigsResponse>();
}

}  // namespace brokerlab::kafka

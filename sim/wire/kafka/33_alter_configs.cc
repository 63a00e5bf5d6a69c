#include "sim/wire/kafka/33_alter_configs.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterConfigsRequest::schema() { return schema_of<AlterConfigsRequest>(); }
const MessageSchema& AlterConfigsResponse::schema() { return schema_of<AlterConfigsResponse>(); }

}  // namespace brokerlab::kafka

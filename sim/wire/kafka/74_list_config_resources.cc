#include "sim/wire/kafka/74_list_config_resources.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ListConfigResourcesRequest::schema() { return schema_of<ListConfigResourcesRequest>(); }
const MessageSchema& ListConfigResourcesResponse::schema() {
  return schema_of<ListConfigResourcesResponse>();
}

}  // namespace brokerlab::kafka

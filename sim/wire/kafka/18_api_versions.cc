#include "sim/wire/kafka/18_api_versions.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ApiVersionsRequest::schema() { return schema_of<ApiVersionsRequest>(); }
const MessageSchema& ApiVersionsResponse::schema() { return schema_of<ApiVersionsResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/03_metadata.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& MetadataRequest::schema() { return schema_of<MetadataRequest>(); }
const MessageSchema& MetadataResponse::schema() { return schema_of<MetadataResponse>(); }

}  // namespace brokerlab::kafka

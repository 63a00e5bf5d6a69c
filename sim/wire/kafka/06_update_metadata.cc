#include "sim/wire/kafka/06_update_metadata.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& UpdateMetadataRequest::schema() { return schema_of<UpdateMetadataRequest>(); }
const MessageSchema& UpdateMetadataResponse::schema() { return schema_of<UpdateMetadataResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/02_list_offsets.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ListOffsetsRequest::schema() { return schema_of<ListOffsetsRequest>(); }
const MessageSchema& ListOffsetsResponse::schema() { return schema_of<ListOffsetsResponse>(); }

}  // namespace brokerlab::kafka

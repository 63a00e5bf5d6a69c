#include "sim/wire/kafka/47_offset_delete.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& OffsetDeleteRequest::schema() { return schema_of<OffsetDeleteRequest>(); }
const MessageSchema& OffsetDeleteResponse::schema() { return schema_of<OffsetDeleteResponse>(); }

}  // namespace brokerlab::kafka

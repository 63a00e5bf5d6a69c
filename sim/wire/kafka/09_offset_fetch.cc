#include "sim/wire/kafka/09_offset_fetch.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& OffsetFetchRequest::schema() { return schema_of<OffsetFetchRequest>(); }
const MessageSchema& OffsetFetchResponse::schema() { return schema_of<OffsetFetchResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/01_fetch.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& FetchRequest::schema() { return schema_of<FetchRequest>(); }
const MessageSchema& FetchResponse::schema() { return schema_of<FetchResponse>(); }

}  // namespace brokerlab::kafka

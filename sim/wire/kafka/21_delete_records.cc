#include "sim/wire/kafka/21_delete_records.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DeleteRecordsRequest::schema() { return schema_of<DeleteRecordsRequest>(); }
const MessageSchema& DeleteRecordsResponse::schema() { return schema_of<DeleteRecordsResponse>(); }

}  // namespace brokerlab::kafka

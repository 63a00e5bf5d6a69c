#include "sim/wire/kafka/27_write_txn_markers.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& WriteTxnMarkersRequest::schema() { return schema_of<WriteTxnMarkersRequest>(); }
const MessageSchema& WriteTxnMarkersResponse::schema() { return schema_of<WriteTxnMarkersResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/25_add_offsets_to_txn.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AddOffsetsToTxnRequest::schema() { return schema_of<AddOffsetsToTxnRequest>(); }
const MessageSchema& AddOffsetsToTxnResponse::schema() { return schema_of<AddOffsetsToTxnResponse>(); }

}  // namespace brokerlab::kafka

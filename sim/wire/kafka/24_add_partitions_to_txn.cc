#include "sim/wire/kafka/24_add_partitions_to_txn.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AddPartitionsToTxnRequest::schema() { return schema_of<AddPartitionsToTxnRequest>(); }
const MessageSchema& AddPartitionsToTxnResponse::schema() { return schema_of<AddPartitionsToTxnResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/26_end_txn.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& EndTxnRequest::schema() { return schema_of<EndTxnRequest>(); }
const MessageSchema& EndTxnResponse::schema() { return schema_of<EndTxnResponse>(); }

}  // namespace brokerlab::kafka

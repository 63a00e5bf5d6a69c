#include "sim/wire/kafka/28_txn_offset_commit.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& TxnOffsetCommitRequest::schema() { return schema_of<TxnOffsetCommitRequest>(); }
const MessageSchema& TxnOffsetCommitResponse::schema() { return schema_of<TxnOffsetCommitResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/transaction_records.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& TransactionLogKey::schema() { return schema_of<TransactionLogKey>(); }
const MessageSchema& TransactionLogValue::schema() { return schema_of<TransactionLogValue>(); }

}  // namespace brokerlab::kafka

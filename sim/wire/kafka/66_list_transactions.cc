#include "sim/wire/kafka/66_list_transactions.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ListTransactionsRequest::schema() { return schema_of<ListTransactionsRequest>(); }
const MessageSchema& ListTransactionsResponse::schema() { return schema_of<ListTransactionsResponse>(); }

}  // namespace brokerlab::kafka

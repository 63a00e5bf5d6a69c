#include "sim/wire/kafka/49_alter_client_quotas.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AlterClientQuotasRequest::schema() { return schema_of<AlterClientQuotasRequest>(); }
const MessageSchema& AlterClientQuotasResponse::schema() { return schema_of<AlterClientQuotasResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/36_sasl_authenticate.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& SaslAuthenticateRequest::schema() { return schema_of<SaslAuthenticateRequest>(); }
const MessageSchema& SaslAuthenticateResponse::schema() { return schema_of<SaslAuthenticateResponse>(); }

}  // namespace brokerlab::kafka

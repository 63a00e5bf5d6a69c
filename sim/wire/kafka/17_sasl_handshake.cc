#include "sim/wire/kafka/17_sasl_handshake.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& SaslHandshakeRequest::schema() { return schema_of<SaslHandshakeRequest>(); }
const MessageSchema& SaslHandshakeResponse::schema() { return schema_of<SaslHandshakeResponse>(); }

}  // namespace brokerlab::kafka

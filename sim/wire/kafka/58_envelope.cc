#include "sim/wire/kafka/58_envelope.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& EnvelopeRequest::schema() { return schema_of<EnvelopeRequest>(); }
const MessageSchema& EnvelopeResponse::schema() { return schema_of<EnvelopeResponse>(); }

}  // namespace brokerlab::kafka

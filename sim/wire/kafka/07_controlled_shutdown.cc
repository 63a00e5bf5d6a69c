#include "sim/wire/kafka/07_controlled_shutdown.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ControlledShutdownRequest::schema() { return schema_of<ControlledShutdownRequest>(); }
const MessageSchema& ControlledShutdownResponse::schema() { return schema_of<ControlledShutdownResponse>(); }

}  // namespace brokerlab::kafka

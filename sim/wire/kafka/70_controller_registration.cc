#include "sim/wire/kafka/70_controller_registration.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& ControllerRegistrationRequest::schema() {
  return schema_of<ControllerRegistrationRequest>();
}
const MessageSchema& ControllerRegistrationResponse::schema() {
  return schema_of<ControllerRegistrationResponse>();
}

}  // namespace brokerlab::kafka

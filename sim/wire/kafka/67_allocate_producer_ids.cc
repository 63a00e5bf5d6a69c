#include "sim/wire/kafka/67_allocate_producer_ids.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& AllocateProducerIdsRequest::schema() { return schema_of<AllocateProducerIdsRequest>(); }
const MessageSchema& AllocateProducerIdsResponse::schema() {
  return schema_of<AllocateProducerIdsResponse>();
}

}  // namespace brokerlab::kafka

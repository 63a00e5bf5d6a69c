#include "sim/wire/kafka/23_offset_for_leader_epoch.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& OffsetForLeaderEpochRequest::schema() {
  return schema_of<OffsetForLeaderEpochRequest>();
}
const MessageSchema& OffsetForLeaderEpochResponse::schema() {
  return schema_of<OffsetForLeaderEpochResponse>();
}

}  // namespace brokerlab::kafka

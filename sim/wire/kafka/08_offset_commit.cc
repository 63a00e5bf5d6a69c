#include "sim/wire/kafka/08_offset_commit.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& OffsetCommitRequest::schema() { return schema_of<OffsetCommitRequest>(); }
const MessageSchema& OffsetCommitResponse::schema() { return schema_of<OffsetCommitResponse>(); }

}  // namespace brokerlab::kafka

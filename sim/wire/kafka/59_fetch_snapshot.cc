#include "sim/wire/kafka/59_fetch_snapshot.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& FetchSnapshotRequest::schema() { return schema_of<FetchSnapshotRequest>(); }
const MessageSchema& FetchSnapshotResponse::schema() { return schema_of<FetchSnapshotResponse>(); }

}  // namespace brokerlab::kafka

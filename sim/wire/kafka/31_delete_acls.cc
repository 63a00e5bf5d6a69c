#include "sim/wire/kafka/31_delete_acls.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& DeleteAclsRequest::schema() { return schema_of<DeleteAclsRequest>(); }
const MessageSchema& DeleteAclsResponse::schema() { return schema_of<DeleteAclsResponse>(); }

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/30_create_acls.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& CreateAclsRequest::schema() { return schema_of<CreateAclsRequest>(); }
const MessageSchema& CreateAclsResponse::schema() { return schema_of<CreateAclsResponse>(); }

}  // namespace brokerlab::kafka

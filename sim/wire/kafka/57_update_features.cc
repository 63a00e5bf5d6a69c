#include "sim/wire/kafka/57_update_features.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& UpdateFeaturesRequest::schema() { return schema_of<UpdateFeaturesRequest>(); }
const MessageSchema& UpdateFeaturesResponse::schema() { return schema_of<UpdateFeaturesResponse>(); }

}  // namespace brokerlab::kafka

// An image as records: what a snapshot holds (KIP-630). Replayed into an empty image they give this one again.
//
// Kafka's parts in Kafka's order: features with metadata.version first, brokers, controllers, topics each with its
// partitions, settings, quotas, producer ids, ACLs, SCRAM credentials, delegation tokens. Inside a part the order is
// that of the ids and names; Kafka's is that of a Java map, and says nothing.
#pragma once

#include <vector>

#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

/// REQUIRES: no metadata transaction is open.
std::vector<kafka::MetadataRecord> records_of(const MetadataImage& image);

}  // namespace brokerlab

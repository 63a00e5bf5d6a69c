// Chooses the replicas of new partitions: Kafka's striped placement.
//
// Brokers stand in a circle that begins at a random one. Each partition starts one broker further and takes
// the next `replication_factor` of them, so that leaders and followers are spread evenly; after a full turn
// the circle is shuffled to avoid the same sets again. Fenced brokers come last in every partition and never
// first, so none of them leads.
//
// Deviation: racks are not considered; no broker of the lab has one.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/random.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

/// One list of broker ids for each partition, the preferred leader first. REQUIRES: an unfenced broker, and
/// 1 <= replication_factor <= registered brokers.
std::vector<std::vector<int32_t>> place_replicas(const MetadataImage& image, int32_t partitions,
                                                 int32_t replication_factor, Random& random);

}  // namespace brokerlab

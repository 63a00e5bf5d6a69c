// Moving partitions to other replicas (KIP-455, KIP-860): AlterPartitionReassignments.
//
// A move goes through two records. The first makes the new replicas part of the partition, so that they fetch; the
// second, written when the ISR holds all that are to stay, takes the old ones away (partition_change.h does that,
// whoever changes the ISR). A move that needs no new replica, or only another order, is complete with its first
// record. Taking a move back drops what it was adding.
#pragma once

#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"

namespace brokerlab {

ControllerResult<kafka::AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    const MetadataImage& image, const Settings& settings,
    const kafka::AlterPartitionReassignmentsRequest& request);

}  // namespace brokerlab

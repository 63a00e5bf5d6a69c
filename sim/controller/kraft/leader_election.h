// Electing leaders: when somebody asks for it (ElectLeaders, KIP-460), and what the active controller does by itself
// from time to time: leaderships go back to preferred replicas (auto.leader.rebalance.enable), and partitions
// without a leader are led uncleanly where that has been enabled meanwhile.
//
// As in KRaft, leader.imbalance.per.broker.percentage does not count: every leadership goes back.
#pragma once

#include "sim/base/bugs.h"
#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/43_elect_leaders.h"

namespace brokerlab {

ControllerResult<kafka::ElectLeadersResponse> elect_leaders(const MetadataImage& image,
                                                            const Settings& settings,
                                                            const kafka::ElectLeadersRequest& request);

/// Most records that one look at all partitions writes; what is left comes at once after it.
inline constexpr size_t max_elections_at_a_time = 1000;
MetadataRecords elect_preferred_leaders(const MetadataImage& image, const Settings& settings);
MetadataRecords elect_unclean_leaders(const MetadataImage& image, const Settings& settings,
                                      const Bugs& bugs = {});

}  // namespace brokerlab

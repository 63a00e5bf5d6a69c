// What a data folder already holds, looked at before a lab starts in it.
//
// A folder says itself to which cluster it belongs (`cluster.id` in each node's meta.properties), as in Kafka,
// where it is written once, by formatting; the lab's seed decides only for a new one. And it says how many
// nodes the cluster has: the static quorum cannot grow or shrink, because new voters without the log could
// elect each other and forget it (Kafka 3 compares `currentVoters` of quorum-state for that).
#pragma once

#include <string>

#include "sim/base/result.h"

namespace brokerlab {

/// The id of the cluster whose nodes left their folders in `data_folder`; empty when there is none yet. A node
/// whose folder was removed gets a new one of the same cluster.
/// `invalid`, saying what to do, when the folders are of two clusters, or of one whose quorum is another than
/// controller1 to controllerN with N = `controllers`, or without these kafka1 to kafkaN with N = `brokers`; otherwise
/// the errors of RealDisk.
Result<std::string> stored_cluster_id(const std::string& data_folder, int brokers, int controllers);

}  // namespace brokerlab

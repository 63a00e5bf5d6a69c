// What a defect needs that faults at random times hardly ever bring about: who is cut off from whom, who is gone
// meanwhile, and who is back first. Only the times are drawn.
//
// The stage: three brokers and a quorum of its own, which nothing happens to; one topic, t1, with one partition on kafka1,
// which leads, and kafka2, and min.insync.replicas=2; one producer, p1. Its records fill a batch each where two logs are to
// go on from the same offset with different records: a follower refuses to begin in the middle of a batch.
#pragma once

#include <string_view>
#include <vector>

#include "sim/base/bugs.h"
#include "sim/base/random.h"
#include "sim/search/plan.h"

namespace brokerlab {

struct Choreography {
  Bug bug;
  std::string_view producer;  ///< options of p1
  std::vector<PlanStep> (*draw)(Instant begin, int group, Random& random);
};

/// Null for a defect that faults at random times show.
const Choreography* choreography_of(Bug bug);

}  // namespace brokerlab

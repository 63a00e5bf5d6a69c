// The stories of faults in the sandbox, and what only the sandbox promises of them.
#include "sim/runtime/sandbox.h"
#include "tests/unit/runtime/echo_node.h"

namespace brokerlab::test {

inline std::unique_ptr<Lab> story_lab() {
  ClusterSpec spec = echo_cluster(Driver::sandbox);
  spec.latency = {milliseconds(1), microseconds(500)};
  return std::make_unique<Sandbox>(std::move(spec));
}

}  // namespace brokerlab::test

#define STORY_DRIVER "sandbox"
#include "tests/unit/runtime/fault_stories.h"

using namespace brokerlab;
using namespace brokerlab::test;

TEST_CASE("sandbox: a clone of a lab with every fault set goes on to the same journal") {
  ClusterSpec spec = echo_cluster(Driver::sandbox);
  spec.latency = {milliseconds(1), microseconds(500)};
  Sandbox original(std::move(spec));
  for (int i = 0; i < 3; ++i) {
    const std::string name = original.free_name("caller");
    REQUIRE(original.add(caller_spec(name, {echo_address(original), numbered_lines(100'000), {}}), {}));
  }
  original.run_for(milliseconds(50));
  for (const char* fault :
       {"slow-cpu echo1 3ms", "slow-disk echo1 2ms", "torn-write echo1", "clock-drift echo1 300ppm",
        "flap echo1 caller-1 70ms", "throttle caller-2 1KB/s", "slow caller-3 2ms jitter 5ms"})
    REQUIRE(original.set_fault(parse_fault(fault).value(), {}));
  original.run_for(milliseconds(333));
  const std::unique_ptr<Sandbox> clone = original.clone();
  for (Sandbox* lab : {&original, clone.get()}) {
    lab->run_for(seconds(1));
    REQUIRE(lab->set_fault(parse_fault("half-open caller-1").value(), {}));
    REQUIRE(lab->set_fault(parse_fault("bit-flip echo1").value(), {}));
    lab->run_for(seconds(1));
    REQUIRE(lab->set_fault(parse_fault("power-loss echo1").value(), {}));
    REQUIRE(lab->start(NodeId{1}, {}));
    REQUIRE(lab->heal("", "", {}, {}));
    lab->run_for(seconds(40));
  }
  CHECK(clone->events() == original.events());
  CHECK(clone->hash() == original.hash());
}

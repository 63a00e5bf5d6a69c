// The stories of faults with real threads, sockets and files.
#include "tests/unit/runtime/echo_node.h"

namespace brokerlab::test {

inline std::unique_ptr<Lab> story_lab() { return make_lab(echo_cluster(Driver::live)).value(); }

}  // namespace brokerlab::test

#define STORY_DRIVER "live"
#include "tests/unit/runtime/fault_stories.h"

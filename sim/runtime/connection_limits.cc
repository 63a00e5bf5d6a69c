#include "sim/runtime/connection_limits.h"

#include "sim/base/assert.h"

namespace brokerlab {

int64_t ConnectionCounts::total(SocketServer server) const {
  const auto found = totals_.find(server);
  return found == totals_.end() ? 0 : found->second;
}

bool ConnectionCounts::add(SocketServer server, const std::string& host) {
  ++totals_[server];
  return ++by_host_[{server, host}] <= limits_.max_connections_per_host;
}

void ConnectionCounts::remove(SocketServer server, const std::string& host) {
  const auto found = by_host_.find({server, host});
  BROKERLAB_ASSERT(found != by_host_.end() && total(server) > 0);
  --totals_[server];
  if (--found->second == 0) by_host_.erase(found);
}

}  // namespace brokerlab

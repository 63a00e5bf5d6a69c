// Where a node can be reached. Hosts are names; the network's name table (or the loopback interface) resolves
// them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace brokerlab {

struct Address {
  std::string host;
  uint16_t port = 0;
  friend auto operator<=>(const Address&, const Address&) = default;
  std::string to_string() const { return host + ":" + std::to_string(port); }
};

}  // namespace brokerlab

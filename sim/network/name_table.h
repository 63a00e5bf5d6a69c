// Which listener of which node an address means. In the lab every node is on one machine, so the port alone
// says it; the host must be the node's name (kafka1 or kafka-1, as the guides write it) or the machine's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/address.h"
#include "sim/base/ids.h"

namespace brokerlab {

class NameTable {
 public:
  struct Entry {
    NodeId node;
    std::string listener;
  };

  /// REQUIRES: no listener of another node has this port.
  void add(std::string_view node_name, NodeId node, std::string_view listener, uint16_t port);
  void remove(NodeId node);
  std::optional<Entry> resolve(const Address& address) const;

  /// Whether the host means this machine: localhost, 127.0.0.1, or the name of a node.
  bool is_local(std::string_view host) const;
  /// "kafka-1" and "kafka1" are one name.
  static std::string canonical(std::string_view node_name);

 private:
  struct Listening {
    std::string canonical_name;
    Entry entry;
  };
  std::map<uint16_t, Listening> by_port_;
};

}  // namespace brokerlab

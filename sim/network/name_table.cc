#include "sim/network/name_table.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {
bool is_machine(std::string_view host) { return host == "localhost" || host == "127.0.0.1"; }
}  // namespace

std::string NameTable::canonical(std::string_view node_name) {
  std::string name(node_name);
  std::erase(name, '-');
  return name;
}

void NameTable::add(std::string_view node_name, NodeId node, std::string_view listener, uint16_t port) {
  const auto [known, fresh] =
      by_port_.try_emplace(port, Listening{canonical(node_name), {node, std::string(listener)}});
  BROKERLAB_ASSERT(fresh || known->second.entry.node == node);
}

void NameTable::remove(NodeId node) {
  std::erase_if(by_port_, [&](const auto& item) { return item.second.entry.node == node; });
}

std::optional<NameTable::Entry> NameTable::resolve(const Address& address) const {
  const auto found = by_port_.find(address.port);
  if (found == by_port_.end()) return std::nullopt;
  if (!is_machine(address.host) && canonical(address.host) != found->second.canonical_name) {
    return std::nullopt;
  }
  return found->second.entry;
}

bool NameTable::is_local(std::string_view host) const {
  if (is_machine(host)) return true;
  const std::string name = canonical(host);
  return std::any_of(by_port_.begin(), by_port_.end(),
                     [&](const auto& item) { return item.second.canonical_name == name; });
}

}  // namespace brokerlab

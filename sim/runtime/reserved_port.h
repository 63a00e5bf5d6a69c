// The ports of a live lab.
#pragma once

#include <cstdint>

#include "sim/base/result.h"

namespace brokerlab {

/// A port of 127.0.0.1 that belongs to a listener for the life of the lab: bound all the time, so that no other
/// program and no outgoing connection can take it while the node is down; listening while it runs.
class ReservedPort {
 public:
  /// Port 0 takes a free one.
  static Result<ReservedPort> reserve(uint16_t port);
  ReservedPort(ReservedPort&& other) noexcept;
  ReservedPort& operator=(ReservedPort&&) = delete;
  ~ReservedPort();
  uint16_t port() const { return port_; }
  /// The listening socket, for the caller to own; reserve again when it is closed.
  Result<int> listen();
  Status reserve_again();

 private:
  ReservedPort(int socket, uint16_t port) : socket_(socket), port_(port) {}
  int socket_;
  uint16_t port_;
};

}  // namespace brokerlab

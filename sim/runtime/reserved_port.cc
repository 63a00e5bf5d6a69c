#include "sim/runtime/reserved_port.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace brokerlab {

namespace {

/// Bound to 127.0.0.1. -1 and errno on failure.
int bound_socket(uint16_t port) {
#ifdef __linux__
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
#else
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
#endif
  if (socket < 0) return -1;
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

Status port_error(uint16_t port) {
  const bool taken = errno == EADDRINUSE;
  return Status::error(
      StatusCode::unavailable,
      taken ? fmt::format("port {} of 127.0.0.1 is taken; choose other ports with --port-base", port)
            : fmt::format("port {} of 127.0.0.1: {}; choose other ports with --port-base", port,
                          std::generic_category().message(errno)),
      taken ? fmt::format(
                  "127.0.0.1의 {}번 포트를 이미 다른 프로그램이 쓰고 있습니다. --port-base로 다른 포트를 "
                  "지정하세요",
                  port)
            : fmt::format("127.0.0.1의 {}번 포트: {}. --port-base로 다른 포트를 지정하세요", port,
                          std::generic_category().message(errno)));
}

}  // namespace

Result<ReservedPort> ReservedPort::reserve(uint16_t port) {
  const int socket = bound_socket(port);
  if (socket < 0) return port_error(port);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ReservedPort(socket, ntohs(address.sin_port));
}

ReservedPort::ReservedPort(ReservedPort&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}

ReservedPort::~ReservedPort() {
  if (socket_ >= 0) ::close(socket_);
}

Result<int> ReservedPort::listen() {
  if (socket_ < 0) {
    if (Status again = reserve_again(); !again) return again;
  }
  if (::listen(socket_, SOMAXCONN) != 0) return port_error(port_);
  return std::exchange(socket_, -1);
}

Status ReservedPort::reserve_again() {
  if (socket_ >= 0) return {};
  socket_ = bound_socket(port_);
  return socket_ < 0 ? port_error(port_) : Status{};
}

}  // namespace brokerlab

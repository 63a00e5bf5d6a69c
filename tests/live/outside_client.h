// A client from outside the lab: a socket without any library in between, which may behave badly. Nothing that it waits
// for takes more than 20 s.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace brokerlab::test {

class OutsideClient {
 public:
  explicit OutsideClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  OutsideClient(OutsideClient&& other) noexcept
      : received_(std::move(other.received_)),
        socket_(std::exchange(other.socket_, -1)),
        is_connected_(other.is_connected_) {}
  OutsideClient& operator=(OutsideClient&&) = delete;
  ~OutsideClient() {
    if (socket_ >= 0) ::close(socket_);
  }
  bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  /// Sends lines until neither the other end nor the system takes more.
  void send_until_full() {
    const std::string line(64 << 10, 'x');
    while (::send(socket_, (line + "\n").data(), line.size() + 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
  }

  /// Whether something can be read within the time.
  bool hears(std::chrono::milliseconds limit) {
    pollfd readable{socket_, POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(limit.count())) == 1;
  }
  /// Up to and with the next line feed; what came before the end of the connection.
  std::string receive_line() {
    size_t end = 0;
    while ((end = received_.find('\n')) == std::string::npos)
      if (!receive_more()) return std::exchange(received_, {});
    return take(end + 1);
  }
  /// A whole answer of a broker, without its length; empty when the connection ended first.
  std::string receive_answer() {
    constexpr size_t prefix = 4;
    while (received_.size() < prefix)
      if (!receive_more()) return {};
    size_t size = 0;
    for (const char byte : received_.substr(0, prefix)) size = size << 8 | static_cast<uint8_t>(byte);
    size += prefix;
    while (received_.size() < size)
      if (!receive_more()) return {};
    return take(size).substr(prefix);
  }
  /// 0 when the connection was closed in order, else the system's error.
  int wait_for_end() {
    while (receive_more()) {
    }
    return last_error_;
  }
  bool is_closed_by_peer() { return hears(std::chrono::seconds(20)) && !receive_more(); }

 private:
  bool receive_more() {
    char bytes[4096];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    last_error_ = count < 0 ? errno : 0;
    if (count > 0) received_.append(bytes, static_cast<size_t>(count));
    return count > 0;
  }
  std::string take(size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  std::string received_;
  int socket_;
  int last_error_ = 0;
  bool is_connected_ = false;
};

}  // namespace brokerlab::test

// A TCP connection to a broker, for tests and benchmarks that want nothing between them and the bytes: blocking, one
// request at a time, no allocation once the memory for the longest answer is there.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"

namespace brokerlab::test {

/// Errors of the system and the protocol end whoever uses it: they are std::runtime_error.
class TcpSocket {
 public:
  explicit TcpSocket(int descriptor) : descriptor_(descriptor) {
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  TcpSocket(const std::string& host, int port) : TcpSocket(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
      throw std::runtime_error(host + " is no address");
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect to " + host + ":" + std::to_string(port));
  }
  TcpSocket(TcpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  TcpSocket& operator=(TcpSocket&&) = delete;
  ~TcpSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) throw std::runtime_error("the connection broke");
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
  }
  void read(std::span<uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
      if (count <= 0) throw std::runtime_error("the connection broke");
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
  }

 private:
  int descriptor_;
};

class BrokerConnection {
 public:
  BrokerConnection(const std::string& host, int port) : socket_(host, port) {}

  void send(const Slices& request) {
    for (const Slice& slice : request) socket_.write(std::get<Bytes>(slice).span());
  }
  /// The next answer without its length prefix, in memory that the one after it overwrites.
  Bytes receive() {
    uint8_t prefix[4];
    socket_.read(prefix);
    const size_t size =
        size_t{prefix[0]} << 24 | size_t{prefix[1]} << 16 | size_t{prefix[2]} << 8 | prefix[3];
    if (answer_.size() < size) answer_.resize(size);
    socket_.read(std::span(answer_).first(size));
    return Bytes(nullptr, answer_.data(), size);
  }
  Bytes ask(const Slices& request) {
    send(request);
    return receive();
  }
  template <class M>
  typename M::Response ask(const M& request, int16_t version) {
    return decode<M>(ask(kafka::request_frame(request, version, 1, "test")), version);
  }
  template <class M>
  static typename M::Response decode(const Bytes& answer, int16_t version) {
    Bytes body;
    const auto correlation = kafka::decode_response_header(answer, M::api_key, version, body);
    if (!correlation) throw std::runtime_error(correlation.status().message);
    auto response = kafka::decode<typename M::Response>(body, version);
    if (!response) throw std::runtime_error(response.status().message);
    return std::move(response).value();
  }

 private:
  TcpSocket socket_;
  std::vector<uint8_t> answer_;
};

}  // namespace brokerlab::test

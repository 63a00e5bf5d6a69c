// How bytes get in and out of a live node: cut into frames without copying, sent from memory and from files.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/runtime/outgoing_queue.h"
#include "sim/runtime/receive_buffer.h"
#include "sim/runtime/reserved_port.h"
#include "sim/storage/real_disk.h"

using namespace brokerlab;

namespace {

using Verdict = FrameCut::Verdict;

std::string kafka_frame(const std::string& body) {
  const auto size = static_cast<uint32_t>(body.size());
  std::string frame;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(size >> shift);
  return frame + body;
}

/// Lets `bytes` come in, as much at a time as there is space for, or `most`.
void receive(ReceiveBuffer& buffer, std::string_view bytes, size_t most, std::vector<Bytes>& frames) {
  while (!bytes.empty()) {
    const std::span<uint8_t> space = buffer.space();
    if (space.empty()) FAIL("no space to read to");
    const size_t count = std::min({space.size(), bytes.size(), most});
    std::memcpy(space.data(), bytes.data(), count);
    buffer.received(count);
    bytes.remove_prefix(count);
    while (true) {
      ReceiveBuffer::Next next = buffer.take(Protocol::kafka, 100 << 20);
      if (next.verdict != Verdict::frame) break;
      frames.push_back(next.body);
    }
  }
}

struct SocketPair {
  SocketPair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~SocketPair() {
    for (const int end : ends) ::close(end);
  }
  std::string read_all() {
    std::string text;
    char bytes[4096];
    ssize_t count = 0;
    while ((count = ::recv(ends[1], bytes, sizeof bytes, 0)) > 0)
      text.append(bytes, static_cast<size_t>(count));
    return text;
  }
  std::array<int, 2> ends{};
};

struct TemporaryDisk {
  TemporaryDisk() : path(std::filesystem::temp_directory_path() / "brokerlab-transfer-XXXXXX") {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    disk = RealDisk::open(path).value();
  }
  ~TemporaryDisk() {
    disk.reset();
    std::filesystem::remove_all(path);
  }
  std::string path;
  std::unique_ptr<RealDisk> disk;
};

}  // namespace

TEST_CASE("receive buffer: frames come out whole, however the bytes come in") {
  std::string bytes;
  std::vector<std::string> bodies;
  for (int i = 0; i < 200; ++i) {
    bodies.push_back(std::string(static_cast<size_t>(i * i * 7 % 9'001), static_cast<char>('a' + i % 26)));
    bytes += kafka_frame(bodies.back());
  }
  for (const size_t most : {size_t{1}, size_t{3}, size_t{1'000}, size_t{65'536}, SIZE_MAX}) {
    ReceiveBuffer buffer;
    std::vector<Bytes> frames;
    receive(buffer, bytes, most, frames);
    REQUIRE(frames.size() == bodies.size());
    for (size_t i = 0; i < bodies.size(); ++i) CHECK(frames[i].text() == bodies[i]);
  }
}

TEST_CASE("receive buffer: frames that came together share the memory that they were read into") {
  ReceiveBuffer buffer;
  std::vector<Bytes> frames;
  receive(buffer, kafka_frame("one") + kafka_frame("two"), SIZE_MAX, frames);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].owner() == frames[1].owner());
  CHECK(frames[1].data() == frames[0].data() + 3 + 4);
}

TEST_CASE("receive buffer: a declared length takes no memory before its bytes come") {
  ReceiveBuffer buffer;
  std::vector<Bytes> frames;
  std::string beginning = kafka_frame("");
  beginning[0] = 0x05;  // 80 MiB are announced
  receive(buffer, beginning + "ten bytes.", SIZE_MAX, frames);
  CHECK(frames.empty());
  CHECK(buffer.space().size() <= 64 << 10);
  receive(buffer, std::string(1 << 20, 'x'), SIZE_MAX, frames);
  CHECK(buffer.space().size() <= 4 << 20);
}

TEST_CASE("receive buffer: large frames that follow each other are read to where they stay") {
  const std::string body(300'000, 'x');
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += kafka_frame(body);
  for (const size_t most : {size_t{10'000}, SIZE_MAX}) {
    ReceiveBuffer buffer;
    std::vector<Bytes> frames;
    receive(buffer, kafka_frame(body), SIZE_MAX, frames);  // the first has to be believed
    size_t moved = 0;
    const uint8_t* end = nullptr;  // of what was read last
    std::string_view left = bytes;
    while (!left.empty()) {
      const std::span<uint8_t> space = buffer.space();
      const size_t count = std::min({space.size(), left.size(), most});
      const bool continues_frame = (bytes.size() - left.size()) % (body.size() + 4) != 0;
      if (continues_frame && space.data() != end) ++moved;
      std::memcpy(space.data(), left.data(), count);
      end = space.data() + count;
      buffer.received(count);
      left.remove_prefix(count);
      for (auto next = buffer.take(Protocol::kafka, 100 << 20); next.verdict == Verdict::frame;
           next = buffer.take(Protocol::kafka, 100 << 20))
        frames.push_back(next.body);
    }
    CHECK(frames.size() == 11);
    CHECK(moved == 0);
  }
}

TEST_CASE("receive buffer: while nothing comes it keeps little, and goes on where it stopped") {
  const auto all = std::make_shared<ReceivedMemory>();
  ReceiveBuffer buffer(all);
  std::vector<Bytes> frames;
  receive(buffer, kafka_frame(std::string(60'000, 'a')), 10'000, frames);
  CHECK(all->bytes() >= 60'000);
  frames.clear();
  buffer.rest();
  CHECK(all->bytes() == 0);
  const std::string frame = kafka_frame("slow");
  receive(buffer, frame.substr(0, 6), SIZE_MAX, frames);
  buffer.rest();
  CHECK(all->bytes() <= 1 << 10);
  receive(buffer, frame.substr(6), SIZE_MAX, frames);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].text() == "slow");
}

TEST_CASE(
    "receive buffer: memory counts until the last look at it, and an unfinished frame as what it announces") {
  const auto all = std::make_shared<ReceivedMemory>();
  std::vector<Bytes> frames;
  {
    ReceiveBuffer buffer(all);
    receive(buffer, kafka_frame(std::string(100'000, 'a')), SIZE_MAX, frames);
    receive(buffer, kafka_frame(std::string(100'000, 'b')), SIZE_MAX, frames);
    REQUIRE(frames.size() == 2);
    CHECK(buffer.lent_bytes() >= 100'000);
    frames.erase(frames.begin());
    CHECK(buffer.lent_bytes() < 100'000);
    std::string beginning = kafka_frame("");
    beginning[1] = 0x10;  // 1 MiB
    receive(buffer, beginning, SIZE_MAX, frames);
    CHECK(buffer.is_inside_frame());
    CHECK(all->bytes() >= 1 << 20);
  }
  CHECK(all->bytes() >= 100'000);
  CHECK(all->bytes() < 1 << 20);
  frames.clear();
  CHECK(all->bytes() == 0);
}

TEST_CASE("outgoing queue: memory and parts of files leave in order") {
  TemporaryDisk temporary;
  const FileId file = temporary.disk->open("log", true).value();
  const Slices content = {Bytes::copy_of(std::string_view("0123456789"))};
  REQUIRE(temporary.disk->append(file, content).ok());
  OutgoingQueue queue;
  Slices frame = {Bytes::copy_of(std::string_view("head ")), Bytes()};
  const Slices part = temporary.disk->slices(file, 2, 5).value();
  frame.insert(frame.end(), part.begin(), part.end());
  frame.push_back(Bytes::copy_of(std::string_view(" tail")));
  queue.add(std::move(frame));
  queue.add({Bytes::copy_of(std::string_view("|next"))});
  CHECK(queue.bytes() == 20);
  CHECK(queue.frames() == 2);
  SocketPair sockets;
  CHECK(queue.send(sockets.ends[0]) == OutgoingQueue::Outcome::all_sent);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
  CHECK(queue.frames() == 0);
  CHECK(sockets.read_all() == "head 23456 tail|next");
}

TEST_CASE("outgoing queue: what the system does not take stays, and goes on where it stopped") {
  std::string expected;
  OutgoingQueue queue;
  for (int i = 0; i < 400; ++i) {
    const std::string body(3'000, static_cast<char>('a' + i % 26));
    expected += body;
    queue.add({Bytes::copy_of(std::string_view(body)), Bytes::copy_of(std::string_view("."))});
    expected += '.';
  }
  SocketPair sockets;
  std::string received;
  int blocked = 0;
  while (queue.send(sockets.ends[0]) == OutgoingQueue::Outcome::would_block) {
    ++blocked;
    CHECK(queue.frames() > 0);
    received += sockets.read_all();
  }
  received += sockets.read_all();
  CHECK(blocked > 0);
  CHECK(received == expected);
}

TEST_CASE("outgoing queue: a peer that is gone is a failure, not a signal") {
  OutgoingQueue queue;
  queue.add({Bytes::copy_of(std::string_view("hello"))});
  SocketPair sockets;
  ::shutdown(sockets.ends[0], SHUT_WR);
  CHECK(queue.send(sockets.ends[0]) == OutgoingQueue::Outcome::failed);
}

TEST_CASE("reserved port: it is nobody else's, whether its node listens or not") {
  Result<ReservedPort> port = ReservedPort::reserve(0);
  REQUIRE(port.ok());
  CHECK(port->port() != 0);
  const Result<int> listening = port->listen();
  REQUIRE(listening.ok());
  const Result<ReservedPort> second = ReservedPort::reserve(port->port());
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().message.find(std::to_string(port->port())) != std::string::npos);
  CHECK(second.status().message.find("--port-base") != std::string::npos);
  ::close(*listening);
  CHECK(port->reserve_again().ok());
  const Result<int> again = port->listen();
  CHECK(again.ok());
  ::close(*again);
}

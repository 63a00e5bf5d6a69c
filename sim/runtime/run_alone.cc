#include "sim/runtime/run_alone.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <random>
#include <thread>

#include "sim/runtime/live_environment.h"
#include "sim/runtime/live_node.h"

namespace brokerlab {

namespace {

/// The node's standard output and error are the process's.
class PassThrough : public JournalSubscriber {
 public:
  void on_events(std::span<const Event> events) override {
    for (const Event& event : events) {
      const auto* printed = std::get_if<event::Printed>(&event.payload);
      if (printed != nullptr) write_all(printed->stream, printed->text);
    }
  }

 private:
  static void write_all(int stream, std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(stream, text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;  // nobody reads any more
      text.remove_prefix(static_cast<size_t>(count));
    }
  }
};

/// Feeds the process's standard input to the node, from a thread that sleeps until the node wants some and there
/// is some.
class StandardInputThread {
 public:
  StandardInputThread(LiveNode& node, const NodeStatusBoard& board) : node_(node), board_(board) {
    if (::pipe(stop_.data()) == 0) thread_ = std::thread([this] { run(); });
  }
  /// REQUIRES: the node has ended.
  ~StandardInputThread() {
    if (!thread_.joinable()) return;
    ::close(stop_[1]);
    thread_.join();
    ::close(stop_[0]);
  }

 private:
  void run() {
    std::array<uint8_t, 64 << 10> bytes;
    const auto wants_or_has_ended = [](const NodeStatusBoard::Content& node) {
      return node.wants_input || node.state == NodeState::stopped || node.state == NodeState::killed;
    };
    while (board_.wait_until(wants_or_has_ended).wants_input) {
      std::array<pollfd, 2> files{{{STDIN_FILENO, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
      if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR) return;
      if (files[1].revents != 0) return;
      if (files[0].revents == 0) continue;
      const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      const bool end = count <= 0;
      input::StandardInput input;
      if (!end) input.data = Bytes::copy_of(std::span(bytes).first(static_cast<size_t>(count)));
      input.end = end;
      node_.give(std::move(input), {});
      if (end) return;
    }
  }

  LiveNode& node_;
  const NodeStatusBoard& board_;
  std::array<int, 2> stop_{};
  std::thread thread_;
};

}  // namespace

int run_alone(const NodeSpec& spec) {
  std::signal(SIGPIPE, SIG_IGN);
  ClusterSpec cluster;
  cluster.seed = std::random_device()();
  cluster.nodes = {spec};
  LiveEnvironment environment(std::move(cluster));
  PassThrough output;
  environment.journal.subscribe(&output);

  LiveMember member(NodeId{1}, spec, &environment.journal);
  member.disk.memory = std::make_unique<SimulatedDisk>();
  Result<std::unique_ptr<LiveNode>> started = LiveNode::start(environment, member, {});
  BROKERLAB_ASSERT_THAT(started.ok(), started.status().message);  // it has no listeners
  LiveNode& node = **started;

  boost::asio::io_context waiting;
  boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
  std::function<void(const boost::system::error_code&, int)> on_signal;
  on_signal = [&](const boost::system::error_code& error, int signal) {
    if (error) return;
    node.give(input::Command{signal == SIGINT ? "interrupt" : "stop", {}}, {});
    signals.async_wait(on_signal);
  };
  signals.async_wait(on_signal);

  std::thread waiter([&] {
    node.wait_for_end();
    boost::asio::post(waiting, [&] { signals.cancel(); });
  });
  {
    const StandardInputThread input(node, member.board);
    waiting.run();
  }
  waiter.join();
  return member.board.read().exit_status;
}

}  // namespace brokerlab

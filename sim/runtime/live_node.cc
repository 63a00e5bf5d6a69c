#include "sim/runtime/live_node.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "sim/base/assert.h"
#include "sim/runtime/flush_thread.h"
#include "sim/runtime/outgoing_queue.h"
#include "sim/runtime/receive_buffer.h"

namespace brokerlab {

namespace asio = boost::asio;
using asio::ip::tcp;
using RealMilliseconds = std::chrono::milliseconds;

namespace {

/// A timer that fires later than this is journaled: the machine was slow, not the lab.
constexpr int64_t late_ns = 50'000'000;
constexpr int64_t snapshot_interval_ns = 50'000'000;
/// A connection is not read from while so much of it waits to be handed over, or to be taken by its peer.
constexpr size_t most_waiting_bytes = 4 << 20;
/// A peer that has left so much untaken is gone for good.
constexpr uint64_t most_outgoing_bytes = 256 << 20;
/// How long a node that ends waits for the system to take what it has sent.
constexpr RealMilliseconds drain_limit{200};

std::chrono::steady_clock::time_point time_point(RealInstant at) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at.nanoseconds));
}

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
                          std::generic_category().message(errno)));
}

}  // namespace

// ---- ReservedPort -----------------------------------------------------------------------------------------

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

NodeStatusBoard::Content NodeStatusBoard::read() const {
  const std::lock_guard lock(mutex_);
  return content_;
}

// ---- the thread -------------------------------------------------------------------------------------------

class LiveNode::Thread {
 public:
  Thread(LiveEnvironment& environment, LiveMember& member, EventRef cause)
      : environment_(environment), member_(member), runner_(member.runner), start_cause_(cause) {}

  // ---- from any thread ------------------------------------------------------------------------------------

  Status listen() {
    for (size_t i = 0; i < member_.ports.size(); ++i) {
      Result<int> socket = member_.ports[i].listen();
      if (!socket) {
        close_listeners();
        return socket.status();
      }
      listeners_.push_back({member_.runner.spec().listeners[i], tcp::acceptor(io_, tcp::v4(), *socket)});
      listeners_.back().acceptor.non_blocking(true);
    }
    return {};
  }

  void launch() {
    member_.board.change([](auto& content) {
      content.state = NodeState::starting;
      content.incarnation += 1;
    });
    thread_ = std::thread([this] { run(); });
  }

  template <class Handler>
  void post(Handler handler) {
    asio::post(io_, [this, handler = std::move(handler)]() mutable {
      if (has_finished_) return;
      handler();
      arm_wake();
    });
  }

  void pause(EventRef cause) {
    std::unique_lock lock(control_mutex_);
    if (has_left_) return;
    pause_wanted_ = true;
    control_cause_ = cause;
    asio::post(io_, [] {});
    control_changed_.wait(lock, [this] { return is_parked_ || has_left_; });
  }

  void resume(EventRef cause) {
    const std::lock_guard lock(control_mutex_);
    pause_wanted_ = false;
    control_cause_ = cause;
    control_changed_.notify_all();
  }

  void kill(EventRef cause) {
    std::unique_lock lock(control_mutex_);
    if (!has_left_) {
      kill_wanted_ = true;
      control_cause_ = cause;
      control_changed_.notify_all();
      asio::post(io_, [] {});
    }
    control_changed_.wait(lock, [this] { return has_left_; });
  }

  NodeId id() const { return runner_.id(); }

  bool has_left() {
    const std::lock_guard lock(control_mutex_);
    return has_left_;
  }

  bool wait_for_end(RealMilliseconds limit) {
    std::unique_lock lock(control_mutex_);
    return control_changed_.wait_for(lock, limit, [this] { return has_left_; });
  }

  void wait_for_end() {
    std::unique_lock lock(control_mutex_);
    control_changed_.wait(lock, [this] { return has_left_; });
  }

  void join() {
    if (thread_.joinable()) thread_.join();
  }

  void give(Input input, EventRef cause) {
    if (const auto* command = std::get_if<input::Command>(&input)) {
      if (command->verb == "stop" || command->verb == "close") {
        member_.board.change([](auto& content) {
          if (content.state != NodeState::paused) content.state = NodeState::stopping;
        });
        is_stopping_ = true;
      }
    }
    post([this, input = std::move(input), cause] { step(input, cause); });
  }

  void want_snapshot() {
    if (!snapshot_wanted_.exchange(true)) post([this] { publish_snapshot(); });
  }

  void reset_connections(NodeId peer, EventRef cause) {
    post([this, peer, cause] {
      for (const std::shared_ptr<Connection>& connection : all_connections()) {
        const bool concerned = connection->lab && connection->peer != runner_.id() &&
                               (peer == no_node || peer == connection->peer);
        if (concerned && !has_finished_) close_by_network(*connection, "reset", cause, Unsent::dropped);
      }
    });
  }

  void poke() {
    post([this] { look_again(); });
  }

 private:
  struct Listener {
    ListenerSpec spec;
    tcp::acceptor acceptor;
  };

  struct EarlyFrame {
    Slices frame;
    Pipe::Item item;
  };

  struct Connection {
    explicit Connection(asio::io_context& io) : socket(io) {}
    ConnectionId id;
    tcp::socket socket;
    Protocol protocol = Protocol::kafka;
    size_t max_frame_bytes = INT32_MAX;
    std::string listener;  ///< empty: we opened it
    Address peer_address;
    NodeId peer = no_node;
    std::shared_ptr<LabConnection> lab;  ///< null: the peer is no node of the lab
    int side = 0;
    EventRef opened_by;

    // Opening.
    bool is_connecting = false;  ///< ours, not established yet
    bool has_called = false;     ///< the system's connect is under way
    uint16_t local_port = 0;     ///< entered in the network's table
    Instant connect_at;
    Instant opening_since;
    std::vector<EarlyFrame> early;
    bool is_told = false;  ///< the node knows that it is open
    bool is_over = false;  ///< no longer the node's

    // Receiving.
    ReceiveBuffer received;
    struct Frame {
      Bytes body;
      size_t size;
    };
    std::deque<Frame> frames;  ///< whole, not handed over
    size_t frames_bytes = 0;
    uint64_t frames_handed_over = 0;  ///< of a peer outside the lab
    bool is_waiting_to_read = false;
    bool has_ended = false;  ///< nothing more comes
    std::string end_reason;
    Instant next_arrival = never;
    Instant break_at = never;

    // Sending.
    OutgoingQueue outgoing;
    uint64_t sent = 0;
    bool is_waiting_to_write = false;
    bool is_broken = false;  ///< the system takes nothing more
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  enum class Unsent { delivered, dropped };

  // ---- the thread's life ----------------------------------------------------------------------------------

  void run() {
    set_assertion_context(describe_failure, this);
    {
      const std::lock_guard lock(environment_.running_mutex);
      environment_.running.push_back(owner);
    }
    const Now now = environment_.clock.now();
    runner_.create(now.monotonic, environment_.cluster, start_cause_);
    step(input::Start{}, runner_.started());
    if (!has_finished_) {
      publish_snapshot();
      member_.board.change([](auto& content) {
        if (content.state == NodeState::starting) content.state = NodeState::running;
      });
      environment_.changed.notify();
      for (Listener& listener : listeners_) accept_next(listener);
      arm_wake();
    }
    while (!has_finished_) {
      obey();
      if (!has_finished_) io_.run_one();
    }
    leave();
    set_assertion_context(nullptr, nullptr);
  }

  /// Stands still while paused; finishes when killed.
  void obey() {
    std::unique_lock lock(control_mutex_);
    if (kill_wanted_) {
      has_finished_ = was_killed_ = true;
      return;
    }
    if (!pause_wanted_) return;
    runner_.emit(environment_.clock.now().monotonic, event::NodePaused{}, control_cause_);
    runner_.publish();
    describe_now();
    member_.board.change([](auto& content) { content.state = NodeState::paused; });
    environment_.changed.notify();
    is_parked_ = true;
    control_changed_.notify_all();
    control_changed_.wait(lock, [this] { return !pause_wanted_ || kill_wanted_; });
    is_parked_ = false;
    if (kill_wanted_) {
      has_finished_ = was_killed_ = true;
      return;
    }
    const EventRef cause = control_cause_;
    lock.unlock();
    runner_.emit(environment_.clock.now().monotonic, event::NodeResumed{}, cause);
    runner_.publish();
    member_.board.change(
        [this](auto& content) { content.state = is_stopping_ ? NodeState::stopping : NodeState::running; });
    environment_.changed.notify();
    is_wake_armed_ = false;  // it was due while we stood still, which is no lateness of the machine
    wake_.cancel();
    look_again();
  }

  void leave() {
    const Instant now = environment_.clock.now().monotonic;
    {
      const std::lock_guard lock(environment_.running_mutex);
      std::erase(environment_.running, owner);
    }
    describe_now();
    const EventRef stopped =
        runner_.emit(now, event::NodeStopped{was_killed_ ? "killed" : "exited", exit_status_}, end_cause());
    close_listeners();
    for (const ConnectionPtr& connection : all_connections()) {
      abandon(*connection, was_killed_ ? Unsent::dropped : Unsent::delivered, "closed by peer", stopped);
      if (was_killed_) {
        close_abruptly(*connection);
      } else {
        closing_.push_back(connection);
      }
    }
    connections_.clear();
    drain();
    {
      std::unique_lock lock(control_mutex_);
      control_changed_.wait(lock, [this] { return flushes_under_way_ == 0; });
    }
    runner_.destroy();
    member_.disk.close_all();
    runner_.publish();
    member_.board.change([this](auto& content) {
      content.state = was_killed_ ? NodeState::killed : NodeState::stopped;
      content.exit_status = exit_status_;
    });
    {
      const std::lock_guard lock(control_mutex_);
      has_left_ = true;
      control_changed_.notify_all();
    }
    environment_.changed.notify();
  }

  EventRef end_cause() {
    const std::lock_guard lock(control_mutex_);
    return was_killed_ ? control_cause_ : end_cause_;
  }

  /// Waits for the system to take what was sent before the end.
  void drain() {
    const auto limit = std::chrono::steady_clock::now() + drain_limit;
    for (const ConnectionPtr& connection : closing_) {
      while (!connection->outgoing.empty() && !connection->is_broken) {
        const auto left =
            std::chrono::duration_cast<RealMilliseconds>(limit - std::chrono::steady_clock::now());
        pollfd writable{connection->socket.native_handle(), POLLOUT, 0};
        if (left.count() <= 0 || ::poll(&writable, 1, static_cast<int>(left.count())) <= 0) break;
        if (connection->outgoing.send(connection->socket.native_handle()) == OutgoingQueue::Outcome::failed)
          break;
      }
      boost::system::error_code ignored;
      connection->socket.shutdown(tcp::socket::shutdown_send, ignored);
      connection->socket.close(ignored);
    }
    closing_.clear();
  }

  void close_listeners() {
    for (Listener& listener : listeners_) {
      boost::system::error_code ignored;
      listener.acceptor.close(ignored);
    }
    listeners_.clear();
    for (ReservedPort& port : member_.ports) {
      // When it fails, somebody was quicker; the next start says so.
      if (Status again = port.reserve_again(); !again) continue;
    }
  }

  // ---- steps ----------------------------------------------------------------------------------------------

  void step(const Input& input, EventRef cause) {
    if (has_finished_) return;
    Effects effects = runner_.step(environment_.clock.now(), input, cause, member_.disk.get());
    ++steps_;
    for (Effects::Open& open : effects.opens) carry_out_open(std::move(open), cause);
    std::vector<ConnectionPtr> touched = carry_out_sends(effects);
    runner_.publish();  // before anybody can receive it
    for (const ConnectionPtr& connection : touched) send_now(*connection);
    for (const ConnectionId closed : effects.closes) carry_out_close(closed, cause);
    for (const Effects::Flush& flush : effects.flushes) carry_out_flush(flush, cause);
    runner_.publish();
    if (effects.ended()) {
      exit_status_ = effects.end_status();
      end_cause_ = cause;
      has_finished_ = true;
    }
  }

  void carry_out_open(Effects::Open open, EventRef cause) {
    auto connection = std::make_shared<Connection>(io_);
    connection->id = open.connection;
    connection->protocol = open.protocol;
    connection->opened_by = cause;
    connection->is_connecting = true;
    const bool is_new = connections_.emplace(open.connection, connection).second;
    BROKERLAB_ASSERT(is_new);
    const Instant now = environment_.clock.now().monotonic;
    connection->opening_since = connection->connect_at = now;
    connection->peer_address = std::move(open.to);
    if (const auto target = environment_.network.resolve(connection->peer_address)) {
      connection->peer = target->node;
      connection->lab = environment_.network.make_connection(runner_.id(), target->node);
      connection->connect_at = now + environment_.network.draw_latency(runner_.id(), target->node);
      connection->connect_at =
          connection->connect_at + environment_.network.draw_latency(target->node, runner_.id());
    }
    // Later, because a failure is an input, and one step does not begin inside another.
    post([this, connection] { connect_if_due(connection); });
  }

  std::vector<ConnectionPtr> carry_out_sends(Effects& effects) {
    std::vector<ConnectionPtr> touched;
    std::vector<std::pair<FrameRef, EventRef>> lost;
    std::map<ConnectionId, Duration> latencies;  // what one step sends over one connection arrives together
    const Instant now = environment_.clock.now().monotonic;
    auto send = effects.sends.begin();
    for (Event& event : effects.events) {
      auto* sent = std::get_if<event::MessageSent>(&event.payload);
      if (sent == nullptr) continue;
      BROKERLAB_ASSERT(send != effects.sends.end());
      Slices frame = std::move(send->slices);
      const auto found = connections_.find(send->connection);
      ++send;
      if (found == connections_.end() || found->second->is_broken) {
        lost.push_back({sent->frame, event.ref});
        continue;
      }
      const ConnectionPtr& connection = found->second;
      sent->frame.peer = connection->peer;
      sent->frame.nth = connection->sent++;
      Pipe::Item item;
      item.cause = event.ref;
      item.nth = sent->frame.nth;
      item.size = sent->frame.size;
      if (connection->is_connecting) {
        connection->early.push_back({std::move(frame), std::move(item)});
        continue;
      }
      const auto [latency, is_first] = latencies.try_emplace(connection->id);
      if (is_first && connection->lab) {
        latency->second = environment_.network.draw_latency(runner_.id(), connection->peer);
      }
      if (connection->lab && !put_on_its_way(*connection, std::move(item), now, latency->second)) {
        lost.push_back({sent->frame, event.ref});
        continue;
      }
      connection->outgoing.add(std::move(frame));
      if (is_first) touched.push_back(connection);
    }
    runner_.keep(effects);
    for (const auto& [frame, sent] : lost) {
      runner_.emit(now, event::MessageDropped{frame, "connection closed"}, sent);
    }
    return touched;
  }

  void carry_out_close(ConnectionId id, EventRef cause) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;  // the network closed it first
    const ConnectionPtr connection = found->second;
    const EventRef closed = runner_.emit(environment_.clock.now().monotonic,
                                         event::ConnectionClosed{id, connection->peer, "closed here"}, cause);
    abandon(*connection, Unsent::delivered, "closed by peer", closed);
    connections_.erase(id);
    if (connection->outgoing.empty() || connection->is_connecting) {
      close_gently(*connection);
    } else {
      closing_.push_back(connection);  // until everything has left
    }
  }

  void carry_out_flush(const Effects::Flush& flush, EventRef cause) {
    const auto done = [this, token = flush.token, cause](Status status) {
      const EventRef finished = runner_.emit(environment_.clock.now().monotonic,
                                             event::DiskFinished{token.value, status.ok()}, cause);
      step(input::DiskDone{token, std::move(status)}, finished);
    };
    if (!member_.disk.real) {
      post([done, status = member_.disk.memory->sync(flush.file)] { done(status); });
      return;
    }
    {
      const std::lock_guard lock(control_mutex_);
      ++flushes_under_way_;
    }
    environment_.flushes->run([this, done, sync = member_.disk.real->prepare_sync(flush.file)] {
      Status status = sync.run();
      post([done, status] { done(status); });
      const std::lock_guard lock(control_mutex_);
      --flushes_under_way_;
      control_changed_.notify_all();
    });
  }

  // ---- connecting -----------------------------------------------------------------------------------------

  void connect_if_due(const ConnectionPtr& connection) {
    Connection& c = *connection;
    if (!c.is_connecting || c.has_called || c.is_over) return;
    if (c.lab) {
      const Instant now = environment_.clock.now().monotonic;
      const bool is_cut = environment_.network.is_cut(runner_.id(), c.peer) ||
                          environment_.network.is_cut(c.peer, runner_.id());
      if (is_cut && now >= c.opening_since + break_after) {
        return close_by_network(c, "connection timed out", {}, Unsent::dropped);
      }
      if (is_cut || now < c.connect_at || !environment_.clock.is_running()) return;
      return call(connection, {asio::ip::address_v4::loopback(), c.peer_address.port});
    }
    if (environment_.network.is_local(c.peer_address.host)) {
      return call(connection, {asio::ip::address_v4::loopback(), c.peer_address.port});
    }
    c.has_called = true;
    auto resolver = std::make_shared<tcp::resolver>(io_);
    resolver->async_resolve(c.peer_address.host, std::to_string(c.peer_address.port),
                            [this, connection, resolver](const boost::system::error_code& error,
                                                         tcp::resolver::results_type found) {
                              if (has_finished_ || connection->is_over) return;
                              if (error || found.empty()) {
                                close_by_network(*connection, "unknown host", {}, Unsent::dropped);
                              } else {
                                call(connection, found.begin()->endpoint());
                              }
                              arm_wake();
                            });
  }

  void call(const ConnectionPtr& connection, const tcp::endpoint& to) {
    Connection& c = *connection;
    c.has_called = true;
    boost::system::error_code error;
    c.socket.open(to.protocol(), error);
    if (!error && c.lab) {
      c.socket.bind({asio::ip::address_v4::loopback(), 0}, error);
      if (!error) c.local_port = c.socket.local_endpoint(error).port();
      if (!error) environment_.network.expect(c.local_port, c.lab);
    }
    if (error) return close_by_network(c, error.message(), {}, Unsent::dropped);
    c.socket.async_connect(to, [this, connection](const boost::system::error_code& failed) {
      if (has_finished_ || connection->is_over) return;
      if (failed) {
        const bool refused = failed == asio::error::connection_refused;
        close_by_network(*connection, refused ? "connection refused" : failed.message(), {}, Unsent::dropped);
      } else {
        connected(connection);
      }
      arm_wake();
    });
  }

  void connected(const ConnectionPtr& connection) {
    Connection& c = *connection;
    c.is_connecting = false;
    c.is_told = true;
    prepare_socket(c);
    const Instant now = environment_.clock.now().monotonic;
    const EventRef opened = runner_.emit(now, event::ConnectionOpened{c.id, c.peer, {}}, c.opened_by);
    if (c.lab) {
      const Duration latency = environment_.network.draw_latency(runner_.id(), c.peer);
      Pipe::Item item;
      item.kind = Pipe::Item::Kind::opened;
      item.cause = opened;
      put_on_its_way(c, std::move(item), now, latency);
      environment_.poke(c.peer);  // nothing comes over the socket that would wake it
    }
    for (EarlyFrame& early : std::exchange(c.early, {})) {
      if (c.lab) put_on_its_way(c, std::move(early.item), now, {});  // together with what opens it
      c.outgoing.add(std::move(early.frame));
    }
    runner_.publish();
    send_now(c);
    wait_to_read(connection);
    step(input::ConnectionOpened{c.id, {}, c.peer_address, false}, opened);
  }

  void accept_next(Listener& listener) {
    listener.acceptor.async_accept(
        [this, &listener](const boost::system::error_code& error, tcp::socket socket) {
          if (has_finished_) return;
          if (!error) accepted(listener.spec, std::move(socket));
          if (error == asio::error::no_descriptors) {
            // Everybody waits until some connection is closed; trying at once again would only burn time.
            auto pause = std::make_shared<asio::steady_timer>(io_, RealMilliseconds(100));
            pause->async_wait([this, &listener, pause](const boost::system::error_code&) {
              if (!has_finished_) accept_next(listener);
            });
            return;
          }
          if (!has_finished_) accept_next(listener);
          arm_wake();
        });
  }

  /// Who has connected already, without waiting.
  void accept_now() {
    for (Listener& listener : listeners_) {
      boost::system::error_code error;
      while (!error && !has_finished_) {
        tcp::socket socket(io_);
        listener.acceptor.accept(socket, error);
        if (!error) accepted(listener.spec, std::move(socket));
      }
    }
  }

  void accepted(const ListenerSpec& listener, tcp::socket socket) {
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    auto connection = std::make_shared<Connection>(io_);
    Connection& c = *connection;
    c.id = runner_.next_incoming_connection();
    c.socket = std::move(socket);
    c.protocol = listener.protocol;
    c.max_frame_bytes = listener.max_frame_bytes;
    c.listener = listener.name;
    c.peer_address = {peer.address().to_string(), peer.port()};
    c.lab = environment_.network.accepted(peer.port());
    c.side = 1;
    if (c.lab) {
      c.peer = c.lab->nodes[0];
      const std::lock_guard lock(c.lab->mutex);
      c.lab->is_accepted = true;
    } else {
      environment_.outside_clients_changed(1);
    }
    prepare_socket(c);
    connections_.emplace(c.id, connection);
    receive(c);
    deliver(connection);
    wait_to_read(connection);
  }

  void prepare_socket(Connection& c) {
    boost::system::error_code ignored;
    c.socket.native_non_blocking(true, ignored);
    c.socket.set_option(tcp::no_delay(true), ignored);
#ifdef SO_NOSIGPIPE
    const int on = 1;
    ::setsockopt(c.socket.native_handle(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  }

  // ---- sending --------------------------------------------------------------------------------------------

  /// False when the other end is gone for good.
  bool put_on_its_way(Connection& c, Pipe::Item item, Instant now, Duration latency) {
    const bool is_cut = environment_.network.is_cut(runner_.id(), c.peer);
    const std::lock_guard lock(c.lab->mutex);
    if (!c.lab->is_open[1 - c.side]) return false;
    Pipe& pipe = c.lab->pipes[c.side];
    pipe.push(std::move(item), now, latency);
    if (is_cut) {
      pipe.hold(now);
      c.break_at = *pipe.held_since() + break_after;
    }
    return true;
  }

  void send_now(Connection& c) {
    if (c.is_waiting_to_write || c.is_broken || c.outgoing.empty()) return;
    switch (c.outgoing.send(c.socket.native_handle())) {
      case OutgoingQueue::Outcome::all_sent:
        return;
      case OutgoingQueue::Outcome::failed:
        return give_up_sending(c);
      case OutgoingQueue::Outcome::would_block:
        if (c.outgoing.bytes() > most_outgoing_bytes && !c.is_over) {
          post([this, connection = find_connection(c)] {
            if (!connection->is_over)
              close_by_network(*connection, "peer takes nothing", {}, Unsent::dropped);
          });
          return give_up_sending(c);
        }
        return wait_to_write(find_connection(c));
    }
  }

  /// The close itself is learned by reading, or from the peer's end of the lab connection.
  void give_up_sending(Connection& c) {
    c.is_broken = true;
    if (c.lab) drop_unsent(c);
    c.outgoing = OutgoingQueue();
  }

  void drop_unsent(Connection& c) {
    std::vector<Pipe::Item> lost;
    {
      const std::lock_guard lock(c.lab->mutex);
      if (!c.lab->is_open[1 - c.side]) return;  // its end has dropped them
      lost = c.lab->pipes[c.side].take_last(c.outgoing.frames());
    }
    for (const Pipe::Item& item : lost) drop(c, item);
    runner_.publish();
  }

  void wait_to_write(const ConnectionPtr& connection) {
    connection->is_waiting_to_write = true;
    connection->socket.async_wait(
        tcp::socket::wait_write, [this, connection](const boost::system::error_code& error) {
          connection->is_waiting_to_write = false;
          if (error || has_finished_) return;
          send_now(*connection);
          if (connection->is_over) {
            if (!connection->is_waiting_to_write) {
              close_gently(*connection);
              std::erase(closing_, connection);
            }
            return;
          }
          wait_to_read(connection);  // it was not read from while its peer took nothing
          arm_wake();
        });
  }

  // ---- receiving ------------------------------------------------------------------------------------------

  bool may_read(const Connection& c) const {
    return !c.has_ended && !c.is_over && !c.is_connecting && c.frames_bytes < most_waiting_bytes &&
           c.outgoing.bytes() < most_waiting_bytes;
  }

  void wait_to_read(const ConnectionPtr& connection) {
    if (connection->is_waiting_to_read || !may_read(*connection)) return;
    connection->is_waiting_to_read = true;
    connection->socket.async_wait(tcp::socket::wait_read,
                                  [this, connection](const boost::system::error_code& error) {
                                    connection->is_waiting_to_read = false;
                                    if (error || has_finished_ || connection->is_over) return;
                                    receive(*connection);
                                    deliver(connection);
                                    wait_to_read(connection);
                                    arm_wake();
                                  });
  }

  /// Reads what is there, and cuts it into frames.
  void receive(Connection& c) {
    while (may_read(c)) {
      const std::span<uint8_t> space = c.received.space();
      const ssize_t count = ::recv(c.socket.native_handle(), space.data(), space.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (count <= 0) {
        c.has_ended = true;
        c.end_reason = count == 0 ? "closed by peer" : "reset by peer";
        return;
      }
      c.received.received(static_cast<size_t>(count));
      while (!c.has_ended) {
        ReceiveBuffer::Next next = c.received.take(c.protocol, c.max_frame_bytes);
        if (next.verdict == FrameCut::Verdict::need_more) break;
        if (next.verdict == FrameCut::Verdict::close) {
          c.has_ended = true;
          c.end_reason = "frame too long";
          break;
        }
        c.frames_bytes += next.size + sizeof(Connection::Frame);
        c.frames.push_back({std::move(next.body), next.size});
      }
      if (static_cast<size_t>(count) < space.size()) return;
    }
  }

  /// Hands over what has arrived.
  void deliver(const ConnectionPtr& connection) {
    if (connection->is_over || connection->is_connecting) return;
    connection->lab ? deliver_from_node(connection) : deliver_from_outside(connection);
  }

  void deliver_from_outside(const ConnectionPtr& connection) {
    Connection& c = *connection;
    if (!environment_.clock.is_running()) return;
    const Instant now = environment_.clock.now().monotonic;
    if (!c.is_told) tell_open(c, now, {});
    if (c.is_over || has_finished_) return;
    if (!c.frames.empty()) {
      input::Frames frames;
      frames.connection = c.id;
      EventRef cause;
      for (Connection::Frame& frame : std::exchange(c.frames, {})) {
        cause = runner_.emit(
            now, event::MessageDelivered{{c.id, no_node, c.frames_handed_over++, frame.size}}, {});
        frames.frames.push_back(std::move(frame.body));
        frames.events.push_back(cause);
      }
      c.frames_bytes = 0;
      step(frames, cause);
    }
    if (c.has_ended && !c.is_over && !has_finished_) close_by_network(c, c.end_reason, {}, Unsent::dropped);
  }

  void deliver_from_node(const ConnectionPtr& connection) {
    Connection& c = *connection;
    const bool is_cut = environment_.network.is_cut(c.peer, runner_.id());
    const Instant now = environment_.clock.now().monotonic;
    c.next_arrival = never;  // unless something is still to arrive
    if (is_cut) return;
    Pipe& pipe = c.lab->pipes[1 - c.side];
    while (!c.is_over && !has_finished_) {
      std::vector<Pipe::Item> arrived;
      {
        std::unique_lock lock(c.lab->mutex);
        const Pipe::Item* first = pipe.first(now);
        if (first == nullptr) {
          c.next_arrival = pipe.next_arrival();
          // Who was never accepted, or gave up before it was established, leaves no word.
          const bool is_silent = c.side == 0 ? !c.lab->is_accepted : !c.lab->is_open[0];
          if (!c.has_ended || !pipe.empty() || !is_silent) return;
          lock.unlock();
          lose_sent(c);
          return close_by_network(c, "closed by peer", {}, Unsent::dropped);
        }
        const bool is_frame = first->kind == Pipe::Item::Kind::frame;
        if (is_frame && c.frames.empty() && !c.has_ended) return;  // its bytes are still coming
        if (is_frame ? !environment_.clock.claim_delivery() : !environment_.clock.is_running()) return;
        if (!is_frame) {
          arrived.push_back(pipe.take_first());
        } else {
          while (first != nullptr && first->kind == Pipe::Item::Kind::frame &&
                 (arrived.size() < c.frames.size() || c.has_ended)) {
            arrived.push_back(pipe.take_first());
            first = pipe.first(now);
          }
        }
      }
      switch (arrived.front().kind) {
        case Pipe::Item::Kind::opened:
          tell_open(c, now, arrived.front().cause);
          break;
        case Pipe::Item::Kind::frame:
          hand_over(c, now, arrived);
          break;
        case Pipe::Item::Kind::closed:
          close_by_network(c, arrived.front().reason, arrived.front().cause, Unsent::dropped);
          break;
      }
    }
  }

  void hand_over(Connection& c, Instant now, const std::vector<Pipe::Item>& items) {
    input::Frames frames;
    frames.connection = c.id;
    EventRef cause;
    for (const Pipe::Item& item : items) {
      if (c.frames.empty()) {  // its bytes were lost with the connection
        drop(c, item);
        continue;
      }
      Connection::Frame frame = std::move(c.frames.front());
      c.frames.pop_front();
      c.frames_bytes -= frame.size + sizeof(Connection::Frame);
      BROKERLAB_ASSERT_THAT(frame.size == item.size, "what was sent is not what the framer cut");
      cause = runner_.emit(now, event::MessageDelivered{{c.id, c.peer, item.nth, item.size}}, item.cause);
      frames.frames.push_back(std::move(frame.body));
      frames.events.push_back(cause);
    }
    const bool too_long = c.has_ended && c.end_reason == "frame too long" && c.frames.empty();
    if (!frames.frames.empty()) step(frames, cause);
    runner_.publish();
    if (too_long && !c.is_over && !has_finished_) close_by_network(c, c.end_reason, {}, Unsent::dropped);
  }

  void tell_open(Connection& c, Instant now, EventRef cause) {
    c.is_told = true;
    const EventRef opened = runner_.emit(now, event::ConnectionOpened{c.id, c.peer, c.listener}, cause);
    step(input::ConnectionOpened{c.id, c.listener, c.peer_address, c.lab == nullptr}, opened);
  }

  // ---- closing --------------------------------------------------------------------------------------------

  /// Nothing more is taken from the connection: what is on its way here is lost, and a peer in the lab will
  /// learn, in lab time. `Unsent::dropped`: what the system has not taken yet is lost too.
  void abandon(Connection& c, Unsent unsent, std::string reason, EventRef cause) {
    c.is_over = true;
    c.next_arrival = never;
    if (!c.lab) {
      if (!c.listener.empty()) environment_.outside_clients_changed(-1);
      return;
    }
    if (c.local_port != 0) environment_.network.forget(c.local_port, *c.lab);
    const Instant now = environment_.clock.now().monotonic;
    const Duration latency = environment_.network.draw_latency(runner_.id(), c.peer);
    const bool is_cut = environment_.network.is_cut(runner_.id(), c.peer);
    std::vector<Pipe::Item> lost;
    {
      const std::lock_guard lock(c.lab->mutex);
      c.lab->is_open[c.side] = false;
      lost = c.lab->pipes[1 - c.side].take_all();
      if (c.lab->is_open[1 - c.side] && !c.is_connecting) {
        Pipe& pipe = c.lab->pipes[c.side];
        if (unsent == Unsent::dropped) {
          std::vector<Pipe::Item> left = pipe.take_last(c.outgoing.frames());
          lost.insert(lost.end(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
        }
        Pipe::Item closed;
        closed.kind = Pipe::Item::Kind::closed;
        closed.cause = cause;
        closed.reason = std::move(reason);
        pipe.push(std::move(closed), now, latency);
        if (is_cut) pipe.hold(now);
      }
    }
    for (const Pipe::Item& item : lost) drop(c, item);
    for (const EarlyFrame& early : std::exchange(c.early, {})) drop(c, early.item);
  }

  void drop(const Connection& c, const Pipe::Item& item) {
    if (item.kind != Pipe::Item::Kind::frame) return;
    runner_.emit(environment_.clock.now().monotonic,
                 event::MessageDropped{{c.id, c.peer, item.nth, item.size}, "connection closed"}, item.cause);
  }

  /// The peer, a fault or the system ended the connection; the node is told.
  void close_by_network(Connection& c, const std::string& reason, EventRef cause, Unsent unsent) {
    const ConnectionPtr keep = find_connection(c);
    const bool is_known = c.is_told || c.listener.empty();
    EventRef closed = cause;
    if (is_known) {
      closed = runner_.emit(environment_.clock.now().monotonic, event::ConnectionClosed{c.id, c.peer, reason},
                            cause);
    }
    abandon(c, unsent, "reset by peer", closed);
    close_abruptly(c);
    connections_.erase(c.id);
    if (is_known) step(input::ConnectionClosed{c.id, reason}, closed);
    runner_.publish();
  }

  /// What has waited too long for a cut link is lost, and its connection with it.
  void break_if_stuck(Connection& c, Instant now) {
    if (!c.lab || c.is_connecting || c.is_over) return;
    {
      const std::lock_guard lock(c.lab->mutex);
      const std::optional<Instant> held = c.lab->pipes[c.side].held_since();
      c.break_at = held ? *held + break_after : never;
      if (c.break_at > now) return;
    }
    lose_sent(c);
    close_by_network(c, "timed out", {}, Unsent::dropped);
  }

  /// What was sent and has not been handed over is lost.
  void lose_sent(Connection& c) {
    std::vector<Pipe::Item> lost;
    {
      const std::lock_guard lock(c.lab->mutex);
      lost = c.lab->pipes[c.side].take_all();
    }
    for (const Pipe::Item& item : lost) drop(c, item);
    c.outgoing = OutgoingQueue();
  }

  static void close_gently(Connection& c) {
    boost::system::error_code ignored;
    c.socket.shutdown(tcp::socket::shutdown_send, ignored);
    c.socket.close(ignored);
  }

  /// With a reset, as when a process dies.
  static void close_abruptly(Connection& c) {
    boost::system::error_code ignored;
    c.socket.set_option(asio::socket_base::linger(true, 0), ignored);
    c.socket.close(ignored);
  }

  ConnectionPtr find_connection(const Connection& c) {
    const auto found = connections_.find(c.id);
    if (found != connections_.end()) return found->second;
    for (const ConnectionPtr& closing : closing_) {
      if (closing.get() == &c) return closing;
    }
    return nullptr;
  }

  std::vector<ConnectionPtr> all_connections() const {
    std::vector<ConnectionPtr> all;
    all.reserve(connections_.size());
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    return all;
  }

  // ---- waking ---------------------------------------------------------------------------------------------

  /// Clock, links or time have changed: hands over what has arrived, then fires what is due.
  void look_again() {
    const Instant due = environment_.clock.now().monotonic;
    accept_now();
    for (const ConnectionPtr& connection : all_connections()) {
      if (has_finished_) return;
      if (connection->is_over) continue;
      connect_if_due(connection);
      if (connection->is_over || connection->is_connecting) continue;
      receive(*connection);
      deliver(connection);
      if (has_finished_ || connection->is_over) continue;
      wait_to_read(connection);
      break_if_stuck(*connection, due);
    }
    while (!has_finished_ && environment_.clock.is_running()) {
      const std::optional<TimerSet::Due> timer = runner_.timers.take_due(due);
      if (!timer) break;
      const Instant now = environment_.clock.now().monotonic;
      const EventRef fired =
          runner_.emit(now, event::TimerFired{timer->timer.kind, timer->timer.id}, timer->set_by);
      step(input::TimerFired{timer->timer}, fired);
    }
    if (!has_finished_) arm_wake();
  }

  /// Sleeps until the next thing that time brings. An earlier waking is left as it is: it will find nothing
  /// to do and arm the right one, which is cheaper than to move it for each step.
  void arm_wake() {
    if (has_finished_) return;
    Instant next = runner_.timers.next_deadline();
    for (const auto& [id, connection] : connections_) {
      const Connection& c = *connection;
      next = std::min({next, c.next_arrival, c.break_at});
      if (c.is_connecting && !c.has_called && c.lab) {
        const bool waits = environment_.clock.now().monotonic >= c.connect_at;  // for a heal, or its time-out
        next = std::min(next, waits ? c.opening_since + break_after : c.connect_at);
      }
    }
    const RealInstant at = environment_.clock.real_time_of(next);
    if (at == real_never || (is_wake_armed_ && wake_at_ <= at)) return;
    is_wake_armed_ = true;
    wake_at_ = at;
    wake_.expires_at(time_point(at));
    wake_.async_wait([this](const boost::system::error_code& error) {
      if (error || has_finished_) return;  // moved
      is_wake_armed_ = false;
      const int64_t late = LiveClock::real_now().nanoseconds - wake_at_.nanoseconds;
      if (late > late_ns && environment_.clock.is_running()) {
        runner_.emit(environment_.clock.now().monotonic, event::Late{late / 1'000}, {});
        runner_.publish();
      }
      look_again();
    });
  }

  // ---- snapshots ------------------------------------------------------------------------------------------

  void publish_snapshot() {
    const int64_t now = LiveClock::real_now().nanoseconds;
    const int64_t next = last_snapshot_ns_ + snapshot_interval_ns;
    if (now < next) {
      snapshot_timer_.expires_at(time_point({next}));
      snapshot_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !has_finished_) publish_snapshot();
      });
      return;
    }
    last_snapshot_ns_ = now;
    snapshot_wanted_ = false;
    if (steps_ == steps_at_snapshot_) return;  // nothing has changed
    describe_now();
    environment_.changed.notify();
  }

  void describe_now() {
    steps_at_snapshot_ = steps_;
    const Now now = environment_.clock.now();
    auto snapshot = std::make_shared<const NodeSnapshot>(NodeSnapshot{runner_.describe(now), now});
    member_.board.change([&](auto& content) { content.snapshot = std::move(snapshot); });
  }

  static std::string describe_failure(const void* subject) {
    const auto* thread = static_cast<const Thread*>(subject);
    return fmt::format("  live, node {}, seed {}, at {} ns", thread->runner_.spec().name,
                       thread->environment_.cluster.seed,
                       thread->environment_.clock.now().monotonic.nanoseconds);
  }

 public:
  LiveNode* owner = nullptr;

 private:
  LiveEnvironment& environment_;
  LiveMember& member_;
  NodeRunner& runner_;
  const EventRef start_cause_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::deque<Listener> listeners_;
  std::map<ConnectionId, ConnectionPtr> connections_;
  std::vector<ConnectionPtr> closing_;  ///< closed by the node, not yet sent to the end
  asio::steady_timer wake_{io_};
  bool is_wake_armed_ = false;
  RealInstant wake_at_;
  asio::steady_timer snapshot_timer_{io_};
  std::atomic<bool> snapshot_wanted_ = false;
  int64_t last_snapshot_ns_ = 0;
  uint64_t steps_ = 0;
  uint64_t steps_at_snapshot_ = 0;
  std::atomic<bool> is_stopping_ = false;
  bool has_finished_ = false;
  bool was_killed_ = false;
  int exit_status_ = 0;
  EventRef end_cause_;

  std::mutex control_mutex_;
  std::condition_variable control_changed_;
  // Under the mutex:
  bool pause_wanted_ = false;
  bool kill_wanted_ = false;
  bool is_parked_ = false;
  bool has_left_ = false;
  int flushes_under_way_ = 0;
  EventRef control_cause_;

  std::thread thread_;
};

// ---- LiveNode ---------------------------------------------------------------------------------------------

Result<std::unique_ptr<LiveNode>> LiveNode::start(LiveEnvironment& environment, LiveMember& member,
                                                  EventRef cause) {
  auto thread = std::make_unique<Thread>(environment, member, cause);
  if (Status listening = thread->listen(); !listening) return listening;
  std::unique_ptr<LiveNode> node(new LiveNode(std::move(thread)));
  node->thread_->owner = node.get();
  node->thread_->launch();
  return node;
}

LiveNode::LiveNode(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
LiveNode::~LiveNode() {
  thread_->kill({});
  thread_->join();
}
bool LiveNode::has_ended() const { return thread_->has_left(); }
NodeId LiveNode::id() const { return thread_->id(); }
void LiveNode::give(Input input, EventRef cause) { thread_->give(std::move(input), cause); }
void LiveNode::pause(EventRef cause) { thread_->pause(cause); }
void LiveNode::resume(EventRef cause) { thread_->resume(cause); }
void LiveNode::kill(EventRef cause) { thread_->kill(cause); }
void LiveNode::reset_connections(NodeId peer, EventRef cause) { thread_->reset_connections(peer, cause); }
void LiveNode::poke() { thread_->poke(); }
void LiveNode::want_snapshot() { thread_->want_snapshot(); }
void LiveNode::wait_for_end() { thread_->wait_for_end(); }
bool LiveNode::wait_for_end(std::chrono::milliseconds limit) { return thread_->wait_for_end(limit); }

}  // namespace brokerlab

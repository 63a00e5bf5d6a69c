// How connections of a live node begin and end.
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/base/assert.h"
#include "sim/runtime/live_thread.h"

namespace brokerlab {

namespace asio = boost::asio;
using asio::ip::tcp;

// ---- connecting -------------------------------------------------------------------------------------------

void LiveNode::Thread::connect_if_due(const ConnectionPtr& connection) {
  Connection& c = *connection;
  if (!c.is_connecting || c.has_called || c.is_over) return;
  if (c.lab) {
    const Instant now = environment_.clock.now().monotonic;
    const bool is_cut = environment_.network.is_cut(runner_.id(), c.peer, now) ||
                        environment_.network.is_cut(c.peer, runner_.id(), now);
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

void LiveNode::Thread::call(const ConnectionPtr& connection, const tcp::endpoint& to) {
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

void LiveNode::Thread::connected(const ConnectionPtr& connection) {
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

void LiveNode::Thread::accept_next(Listener& listener) {
  listener.acceptor.async_accept(
      [this, &listener](const boost::system::error_code& error, tcp::socket socket) {
        if (has_finished_) return;
        if (!error) came(listener, std::move(socket));
        if (listener.waiting) return;  // nobody else comes in before it
        if (error == asio::error::no_descriptors) {
          // Everybody waits until some connection is closed; trying at once again would only burn time.
          auto pause = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds(100));
          pause->async_wait([this, &listener, pause](const boost::system::error_code&) {
            if (!has_finished_) accept_next(listener);
          });
          return;
        }
        if (!has_finished_) accept_next(listener);
        arm_wake();
      });
}

void LiveNode::Thread::accept_now() {
  for (Listener& listener : listeners_) {
    boost::system::error_code error;
    while (!error && !has_finished_ && !listener.waiting) {
      tcp::socket socket(io_);
      listener.acceptor.accept(socket, error);
      if (!error) came(listener, std::move(socket));
    }
  }
}

void LiveNode::Thread::came(Listener& listener, tcp::socket socket) {
  if (counts_.has_slot(listener.spec.server, listener.spec.is_protected))
    accepted(listener.spec, std::move(socket));
  else
    listener.waiting.emplace(std::move(socket));
}

void LiveNode::Thread::let_waiting_in() {
  for (Listener& listener : listeners_) {
    if (has_finished_) return;
    if (!listener.waiting || !counts_.has_slot(listener.spec.server, listener.spec.is_protected)) continue;
    tcp::socket socket = std::move(*listener.waiting);
    listener.waiting.reset();
    accepted(listener.spec, std::move(socket));
    if (!has_finished_) accept_next(listener);
  }
}

void LiveNode::Thread::close_quietest(SocketServer server) {
  if (!counts_.is_exceeded(server)) return;
  ConnectionPtr quietest;
  for (const auto& [id, connection] : connections_) {
    if (connection->host.empty() || connection->is_protected || connection->server != server) continue;
    if (!quietest || connection->last_active < quietest->last_active) quietest = connection;
  }
  if (quietest) close_by_network(*quietest, "max.connections", {}, Unsent::delivered);
}

void LiveNode::Thread::accepted(const ListenerSpec& listener, tcp::socket socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  const std::shared_ptr<LabConnection> lab = environment_.network.accepted(peer.port());
  const std::string address = peer.address().to_string();
  const std::string host = lab ? "node " + std::to_string(lab->nodes[0].value) : address;
  if (!counts_.add(listener.server, host)) {
    counts_.remove(listener.server, host);
    runner_.emit(
        environment_.clock.now().monotonic,
        event::Noted{fmt::format("INFO Rejected connection from {}, address already has the configured "
                                 "maximum of {} connections.",
                                 address, limits_.max_connections_per_host)},
        {});
    runner_.publish();
    return;  // closed with its socket
  }
  auto connection = std::make_shared<Connection>(io_, lab ? nullptr : memory_from_outside_);
  Connection& c = *connection;
  c.id = runner_.next_incoming_connection();
  c.socket = std::move(socket);
  c.protocol = listener.protocol;
  c.max_frame_bytes = listener.max_frame_bytes;
  c.listener = listener.name;
  c.server = listener.server;
  c.is_protected = listener.is_protected;
  c.host = host;
  c.last_active = environment_.clock.now().monotonic;
  if (limits_.max_idle_ms >= 0)
    next_idle_check_ = std::min(next_idle_check_, c.last_active + milliseconds(limits_.max_idle_ms));
  c.peer_address = {address, peer.port()};
  c.lab = lab;
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
  if (counts_.is_exceeded(listener.server))
    post([this, server = listener.server] { close_quietest(server); });
}

void LiveNode::Thread::prepare_socket(Connection& c) {
  boost::system::error_code ignored;
  c.socket.native_non_blocking(true, ignored);
  c.socket.set_option(tcp::no_delay(true), ignored);
#ifdef SO_NOSIGPIPE
  const int on = 1;
  ::setsockopt(c.socket.native_handle(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

// ---- closing ----------------------------------------------------------------------------------------------

void LiveNode::Thread::abandon(Connection& c, Unsent unsent, std::string reason, EventRef cause) {
  c.is_over = true;
  c.next_arrival = never;
  if (!c.host.empty()) {
    counts_.remove(c.server, std::exchange(c.host, {}));
    // Later: one step does not begin inside another.
    const auto waits = [](const Listener& listener) { return listener.waiting.has_value(); };
    if (std::any_of(listeners_.begin(), listeners_.end(), waits)) post([this] { let_waiting_in(); });
  }
  if (!c.lab) {
    if (!c.listener.empty()) environment_.outside_clients_changed(-1);
    return;
  }
  if (c.local_port != 0) environment_.network.forget(c.local_port, *c.lab);
  const Instant now = environment_.clock.now().monotonic;
  const Duration latency = environment_.network.draw_latency(runner_.id(), c.peer);
  const bool is_held = environment_.network.is_held(*c.lab, c.side, now);
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
      if (is_held) pipe.hold(now);
    }
  }
  for (const Pipe::Item& item : lost) drop(c, item);
  for (const EarlyFrame& early : std::exchange(c.early, {})) drop(c, early.item);
}

void LiveNode::Thread::drop(const Connection& c, const Pipe::Item& item) {
  if (item.kind != Pipe::Item::Kind::frame) return;
  runner_.emit(environment_.clock.now().monotonic,
               event::MessageDropped{{c.id, c.peer, item.nth, item.size}, "connection closed"}, item.cause);
}

void LiveNode::Thread::close_by_network(Connection& c, const std::string& reason, EventRef cause,
                                        Unsent unsent) {
  const ConnectionPtr keep = find_connection(c);
  const bool is_known = c.is_told || c.listener.empty();
  EventRef closed = cause;
  if (is_known) {
    closed = runner_.emit(environment_.clock.now().monotonic, event::ConnectionClosed{c.id, c.peer, reason},
                          cause);
  }
  if (unsent == Unsent::delivered) {
    abandon(c, unsent, "closed by peer", closed);
    close_gently(c);
  } else {
    abandon(c, unsent, "reset by peer", closed);
    close_abruptly(c);
  }
  connections_.erase(c.id);
  if (is_known) step(input::ConnectionClosed{c.id, reason}, closed);
  runner_.publish();
}

void LiveNode::Thread::break_if_stuck(Connection& c, Instant now) {
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

void LiveNode::Thread::lose_sent(Connection& c) {
  std::vector<Pipe::Item> lost;
  {
    const std::lock_guard lock(c.lab->mutex);
    lost = c.lab->pipes[c.side].take_all();
  }
  for (const Pipe::Item& item : lost) drop(c, item);
  c.outgoing = OutgoingQueue();
}

void LiveNode::Thread::close_gently(Connection& c) {
  boost::system::error_code ignored;
  c.socket.shutdown(tcp::socket::shutdown_send, ignored);
  c.socket.close(ignored);
}

void LiveNode::Thread::close_abruptly(Connection& c) {
  boost::system::error_code ignored;
  c.socket.set_option(asio::socket_base::linger(true, 0), ignored);
  c.socket.close(ignored);
}

LiveNode::Thread::ConnectionPtr LiveNode::Thread::find_connection(const Connection& c) {
  const auto found = connections_.find(c.id);
  if (found != connections_.end()) return found->second;
  for (const ConnectionPtr& closing : closing_) {
    if (closing.get() == &c) return closing;
  }
  return nullptr;
}

std::vector<LiveNode::Thread::ConnectionPtr> LiveNode::Thread::all_connections() const {
  std::vector<ConnectionPtr> all;
  all.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) all.push_back(connection);
  return all;
}

}  // namespace brokerlab

// How connections of a live node begin and end.
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
        if (!error) accepted(listener.spec, std::move(socket));
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
    while (!error && !has_finished_) {
      tcp::socket socket(io_);
      listener.acceptor.accept(socket, error);
      if (!error) accepted(listener.spec, std::move(socket));
    }
  }
}

void LiveNode::Thread::accepted(const ListenerSpec& listener, tcp::socket socket) {
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
  abandon(c, unsent, "reset by peer", closed);
  close_abruptly(c);
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

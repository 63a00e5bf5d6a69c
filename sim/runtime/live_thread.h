// The thread of a live node: what it does, and what it keeps. Private to LiveNode.
//
// Everything below "the thread's life" runs on the thread itself and needs no lock.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/runtime/live_connection.h"
#include "sim/runtime/live_node.h"

namespace brokerlab {

class LiveNode::Thread {
 public:
  Thread(LiveNode* owner, LiveEnvironment& environment, LiveMember& member, EventRef cause)
      : owner_(owner),
        environment_(environment),
        member_(member),
        runner_(member.runner),
        start_cause_(cause),
        limits_(member.runner.spec().limits),
        counts_(limits_) {}

  // ---- from any thread ------------------------------------------------------------------------------------

  Status listen();
  void launch();
  template <class Handler>
  void post(Handler handler) {
    boost::asio::post(io_, [this, handler = std::move(handler)]() mutable {
      if (has_finished_) return;
      handler();
      arm_wake();
    });
  }

  void pause(EventRef cause);
  void resume(EventRef cause);
  void kill(EventRef cause);
  NodeId id() const { return runner_.id(); }

  bool has_left();
  bool wait_for_end(std::chrono::milliseconds limit);
  void wait_for_end();
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  void give(Input input, EventRef cause);
  void want_snapshot() {
    if (!snapshot_wanted_.exchange(true)) post([this] { publish_snapshot(); });
  }

  void reset_connections(NodeId peer, EventRef cause);
  void note(EventPayload payload, EventRef cause) {
    post([this, payload = std::move(payload), cause]() mutable {
      runner_.emit(environment_.clock.now().monotonic, std::move(payload), cause);
      runner_.publish();
    });
  }
  void poke() {
    post([this] { look_again(); });
  }

 private:
  struct Listener {
    ListenerSpec spec;
    boost::asio::ip::tcp::acceptor acceptor;
    std::optional<boost::asio::ip::tcp::socket> waiting = {};  ///< a connection over max.connections
  };

  using Connection = LiveConnection;
  using ConnectionPtr = std::shared_ptr<Connection>;

  enum class Unsent { delivered, dropped };

  struct SlowFlush {
    Effects::Flush flush;
    EventRef cause;
  };

  // ---- the thread's life ----------------------------------------------------------------------------------

  void run();
  /// Stands still while paused; finishes when killed.
  void obey();
  void leave();
  EventRef end_cause();
  /// Waits for the system to take what was sent before the end.
  void drain();
  void close_listeners();

  // ---- steps ----------------------------------------------------------------------------------------------

  void step(const Input& input, EventRef cause);
  void carry_out_open(Effects::Open open, EventRef cause);
  std::vector<ConnectionPtr> carry_out_sends(Effects& effects);
  void carry_out_close(ConnectionId id, EventRef cause);
  void carry_out_flush(const Effects::Flush& flush, EventRef cause);
  void begin_flush(const Effects::Flush& flush, EventRef cause);
  /// Those of a slow disk whose time has come.
  void begin_slow_flushes(Instant now);
  /// The node's processor or disk is slow: nothing happens here for so long. False when it is killed meanwhile.
  bool stand_still(Duration time);

  // ---- connecting -----------------------------------------------------------------------------------------

  void connect_if_due(const ConnectionPtr& connection);
  void call(const ConnectionPtr& connection, const boost::asio::ip::tcp::endpoint& to);
  void connected(const ConnectionPtr& connection);
  void accept_next(Listener& listener);
  /// Who has connected already, without waiting.
  void accept_now();
  /// Lets it in, or keeps it waiting over max.connections.
  void came(Listener& listener, boost::asio::ip::tcp::socket socket);
  void accepted(const ListenerSpec& listener, boost::asio::ip::tcp::socket socket);
  /// A connection has gone: whoever waits may come in.
  void let_waiting_in();
  /// A protected listener took more than there may be.
  void close_quietest(SocketServer server);
  void prepare_socket(Connection& c);

  // ---- sending --------------------------------------------------------------------------------------------
  /// False when the other end is gone for good.
  bool put_on_its_way(Connection& c, Pipe::Item item, Instant now, Duration latency);
  void send_now(Connection& c);
  /// The close itself is learned by reading, or from the peer's end of the lab connection.
  void give_up_sending(Connection& c);
  void drop_unsent(Connection& c);
  void wait_to_write(const ConnectionPtr& connection);

  // ---- receiving ------------------------------------------------------------------------------------------

  bool may_read(const Connection& c) const;
  /// Its frames, or those of all, take too much memory to read more.
  bool must_wait_for_memory(const Connection& c) const;
  void wait_to_read(const ConnectionPtr& connection);
  /// Frames have been let go: reads again from those that waited for it.
  void read_from_held_back();
  /// Lets the system wake this thread for large pieces of a large frame, and for a single byte otherwise.
  static void wake_for_pieces(Connection& c);
  /// Reads what is there, and cuts it into frames.
  void receive(Connection& c);
  /// Hands over what has arrived.
  void deliver(const ConnectionPtr& connection);
  void deliver_from_outside(const ConnectionPtr& connection);
  void deliver_from_node(const ConnectionPtr& connection);
  void hand_over(Connection& c, Instant now, const std::vector<Pipe::Item>& items);
  void tell_open(Connection& c, Instant now, EventRef cause);

  // ---- closing --------------------------------------------------------------------------------------------
  /// Nothing more is taken from the connection: what is on its way here is lost, and a peer in the lab will
  /// learn, in lab time. `Unsent::dropped`: what the system has not taken yet is lost too.
  void abandon(Connection& c, Unsent unsent, std::string reason, EventRef cause);
  void drop(const Connection& c, const Pipe::Item& item);
  /// The peer, a fault, the system or a limit ended the connection; the node is told.
  void close_by_network(Connection& c, const std::string& reason, EventRef cause, Unsent unsent);
  /// What has waited too long for a cut link is lost, and its connection with it.
  void break_if_stuck(Connection& c, Instant now);
  /// What was sent and has not been handed over is lost.
  void lose_sent(Connection& c);
  static void close_gently(Connection& c);
  /// With a reset, as when a process dies.
  static void close_abruptly(Connection& c);
  ConnectionPtr find_connection(const Connection& c);
  std::vector<ConnectionPtr> all_connections() const;

  // ---- waking ---------------------------------------------------------------------------------------------
  /// Clock, links or time have changed: hands over what has arrived, then fires what is due.
  void look_again();
  /// Closes connections on which nothing has moved for connections.max.idle.ms.
  void close_idle(Instant now);
  /// Sleeps until the next thing that time brings. An earlier waking is left as it is: it will find nothing
  /// to do and arm the right one, which is cheaper than to move it for each step.
  void arm_wake();

  // ---- snapshots ------------------------------------------------------------------------------------------

  void publish_snapshot();
  void describe_now();
  static std::string describe_failure(const void* subject);
  LiveNode* const owner_;
  LiveEnvironment& environment_;
  LiveMember& member_;
  NodeRunner& runner_;
  const EventRef start_cause_;
  const ConnectionLimits limits_;
  ConnectionCounts counts_;
  std::shared_ptr<ReceivedMemory> memory_from_outside_ = std::make_shared<ReceivedMemory>();
  std::multimap<Instant, SlowFlush> slow_flushes_;  ///< by when they begin
  std::vector<ConnectionId> held_back_;             ///< in the order in which they began to wait
  Instant next_idle_check_ = never;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(io_);
  std::deque<Listener> listeners_;
  std::map<ConnectionId, ConnectionPtr> connections_;
  std::vector<ConnectionPtr> closing_;  ///< closed by the node, not yet sent to the end
  boost::asio::steady_timer wake_{io_};
  bool is_wake_armed_ = false;
  RealInstant wake_at_;
  boost::asio::steady_timer snapshot_timer_{io_};
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

}  // namespace brokerlab

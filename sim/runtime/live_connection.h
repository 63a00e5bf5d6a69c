// A connection of a live node, as its thread keeps it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/node.h"
#include "sim/network/pipe.h"
#include "sim/runtime/connection_limits.h"
#include "sim/runtime/live_network.h"
#include "sim/runtime/outgoing_queue.h"
#include "sim/runtime/receive_buffer.h"

namespace brokerlab {

/// A frame that the node sent before its connection was established.
struct EarlyFrame {
  Slices frame;
  Pipe::Item item;
};

struct LiveConnection {
  explicit LiveConnection(boost::asio::io_context& io, std::shared_ptr<ReceivedMemory> memory = nullptr)
      : socket(io), received(std::move(memory)) {}
  ConnectionId id;
  boost::asio::ip::tcp::socket socket;
  Protocol protocol = Protocol::kafka;
  size_t max_frame_bytes = INT32_MAX;
  std::string listener;  ///< empty: we opened it
  SocketServer server = SocketServer::broker;
  bool is_protected = false;
  std::string host;     ///< who counts for max.connections.per.ip; empty: we opened it
  Instant last_active;  ///< when bytes came or went last
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
  int wakes_at_bytes = 1;     ///< SO_RCVLOWAT
  bool is_held_back = false;  ///< not read from until memory is free again
  bool has_ended = false;     ///< nothing more comes
  std::string end_reason;
  Instant next_arrival = never;
  Instant break_at = never;

  // Sending.
  OutgoingQueue outgoing;
  uint64_t sent = 0;
  bool is_waiting_to_write = false;
  bool is_broken = false;  ///< the system takes nothing more
};

}  // namespace brokerlab

#include "sim/runtime/connection_limits.h"

#include <doctest/doctest.h>

using namespace brokerlab;

TEST_CASE("Over max.connections a new connection waits, except on the protected listener") {
  ConnectionLimits limits;
  limits.max_connections = 2;
  ConnectionCounts counts(limits);
  CHECK(counts.add(SocketServer::broker, "a"));
  CHECK(counts.has_slot(SocketServer::broker, false));
  CHECK(counts.add(SocketServer::broker, "b"));
  CHECK_FALSE(counts.has_slot(SocketServer::broker, false));
  CHECK(counts.has_slot(SocketServer::broker, true));
  CHECK(counts.has_slot(SocketServer::controller, false));
  CHECK_FALSE(counts.is_exceeded(SocketServer::broker));
  CHECK(counts.add(SocketServer::broker, "b"));
  CHECK(counts.is_exceeded(SocketServer::broker));
  counts.remove(SocketServer::broker, "a");
  CHECK_FALSE(counts.is_exceeded(SocketServer::broker));
  counts.remove(SocketServer::broker, "b");
  CHECK(counts.has_slot(SocketServer::broker, false));
}

TEST_CASE("Over max.connections.per.ip the connections of one host are too many, others' are not") {
  ConnectionLimits limits;
  limits.max_connections_per_host = 1;
  ConnectionCounts counts(limits);
  CHECK(counts.add(SocketServer::broker, "a"));
  CHECK_FALSE(counts.add(SocketServer::broker, "a"));
  CHECK(counts.add(SocketServer::broker, "b"));
  counts.remove(SocketServer::broker, "a");
  counts.remove(SocketServer::broker, "a");
  CHECK(counts.add(SocketServer::broker, "a"));
}

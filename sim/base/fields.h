// The field visitor of events and views. Each struct has one `fields(f)` that calls `f(name, member)` for
// every member in order; everything that prints, hashes, compares or looks up a path visits that one list.
#pragma once

#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/base/event.h"
#include "sim/base/views/node_view.h"

namespace brokerlab {

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class F>
void visit_fields(MessageInfo& m, F&& f) {
  f("kind", m.kind);
  f("is_response", m.is_response);
  f("api_key", m.api_key);
  f("api_version", m.api_version);
  f("correlation_id", m.correlation_id);
  f("error_code", m.error_code);
  f("topic", m.topic);
  f("partition", m.partition);
  f("offset", m.offset);
  f("epoch", m.epoch);
  f("partitions", m.partitions);
  f("records", m.records);
}
template <class F>
void visit_fields(FrameRef& r, F&& f) {
  f("connection", r.connection);
  f("peer", r.peer);
  f("nth", r.nth);
  f("size", r.size);
}
template <class F>
void visit_fields(TopicPartition& p, F&& f) {
  f("topic", p.topic);
  f("partition", p.partition);
}
template <class F>
void visit_fields(Uuid& id, F&& f) {
  f("high", id.high);
  f("low", id.low);
}
template <class Tag, class Rep, class F>
void visit_fields(StrongId<Tag, Rep>& id, F&& f) {
  f("value", id.value);
}
template <class T, class F>
requires requires(T& t, F&& f) { t.fields(f); }
void visit_fields(T& value, F&& f) { value.fields(f); }

}  // namespace brokerlab

#include "sim/observe/journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/fields.h"

namespace brokerlab {

void Journal::append(std::span<const Event> events) {
  if (events.empty()) return;
  const std::lock_guard lock(mutex_);
  for (JournalSubscriber* subscriber : subscribers_) subscriber->on_events(events);
}

void Journal::subscribe(JournalSubscriber* subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(subscriber);
}

void Journal::subscribe(JournalSubscriber* subscriber, const JournalRing& past) {
  const std::lock_guard lock(mutex_);
  uint64_t position = 0;
  subscriber->on_events(past.since(position));
  subscribers_.push_back(subscriber);
}

void Journal::unsubscribe(JournalSubscriber* subscriber) {
  const std::lock_guard lock(mutex_);
  std::erase(subscribers_, subscriber);
}

namespace {

constexpr uint64_t fnv_offset = 0xcbf29ce484222325u;
constexpr uint64_t fnv_prime = 0x100000001b3u;

struct Hasher {
  uint64_t state;
  void word(uint64_t value) {
    state = (state ^ value) * fnv_prime;
    state ^= state >> 29;
  }
  void text(std::string_view value) {
    word(value.size());
    for (char c : value) state = (state ^ static_cast<uint8_t>(c)) * fnv_prime;
  }
  /// Visits one declared field; its name is part of the declaration, not of the history.
  template <class T>
  void operator()(std::string_view, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      text(value);
    } else if constexpr (std::is_integral_v<T>) {
      word(static_cast<uint64_t>(value));
    } else if constexpr (std::is_enum_v<T>) {
      word(static_cast<uint64_t>(value));
    } else if constexpr (is_vector<T>) {
      word(value.size());
      for (auto& item : value) (*this)({}, item);
    } else {
      visit_fields(value, *this);
    }
  }
};

}  // namespace

void JournalHash::on_events(std::span<const Event> events) {
  for (const Event& event : events) {
    auto [entry, fresh] = by_node_.try_emplace(event.ref.node, fnv_offset);
    Hasher hasher{entry->second};
    hasher.word(event.ref.sequence);
    hasher.word(event.cause.node.value);
    hasher.word(event.cause.sequence);
    hasher.word(static_cast<uint64_t>(event.at.nanoseconds));
    hasher.word(event.payload.index());
    std::visit(
        [&](const auto& payload) {
          visit_fields(const_cast<std::decay_t<decltype(payload)>&>(payload), hasher);
        },
        event.payload);
    entry->second = hasher.state;
    ++events_;
  }
}

uint64_t JournalHash::value() const {
  Hasher hasher{fnv_offset};
  for (const auto& [node, hash] : by_node_) {
    hasher.word(node.value);
    hasher.word(hash);
  }
  return hasher.state;
}

void JournalHash::add(const JournalHash& other) {
  by_node_.insert(other.by_node_.begin(), other.by_node_.end());
  events_ += other.events_;
}

std::string JournalHash::hex() const { return fmt::format("{:016x}", value()); }

void JournalRing::on_events(std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  for (const Event& event : events) ring_.push_back(event);
  while (ring_.size() > capacity_) {
    ring_.pop_front();
    ++first_;
  }
}

uint64_t JournalRing::end() const {
  const std::lock_guard lock(mutex_);
  return first_ + ring_.size();
}

std::vector<Event> JournalRing::since(uint64_t& position, size_t limit) const {
  const std::lock_guard lock(mutex_);
  position = std::max(position, first_);
  std::vector<Event> events;
  const uint64_t stop = first_ + ring_.size();
  while (position < stop && events.size() < limit) events.push_back(ring_[position++ - first_]);
  return events;
}

}  // namespace brokerlab

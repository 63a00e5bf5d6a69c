#include "sim/network/pipe.h"

#include <algorithm>
#include <iterator>

#include "sim/base/assert.h"

namespace brokerlab {

Instant Pipe::push(Item item, Instant now, Duration latency) {
  last_arrival_ = std::max(last_arrival_, now + latency);
  item.arrives = last_arrival_;
  items_.push_back(std::move(item));
  return last_arrival_;
}

const Pipe::Item* Pipe::first(Instant now) const {
  return items_.empty() || items_.front().arrives > now ? nullptr : &items_.front();
}

Pipe::Item Pipe::take_first() {
  BROKERLAB_ASSERT(!items_.empty());
  Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

std::vector<Pipe::Item> Pipe::take_all() {
  std::vector<Item> taken(std::make_move_iterator(items_.begin()), std::make_move_iterator(items_.end()));
  items_.clear();
  held_since_.reset();
  return taken;
}

std::vector<Pipe::Item> Pipe::take_last(size_t count) {
  std::vector<Item> taken;
  while (taken.size() < count && !items_.empty() && items_.back().kind == Item::Kind::frame) {
    taken.push_back(std::move(items_.back()));
    items_.pop_back();
  }
  std::reverse(taken.begin(), taken.end());
  return taken;
}

void Pipe::release(Instant now, Duration latency) {
  held_since_.reset();
  for (Item& item : items_) item.arrives = std::max(item.arrives, now + latency);
  if (!items_.empty()) last_arrival_ = std::max(last_arrival_, items_.back().arrives);
}

}  // namespace brokerlab

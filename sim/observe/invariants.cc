#include "sim/observe/invariants.h"

#include <algorithm>

namespace brokerlab {

struct Invariants::State {
  std::vector<Violation> violations;
  uint64_t violation_count = 0;
  std::map<std::string, uint64_t> excuses;
  Duration worst_realtime_lag;
};

Invariants::Invariants() : state_(std::make_unique<State>()) {}
Invariants::~Invariants() = default;
Invariants::Invariants(const Invariants& other) : state_(std::make_unique<State>(*other.state_)) {}
Invariants& Invariants::operator=(const Invariants& other) {
  *state_ = *other.state_;
  return *this;
}

void Invariants::on_events(std::span<const Event>) {}
void Invariants::finish(bool) {}
const std::vector<Violation>& Invariants::violations() const { return state_->violations; }
uint64_t Invariants::violation_count() const { return state_->violation_count; }
const std::map<std::string, uint64_t>& Invariants::excuses() const { return state_->excuses; }
Duration Invariants::worst_realtime_lag() const { return state_->worst_realtime_lag; }
std::span<const InvariantDescription> invariant_list() { return {}; }

}  // namespace brokerlab

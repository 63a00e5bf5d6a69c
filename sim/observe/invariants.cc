#include "sim/observe/invariants.h"

#include "sim/observe/invariants/client_history.h"
#include "sim/observe/invariants/folds.h"

namespace brokerlab {

struct Invariants::State {
  ClusterModel model;
  ClientHistory clients;
  Event last;  ///< the newest, without its payload: what is found at the end is found after it

  template <class Payload>
  void take(const Event& event, const Payload& payload) {
    if constexpr (requires { fold(model, event, payload); }) fold(model, event, payload);
    if constexpr (requires { clients.fold(model, event, payload); }) clients.fold(model, event, payload);
  }
};

Invariants::Invariants() : state_(std::make_unique<State>()) {}
Invariants::~Invariants() = default;
Invariants::Invariants(const Invariants& other) : state_(std::make_unique<State>(*other.state_)) {}
Invariants& Invariants::operator=(const Invariants& other) {
  *state_ = *other.state_;
  return *this;
}

void Invariants::on_events(std::span<const Event> events) {
  for (const Event& event : events)
    std::visit([&](const auto& payload) { state_->take(event, payload); }, event.payload);
  if (events.empty()) return;
  state_->last.ref = events.back().ref;
  state_->last.at = events.back().at;
}

void Invariants::finish(bool healed_and_quiet) {
  state_->clients.finish(state_->model, state_->last, healed_and_quiet);
  if (healed_and_quiet) check_liveness(state_->model, state_->last);
}

const std::vector<Violation>& Invariants::violations() const { return state_->model.report.violations(); }
uint64_t Invariants::violation_count() const { return state_->model.report.violation_count(); }
const std::map<std::string, uint64_t>& Invariants::excuses() const { return state_->model.report.excuses(); }
Duration Invariants::worst_realtime_lag() const { return state_->clients.worst_realtime_lag(); }

}  // namespace brokerlab

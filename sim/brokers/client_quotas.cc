#include "sim/brokers/client_quotas.h"

#include <algorithm>
#include <cmath>

namespace brokerlab {

namespace {

constexpr std::string_view user = "ANONYMOUS";
constexpr std::string_view keys[] = {"producer_byte_rate", "consumer_byte_rate"};
/// Nobody can be faster, and sums of windows still fit.
constexpr double fastest_rate = 1e15;

/// At least a byte a second: a client that may do nothing would never be told when to come back.
int64_t whole(double per_second) {
  return static_cast<int64_t>(std::llround(std::clamp(per_second, 1.0, fastest_rate)));
}

}  // namespace

void SampledRate::record(int64_t value, int64_t now_ms) {
  if (samples_.empty()) samples_.push_back({now_ms, now_ms, 0});
  if (now_ms - samples_[current_].start_ms >= sample_ms) {
    current_ = (current_ + 1) % static_cast<size_t>(samples + 1);
    if (current_ >= samples_.size()) samples_.emplace_back();
    samples_[current_] = {now_ms, now_ms, 0};
  }
  samples_[current_].value += value;
  samples_[current_].last_ms = now_ms;
}

int64_t SampledRate::excess_ms(int64_t per_second, int64_t now_ms) {
  int64_t total = 0;
  int64_t oldest_ms = now_ms;
  for (Sample& sample : samples_) {
    if (is_obsolete(sample, now_ms)) sample = {now_ms, now_ms, 0};
    total += sample.value;
    oldest_ms = std::min(oldest_ms, sample.start_ms);
  }
  // A young window counts as a nearly full one, so that a first burst is not taken for a rate.
  const int64_t elapsed_ms = now_ms - oldest_ms;
  const int64_t window_ms = std::max(elapsed_ms, elapsed_ms % sample_ms + (samples - 1) * sample_ms);
  const int64_t needed_ms = (total * 1000 + per_second / 2) / per_second;
  return std::max<int64_t>(needed_ms - window_ms, 0);
}

bool SampledRate::is_over(int64_t now_ms) const {
  return std::all_of(samples_.begin(), samples_.end(),
                     [&](const Sample& sample) { return is_obsolete(sample, now_ms); });
}

void ClientQuotas::apply(const MetadataImage& image) {
  for (size_t kind = 0; kind < states_.size(); ++kind) {
    states_[kind].quotas.clear();
    for (const auto& [entity, values] : image.client_quotas()) {
      const auto value = values.find(std::string(keys[kind]));
      if (value != values.end()) states_[kind].quotas[entity] = whole(value->second);
    }
    if (states_[kind].quotas.empty()) states_[kind].rates.clear();
  }
}

std::optional<ClientQuotas::Match> ClientQuotas::match(const KindState& state,
                                                       std::string_view client_id) const {
  if (state.quotas.empty()) return std::nullopt;
  const std::string user_name(user);
  const std::string client_name(client_id);
  using Name = std::optional<std::string>;
  for (const Name& of_user : {Name(user_name), Name()}) {
    for (const Name& of_client : {Name(client_name), Name()}) {
      const auto both = state.quotas.find({{"client-id", of_client}, {"user", of_user}});
      if (both != state.quotas.end()) return Match{{user_name, client_name}, both->second};
    }
    const auto alone = state.quotas.find({{"user", of_user}});
    if (alone != state.quotas.end()) return Match{{user_name, ""}, alone->second};
  }
  for (const Name& of_client : {Name(client_name), Name()}) {
    const auto alone = state.quotas.find({{"client-id", of_client}});
    if (alone != state.quotas.end()) return Match{{"", client_name}, alone->second};
  }
  return std::nullopt;
}

Duration ClientQuotas::record(QuotaKind kind, std::string_view client_id, uint64_t bytes, Instant now) {
  KindState& state = state_of(kind);
  const std::optional<Match> match = this->match(state, client_id);
  if (!match) return {};
  const int64_t now_ms = now.milliseconds();
  // Names are the clients' own: who is forgotten cannot fill the memory.
  if (!state.rates.contains(match->entity))
    std::erase_if(state.rates, [&](const auto& rate) { return rate.second.is_over(now_ms); });
  SampledRate& rate = state.rates[match->entity];
  rate.record(static_cast<int64_t>(bytes), now_ms);
  return milliseconds(std::min<int64_t>(rate.excess_ms(match->per_second, now_ms), INT32_MAX));
}

void ClientQuotas::take_back(QuotaKind kind, std::string_view client_id, uint64_t bytes, Instant now) {
  KindState& state = state_of(kind);
  if (const std::optional<Match> match = this->match(state, client_id))
    state.rates[match->entity].record(-static_cast<int64_t>(bytes), now.milliseconds());
}

std::optional<uint64_t> ClientQuotas::most_bytes(QuotaKind kind, std::string_view client_id) const {
  const std::optional<Match> match = this->match(state_of(kind), client_id);
  if (!match) return std::nullopt;
  return static_cast<uint64_t>(match->per_second) * (SampledRate::samples - 1);
}

}  // namespace brokerlab

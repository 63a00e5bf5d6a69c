// How fast clients may produce and consume: the byte-rate quotas of the metadata image, and what each client has
// used of them (KIP-13, KIP-219, KIP-546).
//
// A rate is taken over 11 samples of a second, as Kafka does by default (quota.window.num and
// quota.window.size.seconds are no settings). Who exceeds it is told to stay away for as long as brings the rate
// back to the quota; the answer leaves at once, and says so.
//
// Of the quotas that a client matches the most specific counts: user and client id, user, client id, a name
// before the default of its kind. Clients that share that quota's entity share the rate. Everybody is the user
// ANONYMOUS here. Times are lab time; byte rates are whole numbers, so that no floating point decides.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/time.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

/// The sum over a sliding window, in samples: the newest is filled, whole old ones fall away.
class SampledRate {
 public:
  static constexpr int64_t samples = 11;
  static constexpr int64_t sample_ms = 1000;

  void record(int64_t value, int64_t now_ms);
  /// How long nothing may be recorded for the rate to be `per_second` again; 0 when it is not above it.
  int64_t excess_ms(int64_t per_second, int64_t now_ms);
  /// Nothing of what was recorded counts any more.
  bool is_over(int64_t now_ms) const;

 private:
  struct Sample {
    int64_t start_ms = 0;
    int64_t last_ms = 0;
    int64_t value = 0;
  };
  static bool is_obsolete(const Sample& sample, int64_t now_ms) {
    return now_ms - sample.last_ms >= samples * sample_ms;
  }

  std::vector<Sample> samples_;  ///< a ring of one more than count: the oldest may reach into the window
  size_t current_ = 0;
};

enum class QuotaKind : uint8_t { produce, fetch };

class ClientQuotas {
 public:
  /// Takes over the quotas of the image.
  void apply(const MetadataImage& image);
  /// Notes what a client used, and says for how long it should stay away: nothing without a quota.
  Duration record(QuotaKind kind, std::string_view client_id, uint64_t bytes, Instant now);
  /// It was not used after all: a throttled Fetch is answered without records.
  void take_back(QuotaKind kind, std::string_view client_id, uint64_t bytes, Instant now);
  /// More than this at once would always be throttled; nothing without a quota.
  std::optional<uint64_t> most_bytes(QuotaKind kind, std::string_view client_id) const;

 private:
  /// User and client id; empty where the quota is not about it.
  using Entity = std::pair<std::string, std::string>;
  struct Match {
    Entity entity;
    int64_t per_second = 0;
  };
  struct KindState {
    std::map<QuotaEntity, int64_t> quotas;
    std::map<Entity, SampledRate> rates;
  };
  std::optional<Match> match(const KindState& state, std::string_view client_id) const;
  KindState& state_of(QuotaKind kind) { return states_[static_cast<size_t>(kind)]; }
  const KindState& state_of(QuotaKind kind) const { return states_[static_cast<size_t>(kind)]; }

  std::array<KindState, 2> states_;
};

}  // namespace brokerlab

#include "sim/observe/invariants/report.h"

namespace brokerlab {

void InvariantReport::violate(std::string_view invariant, const Event& event, std::string text) {
  ++violation_count_;
  size_t& count = count_of_each_.try_emplace(std::string(invariant), 0).first->second;
  if (++count > kept_of_each || violations_.size() >= kept) return;
  violations_.push_back({std::string(invariant), event.at, event.ref, std::move(text)});
}

void InvariantReport::excuse(const std::string& kind, int64_t records) {
  if (records > 0) excuses_[kind] += static_cast<uint64_t>(records);
}

}  // namespace brokerlab

// How fast lab time runs beside real time: 0.01x to 100x, in hundredths, so that no floating point is needed.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/result.h"

namespace brokerlab {

struct Speed {
  int32_t hundredths = 100;
  friend auto operator<=>(const Speed&, const Speed&) = default;
  /// "1x", "0.25x", "100x".
  std::string to_string() const;
  /// The same, with or without the x. Refuses what is not 0.01 to 100.
  static Result<Speed> parse(std::string_view text);
};
inline constexpr Speed slowest{1};
inline constexpr Speed fastest{10'000};

}  // namespace brokerlab

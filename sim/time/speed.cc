#include "sim/time/speed.h"

#include <fmt/format.h>

namespace brokerlab {

std::string Speed::to_string() const {
  std::string text = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "x";
}

Result<Speed> Speed::parse(std::string_view text) {
  const Status refused =
      Status::error(StatusCode::invalid, fmt::format("{}: a speed is 0.01x to 100x", text));
  if (text.ends_with('x')) text.remove_suffix(1);
  int32_t hundredths = 0;
  int decimals = -1;  // -1: before the point
  bool any_digit = false;
  for (const char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (c >= '0' && c <= '9' && decimals < 2 && hundredths <= fastest.hundredths) {
      hundredths = hundredths * 10 + (c - '0');
      any_digit = true;
      if (decimals >= 0) ++decimals;
    } else {
      return refused;
    }
  }
  for (int i = decimals < 0 ? 0 : decimals; i < 2; ++i) hundredths *= 10;
  const Speed speed{hundredths};
  if (!any_digit || speed < slowest || speed > fastest) return refused;
  return speed;
}

}  // namespace brokerlab

#include "sim/tools/client_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace brokerlab {

void ClientProperties::merge(const std::string& name, bool was_given, const std::string& value) {
  if (was_given || !has(name)) set(name, value);
}

std::string ClientProperties::text(const std::string& name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(otherwise) : found->second;
}

std::string ClientProperties::one_of(const std::string& name, std::string_view otherwise,
                                     const std::vector<std::string_view>& words) {
  std::string value = text(name, otherwise);
  if (std::find(words.begin(), words.end(), value) == words.end())
    complain(name, fmt::format("String must be one of: {}", fmt::join(words, ", ")));
  return value;
}

bool ClientProperties::flag(const std::string& name, bool otherwise) {
  const std::string value = text(name, otherwise ? "true" : "false");
  if (value != "true" && value != "false") complain(name, "Expected value to be either true or false");
  return value == "true";
}

int64_t ClientProperties::number(const std::string& name, int64_t otherwise, int64_t minimum, bool is_int) {
  if (!has(name)) return otherwise;
  const std::string value = text(name, "");
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool fits = !is_int || (number >= std::numeric_limits<int32_t>::min() &&
                                number <= std::numeric_limits<int32_t>::max());
  if (error != std::errc{} || end != value.data() + value.size() || !fits) {
    complain(name, fmt::format("Not a number of type {}", is_int ? "INT" : "LONG"));
    return otherwise;
  }
  if (number < minimum) complain(name, fmt::format("Value must be at least {}", minimum));
  return number;
}

Duration ClientProperties::duration(const std::string& name, Duration otherwise, bool is_int) {
  return milliseconds(number(name, otherwise.milliseconds(), 0, is_int));
}

void ClientProperties::complain(const std::string& name, const std::string& reason) {
  if (complaint_.empty())
    complaint_ = fmt::format("Invalid value {} for configuration {}: {}", text(name, ""), name, reason);
}

}  // namespace brokerlab

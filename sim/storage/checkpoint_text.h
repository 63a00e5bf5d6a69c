// The frame of Kafka's checkpoint files: a line with version 0, a line with the number of entries, then the entries,
// one a line, their fields separated by single blanks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

std::string checkpoint_text(const std::vector<std::string>& lines);
/// The fields of each entry. `invalid` when the version, the count or a number of fields is wrong.
Result<std::vector<std::vector<std::string>>> parse_checkpoint_text(std::string_view text, size_t fields);
/// Empty when `text` is not wholly a decimal number that fits.
std::optional<int64_t> parse_number(std::string_view text);

}  // namespace brokerlab

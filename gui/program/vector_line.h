// One line of golden vectors: a JSON object that says which message it is, with the message's bytes in `hex`
// and what they mean beside it.
//
// Requests and responses are named by `api`, `kind` and `version`, headers by `kind` and `header_version`,
// keys and values of records by `class` and `version`, keys of control records by `part`; they have `json`
// and, where the JSON shows only a size, `records`. A line that names nothing holds record batches: `decoded`
// (one), `decoded_batches` (none or several) and `valid_bytes`, or `error`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab {

/// Fills in what `hex` means. `invalid` when the line cannot be understood, or its bytes cannot.
Status decode_line(nlohmann::ordered_json& line);
/// Fills in `hex` from the other half.
Status encode_line(nlohmann::ordered_json& line);

/// Hexadecimal digits as a person pastes them: blanks and line ends between them do not count. The error says
/// where it is wrong.
Result<Bytes> parse_hex(std::string_view text);

}  // namespace brokerlab

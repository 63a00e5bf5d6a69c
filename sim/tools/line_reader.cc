#include "sim/tools/line_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

LineReader::LineReader(const std::map<std::string, std::string>& properties) {
  const auto text = [&](const std::string& name, std::string& value) {
    if (const auto found = properties.find(name); found != properties.end()) value = found->second;
  };
  const auto flag = [&](const std::string& name) {
    const auto found = properties.find(name);
    return found != properties.end() && found->second == "true";
  };
  parse_key_ = flag("parse.key");
  parse_headers_ = flag("parse.headers");
  ignore_error_ = flag("ignore.error");
  text("key.separator", key_separator_);
  text("headers.delimiter", headers_delimiter_);
  text("headers.separator", headers_separator_);
  text("headers.key.separator", headers_key_separator_);
  if (properties.contains("null.marker")) null_marker_ = properties.at("null.marker");
}

std::optional<Bytes> LineReader::field(std::string_view text) const {
  if (null_marker_ && text == *null_marker_) return std::nullopt;
  return Bytes::copy_of(text);
}

/// What stands before the separator; `rest` goes on after it.
Result<std::string_view> LineReader::cut(std::string_view& rest, const std::string& separator,
                                         std::string_view name) const {
  const size_t at = rest.find(separator);
  if (at == std::string_view::npos)
    return Status::error(StatusCode::invalid,
                         fmt::format("No {} found on line number {}: '{}'", name, line_number_, rest));
  const std::string_view before = rest.substr(0, at);
  rest.remove_prefix(at + separator.size());
  return before;
}

Result<ProducerRecord> LineReader::read(std::string_view line) {
  ++line_number_;
  ProducerRecord record;
  std::string_view rest = line;
  if (parse_headers_) {
    const Result<std::string_view> headers = cut(rest, headers_delimiter_, "headers delimiter");
    if (!headers.ok() && !ignore_error_) return headers.status();
    std::string_view pairs = headers.ok() ? *headers : std::string_view{};
    if (null_marker_ && pairs == *null_marker_) pairs = {};
    while (!pairs.empty()) {
      const size_t end = std::min(pairs.find(headers_separator_), pairs.size());
      const std::string_view pair = pairs.substr(0, end);
      pairs.remove_prefix(std::min(end + headers_separator_.size(), pairs.size()));
      const size_t colon = pair.find(headers_key_separator_);
      if (colon == std::string_view::npos) {
        if (ignore_error_) {
          record.headers.emplace_back(std::string(pair), std::nullopt);
          continue;
        }
        return Status::error(
            StatusCode::invalid,
            fmt::format("No header key separator found in pair '{}' on line number {}", pair, line_number_));
      }
      record.headers.emplace_back(std::string(pair.substr(0, colon)),
                                  field(pair.substr(colon + headers_key_separator_.size())));
    }
  }
  if (parse_key_) {
    const Result<std::string_view> key = cut(rest, key_separator_, "key separator");
    if (!key.ok() && !ignore_error_) return key.status();
    if (key.ok()) record.key = field(*key);
  }
  record.value = field(rest);
  return record;
}

}  // namespace brokerlab

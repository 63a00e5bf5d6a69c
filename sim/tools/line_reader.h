// Turns the lines of kafka-console-producer's standard input into records, as LineMessageReader does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/clients/producer.h"

namespace brokerlab {

class LineReader {
 public:
  /// The --reader-property values: parse.key, parse.headers, key.separator, headers.delimiter,
  /// headers.separator, headers.key.separator, null.marker, ignore.error. Others have no effect.
  explicit LineReader(const std::map<std::string, std::string>& properties);

  /// A record without topic and time. `invalid` in Kafka's words when a separator is missing.
  Result<ProducerRecord> read(std::string_view line);

 private:
  std::optional<Bytes> field(std::string_view text) const;
  Result<std::string_view> cut(std::string_view& rest, const std::string& separator,
                               std::string_view name) const;

  bool parse_key_ = false;
  bool parse_headers_ = false;
  bool ignore_error_ = false;
  std::string key_separator_ = "\t";
  std::string headers_delimiter_ = "\t";
  std::string headers_separator_ = ",";
  std::string headers_key_separator_ = ":";
  std::optional<std::string> null_marker_;
  int64_t line_number_ = 0;
};

}  // namespace brokerlab

#include "sim/tools/record_formatter.h"

#include <fmt/format.h>

#include <vector>

namespace brokerlab {

RecordFormatter::RecordFormatter(const std::map<std::string, std::string>& properties) {
  const auto flag = [&](const std::string& name, bool& value) {
    if (const auto found = properties.find(name); found != properties.end()) value = found->second == "true";
  };
  const auto text = [&](const std::string& name, std::string& value) {
    if (const auto found = properties.find(name); found != properties.end()) value = found->second;
  };
  flag("print.timestamp", timestamp_);
  flag("print.key", key_);
  flag("print.offset", offset_);
  flag("print.partition", partition_);
  flag("print.headers", headers_);
  flag("print.value", value_);
  flag("print.epoch", epoch_);
  flag("print.delivery", delivery_);
  text("key.separator", key_separator_);
  text("line.separator", line_separator_);
  text("headers.separator", headers_separator_);
  text("null.literal", null_literal_);
}

std::string RecordFormatter::format(const ConsumedRecord& consumed) const {
  const kafka::Record& record = consumed.record;
  std::vector<std::string> parts;
  if (timestamp_) {
    const bool is_append_time = consumed.timestamp_type == kafka::TimestampType::log_append_time;
    parts.push_back(
        record.timestamp_ms < 0
            ? "NO_TIMESTAMP"
            : fmt::format("{}:{}", is_append_time ? "LogAppendTime" : "CreateTime", record.timestamp_ms));
  }
  if (partition_) parts.push_back(fmt::format("Partition:{}", consumed.partition.partition));
  if (offset_) parts.push_back(fmt::format("Offset:{}", record.offset));
  // The console consumer of Kafka hands its formatter records without these two.
  if (delivery_) parts.emplace_back("Delivery:NOT_PRESENT");
  if (epoch_) parts.emplace_back("Epoch:NOT_PRESENT");
  if (headers_) {
    std::vector<std::string> headers;
    for (const kafka::RecordHeader& header : record.headers())
      headers.push_back(fmt::format("{}:{}", header.key, header.value.value_or(null_literal_)));
    parts.push_back(headers.empty() ? "NO_HEADERS"
                                    : fmt::format("{}", fmt::join(headers, headers_separator_)));
  }
  if (key_) parts.push_back(record.key ? std::string(record.key->text()) : null_literal_);
  if (value_) parts.push_back(record.value ? std::string(record.value->text()) : null_literal_);
  return fmt::format("{}{}", fmt::join(parts, key_separator_), line_separator_);
}

}  // namespace brokerlab

// Settings of a client by Kafka's names (acks, linger.ms), from the options, --command-property and
// --command-config of a tool, checked in the words of Kafka's ConfigException.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"

namespace brokerlab {

class ClientProperties {
 public:
  explicit ClientProperties(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  bool has(const std::string& name) const { return values_.contains(name); }
  void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
  /// As CommandLineUtils.maybeMergeOptions: an option that was given wins, a property comes next.
  void merge(const std::string& name, bool was_given, const std::string& value);

  std::string text(const std::string& name, std::string_view otherwise) const;
  std::string one_of(const std::string& name, std::string_view otherwise,
                     const std::vector<std::string_view>& words);
  bool flag(const std::string& name, bool otherwise);
  int64_t number(const std::string& name, int64_t otherwise, int64_t minimum, bool is_int = true);
  Duration duration(const std::string& name, Duration otherwise, bool is_int = true);

  /// What is wrong with the first value that was; empty when all are right.
  const std::string& complaint() const { return complaint_; }

 private:
  void complain(const std::string& name, const std::string& reason);

  std::map<std::string, std::string> values_;
  std::string complaint_;
};

}  // namespace brokerlab

// How kafka-console-consumer prints a record: DefaultMessageFormatter of Kafka 4.3.1.
#pragma once

#include <map>
#include <string>

#include "sim/clients/consumer.h"

namespace brokerlab {

class RecordFormatter {
 public:
  /// The --formatter-property values; others have no effect.
  explicit RecordFormatter(const std::map<std::string, std::string>& properties);

  std::string format(const ConsumedRecord& consumed) const;

 private:
  bool timestamp_ = false;
  bool key_ = false;
  bool offset_ = false;
  bool partition_ = false;
  bool headers_ = false;
  bool value_ = true;
  bool epoch_ = false;
  bool delivery_ = false;
  std::string key_separator_ = "\t";
  std::string line_separator_ = "\n";
  std::string headers_separator_ = ",";
  std::string null_literal_ = "null";
};

}  // namespace brokerlab

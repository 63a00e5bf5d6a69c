// The options of a command-line tool, declared once: parsed as Kafka's tools parse them (joptsimple without
// abbreviations), and listed in the usage text.
//
// `--name value` and `--name=value` are the same; a required argument takes the next word whatever it is
// (`--partitions -1`), an optional one only when it does not begin with a dash; words that belong to no option
// are kept apart, as most of Kafka's tools ignore them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

struct OptionSpec {
  enum class Argument : uint8_t { none, required, optional };
  enum class Support : uint8_t {
    here,
    accepted,  ///< tunes what the lab's client does not have: taken and without effect
    later,     ///< a later part of brokerlab: using it is refused
  };

  std::string_view name;
  Argument argument = Argument::none;
  std::string_view argument_name;  ///< "String: topic", as the usage text shows it
  std::string_view help;
  Support support = Support::here;
};

// Options that most tools have.
constexpr OptionSpec bootstrap_server_option(std::string_view argument_name) {
  return {"bootstrap-server", OptionSpec::Argument::required, argument_name,
          "REQUIRED: one or more brokers, host:port separated by commas."};
}
constexpr OptionSpec command_config_option(std::string_view argument_name) {
  return {"command-config", OptionSpec::Argument::required, argument_name,
          "A property file with settings of the client."};
}
inline constexpr OptionSpec help_option{"help", OptionSpec::Argument::none, "", "Print this."};
inline constexpr OptionSpec version_option{"version", OptionSpec::Argument::none, "",
                                           "Print the version of Kafka that this tool follows."};

/// An option that has another name by now; the old one is taken too, with a warning.
struct RenamedOption {
  std::string_view old_name;
  std::string_view new_name;
};

class ParsedOptions {
 public:
  bool has(std::string_view name) const { return values_.contains(name); }
  /// The argument; empty when the option is absent or has none.
  std::string value(std::string_view name, std::string_view otherwise = {}) const;
  /// The argument; nothing when the option is absent.
  std::optional<std::string> given(std::string_view name) const;
  /// Arguments of an option that may be repeated, in order.
  std::vector<std::string> values(std::string_view name) const;
  /// `invalid` in joptsimple's words when it is given and no number of the type.
  Result<int64_t> number(std::string_view name, int64_t otherwise) const;
  Result<int32_t> integer(std::string_view name, int32_t otherwise) const;
  const std::vector<std::string>& words() const { return words_; }
  /// The first given option that comes with a later part of brokerlab; empty when there is none.
  std::string_view first_of_later(std::span<const OptionSpec> specs) const;

 private:
  friend Result<ParsedOptions> parse_options(std::span<const OptionSpec> specs,
                                             const std::vector<std::string>& arguments);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

/// In joptsimple's words: `not_found` ("nosuchflag is not a recognized option"), or `invalid` when an argument
/// is missing.
Result<ParsedOptions> parse_options(std::span<const OptionSpec> specs,
                                    const std::vector<std::string>& arguments);

/// The table of options that the tools print after a mistake, in two columns of 80 characters.
std::string usage_text(std::span<const OptionSpec> specs);

/// "key=value" of --property and its like; an argument without "=" has an empty value, as in Kafka's tools.
std::map<std::string, std::string> parse_properties(const std::vector<std::string>& arguments);
/// A Java properties file: key=value or key:value lines, # and ! comments. Without line continuations and
/// escapes.
std::map<std::string, std::string> parse_properties_file(std::string_view text);

}  // namespace brokerlab

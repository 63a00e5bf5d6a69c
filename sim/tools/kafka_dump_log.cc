// kafka-dump-log: what stands in the files of a log, as DumpLogSegments of Kafka 4.3.1 prints it
// (log_dump.h). It asks no broker: files are read where the tool runs.
#include <fmt/format.h>

#include <algorithm>

#include "sim/tools/kafka_tools.h"
#include "sim/tools/log_dump.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Support = OptionSpec::Support;

constexpr std::string_view tool_name = "kafka-dump-log";
constexpr std::string_view purpose =
    "This tool helps to parse a log file and dump its contents to the console, useful for debugging a "
    "seemingly corrupt log segment.";

constexpr OptionSpec option_table[] = {
    {"cluster-metadata-decoder", Argument::none, "",
     "Print values as records of the metadata log; implies --print-data-log."},
    {"deep-iteration", Argument::none, "",
     "Print each record of the batches; --print-data-log does so anyway."},
    {"files", Argument::required, "String: file1, file2, ...",
     "REQUIRED: the files of logs to read, separated by commas."},
    help_option,
    {"index-sanity-check", Argument::none, "",
     "Only check indexes as a broker does when it starts, to know whether they must be made again."},
    {"key-decoder-class", Argument::optional, "String", "A Java class that decodes keys.", Support::later},
    {"max-bytes", Argument::required, "Integer: size", "Read so much of each segment. (default: 2147483647)"},
    {"max-message-size", Argument::required, "Integer: size",
     "Size of the largest batch. (default: 5242880)"},
    {"offsets-decoder", Argument::none, "",
     "Print keys and values as records of __consumer_offsets; implies --print-data-log."},
    {"print-data-log", Argument::none, "", "Print keys and values."},
    {"remote-log-metadata-decoder", Argument::none, "", "Print records of __remote_log_metadata.",
     Support::later},
    {"share-group-state-decoder", Argument::none, "", "Print records of __share_group_state.",
     Support::later},
    {"skip-record-metadata", Argument::none, "", "Print of each record only its key and value."},
    {"transaction-log-decoder", Argument::none, "",
     "Print keys and values as records of __transaction_state; implies --print-data-log."},
    {"value-decoder-class", Argument::optional, "String", "A Java class that decodes values.",
     Support::later},
    {"verify-index-only", Argument::none, "", "Compare indexes with their log without printing them."},
    version_option,
};

DataDecoder decoder_of(const ParsedOptions& parsed) {
  if (parsed.has("offsets-decoder")) return DataDecoder::groups;
  if (parsed.has("transaction-log-decoder")) return DataDecoder::transactions;
  return parsed.has("cluster-metadata-decoder") ? DataDecoder::metadata : DataDecoder::text;
}

ToolEnd& uncaught(ToolEnd& end, std::string_view exception) {
  return end.error(fmt::format("Exception in thread \"main\" {}", exception));
}

ToolEnd dump(const std::vector<std::string>& arguments, const ToolEnvironment& environment) {
  ToolEnd end;
  if (arguments.empty()) return usage_error(std::string(purpose), option_table);
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) {
    const bool is_unknown = parsed.status().code == StatusCode::not_found;
    return uncaught(end, fmt::format("joptsimple.{}: {}",
                                     is_unknown ? "UnrecognizedOptionException"
                                                : "OptionMissingRequiredArgumentException",
                                     parsed.status().message));
  }
  if (auto end = early_end(*parsed, option_table, tool_name, purpose)) return *end;
  if (!parsed->has("files")) return missing_argument("files", option_table);

  LogDumpOptions options;
  options.shows_records = parsed->has("deep-iteration");
  options.decoder = decoder_of(*parsed);
  options.shows_data = parsed->has("print-data-log") || options.decoder != DataDecoder::text;
  options.skips_record_metadata = parsed->has("skip-record-metadata");
  options.only_checks_sanity = parsed->has("index-sanity-check");
  options.only_verifies_indexes = parsed->has("verify-index-only");
  const std::pair<const char*, int32_t*> numbers[] = {{"max-message-size", &options.max_message_bytes},
                                                      {"max-bytes", &options.max_bytes}};
  for (const auto& [name, value] : numbers) {
    const Result<int32_t> number = parsed->integer(name, *value);
    if (!number.ok())
      return uncaught(end, "joptsimple.OptionArgumentConversionException: " + number.status().message);
    *value = *number;
  }

  LogDump log_dump(options, environment.read_file, environment.working_folder, end);
  const std::string files = parsed->value("files");
  std::string_view rest = files;
  do {
    const size_t comma = std::min(rest.find(','), rest.size());
    const Status dumped = log_dump.dump(rest.substr(0, comma));
    if (!dumped.ok()) return uncaught(end, dumped.message);
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  } while (!rest.empty());
  log_dump.print_findings();
  end.status = 0;
  return end;
}

}  // namespace

std::unique_ptr<Node> make_kafka_dump_log(const Boot&, const std::vector<std::string>& arguments,
                                          const ToolEnvironment& environment) {
  return make_ending(dump(arguments, environment));
}

}  // namespace brokerlab

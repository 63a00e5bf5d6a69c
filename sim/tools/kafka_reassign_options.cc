#include "sim/tools/kafka_reassign_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "sim/tools/json_list.h"

namespace brokerlab {

namespace {

using Action = ReassignCommand::Action;
using Argument = OptionSpec::Argument;
using Support = OptionSpec::Support;
using Json = nlohmann::json;

constexpr std::string_view tool_name = "kafka-reassign-partitions";
constexpr std::string_view purpose = "This tool helps to move topic partitions between replicas.";

constexpr OptionSpec option_table[] = {
    {"additional", Argument::none, "", "With --execute: also while other partitions are being moved."},
    {"bootstrap-controller", Argument::required, "String: bootstrap controller to connect to",
     "One or more controllers instead of brokers.", Support::later},
    bootstrap_server_option("String: Server(s) to use for bootstrapping"),
    {"broker-list", Argument::required, "String: brokerlist",
     "With --generate: the brokers that the partitions are to be on: 0,1,2."},
    {"cancel", Argument::none, "", "Take moves back that are under way."},
    command_config_option("String: Admin client property file"),
    {"disable-rack-aware", Argument::none, "", "With --generate: racks do not count.", Support::accepted},
    {"disallow-replication-factor-change", Argument::none, "",
     "With --execute: refuse a move that changes how many replicas there are."},
    {"execute", Argument::none, "", "Begin to move partitions as --reassignment-json-file says."},
    {"generate", Argument::none, "", "Propose where the partitions of topics could be. Moves nothing."},
    help_option,
    {"list", Argument::none, "", "Show the moves that are under way."},
    {"preserve-throttles", Argument::none, "", "With --verify and --cancel: leave throttles as they are."},
    {"reassignment-json-file", Argument::required, "String: manual assignment json file path",
     "Where the partitions are to be: {\"partitions\": [{\"topic\": \"foo\", \"partition\": 1, \"replicas\": "
     "[1,2,3]}], \"version\": 1}"},
    {"replica-alter-log-dirs-throttle", Argument::required, "Long: replicaAlterLogDirsThrottle",
     "A limit for moves between log directories.", Support::later},
    {"throttle", Argument::required, "Long: throttle", "A limit for moves between brokers.", Support::later},
    {"timeout", Argument::required, "Long: timeout", "How long moves between log directories are waited for.",
     Support::accepted},
    {"topics-to-move-json-file", Argument::required, "String: topics to reassign json file path",
     "With --generate: the topics: {\"topics\": [{\"topic\": \"foo\"}], \"version\": 1}"},
    {"verify", Argument::none, "", "Show whether the moves of --reassignment-json-file are done."},
    version_option,
};

struct ActionOptions {
  std::string_view name;
  Action action;
  std::vector<std::string_view> required;
  std::set<std::string_view> permitted;
};
const std::vector<ActionOptions>& actions() {
  static const std::vector<ActionOptions> all = {
      {"generate", Action::generate, {"broker-list", "topics-to-move-json-file"}, {"disable-rack-aware"}},
      {"execute",
       Action::execute,
       {"reassignment-json-file"},
       {"additional", "disallow-replication-factor-change", "timeout"}},
      {"verify", Action::verify, {"reassignment-json-file"}, {"preserve-throttles"}},
      {"cancel", Action::cancel, {"reassignment-json-file"}, {"preserve-throttles", "timeout"}},
      {"list", Action::list, {}, {}}};
  return all;
}

std::optional<ToolEnd> check_options(const ParsedOptions& options, ReassignCommand& command) {
  const ActionOptions* chosen = nullptr;
  int count = 0;
  for (const ActionOptions& action : actions()) {
    if (!options.has(action.name)) continue;
    ++count;
    chosen = &action;
  }
  if (count != 1)
    return usage_error(
        "Command must include exactly one action: --generate, --execute, --verify, --cancel, --list",
        option_table);
  if (!options.has("bootstrap-server"))
    return usage_error("Please specify either --bootstrap-server or --bootstrap-controller", option_table);
  for (const std::string_view required : chosen->required)
    if (!options.has(required)) return missing_argument(required, option_table);
  for (const OptionSpec& spec : option_table) {
    const bool is_fine = !options.has(spec.name) || spec.name == chosen->name ||
                         chosen->permitted.contains(spec.name) ||
                         std::ranges::find(chosen->required, spec.name) != chosen->required.end() ||
                         spec.name == "bootstrap-server" || spec.name == "command-config";
    if (!is_fine)
      return usage_error(
          fmt::format("Option \"[{}]\" can't be used with action \"[{}]\"", spec.name, chosen->name),
          option_table);
  }
  command.action = chosen->action;
  return std::nullopt;
}

ToolEnd failed(std::string_view message) { return reassign_exception_end(command_failed, message); }
ToolEnd wrong_json(std::string_view message) { return reassign_exception_end(wrong_mapping, message); }

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::to_string(fmt::join(words, separator));
}

std::optional<ToolEnd> read_targets(const std::string& path, const ToolEnvironment& environment,
                                    ReassignCommand& command) {
  Json elements;
  if (auto wrong = read_json_list(path, "partitions", environment, reassign_exception_end, elements))
    return wrong;
  std::vector<std::string> duplicates;
  for (const Json& element : elements) {
    if (!element.is_object()) return wrong_json("Expected JSON object, received " + element.dump());
    for (const char* field : {"topic", "partition", "replicas"})
      if (!element.contains(field)) return wrong_json(fmt::format("No such field exists: `{}`", field));
    const Json& replicas = element["replicas"];
    const bool is_well_formed =
        element["topic"].is_string() && element["partition"].is_number_integer() && replicas.is_array() &&
        std::all_of(replicas.begin(), replicas.end(), [](const Json& id) { return id.is_number_integer(); });
    if (!is_well_formed)
      return wrong_json("Expected a topic, a partition and replicas, received " + element.dump());
    const TopicPartition partition{element["topic"].get<std::string>(), element["partition"].get<int32_t>()};
    if (!command.targets.emplace(partition, replicas.get<std::vector<int32_t>>()).second)
      duplicates.push_back(partition.to_string());
  }
  if (command.action != Action::execute) return std::nullopt;
  if (command.targets.empty()) return failed("Partition reassignment list cannot be empty");
  std::vector<std::string> repeated;
  for (const auto& [partition, replicas] : command.targets) {
    if (replicas.empty()) return failed("Partition replica list cannot be empty");
    std::set<int32_t> seen;
    std::vector<std::string> twice;
    for (const int32_t id : replicas)
      if (!seen.insert(id).second) twice.push_back(std::to_string(id));
    if (!twice.empty())
      repeated.push_back(
          fmt::format("{} contains multiple entries for {}", partition.to_string(), joined(twice, ",")));
  }
  if (!duplicates.empty())
    return failed("Partition reassignment contains duplicate topic partitions: " + joined(duplicates, ","));
  if (!repeated.empty())
    return failed("Partition replica lists may not contain duplicate entries: " + joined(repeated, ". "));
  return std::nullopt;
}

std::vector<std::string> words_between_commas(std::string_view text) {
  std::vector<std::string> words{""};
  for (const char c : text) {
    if (c == ',')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

std::optional<ToolEnd> read_topics(const ParsedOptions& options, const ToolEnvironment& environment,
                                   ReassignCommand& command) {
  for (const std::string& word : words_between_commas(options.value("broker-list"))) {
    int32_t id = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), id);
    if (parsed.ec != std::errc{} || parsed.ptr != word.data() + word.size())
      return reassign_exception_end("java.lang.NumberFormatException",
                                    fmt::format("For input string: \"{}\"", word));
    if (std::ranges::find(command.brokers, id) != command.brokers.end())
      return failed(fmt::format("Broker list contains duplicate entries: {}", id));
    command.brokers.push_back(id);
  }
  Json elements;
  if (auto wrong = read_json_list(options.value("topics-to-move-json-file"), "topics", environment,
                                  reassign_exception_end, elements))
    return wrong;
  for (const Json& element : elements) {
    if (!element.is_object() || !element.contains("topic") || !element["topic"].is_string())
      return wrong_json("No such field exists: `topic`");
    std::string topic = element["topic"].get<std::string>();
    if (std::ranges::find(command.topics_to_move, topic) != command.topics_to_move.end())
      return failed(fmt::format("List of topics to reassign contains duplicate entries: {}", topic));
    command.topics_to_move.push_back(std::move(topic));
  }
  return std::nullopt;
}

}  // namespace

ToolEnd reassign_exception_end(std::string_view exception, std::string_view message, const Causes& causes) {
  ToolEnd end;
  end.output(fmt::format("Error: {}", message)).output(fmt::format("{}: {}", exception, message));
  for (const std::string& cause : causes) end.output("Caused by: " + cause);
  end.output("");
  return end;
}

std::variant<ReassignCommand, ToolEnd> parse_reassign_command(const std::vector<std::string>& arguments,
                                                              const ToolEnvironment& environment) {
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok())
    return error_end("Exception in thread \"main\" joptsimple.UnrecognizedOptionException: " +
                     parsed.status().message);
  if (auto end = early_end(*parsed, option_table, tool_name, purpose)) return *end;
  ReassignCommand command;
  if (auto wrong = check_options(*parsed, command)) return *wrong;
  command.additional = parsed->has("additional");
  command.preserve_throttles = parsed->has("preserve-throttles");
  command.may_change_replication_factor = !parsed->has("disallow-replication-factor-change");

  if (auto wrong = configure_client(command.client, parsed->value("bootstrap-server"),
                                    parsed->given("command-config"), environment, reassign_exception_end))
    return *wrong;

  if (parsed->has("reassignment-json-file"))
    if (auto wrong = read_targets(parsed->value("reassignment-json-file"), environment, command))
      return *wrong;
  if (command.action == Action::generate)
    if (auto wrong = read_topics(*parsed, environment, command)) return *wrong;
  return command;
}

}  // namespace brokerlab

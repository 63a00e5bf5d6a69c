#include "sim/tools/kafka_topics_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/clients/exception_name.h"
#include "sim/tools/topic_config.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;

constexpr OptionSpec option_table[] = {
    {"alter", Argument::none, "", "Change the number of partitions of a topic."},
    {"at-min-isr-partitions", Argument::none, "",
     "With --describe: only partitions whose in-sync set is as small as min.insync.replicas."},
    bootstrap_server_option("String: server to connect to"),
    command_config_option("String: command config property file"),
    {"config", Argument::required, "String: name=value",
     "With --create: a setting of the new topic. May be repeated."},
    {"create", Argument::none, "", "Create a topic."},
    {"delete", Argument::none, "", "Delete topics."},
    {"delete-config", Argument::required, "String: name",
     "No longer supported by Kafka; kept so that old commands are understood.",
     OptionSpec::Support::accepted},
    {"describe", Argument::none, "", "Show topics with their partitions, leaders and in-sync sets."},
    {"exclude-internal", Argument::none, "", "With --list and --describe: without the internal topics."},
    help_option,
    {"if-exists", Argument::none, "",
     "With --alter, --delete and --describe: do nothing when the topic does not exist."},
    {"if-not-exists", Argument::none, "", "With --create: do not fail when the topic exists."},
    {"list", Argument::none, "", "List the topics."},
    {"partition-size-limit-per-response", Argument::required,
     "Integer: maximum number of partitions per response",
     "With --describe: how many partitions one answer of a broker may hold."},
    {"partitions", Argument::required, "Integer: # of partitions",
     "The number of partitions; without it the cluster's default. More partitions of a topic with keys "
     "change which partition a key goes to."},
    {"replica-assignment", Argument::required,
     "String: broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , ...",
     "Brokers for the replicas of each partition: 1:2:3,2:3:1."},
    {"replication-factor", Argument::required, "Integer: replication factor",
     "How many replicas each partition gets; without it the cluster's default."},
    {"topic", Argument::required, "String: topic", "The topic; except with --create a regular expression."},
    {"topic-id", Argument::required, "String: topic-id", "With --describe: the topic with this id."},
    {"topics-with-overrides", Argument::none, "",
     "With --describe: only topics that have settings of their own."},
    {"unavailable-partitions", Argument::none, "", "With --describe: only partitions without a leader."},
    {"under-min-isr-partitions", Argument::none, "",
     "With --describe: only partitions whose in-sync set is smaller than min.insync.replicas."},
    {"under-replicated-partitions", Argument::none, "",
     "With --describe: only partitions with a replica that is not in sync."},
    version_option,
};

constexpr std::string_view purpose = "This tool creates, lists, describes, changes and deletes topics.";
constexpr std::string_view actions[] = {"alter", "create", "delete", "describe", "list"};
constexpr std::string_view illegal_argument = "java.lang.IllegalArgumentException";

/// An option, and the actions that it goes with.
struct Belongs {
  std::string_view option;
  std::set<std::string_view> to;
};

const std::vector<Belongs>& belongings() {
  static const std::vector<Belongs> all = {
      {"config", {"create"}},
      {"partitions", {"alter", "create"}},
      {"replication-factor", {"create"}},
      {"replica-assignment", {"alter", "create"}},
      {"under-replicated-partitions", {"describe"}},
      {"under-min-isr-partitions", {"describe"}},
      {"at-min-isr-partitions", {"describe"}},
      {"unavailable-partitions", {"describe"}},
      {"topics-with-overrides", {"describe"}},
      {"partition-size-limit-per-response", {"describe"}},
      {"if-exists", {"alter", "delete", "describe"}},
      {"if-not-exists", {"create"}},
      {"exclude-internal", {"describe", "list"}},
  };
  return all;
}

ToolEnd missing(std::string_view option) { return missing_argument(option, option_table); }

/// Nothing when the options go together.
std::optional<ToolEnd> check_combination(const ParsedOptions& options) {
  std::vector<std::string_view> given;
  for (const std::string_view action : actions)
    if (options.has(action)) given.push_back(action);
  if (given.size() != 1)
    return usage_error(
        "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
        option_table);
  const std::string_view action = given.front();
  if (!options.has("bootstrap-server"))
    return exception_end(illegal_argument, "--bootstrap-server must be specified");
  if (action == "describe" && options.has("if-exists") && !options.has("topic") && !options.has("topic-id"))
    return missing("topic");
  if (action != "list" && action != "describe" && !options.has("topic")) return missing("topic");
  if (action == "alter") {
    if (options.has("config"))
      return usage_error(
          "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To "
          "alter topic configurations, the kafka-configs tool can be used.)",
          option_table);
    if (!options.has("partitions")) return missing("partitions");
  }
  for (const Belongs& belongs : belongings())
    if (options.has(belongs.option) && !belongs.to.contains(action))
      return usage_error(
          fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", belongs.option, action),
          option_table);
  if (action == "create" && options.has("replica-assignment"))
    for (const std::string_view other : {"partitions", "replication-factor"})
      if (options.has(other))
        return usage_error(
            fmt::format("Option \"[replica-assignment]\" can't be used with option \"[{}]\"", other),
            option_table);
  return std::nullopt;
}

std::optional<ToolEnd> parse_assignment(std::string_view text,
                                        std::vector<std::vector<int32_t>>& assignment) {
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view replicas = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    std::vector<int32_t>& partition = assignment.emplace_back();
    std::vector<int32_t> repeated;
    while (!replicas.empty()) {
      const size_t colon = std::min(replicas.find(':'), replicas.size());
      const std::string_view word = replicas.substr(0, colon);
      replicas.remove_prefix(std::min(colon + 1, replicas.size()));
      int32_t broker = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), broker);
      if (error != std::errc{} || end != word.data() + word.size())
        return topics_failure("java.lang.NumberFormatException",
                              fmt::format("For input string: \"{}\"", word));
      if (std::find(partition.begin(), partition.end(), broker) != partition.end())
        repeated.push_back(broker);
      partition.push_back(broker);
    }
    if (!repeated.empty())
      return topics_failure(command_failed,
                            fmt::format("Partition replica lists may not contain duplicate entries: {}",
                                        fmt::join(repeated, ", ")));
    if (partition.size() != assignment.front().size())
      return topics_failure(operation_failed,
                            fmt::format("Partition {} has different replication factor: [{}]",
                                        assignment.size() - 1, fmt::join(partition, ", ")));
  }
  return std::nullopt;
}

std::optional<ToolEnd> parse_configs(const ParsedOptions& options,
                                     std::map<std::string, std::string>& configs) {
  for (const std::string& config : options.values("config"))
    if (std::count(config.begin(), config.end(), '=') == 0)
      return topics_failure(
          illegal_argument,
          "requirement failed: Invalid topic config: all configs to be added must be in the "
          "format \"key=val\".");
  configs = parse_properties(options.values("config"));
  for (const auto& [name, value] : configs)
    if (const Status status = check_topic_config(name, value); !status.ok())
      return topics_failure("org.apache.kafka.common.config.ConfigException", status.message);
  return std::nullopt;
}

std::optional<ToolEnd> parse_layout(const ParsedOptions& options, TopicsCommand& command) {
  for (const std::string_view name : {"partitions", "replication-factor"}) {
    const Result<int32_t> number = options.integer(name, 0);
    if (!number.ok())
      return topics_failure("joptsimple.OptionArgumentConversionException", number.status().message);
  }
  if (options.has("partitions")) command.partitions = *options.integer("partitions", 0);
  if (auto end = parse_assignment(options.value("replica-assignment"), command.assignment)) return end;
  if (auto end = parse_configs(options, command.configs)) return end;
  if (command.action != TopicsCommand::Action::create) return std::nullopt;
  if (options.has("replication-factor")) {
    const int32_t factor = *options.integer("replication-factor", 0);
    if (factor < 1 || factor > INT16_MAX)
      return topics_failure(illegal_argument, "The replication factor must be between 1 and 32767 inclusive");
    command.replication_factor = static_cast<int16_t>(factor);
  }
  if (command.partitions && *command.partitions < 1)
    return topics_failure(illegal_argument, "The partitions must be greater than 0");
  if (command.topic->empty())
    return topics_failure(exception_name(kafka::ErrorCode::invalid_topic_exception),
                          "The given topic name '' cannot be represented in a request.");
  return std::nullopt;
}

/// URL-safe base64, whose length Java reports when it is none of 16 bytes.
std::optional<ToolEnd> parse_topic_id(const std::string& text, TopicsCommand& command) {
  command.topic_id = Uuid::parse(text);
  if (text.size() == 22 && (!command.topic_id->is_zero() || text == Uuid{}.to_string())) return std::nullopt;
  return topics_failure(
      illegal_argument,
      fmt::format("Input string `{}` decoded as {} bytes, which is not equal to the expected "
                  "16 bytes of a base64-encoded UUID",
                  text, text.size() * 3 / 4));
}

TopicsCommand::Action action_of(const ParsedOptions& options) {
  if (options.has("describe")) return TopicsCommand::Action::describe;
  if (options.has("create")) return TopicsCommand::Action::create;
  if (options.has("alter")) return TopicsCommand::Action::alter;
  if (options.has("delete")) return TopicsCommand::Action::remove;
  return TopicsCommand::Action::list;
}

}  // namespace

ToolEnd topics_failure(std::string_view exception, std::string_view message) {
  ToolEnd end;
  end.output(fmt::format("Error while executing topic command : {}", message));
  end.log(fmt::format("ERROR {}: {} (org.apache.kafka.tools.TopicCommand)", exception, message)).error("");
  return end;
}

std::variant<TopicsCommand, ToolEnd> parse_topics_command(const std::vector<std::string>& arguments,
                                                          const ToolEnvironment& environment) {
  if (arguments.empty()) return usage_error(std::string(purpose), option_table);
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) {
    const bool is_unknown = parsed.status().code == StatusCode::not_found;
    return exception_end(is_unknown ? "joptsimple.UnrecognizedOptionException"
                                    : "joptsimple.OptionMissingRequiredArgumentException",
                         parsed.status().message);
  }
  const ParsedOptions& options = *parsed;
  if (auto end = early_end(options, option_table, "kafka-topics", purpose)) return *end;
  if (auto wrong = check_combination(options)) return *wrong;
  TopicsCommand command;
  if (auto wrong = configure_client(command.client, options.value("bootstrap-server"),
                                    options.given("command-config"), environment))
    return *wrong;

  command.action = action_of(options);
  command.topic = options.given("topic");
  command.if_exists = options.has("if-exists");
  command.if_not_exists = options.has("if-not-exists");
  command.exclude_internal = options.has("exclude-internal");
  command.under_replicated = options.has("under-replicated-partitions");
  command.unavailable = options.has("unavailable-partitions");
  command.under_min_isr = options.has("under-min-isr-partitions");
  command.at_min_isr = options.has("at-min-isr-partitions");
  command.with_overrides = options.has("topics-with-overrides");
  const Result<int32_t> limit = options.integer("partition-size-limit-per-response", 2000);
  if (!limit.ok())
    return topics_failure("joptsimple.OptionArgumentConversionException", limit.status().message);
  command.partitions_per_response = *limit;
  if (options.has("topic-id"))
    if (auto wrong = parse_topic_id(options.value("topic-id"), command)) return *wrong;
  if (auto wrong = parse_layout(options, command)) return *wrong;
  return command;
}

}  // namespace brokerlab

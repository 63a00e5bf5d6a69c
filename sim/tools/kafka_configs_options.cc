#include "sim/tools/kafka_configs_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Support = OptionSpec::Support;

constexpr std::string_view tool_name = "kafka-configs";
constexpr std::string_view purpose =
    "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, "
    "client-metrics or group";

constexpr OptionSpec option_table[] = {
    {"add-config", Argument::required, "String: key1=value1,key2=[v1,v2]",
     "With --alter: settings to set; square brackets around a value that has commas."},
    {"add-config-file", Argument::required, "String: properties file",
     "With --alter: a file with the settings to set."},
    {"all", Argument::none, "", "With --describe: every setting, also those that nobody has set."},
    {"alter", Argument::none, "", "Change settings."},
    {"bootstrap-controller", Argument::required, "String: controller to connect to",
     "One or more controllers instead of brokers.", Support::later},
    bootstrap_server_option("String: server to connect to"),
    {"broker", Argument::required, "String: broker id", "A broker: --entity-type brokers --entity-name ID."},
    {"broker-defaults", Argument::none, "",
     "The default of all brokers: --entity-type brokers --entity-default."},
    {"broker-logger", Argument::required, "String: broker id", "A broker's loggers.", Support::later},
    {"client", Argument::required, "String: client id", "A client's quotas.", Support::later},
    {"client-defaults", Argument::none, "", "The default quotas of clients.", Support::later},
    {"client-metrics", Argument::required, "String: name", "A subscription of client metrics.",
     Support::later},
    command_config_option("String: command config property file"),
    {"delete-config", Argument::required, "String: key1,key2", "With --alter: settings to take away."},
    {"describe", Argument::none, "", "Show settings."},
    {"entity-default", Argument::none, "", "The default entity of the type."},
    {"entity-name", Argument::required, "String: name", "A topic's name, or a broker's id."},
    {"entity-type", Argument::required, "String: type",
     "What the settings belong to: topics or brokers (Kafka's others come with later parts of brokerlab)."},
    {"force", Argument::none, "", "Ask nothing.", Support::accepted},
    {"group", Argument::required, "String: group id", "A group's settings.", Support::later},
    help_option,
    {"ip", Argument::required, "String: address", "An address's quotas.", Support::later},
    {"ip-defaults", Argument::none, "", "The default quotas of addresses.", Support::later},
    {"topic", Argument::required, "String: topic", "A topic: --entity-type topics --entity-name NAME."},
    {"user", Argument::required, "String: user", "A user's quotas.", Support::later},
    {"user-defaults", Argument::none, "", "The default quotas of users.", Support::later},
    version_option,
};

constexpr std::string_view entity_types[] = {"topics", "clients",        "users",  "brokers",
                                             "ips",    "client-metrics", "groups", "broker-loggers"};

/// The words between those separators that do not stand inside square brackets.
std::vector<std::string> split_outside_brackets(std::string_view text, char separator) {
  std::vector<std::string> parts{""};
  bool is_inside = false;
  for (const char c : text) {
    if (c == '[') is_inside = true;
    if (c == ']') is_inside = false;
    if (c == separator && !is_inside)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

bool read_added(const std::string& text, std::map<std::string, std::string>& added) {
  for (const std::string& pair : split_outside_brackets(text, ',')) {
    std::vector<std::string> parts = split_outside_brackets(pair, '=');
    if (parts.size() != 2) return false;
    std::erase_if(parts[1], [](char c) { return c == '[' || c == ']'; });
    added[trimmed(parts[0])] = trimmed(parts[1]);
  }
  return true;
}

/// Which entity is meant, by the general options or by a flag for it.
std::optional<ToolEnd> read_entity(const ParsedOptions& options, ConfigsCommand& command) {
  std::vector<std::string> types = options.values("entity-type");
  if (options.has("topic")) types.emplace_back("topics");
  if (options.has("broker") || options.has("broker-defaults")) types.emplace_back("brokers");
  if (types.size() != std::set<std::string>(types.begin(), types.end()).size())
    return error_end(fmt::format("Duplicate entity type(s) specified: {}", types.back()));
  if (!options.has("bootstrap-server"))
    return error_end("Either --bootstrap-server or --bootstrap-controller must be specified.");
  for (const std::string& type : types)
    if (std::find(std::begin(entity_types), std::end(entity_types), type) == std::end(entity_types))
      return error_end(
          fmt::format("Invalid entity type {}, the entity type must be one of {} with a "
                      "--bootstrap-server or --bootstrap-controller argument",
                      type, fmt::join(entity_types, ", ")));
  if (types.empty()) return error_end("At least one entity type must be specified");
  if (types.size() > 1 &&
      std::set<std::string>(types.begin(), types.end()) != std::set<std::string>{"users", "clients"})
    return error_end("Only 'users' and 'clients' entity types may be specified together");
  const bool has_flag = options.has("topic") || options.has("broker") || options.has("broker-defaults");
  const bool is_general =
      options.has("entity-name") || options.has("entity-type") || options.has("entity-default");
  if (has_flag && is_general)
    return error_end(
        "--entity-{type,name,default} should not be used in conjunction with specific entity flags");
  if (types.front() != "topics" && types.front() != "brokers")
    return error_end(
        fmt::format("{}: --entity-type {} is not there yet: it comes with a later part of brokerlab.",
                    tool_name, types.front()));
  command.entity =
      types.front() == "topics" ? ConfigsCommand::Entity::topics : ConfigsCommand::Entity::brokers;
  if (options.has("entity-default") || options.has("broker-defaults")) command.name = "";
  for (const std::string_view option : {"entity-name", "topic", "broker"})
    if (options.has(option)) command.name = options.value(option);
  if (command.entity == ConfigsCommand::Entity::brokers && command.name && !command.name->empty()) {
    int32_t id = 0;
    const char* end = command.name->data() + command.name->size();
    const auto parsed = std::from_chars(command.name->data(), end, id);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
      return error_end(fmt::format(
          "The entity name for brokers must be a valid integer broker id, but it is: {}", *command.name));
  }
  return std::nullopt;
}

std::optional<ToolEnd> read_changes(const ParsedOptions& options, const ToolEnvironment& environment,
                                    ConfigsCommand& command) {
  if (command.entity == ConfigsCommand::Entity::brokers && !command.name)
    return error_end(
        "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips");
  if (command.entity == ConfigsCommand::Entity::topics && (!command.name || command.name->empty()))
    return error_end("An entity name must be specified with --alter of topics");
  if (options.has("add-config") && options.has("add-config-file"))
    return error_end("Only one of --add-config or --add-config-file must be specified");
  if (!options.has("add-config") && !options.has("add-config-file") && !options.has("delete-config"))
    return error_end(
        "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter");
  if (options.has("add-config") && !read_added(options.value("add-config"), command.added))
    return error_end(
        "requirement failed: Invalid entity config: all configs to be added must be in the format "
        "\"key=val\" "
        "or  \"key=[val1,val2]\" to group values which contain commas.");
  if (options.has("add-config-file")) {
    const std::string path = options.value("add-config-file");
    const Result<std::string> text = read_file(environment, path);
    if (!text.ok()) return configs_exception_end(command.arguments)(no_such_file_exception, path, {});
    command.added = parse_properties_file(*text);
  }
  if (options.has("delete-config"))
    for (const std::string& name : split_outside_brackets(options.value("delete-config"), ','))
      command.removed.push_back(trimmed(name));
  return std::nullopt;
}

}  // namespace

ExceptionEnd configs_exception_end(std::string arguments) {
  return [arguments = std::move(arguments)](auto exception, auto message, const Causes& causes) {
    ToolEnd end;
    end.error(fmt::format("Error while executing config command with args '{}'", arguments));
    end.error(fmt::format("{}: {}", exception, message));
    for (const std::string& cause : causes) end.error("Caused by: " + cause);
    return end;
  };
}

std::variant<ConfigsCommand, ToolEnd> parse_configs_command(const std::vector<std::string>& arguments,
                                                            const ToolEnvironment& environment) {
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return error_end(parsed.status().message);
  if (auto end = early_end(*parsed, option_table, tool_name, purpose)) return *end;
  if (parsed->has("alter") == parsed->has("describe"))
    return usage_error("Command must include exactly one action: --describe, --alter", option_table);
  if (parsed->has("describe"))
    for (const std::string_view other : {"add-config", "delete-config"})
      if (parsed->has(other))
        return usage_error(fmt::format("Option \"[{}]\" can't be used with option \"[describe]\"", other),
                           option_table);
  ConfigsCommand command;
  command.arguments = fmt::to_string(fmt::join(arguments, " "));
  command.alters = parsed->has("alter");
  command.all = parsed->has("all");
  if (auto wrong = read_entity(*parsed, command)) return *wrong;
  if (command.alters)
    if (auto wrong = read_changes(*parsed, environment, command)) return *wrong;

  if (auto wrong =
          configure_client(command.client, parsed->value("bootstrap-server"), parsed->given("command-config"),
                           environment, configs_exception_end(command.arguments)))
    return *wrong;
  return command;
}

}  // namespace brokerlab

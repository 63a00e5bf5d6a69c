// kafka-leader-election: asks the controller to elect preferred leaders, or leaders that were not in sync (KIP-460).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <variant>

#include "sim/clients/exception_name.h"
#include "sim/tools/admin_tool.h"
#include "sim/tools/java_order.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Json = nlohmann::json;
using kafka::ErrorCode;

constexpr std::string_view tool_name = "kafka-leader-election";
constexpr std::string_view purpose =
    "This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported "
    "are preferred replicas and unclean replicas.";
constexpr kafka::Versions elect_leaders_versions{0, 2};

constexpr OptionSpec option_table[] = {
    {"admin.config", Argument::required, "String: config file", "The older name of --command-config."},
    {"all-topic-partitions", Argument::none, "", "Elect leaders of all partitions that need one."},
    bootstrap_server_option("String: host:port"),
    command_config_option("String: config file"),
    {"election-type", Argument::required, "[PREFERRED|UNCLEAN]: election type",
     "REQUIRED: preferred gives leaderships back to the first replicas; unclean elects for partitions "
     "without a "
     "leader, and records can be lost."},
    help_option,
    {"partition", Argument::required, "Integer: partition id", "With --topic: the partition."},
    {"path-to-json-file", Argument::required, "String: Path to JSON file",
     "A file with the partitions: {\"partitions\": [{\"topic\": \"foo\", \"partition\": 1}]}"},
    {"topic", Argument::required, "String: topic name", "The topic; --partition is needed too."},
    version_option,
};

struct ElectionCommand {
  Admin::Config client;
  bool is_preferred = true;
  std::optional<std::vector<TopicPartition>> partitions;  ///< nothing: all

  std::string_view type() const { return is_preferred ? "PREFERRED" : "UNCLEAN"; }
};

std::optional<ToolEnd> check_options(const ParsedOptions& options) {
  std::vector<std::string_view> missing;
  for (const std::string_view required : {"bootstrap-server", "election-type"})
    if (!options.has(required)) missing.push_back(required);
  if (!missing.empty())
    return exception_end(command_failed,
                         fmt::format("Missing required option(s): {}", fmt::join(missing, ", ")));
  int selections = 0;
  for (const std::string_view selection : {"topic", "all-topic-partitions", "path-to-json-file"})
    selections += options.has(selection) ? 1 : 0;
  if (selections != 1)
    return exception_end(
        command_failed,
        "One and only one of the following options is required: topic, all-topic-partitions, "
        "path-to-json-file");
  if (options.has("topic") && !options.has("partition"))
    return exception_end(command_failed, "Missing required option(s): partition");
  if (options.has("partition") && !options.has("topic"))
    return exception_end(command_failed, "Option partition is only allowed if topic is used");
  return std::nullopt;
}

std::variant<std::vector<TopicPartition>, ToolEnd> read_partitions(const std::string& path,
                                                                   const ToolEnvironment& environment) {
  const Result<std::string> text = read_file(environment, path);
  if (!text.ok()) {
    const std::string unreadable = "java.io.IOException: Unable to read file " + path;
    return exception_end("java.lang.RuntimeException", unreadable,
                         {unreadable, fmt::format("{}: {}", no_such_file_exception, path)});
  }
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return exception_end(operation_failed, "Replica election data is empty");
  if (!json.is_object() || !json.contains("partitions") || !json["partitions"].is_array())
    return exception_end(operation_failed, "Replica election data is missing \"partitions\" field");
  std::vector<TopicPartition> partitions;
  for (const Json& element : json["partitions"]) {
    const bool is_one = element.is_object() && element.contains("topic") && element["topic"].is_string() &&
                        element.contains("partition") && element["partition"].is_number_integer();
    if (!is_one)
      return exception_end(wrong_mapping, "Expected a topic and a partition, received " + element.dump());
    partitions.push_back({element["topic"].get<std::string>(), element["partition"].get<int32_t>()});
  }
  std::vector<TopicPartition> sorted = partitions;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    return exception_end(operation_failed,
                         "Replica election data contains duplicate partitions: " + twice->to_string());
  return partitions;
}

std::variant<ElectionCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return exception_end("joptsimple.UnrecognizedOptionException", parsed.status().message);
  if (auto end = early_end(*parsed, option_table, tool_name, purpose)) return *end;
  if (auto wrong = check_options(*parsed)) return *wrong;
  const auto unparsable = [&](std::string_view option, std::string cause) {
    return exception_end(
        "joptsimple.OptionArgumentConversionException",
        fmt::format("Cannot parse argument '{}' of option {}", parsed->value(option), option), {cause});
  };
  ElectionCommand command;
  std::string type = parsed->value("election-type");
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (type != "PREFERRED" && type != "UNCLEAN")
    return unparsable("election-type",
                      fmt::format("joptsimple.ValueConversionException: Value [{}] is not one of "
                                  "[[PREFERRED,UNCLEAN]]",
                                  parsed->value("election-type")));
  command.is_preferred = type == "PREFERRED";

  if (parsed->has("topic")) {
    const Result<int32_t> partition = parsed->integer("partition", 0);
    if (!partition.ok())
      return unparsable("partition", fmt::format("java.lang.NumberFormatException: For input string: \"{}\"",
                                                 parsed->value("partition")));
    command.partitions.emplace().push_back({parsed->value("topic"), *partition});
  } else if (parsed->has("path-to-json-file")) {
    auto partitions = read_partitions(parsed->value("path-to-json-file"), environment);
    if (auto* wrong = std::get_if<ToolEnd>(&partitions)) return *wrong;
    command.partitions = std::get<std::vector<TopicPartition>>(std::move(partitions));
  }
  const std::string_view file_option = parsed->has("admin.config") ? "admin.config" : "command-config";
  if (auto wrong = configure_client(command.client, parsed->value("bootstrap-server"),
                                    parsed->given(file_option), environment))
    return *wrong;
  return command;
}

class KafkaLeaderElection final : public AdminTool {
 public:
  KafkaLeaderElection(const Boot& boot, ElectionCommand command)
      : AdminTool(boot, command.client), command_(std::move(command)) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaLeaderElection>(*this); }

 private:
  void begin(const Now& now, Effects& effects) override {
    kafka::ElectLeadersRequest request;
    request.election_type = command_.is_preferred ? 0 : 1;
    request.timeout_ms = request_timeout_ms();
    request.topic_partitions.reset();
    if (command_.partitions) {
      std::map<std::string, std::vector<int32_t>> topics;
      for (const TopicPartition& partition : *command_.partitions)
        topics[partition.topic].push_back(partition.partition);
      request.topic_partitions.emplace();
      for (auto& [topic, partitions] : topics)
        request.topic_partitions->push_back({.topic = topic, .partitions = std::move(partitions)});
    }
    call(now, effects, "electLeaders", Admin::Target::controller, std::move(request), elect_leaders_versions);
  }

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (!answer.answered()) {
      constexpr std::string_view timed_out = "Timeout waiting for election results";
      print_line(effects, timed_out);
      return end_with(now, effects, command_failed, timed_out,
                      {fmt::format("{}: {}", exception_name(ErrorCode::request_timed_out), answer.failure)});
    }
    const auto response = answer.as<kafka::ElectLeadersResponse>();
    const ErrorCode error =
        response.ok() ? kafka::error_from(response->error_code) : ErrorCode::unknown_server_error;
    if (error == ErrorCode::not_controller) return call_again(now, effects);
    if (error != ErrorCode::none)
      return end_with(now, effects, exception_name(error), kafka::error_message(error));
    print_results(now, effects, *response);
  }

  void print_results(const Now& now, Effects& effects, const kafka::ElectLeadersResponse& response) {
    std::vector<TopicPartition> partitions;
    std::map<TopicPartition, std::pair<ErrorCode, std::string>> results;
    for (const auto& topic : response.replica_election_results) {
      for (const auto& partition : topic.partition_result) {
        const TopicPartition name{topic.topic, partition.partition_id};
        const ErrorCode error = kafka::error_from(partition.error_code);
        partitions.push_back(name);
        results[name] = {error, partition.error_message.value_or(std::string(kafka::error_message(error)))};
      }
    }
    order_as_java_map(partitions);
    std::vector<std::string> done, unneeded, suppressed;
    std::vector<std::string> failed;
    for (const TopicPartition& partition : partitions) {
      const auto& [error, message] = results.at(partition);
      if (error == ErrorCode::none) {
        done.push_back(partition.to_string());
      } else if (error == ErrorCode::election_not_needed) {
        unneeded.push_back(partition.to_string());
      } else {
        const std::string exception = fmt::format("{}: {}", exception_name(error), message);
        failed.push_back(fmt::format("Error completing leader election ({}) for partition: {}: {}",
                                     command_.type(), partition.to_string(), exception));
        suppressed.push_back("\tSuppressed: " + exception);
      }
    }
    ToolEnd end;
    if (!done.empty())
      end.output(fmt::format("Successfully completed leader election ({}) for partitions {}", command_.type(),
                             fmt::join(done, ", ")));
    if (!unneeded.empty())
      end.output(fmt::format("Valid replica already elected for partitions {}", fmt::join(unneeded, ", ")));
    end.status = failed.empty() ? 0 : exit_status::failure;
    if (!failed.empty()) {
      for (std::string& line : failed) end.output(std::move(line));
      const std::string message = fmt::format("{} replica(s) could not be elected", suppressed.size());
      end.error(message).error(fmt::format("{}: {}", command_failed, message));
      for (std::string& line : suppressed) end.error(std::move(line));
      end.error("");
    }
    print_ending(now, effects, end);
  }

  ElectionCommand command_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_leader_election(const Boot& boot, const std::vector<std::string>& arguments,
                                                 const ToolEnvironment& environment) {
  return make_tool_of<KafkaLeaderElection>(boot, parse_command(arguments, environment));
}

}  // namespace brokerlab

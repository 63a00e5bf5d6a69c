#include "sim/tools/kafka_leader_election.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <variant>

#include "sim/base/random.h"
#include "sim/clients/admin.h"
#include "sim/clients/exception_name.h"
#include "sim/tools/client_properties.h"
#include "sim/tools/java_order.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Json = nlohmann::json;
using kafka::ErrorCode;

constexpr std::string_view tool_name = "kafka-leader-election";
constexpr std::string_view purpose =
    "This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported "
    "are preferred replicas and unclean replicas.";
constexpr uint16_t admin_timer_kind = 1;
constexpr kafka::Versions elect_leaders_versions{0, 2};
constexpr std::string_view command_failed = "org.apache.kafka.tools.AdminCommandFailedException";
constexpr std::string_view operation_failed = "org.apache.kafka.tools.AdminOperationException";

constexpr OptionSpec option_table[] = {
    {"admin.config", Argument::required, "String: config file", "The older name of --command-config."},
    {"all-topic-partitions", Argument::none, "", "Elect leaders of all partitions that need one."},
    {"bootstrap-server", Argument::required, "String: host:port",
     "REQUIRED: one or more brokers, host:port separated by commas."},
    {"command-config", Argument::required, "String: config file",
     "A property file with settings of the client."},
    {"election-type", Argument::required, "[PREFERRED|UNCLEAN]: election type",
     "REQUIRED: preferred gives leaderships back to the first replicas; unclean elects for partitions "
     "without a "
     "leader, and records can be lost."},
    {"help", Argument::none, "", "Print this."},
    {"partition", Argument::required, "Integer: partition id", "With --topic: the partition."},
    {"path-to-json-file", Argument::required, "String: Path to JSON file",
     "A file with the partitions: {\"partitions\": [{\"topic\": \"foo\", \"partition\": 1}]}"},
    {"topic", Argument::required, "String: topic name", "The topic; --partition is needed too."},
    {"version", Argument::none, "", "Print the version of Kafka that this tool follows."},
};

struct ElectionCommand {
  std::vector<Address> bootstrap;
  Duration request_timeout = seconds(30);
  Duration api_timeout = seconds(60);
  bool is_preferred = true;
  std::optional<std::vector<TopicPartition>> partitions;  ///< nothing: all

  std::string_view type() const { return is_preferred ? "PREFERRED" : "UNCLEAN"; }
};

/// A mistake: the message, the exception, its causes.
ToolEnd failure(std::string_view exception, std::string_view message,
                const std::vector<std::string>& causes = {}) {
  ToolEnd end;
  end.error(std::string(message)).error(fmt::format("{}: {}", exception, message));
  for (const std::string& cause : causes) end.error("Caused by: " + cause);
  end.error("");
  return end;
}

std::optional<ToolEnd> check_options(const ParsedOptions& options) {
  std::vector<std::string_view> missing;
  for (const std::string_view required : {"bootstrap-server", "election-type"})
    if (!options.has(required)) missing.push_back(required);
  if (!missing.empty())
    return failure(command_failed, fmt::format("Missing required option(s): {}", fmt::join(missing, ", ")));
  int selections = 0;
  for (const std::string_view selection : {"topic", "all-topic-partitions", "path-to-json-file"})
    selections += options.has(selection) ? 1 : 0;
  if (selections != 1)
    return failure(command_failed,
                   "One and only one of the following options is required: topic, all-topic-partitions, "
                   "path-to-json-file");
  if (options.has("topic") && !options.has("partition"))
    return failure(command_failed, "Missing required option(s): partition");
  if (options.has("partition") && !options.has("topic"))
    return failure(command_failed, "Option partition is only allowed if topic is used");
  return std::nullopt;
}

std::variant<std::vector<TopicPartition>, ToolEnd> read_partitions(const std::string& path,
                                                                   const ToolEnvironment& environment) {
  const Result<std::string> text = environment.read_file
                                       ? environment.read_file(path)
                                       : Status::error(StatusCode::not_found, "files cannot be read here");
  if (!text.ok()) {
    const std::string unreadable = "java.io.IOException: Unable to read file " + path;
    return failure("java.lang.RuntimeException", unreadable,
                   {unreadable, "java.nio.file.NoSuchFileException: " + path});
  }
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return failure(operation_failed, "Replica election data is empty");
  if (!json.is_object() || !json.contains("partitions") || !json["partitions"].is_array())
    return failure(operation_failed, "Replica election data is missing \"partitions\" field");
  std::vector<TopicPartition> partitions;
  for (const Json& element : json["partitions"]) {
    const bool is_one = element.is_object() && element.contains("topic") && element["topic"].is_string() &&
                        element.contains("partition") && element["partition"].is_number_integer();
    if (!is_one)
      return failure("com.fasterxml.jackson.databind.JsonMappingException",
                     "Expected a topic and a partition, received " + element.dump());
    partitions.push_back({element["topic"].get<std::string>(), element["partition"].get<int32_t>()});
  }
  std::vector<TopicPartition> sorted = partitions;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    return failure(operation_failed,
                   "Replica election data contains duplicate partitions: " + twice->to_string());
  return partitions;
}

std::variant<ElectionCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  ToolEnd end;
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return failure("joptsimple.UnrecognizedOptionException", parsed.status().message);
  if (ends_early(*parsed, option_table, tool_name, purpose, end)) return end;
  if (auto wrong = check_options(*parsed)) return *wrong;
  const auto unparsable = [&](std::string_view option, std::string cause) {
    return failure("joptsimple.OptionArgumentConversionException",
                   fmt::format("Cannot parse argument '{}' of option {}", parsed->value(option), option),
                   {cause});
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

  auto values = client_properties(*parsed, environment,
                                  parsed->has("admin.config") ? "admin.config" : "command-config", "");
  if (auto* unreadable = std::get_if<ToolEnd>(&values)) return *unreadable;
  ClientProperties properties(std::get<std::map<std::string, std::string>>(std::move(values)));
  command.request_timeout = properties.duration("request.timeout.ms", command.request_timeout);
  command.api_timeout = properties.duration("default.api.timeout.ms", command.api_timeout);

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
  Result<std::vector<Address>> bootstrap = parse_bootstrap(parsed->value("bootstrap-server"));
  if (!bootstrap.ok()) return no_admin_client(bootstrap.status().message);
  if (!properties.complaint().empty()) return no_admin_client(properties.complaint());
  command.bootstrap = std::move(bootstrap).value();
  return command;
}

class KafkaLeaderElection final : public Node {
 public:
  KafkaLeaderElection(const Boot& boot, ElectionCommand command)
      : command_(std::move(command)),
        ids_(boot.incarnation),
        admin_({.bootstrap = command_.bootstrap,
                .request_timeout = command_.request_timeout,
                .api_timeout = command_.api_timeout,
                .first_choice = Random(boot.seed).below(UINT16_MAX),
                .timer_kind = admin_timer_kind}) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) ask(now, effects);
    if (const auto* command = std::get_if<input::Command>(&input))
      effects.end(command->verb == "interrupt" ? status_interrupted : status_terminated);
    if (!admin_.owns(input)) return;
    const std::optional<AdminAnswer> answer = admin_.handle(now, effects, ids_, input);
    print_notes(now, effects);
    if (answer) elected(now, effects, *answer);
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaLeaderElection>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "tool";
    view.client_id = "adminclient-1";
    return view;
  }

 private:
  void ask(const Now& now, Effects& effects) {
    kafka::ElectLeadersRequest request;
    request.election_type = command_.is_preferred ? 0 : 1;
    request.timeout_ms = static_cast<int32_t>(command_.request_timeout.milliseconds());
    request.topic_partitions.reset();
    if (command_.partitions) {
      std::map<std::string, std::vector<int32_t>> topics;
      for (const TopicPartition& partition : *command_.partitions)
        topics[partition.topic].push_back(partition.partition);
      request.topic_partitions.emplace();
      for (auto& [topic, partitions] : topics)
        request.topic_partitions->push_back({.topic = topic, .partitions = std::move(partitions)});
    }
    admin_.call(now, effects, ids_, "electLeaders", Admin::Target::controller, std::move(request),
                elect_leaders_versions);
  }

  void elected(const Now& now, Effects& effects, const AdminAnswer& answer) {
    if (answer.outcome == AdminAnswer::Outcome::no_bootstrap)
      return print_ending(now, effects, no_admin_client(no_bootstrap_urls));
    if (!answer.answered()) {
      constexpr std::string_view timed_out = "Timeout waiting for election results";
      print_line(effects, timed_out);
      return print_ending(
          now, effects,
          failure(command_failed, timed_out,
                  {fmt::format("{}: {}", exception_name(ErrorCode::request_timed_out), answer.failure)}));
    }
    const auto response = answer.as<kafka::ElectLeadersResponse>();
    const ErrorCode error =
        response.ok() ? kafka::error_from(response->error_code) : ErrorCode::unknown_server_error;
    if (error == ErrorCode::not_controller) return admin_.call_again(now, effects, ids_);
    if (error != ErrorCode::none)
      return print_ending(now, effects, failure(exception_name(error), kafka::error_message(error)));
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
    end.status = failed.empty() ? 0 : status_failed;
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
  OutgoingConnectionIds ids_;
  Admin admin_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_leader_election(const Boot& boot, const std::vector<std::string>& arguments,
                                                 const ToolEnvironment& environment) {
  auto parsed = parse_command(arguments, environment);
  if (auto* end = std::get_if<ToolEnd>(&parsed)) return make_ending(std::move(*end));
  return std::make_unique<KafkaLeaderElection>(boot, std::get<ElectionCommand>(std::move(parsed)));
}

}  // namespace brokerlab

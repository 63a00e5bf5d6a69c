#include "sim/tools/kafka_delete_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <variant>

#include "sim/base/assert.h"
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

constexpr std::string_view tool_name = "kafka-delete-records";
constexpr std::string_view purpose =
    "This tool helps to delete records of the given partitions down to the specified offset.";
constexpr uint16_t admin_timer_kind = 1;
constexpr kafka::Versions metadata_versions{4, 13};
constexpr kafka::Versions delete_records_versions{0, 2};

constexpr OptionSpec option_table[] = {
    {"bootstrap-server", Argument::required, "String: server(s) to use for bootstrapping",
     "REQUIRED: one or more brokers, host:port separated by commas."},
    {"command-config", Argument::required, "String: command config property file path",
     "A property file with settings of the client."},
    {"help", Argument::none, "", "Print this."},
    {"offset-json-file", Argument::required, "String: Offset json file path",
     "REQUIRED: a file that says up to which offset each partition loses its records, -1 for all: "
     "{\"partitions\": [{\"topic\": \"foo\", \"partition\": 1, \"offset\": 1}], \"version\": 1}"},
    {"version", Argument::none, "", "Print the version of Kafka that this tool follows."},
};

struct DeleteCommand {
  std::vector<Address> bootstrap;
  std::map<TopicPartition, int64_t> offsets;
  std::vector<TopicPartition> order;  ///< in which Kafka prints them
  Duration request_timeout = seconds(30);
  Duration api_timeout = seconds(60);
};

/// A mistake: the message, and the exception that Kafka's tool prints after it.
ToolEnd failure(std::string_view exception, std::string_view message, std::string_view cause = "") {
  ToolEnd end;
  end.error(std::string(message)).error(fmt::format("{}: {}", exception, message));
  if (!cause.empty()) end.error(fmt::format("Caused by: {}", cause));
  end.error("");
  return end;
}

ToolEnd wrong_json(std::string_view message) {
  return failure("com.fasterxml.jackson.databind.JsonMappingException", message);
}
ToolEnd wrong_operation(std::string_view message) {
  return failure("org.apache.kafka.tools.AdminOperationException", message);
}

/// A number of 32 or 64 bits of an object; why not, in the words of Kafka's JsonObject and DecodeJson.
template <class T>
std::optional<ToolEnd> read_number(const Json& object, const char* name, const char* type, T& number) {
  const auto found = object.find(name);
  if (found == object.end()) return wrong_json(fmt::format("No such field exists: `{}`", name));
  if (!found->is_number_integer() || found->get<T>() != found->get<int64_t>())
    return wrong_json(fmt::format("Expected `{}` value, received {}", type, found->dump()));
  number = found->get<T>();
  return std::nullopt;
}

std::optional<ToolEnd> read_offsets(const std::string& text, DeleteCommand& command) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return wrong_operation("The input string is not a valid JSON");
  if (!json.is_object()) return wrong_json("Expected JSON object, received " + json.dump());
  int32_t version = 1;
  if (json.contains("version"))
    if (auto wrong = read_number(json, "version", "Integer", version)) return wrong;
  if (version != 1) return wrong_operation(fmt::format("Not supported version field value {}", version));
  if (!json.contains("partitions")) return wrong_operation("Missing partitions field");
  if (!json["partitions"].is_array())
    return wrong_json("Expected JSON array, received " + json["partitions"].dump());

  std::set<TopicPartition> duplicates;
  for (const Json& element : json["partitions"]) {
    if (!element.is_object()) return wrong_json("Expected JSON object, received " + element.dump());
    TopicPartition partition;
    int64_t offset = 0;
    const auto topic = element.find("topic");
    if (topic == element.end()) return wrong_json("No such field exists: `topic`");
    if (!topic->is_string()) return wrong_json("Expected `String` value, received " + topic->dump());
    partition.topic = topic->get<std::string>();
    if (auto wrong = read_number(element, "partition", "Integer", partition.partition)) return wrong;
    if (auto wrong = read_number(element, "offset", "Long", offset)) return wrong;
    if (command.offsets.emplace(partition, offset).second)
      command.order.push_back(partition);
    else
      duplicates.insert(partition);
  }
  order_as_computed_java_map(command.order);
  if (duplicates.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const TopicPartition& partition : command.order)
    if (duplicates.contains(partition)) names.push_back(partition.to_string());
  return failure(
      "org.apache.kafka.tools.AdminCommandFailedException",
      fmt::format("Offset json file contains duplicate topic partitions: {}", fmt::join(names, ",")));
}

std::variant<DeleteCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                   const ToolEnvironment& environment) {
  ToolEnd end;
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return failure("joptsimple.UnrecognizedOptionException", parsed.status().message);
  if (ends_early(*parsed, option_table, tool_name, purpose, end)) return end;
  for (const std::string_view required : {"bootstrap-server", "offset-json-file"})
    if (!parsed->has(required))
      return usage_error(fmt::format("Missing required argument \"[{}]\"", required), option_table);
  auto values = client_properties(*parsed, environment, "command-config", "");
  if (auto* unreadable = std::get_if<ToolEnd>(&values)) return *unreadable;
  ClientProperties properties(std::get<std::map<std::string, std::string>>(std::move(values)));
  DeleteCommand command;
  command.request_timeout = properties.duration("request.timeout.ms", command.request_timeout);
  command.api_timeout = properties.duration("default.api.timeout.ms", command.api_timeout);
  Result<std::vector<Address>> bootstrap = parse_bootstrap(parsed->value("bootstrap-server"));
  if (!bootstrap.ok()) return no_admin_client(bootstrap.status().message);
  if (!properties.complaint().empty()) return no_admin_client(properties.complaint());
  command.bootstrap = std::move(bootstrap).value();

  const std::string path = parsed->value("offset-json-file");
  const Result<std::string> text = environment.read_file
                                       ? environment.read_file(path)
                                       : Status::error(StatusCode::not_found, "files cannot be read here");
  if (!text.ok())
    return failure("java.io.IOException", "Unable to read file " + path,
                   "java.nio.file.NoSuchFileException: " + path);
  if (auto wrong = read_offsets(*text, command)) return *wrong;
  return command;
}

class KafkaDeleteRecords final : public Node {
 public:
  KafkaDeleteRecords(const Boot& boot, DeleteCommand command)
      : command_(std::move(command)),
        ids_(boot.incarnation),
        admin_({.bootstrap = command_.bootstrap,
                .request_timeout = command_.request_timeout,
                .api_timeout = command_.api_timeout,
                .first_choice = Random(boot.seed).below(UINT16_MAX),
                .timer_kind = admin_timer_kind}) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      deadline_ = now.monotonic + command_.api_timeout;
      unknown_.insert(command_.order.begin(), command_.order.end());
      print_line(effects, "Executing records delete operation");
      go_on(now, effects);
    }
    if (const auto* command = std::get_if<input::Command>(&input))
      effects.end(command->verb == "interrupt" ? status_interrupted : status_terminated);
    if (!admin_.owns(input)) return;
    const std::optional<AdminAnswer> answer = admin_.handle(now, effects, ids_, input);
    print_notes(now, effects);
    if (!answer) return;
    if (answer->outcome == AdminAnswer::Outcome::no_bootstrap)
      return print_ending(now, effects, no_admin_client(no_bootstrap_urls));
    if (asked_.empty())
      leaders_found(now, effects, *answer);
    else
      records_deleted(now, effects, *answer);
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaDeleteRecords>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "tool";
    view.client_id = "adminclient-1";
    return view;
  }

 private:
  /// Asks for the leaders that are not known, then each leader for its partitions, then prints what came of it.
  void go_on(const Now& now, Effects& effects) {
    asked_.clear();
    if (!unknown_.empty()) {
      kafka::MetadataRequest request;
      request.allow_auto_topic_creation = false;
      std::set<std::string> topics;
      for (const TopicPartition& partition : unknown_) topics.insert(partition.topic);
      request.topics.emplace();
      for (const std::string& topic : topics) request.topics->emplace_back().name = topic;
      admin_.call(now, effects, ids_, "deleteRecords(api=METADATA)", Admin::Target::any_node,
                  std::move(request), metadata_versions);
    } else if (!known_.empty()) {
      kafka::DeleteRecordsRequest request;
      request.timeout_ms = static_cast<int32_t>(command_.api_timeout.milliseconds());
      const int32_t leader = known_.begin()->first;
      asked_ = known_.extract(known_.begin()).mapped();
      for (const TopicPartition& partition : asked_) {
        if (request.topics.empty() || request.topics.back().name != partition.topic)
          request.topics.emplace_back().name = partition.topic;
        auto& wanted = request.topics.back().partitions.emplace_back();
        wanted.partition_index = partition.partition;
        wanted.offset = command_.offsets.at(partition);
      }
      admin_.call_node(now, effects, ids_, "deleteRecords(api=DELETE_RECORDS)", leader, std::move(request),
                       delete_records_versions);
    } else {
      print_results(effects);
    }
  }

  void leaders_found(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.answered()
                              ? answer.as<kafka::MetadataResponse>()
                              : Result<kafka::MetadataResponse>(Status::error(StatusCode::unavailable, ""));
    if (!response.ok()) {
      const std::set<TopicPartition> failed = std::exchange(unknown_, {});
      for (const TopicPartition& partition : failed)
        fail(partition, ErrorCode::request_timed_out, answer.failure);
      return go_on(now, effects);
    }
    for (const auto& topic : response->topics) {
      if (topic.error_code != 0) continue;
      for (const auto& partition : topic.partitions) {
        const TopicPartition name{topic.name.value_or(""), partition.partition_index};
        if (partition.error_code != 0 || !admin_.nodes().contains(partition.leader_id)) continue;
        if (unknown_.erase(name) > 0) known_[partition.leader_id].insert(name);
      }
    }
    if (unknown_.empty()) return go_on(now, effects);
    admin_.call_again(now, effects, ids_);
  }

  void records_deleted(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response =
        answer.answered() ? answer.as<kafka::DeleteRecordsResponse>()
                          : Result<kafka::DeleteRecordsResponse>(Status::error(StatusCode::unavailable, ""));
    std::set<TopicPartition> left = std::exchange(asked_, {});
    if (response.ok()) {
      for (const auto& topic : response->topics) {
        for (const auto& deleted : topic.partitions) {
          const TopicPartition partition{topic.name, deleted.partition_index};
          if (left.erase(partition) == 0) continue;
          const ErrorCode error = kafka::error_from(deleted.error_code);
          if (error == ErrorCode::none) {
            results_[partition] = fmt::format("low_watermark: {}", deleted.low_watermark);
          } else if (kafka::is_retriable(error) && now.monotonic < deadline_) {
            unknown_.insert(partition);  // its leader may be another one now
          } else {
            print_log(
                now, effects,
                fmt::format("ERROR [AdminClient clientId=adminclient-1] DeleteRecords request for topic "
                            "partition {} failed due to an unexpected error {} "
                            "(org.apache.kafka.clients.admin.internals.DeleteRecordsHandler)",
                            partition.to_string(), kafka::error_name(error)));
            fail(partition, error, std::string(kafka::error_message(error)));
          }
        }
      }
    }
    for (const TopicPartition& partition : left)
      fail(partition, ErrorCode::request_timed_out, answer.failure);
    go_on(now, effects);
  }

  void fail(const TopicPartition& partition, ErrorCode error, const std::string& message) {
    results_[partition] = fmt::format("error: {}: {}", exception_name(error), message);
  }

  void print_results(Effects& effects) {
    print_line(effects, "Records delete operation completed:");
    for (const TopicPartition& partition : command_.order)
      print_line(effects, fmt::format("partition: {}\t{}", partition.to_string(), results_.at(partition)));
    effects.end(0);
  }

  DeleteCommand command_;
  OutgoingConnectionIds ids_;
  Admin admin_;
  Instant deadline_;
  std::set<TopicPartition> unknown_;                   ///< whose leader has to be found
  std::map<int32_t, std::set<TopicPartition>> known_;  ///< by leader, to be asked
  std::set<TopicPartition> asked_;                     ///< of the DeleteRecords that is under way
  std::map<TopicPartition, std::string> results_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_delete_records(const Boot& boot, const std::vector<std::string>& arguments,
                                                const ToolEnvironment& environment) {
  auto parsed = parse_command(arguments, environment);
  if (auto* end = std::get_if<ToolEnd>(&parsed)) return make_ending(std::move(*end));
  return std::make_unique<KafkaDeleteRecords>(boot, std::get<DeleteCommand>(std::move(parsed)));
}

}  // namespace brokerlab

// kafka-delete-records: moves log starts forward, as DeleteRecordsCommand of Kafka 4.3.1 does (KIP-204).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <variant>

#include "sim/base/assert.h"
#include "sim/clients/exception_name.h"
#include "sim/tools/admin_tool.h"
#include "sim/tools/java_order.h"
#include "sim/tools/json_list.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Json = nlohmann::json;
using kafka::ErrorCode;

constexpr std::string_view tool_name = "kafka-delete-records";
constexpr std::string_view purpose =
    "This tool helps to delete records of the given partitions down to the specified offset.";
constexpr kafka::Versions metadata_versions{4, 13};
constexpr kafka::Versions delete_records_versions{0, 2};

constexpr OptionSpec option_table[] = {
    bootstrap_server_option("String: server(s) to use for bootstrapping"),
    command_config_option("String: command config property file path"),
    help_option,
    {"offset-json-file", Argument::required, "String: Offset json file path",
     "REQUIRED: a file that says up to which offset each partition loses its records, -1 for all: "
     "{\"partitions\": [{\"topic\": \"foo\", \"partition\": 1, \"offset\": 1}], \"version\": 1}"},
    version_option,
};

struct DeleteCommand {
  Admin::Config client;
  std::map<TopicPartition, int64_t> offsets;
  std::vector<TopicPartition> order;  ///< in which Kafka prints them
};

ToolEnd wrong_json(std::string_view message) { return exception_end(wrong_mapping, message); }

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

std::optional<ToolEnd> read_offsets(const std::string& path, const ToolEnvironment& environment,
                                    DeleteCommand& command) {
  Json elements;
  if (auto wrong = read_json_list(path, "partitions", environment, exception_end, elements)) return wrong;
  std::set<TopicPartition> duplicates;
  for (const Json& element : elements) {
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
  return exception_end(command_failed, fmt::format("Offset json file contains duplicate topic partitions: {}",
                                                   fmt::join(names, ",")));
}

std::variant<DeleteCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                   const ToolEnvironment& environment) {
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return exception_end("joptsimple.UnrecognizedOptionException", parsed.status().message);
  if (auto end = early_end(*parsed, option_table, tool_name, purpose)) return *end;
  for (const std::string_view required : {"bootstrap-server", "offset-json-file"})
    if (!parsed->has(required)) return missing_argument(required, option_table);
  DeleteCommand command;
  if (auto wrong = configure_client(command.client, parsed->value("bootstrap-server"),
                                    parsed->given("command-config"), environment))
    return *wrong;
  if (auto wrong = read_offsets(parsed->value("offset-json-file"), environment, command)) return *wrong;
  return command;
}

class KafkaDeleteRecords final : public AdminTool {
 public:
  KafkaDeleteRecords(const Boot& boot, DeleteCommand command)
      : AdminTool(boot, command.client), command_(std::move(command)) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaDeleteRecords>(*this); }

 private:
  void begin(const Now& now, Effects& effects) override {
    deadline_ = now.monotonic + command_.client.api_timeout;
    unknown_.insert(command_.order.begin(), command_.order.end());
    print_line(effects, "Executing records delete operation");
    ask(now, effects);
  }

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (asked_.empty())
      leaders_found(now, effects, answer);
    else
      records_deleted(now, effects, answer);
  }

  /// Asks for the leaders that are not known, then each leader for its partitions, then prints what came of it.
  void ask(const Now& now, Effects& effects) {
    asked_.clear();
    if (!unknown_.empty()) {
      kafka::MetadataRequest request;
      request.allow_auto_topic_creation = false;
      std::set<std::string> topics;
      for (const TopicPartition& partition : unknown_) topics.insert(partition.topic);
      request.topics.emplace();
      for (const std::string& topic : topics) request.topics->emplace_back().name = topic;
      call(now, effects, "deleteRecords(api=METADATA)", Admin::Target::any_node, std::move(request),
           metadata_versions);
    } else if (!known_.empty()) {
      kafka::DeleteRecordsRequest request;
      request.timeout_ms = static_cast<int32_t>(command_.client.api_timeout.milliseconds());
      const int32_t leader = known_.begin()->first;
      asked_ = known_.extract(known_.begin()).mapped();
      for (const TopicPartition& partition : asked_) {
        if (request.topics.empty() || request.topics.back().name != partition.topic)
          request.topics.emplace_back().name = partition.topic;
        auto& wanted = request.topics.back().partitions.emplace_back();
        wanted.partition_index = partition.partition;
        wanted.offset = command_.offsets.at(partition);
      }
      call_node(now, effects, "deleteRecords(api=DELETE_RECORDS)", leader, std::move(request),
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
      return ask(now, effects);
    }
    for (const auto& topic : response->topics) {
      if (topic.error_code != 0) continue;
      for (const auto& partition : topic.partitions) {
        const TopicPartition name{topic.name.value_or(""), partition.partition_index};
        if (partition.error_code != 0 || !nodes().contains(partition.leader_id)) continue;
        if (unknown_.erase(name) > 0) known_[partition.leader_id].insert(name);
      }
    }
    if (unknown_.empty()) return ask(now, effects);
    call_again(now, effects);
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
    ask(now, effects);
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
  Instant deadline_;
  std::set<TopicPartition> unknown_;                   ///< whose leader has to be found
  std::map<int32_t, std::set<TopicPartition>> known_;  ///< by leader, to be asked
  std::set<TopicPartition> asked_;                     ///< of the DeleteRecords that is under way
  std::map<TopicPartition, std::string> results_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_delete_records(const Boot& boot, const std::vector<std::string>& arguments,
                                                const ToolEnvironment& environment) {
  return make_tool_of<KafkaDeleteRecords>(boot, parse_command(arguments, environment));
}

}  // namespace brokerlab

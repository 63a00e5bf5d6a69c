// kafka-configs: shows and changes the settings of topics, brokers and the whole cluster while they run (KIP-226,
// KIP-339).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/clients/exception_name.h"
#include "sim/tools/java_order.h"
#include "sim/tools/kafka_configs_options.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

using Entity = ConfigsCommand::Entity;
using kafka::ErrorCode;

/// Kafka's ConfigEntry.ConfigSource.
constexpr int8_t topic_source = 1;
constexpr int8_t broker_source = 2;
constexpr int8_t cluster_source = 3;

std::string_view name_of_source(int8_t source) {
  constexpr std::string_view names[] = {"UNKNOWN",
                                        "DYNAMIC_TOPIC_CONFIG",
                                        "DYNAMIC_BROKER_CONFIG",
                                        "DYNAMIC_DEFAULT_BROKER_CONFIG",
                                        "STATIC_BROKER_CONFIG",
                                        "DEFAULT_CONFIG",
                                        "DYNAMIC_BROKER_LOGGER_CONFIG",
                                        "DYNAMIC_CLIENT_METRICS_CONFIG",
                                        "DYNAMIC_GROUP_CONFIG"};
  const auto at = static_cast<size_t>(source);
  return source >= 0 && at < std::size(names) ? names[at] : names[0];
}

class KafkaConfigs final : public AdminTool {
 public:
  KafkaConfigs(const Boot& boot, ConfigsCommand command)
      : AdminTool(boot, command.client, configs_exception_end(command.arguments)),
        command_(std::move(command)) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaConfigs>(*this); }

 private:
  enum class Step : uint8_t { look_around, describe, alter };

  /// The topics and brokers that there are.
  void begin(const Now& now, Effects& effects) override {
    step_ = Step::look_around;
    list_topics(now, effects, "listTopics");
  }

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (!answer.answered()) return fail(now, effects, answer.error(), answer.failure);
    if (step_ == Step::look_around) return looked_around(now, effects, answer);
    if (step_ == Step::alter) return altered(now, effects, answer);
    described(now, effects, answer);
  }

  void looked_around(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::MetadataResponse>();
    if (!response.ok()) return fail(now, effects, ErrorCode::unknown_server_error, "");
    const auto& name = command_.name;
    std::vector<std::string> topics;
    for (const auto& topic : response->topics) topics.push_back(topic.name.value_or(""));
    const bool is_topic = command_.entity == Entity::topics;
    const bool is_there = !name || name->empty() ||
                          (is_topic ? std::find(topics.begin(), topics.end(), *name) != topics.end()
                                    : nodes().contains(std::stoi(*name)));
    if (command_.alters) {
      if (!is_topic && !is_there)
        return fail(now, effects, ErrorCode::request_timed_out,
                    "Timed out waiting for a node assignment. Call: incrementalAlterConfigs");
      return alter(now, effects);
    }
    if (!is_there && !command_.all) {
      print_line(effects, fmt::format("The {} '{}' doesn't exist and doesn't have dynamic config.",
                                      command_.type_of_one(), *name));
      return effects.end(0);
    }
    if (name) {
      entities_ = {*name};
    } else if (is_topic) {
      order_as_java_map(topics, false);
      entities_ = std::move(topics);
    } else {
      for (const auto& [id, address] : nodes()) entities_.push_back(std::to_string(id));
      entities_.emplace_back();
    }
    describe_next(now, effects);
  }

  // ---- describe -------------------------------------------------------------------------------------------

  void describe_next(const Now& now, Effects& effects) {
    if (next_ == entities_.size()) return effects.end(0);
    const std::string& entity = entities_[next_];
    if (entity.empty())
      print_line(effects, fmt::format("Default configs for {} in the cluster are:", command_.type()));
    else
      print_line(effects, fmt::format("{} configs for {} {} are:", command_.all ? "All" : "Dynamic",
                                      command_.type_of_one(), entity));
    kafka::DescribeConfigsRequest request;
    request.resources.push_back(
        {.resource_type = resource_type(), .resource_name = entity, .configuration_keys = std::nullopt});
    request.include_synonyms = true;
    step_ = Step::describe;
    ask(now, effects, entity, "describeConfigs", std::move(request), {1, 4});
  }

  void described(const Now& now, Effects& effects, const AdminAnswer& answer) {
    auto response = answer.as<kafka::DescribeConfigsResponse>();
    if (!response.ok() || response->results.size() != 1)
      return fail(now, effects, ErrorCode::unknown_server_error, "");
    auto& result = response->results.front();
    if (const ErrorCode error = kafka::error_from(result.error_code); error != ErrorCode::none)
      return fail(now, effects, error, result.error_message.value_or(""));
    std::sort(result.configs.begin(), result.configs.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    const int8_t own_source = command_.entity == Entity::topics ? topic_source
                              : entities_[next_].empty()        ? cluster_source
                                                                : broker_source;
    for (const auto& config : result.configs) {
      if (!command_.all && config.config_source != own_source) continue;
      std::vector<std::string> synonyms;
      for (const auto& synonym : config.synonyms)
        synonyms.push_back(fmt::format("{}:{}={}", name_of_source(synonym.source), synonym.name,
                                       synonym.value.value_or("null")));
      print_line(effects,
                 fmt::format("  {}={} sensitive={} synonyms={{{}}}", config.name,
                             config.value.value_or("null"), config.is_sensitive, fmt::join(synonyms, ", ")));
    }
    ++next_;
    describe_next(now, effects);
  }

  // ---- alter ----------------------------------------------------------------------------------------------

  void alter(const Now& now, Effects& effects) {
    enum Operation : int8_t { set = 0, remove = 1 };
    kafka::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = resource_type();
    resource.resource_name = *command_.name;
    for (const auto& [name, value] : command_.added)
      resource.configs.push_back({.name = name, .config_operation = set, .value = value});
    for (const std::string& name : command_.removed)
      resource.configs.push_back({.name = name, .config_operation = remove, .value = std::nullopt});
    step_ = Step::alter;
    ask(now, effects, *command_.name, "incrementalAlterConfigs", std::move(request), {0, 1});
  }

  void altered(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::IncrementalAlterConfigsResponse>();
    if (!response.ok() || response->responses.size() != 1)
      return fail(now, effects, ErrorCode::unknown_server_error, "");
    const auto& result = response->responses.front();
    const ErrorCode error = kafka::error_from(result.error_code);
    if (error == ErrorCode::not_controller) return call_again(now, effects);
    if (error != ErrorCode::none)
      return fail(now, effects, error,
                  result.error_message.value_or(std::string(kafka::error_message(error))));
    print_line(
        effects,
        command_.name->empty()
            ? fmt::format("Completed updating default config for {} in the cluster.", command_.type())
            : fmt::format("Completed updating config for {} {}.", command_.type_of_one(), *command_.name));
    effects.end(0);
  }

  // ---- both -----------------------------------------------------------------------------------------------

  int8_t resource_type() const {
    return command_.entity == Entity::topics ? int8_t{2} : int8_t{4};  // ConfigResource.Type
  }

  /// A broker is asked about itself, any node about the rest.
  void ask(const Now& now, Effects& effects, const std::string& entity, std::string name,
           AdminRequest request, kafka::Versions versions) {
    if (command_.entity == Entity::brokers && !entity.empty() && nodes().contains(std::stoi(entity)))
      call_node(now, effects, std::move(name), std::stoi(entity), std::move(request), versions);
    else
      call(now, effects, std::move(name), Admin::Target::any_node, std::move(request), versions);
  }

  void fail(const Now& now, Effects& effects, ErrorCode error, std::string_view message) {
    const std::string exception = fmt::format("{}: {}", exception_name(error), message);
    end_with(now, effects, "java.util.concurrent.ExecutionException", exception, {exception});
  }

  ConfigsCommand command_;
  Step step_ = Step::look_around;
  std::vector<std::string> entities_;  ///< to be described; an empty name is the default
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Node> make_kafka_configs(const Boot& boot, const std::vector<std::string>& arguments,
                                         const ToolEnvironment& environment) {
  return make_tool_of<KafkaConfigs>(boot, parse_configs_command(arguments, environment));
}

}  // namespace brokerlab

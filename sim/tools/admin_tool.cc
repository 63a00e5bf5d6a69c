#include "sim/tools/admin_tool.h"

#include <fmt/format.h>

#include "sim/base/random.h"
#include "sim/tools/client_properties.h"

namespace brokerlab {

namespace {

constexpr uint16_t admin_timer_kind = 1;

Admin::Config with_chance(Admin::Config client, uint64_t seed) {
  client.first_choice = Random(seed).below(UINT16_MAX);
  client.timer_kind = admin_timer_kind;
  return client;
}

ToolEnd without_client(const ExceptionEnd& ends_with, std::string_view reason) {
  return ends_with("org.apache.kafka.common.KafkaException", "Failed to create new KafkaAdminClient",
                   {fmt::format("org.apache.kafka.common.config.ConfigException: {}", reason)});
}

}  // namespace

std::optional<ToolEnd> configure_client(Admin::Config& client, const std::string& bootstrap,
                                        const std::optional<std::string>& properties_file,
                                        const ToolEnvironment& environment, const ExceptionEnd& ends_with) {
  std::map<std::string, std::string> values;
  if (properties_file) {
    const Result<std::string> text = read_file(environment, *properties_file);
    if (!text.ok()) return ends_with(no_such_file_exception, *properties_file, {});
    values = parse_properties_file(*text);
  }
  if (bootstrap.empty())
    return without_client(ends_with, "You must set either bootstrap.servers or bootstrap.controllers");
  Result<std::vector<Address>> addresses = parse_bootstrap(bootstrap);
  if (!addresses.ok()) return without_client(ends_with, addresses.status().message);
  client.bootstrap = std::move(addresses).value();
  ClientProperties properties(std::move(values));
  client.request_timeout = properties.duration("request.timeout.ms", client.request_timeout);
  client.api_timeout = properties.duration("default.api.timeout.ms", client.api_timeout);
  if (!properties.complaint().empty()) return without_client(ends_with, properties.complaint());
  return std::nullopt;
}

AdminTool::AdminTool(const Boot& boot, Admin::Config client, ExceptionEnd ends_with)
    : ends_with_(std::move(ends_with)),
      ids_(boot.incarnation),
      admin_(with_chance(std::move(client), boot.seed)) {}

void AdminTool::step(const Now& now, const Input& input, Effects& effects) {
  if (std::holds_alternative<input::Start>(input)) return begin(now, effects);
  if (const auto* command = std::get_if<input::Command>(&input)) return effects.end(status_after(*command));
  if (!admin_.owns(input)) return;
  const std::optional<AdminAnswer> answer = admin_.handle(now, effects, ids_, input);
  print_notes(now, effects);
  if (!answer) return;
  if (answer->outcome == AdminAnswer::Outcome::no_bootstrap)
    return print_ending(now, effects, without_client(ends_with_, no_bootstrap_urls));
  go_on(now, effects, *answer);
}

NodeView AdminTool::describe(const Now&) const {
  ClientView view;
  view.role = "tool";
  view.client_id = admin_.config().client_id;
  return view;
}

void AdminTool::call(const Now& now, Effects& effects, std::string name, Admin::Target target,
                     AdminRequest request, kafka::Versions versions) {
  admin_.call(now, effects, ids_, std::move(name), target, std::move(request), versions);
}

void AdminTool::call_node(const Now& now, Effects& effects, std::string name, int32_t node,
                          AdminRequest request, kafka::Versions versions) {
  admin_.call_node(now, effects, ids_, std::move(name), node, std::move(request), versions);
}

void AdminTool::call_again(const Now& now, Effects& effects) { admin_.call_again(now, effects, ids_); }

void AdminTool::list_topics(const Now& now, Effects& effects, std::string name) {
  kafka::MetadataRequest all;
  all.topics.reset();
  all.allow_auto_topic_creation = false;
  call(now, effects, std::move(name), Admin::Target::any_node, std::move(all), {1, 13});
}

int32_t AdminTool::request_timeout_ms() const {
  return static_cast<int32_t>(admin_.config().request_timeout.milliseconds());
}

void AdminTool::end_with(const Now& now, Effects& effects, std::string_view exception,
                         std::string_view message, const Causes& causes) const {
  print_ending(now, effects, ends_with_(exception, message, causes));
}

}  // namespace brokerlab

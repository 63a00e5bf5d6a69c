// kafka-broker-api-versions: what each broker offers, as BrokerApiVersionsCommand of Kafka 4.3.1 prints it.
#include <fmt/format.h>

#include <map>
#include <variant>

#include "sim/clients/network_client.h"
#include "sim/tools/client_properties.h"
#include "sim/tools/kafka_tools.h"
#include "sim/tools/tool_output.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/api_table.h"

namespace brokerlab {

namespace {

constexpr std::string_view purpose = "This tool shows which API versions each broker offers.";
constexpr std::string_view log_context = "[LegacyAdminClient clientId=admin-1] ";
constexpr uint16_t network_timer_kind = 1;
constexpr kafka::Versions metadata_versions{1, 13};
constexpr kafka::Versions api_versions_versions{0, 4};

constexpr OptionSpec option_table[] = {
    bootstrap_server_option("String: server(s) to use for bootstrapping"),
    command_config_option("String: command config property file"),
    help_option,
    version_option,
};

struct VersionsCommand {
  std::vector<Address> bootstrap;
  Duration request_timeout;
};

std::variant<VersionsCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  if (arguments.empty())
    return usage_error("This tool helps to retrieve broker version information.", option_table);
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return exception_end("joptsimple.UnrecognizedOptionException", parsed.status().message);
  if (auto end = early_end(*parsed, option_table, "kafka-broker-api-versions", purpose)) return *end;
  if (!parsed->has("bootstrap-server")) return missing_argument("bootstrap-server", option_table);
  auto values = client_properties(*parsed, environment, "command-config", "");
  if (auto* unreadable = std::get_if<ToolEnd>(&values)) return *unreadable;
  ClientProperties properties(std::get<std::map<std::string, std::string>>(std::move(values)));
  VersionsCommand command;
  command.request_timeout = properties.duration("request.timeout.ms", seconds(5));
  Result<std::vector<Address>> bootstrap = parse_bootstrap(parsed->value("bootstrap-server"));
  if (!bootstrap.ok())
    return exception_end("org.apache.kafka.common.config.ConfigException", bootstrap.status().message);
  if (!properties.complaint().empty())
    return exception_end("org.apache.kafka.common.config.ConfigException", properties.complaint());
  command.bootstrap = std::move(bootstrap).value();
  return command;
}

/// "127.0.0.1:9092 (id: 1 rack: null isFenced: false)"
std::string node_text(const Address& address, int32_t id, std::string_view rack) {
  return fmt::format("{} (id: {} rack: {} isFenced: false)", address.to_string(), id, rack);
}

/// "Fetch(1): 4 to 18 [usable: 18]"
std::string api_line(const kafka::ApiVersionsResponse::ApiVersion& offered) {
  const kafka::Api* api = kafka::find_api(offered.api_key);
  const bool is_unknown = api == nullptr || api->schema.empty();
  std::string line =
      fmt::format("{}({}): {}", is_unknown ? "UNKNOWN" : api->name, offered.api_key, offered.min_version);
  if (offered.max_version != offered.min_version) line += fmt::format(" to {}", offered.max_version);
  if (is_unknown) return line;
  const int16_t highest = std::min(offered.max_version, api->schema.last);
  if (offered.min_version > api->schema.last) return line + " [unusable: node too new]";
  if (offered.max_version < api->schema.first) return line + " [unusable: node too old]";
  return line + fmt::format(" [usable: {}]", highest);
}

std::string api_list(const kafka::ApiVersionsResponse& response) {
  std::map<int16_t, std::string> lines;
  for (const kafka::Api& api : kafka::all_apis())
    if (includes(api.listeners, kafka::Listeners::broker))
      lines[api.key] = fmt::format("{}({}): UNSUPPORTED", api.name, api.key);
  for (const auto& offered : response.api_keys) lines[offered.api_key] = api_line(offered);
  std::string text;
  for (const auto& [key, line] : lines) text += fmt::format("{}\n\t{}", text.empty() ? "" : ",", line);
  return text;
}

class KafkaBrokerApiVersions final : public Node {
 public:
  KafkaBrokerApiVersions(const Boot& boot, VersionsCommand command)
      : command_(std::move(command)),
        ids_(boot.incarnation),
        network_({.client_id = "admin-1",
                  .request_timeout = command_.request_timeout,
                  .timer_kind = network_timer_kind,
                  .negotiate_versions = true,
                  .log_context = std::string(log_context)}) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) ask_next_bootstrap(now, effects);
    if (const auto* command = std::get_if<input::Command>(&input)) return effects.end(status_after(*command));
    if (!network_.owns(input)) return;
    const std::vector<Completion> completions = network_.handle(now, effects, ids_, input);
    print_notes(now, effects);
    for (const Completion& completion : completions) {
      if (completion.destination < 0)
        brokers_found(now, effects, completion);
      else
        versions_found(effects, completion);
    }
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaBrokerApiVersions>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "tool";
    view.client_id = "admin-1";
    return view;
  }

 private:
  void ask_next_bootstrap(const Now& now, Effects& effects) {
    const int32_t destination = -1 - static_cast<int32_t>(asked_);
    network_.set_address(destination, command_.bootstrap[asked_++]);
    network_.send(now, effects, ids_, destination, kafka::MetadataRequest{}, metadata_versions, 0);
  }

  void brokers_found(const Now& now, Effects& effects, const Completion& completion) {
    const auto response = completion.answered()
                              ? kafka::decode<kafka::MetadataResponse>(completion.body, completion.version)
                              : Status::error(StatusCode::unavailable, "");
    if (!response.ok()) return bootstrap_failed(now, effects, completion);
    for (const auto& broker : response->brokers) {
      const Address address{broker.host, static_cast<uint16_t>(broker.port)};
      network_.set_address(broker.node_id, address);
      names_[broker.node_id] = node_text(address, broker.node_id, broker.rack.value_or("null"));
      network_.send(now, effects, ids_, broker.node_id, kafka::ApiVersionsRequest{"brokerlab", "0"},
                    api_versions_versions, 0);
    }
    if (names_.empty()) effects.end(0);
  }

  void bootstrap_failed(const Now& now, Effects& effects, const Completion& completion) {
    if (completion.outcome == RequestOutcome::unknown_host) {
      ++unresolved_;
    } else {
      const std::string name =
          node_text(*network_.address_of(completion.destination), completion.destination, "null");
      failed_.push_back(name);
      print_log(now, effects,
                fmt::format("WARN {}Bootstrap broker {} disconnected "
                            "(org.apache.kafka.clients.NetworkClient)",
                            log_context, name));
    }
    if (asked_ < command_.bootstrap.size()) return ask_next_bootstrap(now, effects);
    if (unresolved_ == command_.bootstrap.size())
      return print_ending(now, effects,
                          exception_end("org.apache.kafka.common.config.ConfigException", no_bootstrap_urls));
    print_ending(
        now, effects,
        exception_end("java.lang.RuntimeException",
                      fmt::format("Request METADATA failed on brokers [{}]", fmt::join(failed_, ", "))));
  }

  void versions_found(Effects& effects, const Completion& completion) {
    const auto response = completion.answered()
                              ? kafka::decode<kafka::ApiVersionsResponse>(completion.body, completion.version)
                              : Status::error(StatusCode::unavailable, "");
    answers_[completion.destination] =
        response.ok() ? fmt::format("({}\n)", api_list(*response))
                      : std::string("ERROR: org.apache.kafka.common.errors.DisconnectException");
    if (answers_.size() < names_.size()) return;
    for (const auto& [id, answer] : answers_)
      print_line(effects, fmt::format("{} -> {}", names_[id], answer));
    effects.end(0);
  }

  VersionsCommand command_;
  OutgoingConnectionIds ids_;
  NetworkClient network_;
  size_t asked_ = 0;       ///< bootstrap addresses
  size_t unresolved_ = 0;  ///< of them
  std::vector<std::string> failed_;
  std::map<int32_t, std::string> names_;    ///< of the brokers, by id
  std::map<int32_t, std::string> answers_;  ///< what is printed of each
};

}  // namespace

std::unique_ptr<Node> make_kafka_broker_api_versions(const Boot& boot,
                                                     const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  return make_tool_of<KafkaBrokerApiVersions>(boot, parse_command(arguments, environment));
}

}  // namespace brokerlab

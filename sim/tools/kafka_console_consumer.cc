// kafka-console-consumer: prints the records of one partition, as ConsoleConsumer of Kafka 4.3.1 does. Without
// --partition it would join a consumer group; those come with a later part of brokerlab.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <variant>

#include "sim/base/random.h"
#include "sim/clients/consumer.h"
#include "sim/clients/exception_name.h"
#include "sim/clients/record_events.h"
#include "sim/tools/client_properties.h"
#include "sim/tools/kafka_tools.h"
#include "sim/tools/record_formatter.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Support = OptionSpec::Support;

constexpr std::string_view tool_name = "kafka-console-consumer";
constexpr std::string_view purpose = "This tool reads records from a Kafka topic and prints them.";
constexpr uint16_t consumer_timer_kind = 1;
constexpr TimerKey silence_timer{2, 0};

constexpr OptionSpec option_table[] = {
    bootstrap_server_option("String: server to connect to"),
    {"command-config", Argument::required, "String: config file",
     "A property file with settings of the consumer; --command-property comes before it."},
    {"command-property", Argument::required, "String: consumer_prop",
     "A setting of the consumer, key=value. May be repeated."},
    {"consumer-property", Argument::required, "String: consumer_prop", "Deprecated: use --command-property."},
    {"consumer.config", Argument::required, "String: config file", "Deprecated: use --command-config."},
    {"enable-systest-events", Argument::none, "", "Log the consumer's life cycle.", Support::later},
    {"formatter", Argument::required, "String: class", "A Java class that prints records.", Support::later},
    {"formatter-config", Argument::required, "String: config file",
     "A property file for the formatter; --formatter-property comes before it."},
    {"formatter-property", Argument::required, "String: prop",
     "What is printed, key=value: print.timestamp, print.key, print.offset, print.epoch, print.partition, "
     "print.headers, print.value=true|false, key.separator, line.separator, headers.separator, null.literal. "
     "May be repeated."},
    {"from-beginning", Argument::none, "", "Begin with the first record instead of the next one."},
    {"group", Argument::required, "String: consumer group id", "The consumer group to join."},
    help_option,
    {"include", Argument::required, "String: Java regex (String)",
     "A regular expression for the topics to read."},
    {"isolation-level", Argument::required, "String",
     "read_committed leaves out the records of transactions that did not commit. (default: "
     "read_uncommitted)"},
    {"key-deserializer", Argument::required, "String: deserializer for keys",
     "StringDeserializer or ByteArrayDeserializer."},
    {"max-messages", Argument::required, "Integer: num_messages", "End after so many records."},
    {"offset", Argument::required, "String: consume offset",
     "Where to begin in the partition: a number, earliest or latest. (default: latest)"},
    {"partition", Argument::required, "Integer: partition", "The partition to read."},
    {"property", Argument::required, "String: prop", "Deprecated: use --formatter-property."},
    {"skip-message-on-error", Argument::none, "", "Go on after a record that cannot be printed.",
     Support::accepted},
    {"timeout-ms", Argument::required, "Long: timeout_ms", "End when no record came for so long."},
    {"topic", Argument::required, "String: topic", "The topic to read."},
    {"value-deserializer", Argument::required, "String: deserializer for values",
     "StringDeserializer or ByteArrayDeserializer."},
    version_option,
};

constexpr RenamedOption deprecated[] = {
    {"property", "formatter-property"},
    {"consumer-property", "command-property"},
    {"consumer.config", "command-config"},
};

constexpr std::string_view logger = "org.apache.kafka.tools.consumer.ConsoleConsumer";

struct ConsumerCommand {
  TopicPartition partition;
  StartAt start;
  ConsumerConfig consumer;
  std::map<std::string, std::string> formatter;
  std::optional<int64_t> max_messages;
  std::optional<Duration> timeout;
  std::vector<std::string> warnings;  ///< to standard output before anything else
};

/// How a mistake ends the tool that Kafka's finds only after its consumer is there.
ToolEnd unknown_error(std::string_view exception, std::string_view message) {
  ToolEnd end;
  end.log(fmt::format("ERROR Unknown error when running consumer:  ({})", logger));
  end.error(fmt::format("{}: {}", exception, message));
  return end;
}

std::optional<StartAt> parse_offset(std::string_view text) {
  if (text == "earliest") return StartAt{StartAt::Kind::earliest, 0};
  if (text == "latest") return StartAt{StartAt::Kind::latest, 0};
  int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{} || end != text.data() + text.size() || offset < 0) return std::nullopt;
  return StartAt{StartAt::Kind::offset, offset};
}

/// Nothing when the options go together.
std::optional<ToolEnd> check_combination(const ParsedOptions& options) {
  const auto wrong = [](std::string message) { return usage_error(std::move(message), option_table); };
  if (options.has("topic") == options.has("include"))
    return wrong("Exactly one of the following arguments is required: [topic], [include]");
  if (!options.has("bootstrap-server")) return missing_argument("bootstrap-server", option_table);
  for (const RenamedOption& name : deprecated)
    if (options.has(name.old_name) && options.has(name.new_name))
      return wrong(
          fmt::format("Options --{} and --{} cannot be specified together.", name.old_name, name.new_name));
  if (options.has("offset")) {
    if (!options.has("partition")) return wrong("The partition is required when offset is specified.");
    if (options.has("from-beginning"))
      return wrong("Options from-beginning and offset cannot be specified together.");
    if (!parse_offset(options.value("offset")))
      return wrong(
          fmt::format("The provided offset value '{}' is incorrect. Valid values are 'earliest', "
                      "'latest', or a non-negative long.",
                      options.value("offset")));
  }
  if (options.has("partition") && options.has("group"))
    return wrong("Options group and partition cannot be specified together.");
  const Result<int32_t> partition = options.integer("partition", 0);
  if (!partition.ok())
    return error_end("Exception in thread \"main\" joptsimple.OptionArgumentConversionException: " +
                     partition.status().message);
  return std::nullopt;
}

/// Only one group may be named, however often.
std::optional<ToolEnd> check_groups(const ParsedOptions& options, const ClientProperties& properties) {
  std::vector<std::string> groups;
  if (options.has("group")) groups.push_back(fmt::format("'{}'", options.value("group")));
  if (properties.has("group.id")) groups.push_back(fmt::format("'{}'", properties.text("group.id", "")));
  if (groups.size() < 2 || groups[0] == groups[1]) return std::nullopt;
  return usage_error(fmt::format("The group ids provided in different places (directly using '--group', via "
                                 "'--consumer-property', or via '--consumer.config') do not match. Detected "
                                 "group ids: {}",
                                 fmt::join(groups, ", ")),
                     option_table);
}

std::optional<ToolEnd> check_not_there_yet(const ParsedOptions& options) {
  if (!options.has("partition"))
    return error_end(fmt::format(
        "{}: without --partition it joins a consumer group, and groups are not there yet: they come "
        "with a later part of brokerlab. Read one partition: --partition 0 --from-beginning",
        tool_name));
  for (const std::string_view option : {"key-deserializer", "value-deserializer"}) {
    const std::string name = options.value(option, "StringDeserializer");
    if (name.ends_with("StringDeserializer") || name.ends_with("ByteArrayDeserializer")) continue;
    return error_end(fmt::format(
        "{}: deserializer {} is not there yet: it comes with a later part of brokerlab.", tool_name, name));
  }
  return std::nullopt;
}

/// `seed` chooses the number in the group's name, which the log shows even where no group is used.
ConsumerConfig consumer_config(const ParsedOptions& options, ClientProperties& properties, uint64_t seed) {
  ConsumerConfig config;
  config.client_id = properties.text("client.id", "console-consumer");
  config.log_context = fmt::format("[Consumer clientId={}, groupId=console-consumer-{}] ", config.client_id,
                                   Random(seed).below(100'000));
  config.first_choice = Random(seed).below(UINT16_MAX);
  config.timer_kind = consumer_timer_kind;
  properties.merge("isolation.level", options.has("isolation-level"),
                   options.value("isolation-level", "read_uncommitted"));
  config.read_committed = properties.one_of("isolation.level", "read_uncommitted",
                                            {"read_committed", "read_uncommitted"}) == "read_committed";
  const std::string reset =
      properties.text("auto.offset.reset", options.has("from-beginning") ? "earliest" : "latest");
  config.offset_reset = StartAt::Kind::latest;
  if (reset == "earliest") config.offset_reset = StartAt::Kind::earliest;
  if (reset == "none") config.offset_reset.reset();
  config.allow_auto_topic_creation = properties.flag("allow.auto.create.topics", true);
  config.fetch_max_wait = properties.duration("fetch.max.wait.ms", config.fetch_max_wait);
  config.fetch_min_bytes = static_cast<int32_t>(properties.number("fetch.min.bytes", 1, 0));
  config.fetch_max_bytes =
      static_cast<int32_t>(properties.number("fetch.max.bytes", config.fetch_max_bytes, 0));
  config.max_partition_fetch_bytes = static_cast<int32_t>(
      properties.number("max.partition.fetch.bytes", config.max_partition_fetch_bytes, 0));
  config.request_timeout = properties.duration("request.timeout.ms", config.request_timeout);
  config.retry_backoff = properties.duration("retry.backoff.ms", config.retry_backoff, false);
  config.metadata_max_age = properties.duration("metadata.max.age.ms", config.metadata_max_age, false);
  return config;
}

std::variant<ConsumerCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment, uint64_t seed) {
  if (arguments.empty()) return usage_error(std::string(purpose), option_table);
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return usage_error(parsed.status().message, option_table);
  const ParsedOptions& options = *parsed;
  if (auto end = early_end(options, option_table, tool_name, purpose)) return *end;
  if (auto wrong = check_combination(options)) return *wrong;
  ConsumerCommand command;
  for (const RenamedOption& name : deprecated)
    if (options.has(name.old_name))
      command.warnings.push_back(
          fmt::format("Option --{} is deprecated and will be removed in a future version. Use --{} instead.",
                      name.old_name, name.new_name));
  const std::string_view file = options.has("consumer.config") ? "consumer.config" : "command-config";
  const std::string_view list = options.has("consumer-property") ? "consumer-property" : "command-property";
  auto values = client_properties(options, environment, file, list);
  const std::string_view formatter_list = options.has("property") ? "property" : "formatter-property";
  auto formatter = client_properties(options, environment, "formatter-config", formatter_list);
  for (const auto* read : {&values, &formatter})
    if (const auto* unreadable = std::get_if<ToolEnd>(read))
      return with_warnings(command.warnings, *unreadable);
  ClientProperties properties(std::get<std::map<std::string, std::string>>(std::move(values)));
  if (options.has("from-beginning") && properties.text("auto.offset.reset", "earliest") != "earliest")
    return with_warnings(
        command.warnings,
        error_end(
            fmt::format("Can't simultaneously specify --from-beginning and 'auto.offset.reset={}', please "
                        "remove one option",
                        properties.text("auto.offset.reset", ""))));
  if (auto wrong = check_groups(options, properties)) return with_warnings(command.warnings, *wrong);
  command.consumer = consumer_config(options, properties, seed);
  if (!properties.complaint().empty())
    return with_warnings(command.warnings, unknown_error("org.apache.kafka.common.config.ConfigException",
                                                         properties.complaint()));
  Result<std::vector<Address>> bootstrap = parse_bootstrap(options.value("bootstrap-server"));
  if (!bootstrap.ok()) {
    ToolEnd end =
        unknown_error("org.apache.kafka.common.KafkaException", "Failed to construct kafka consumer");
    end.error("Caused by: org.apache.kafka.common.config.ConfigException: " + bootstrap.status().message);
    return with_warnings(command.warnings, end);
  }
  if (auto missing = check_not_there_yet(options)) return with_warnings(command.warnings, *missing);
  for (const std::string_view name : {"max-messages", "timeout-ms"}) {
    const Result<int64_t> number = options.number(name, 0);
    if (number.ok()) continue;
    ToolEnd end = unknown_error("joptsimple.OptionArgumentConversionException", number.status().message);
    end.lines.insert(end.lines.begin(), {ToolEnd::Line::To::error, "Processed a total of 0 messages"});
    return with_warnings(command.warnings, end);
  }
  command.consumer.bootstrap = std::move(bootstrap).value();
  command.formatter = std::get<std::map<std::string, std::string>>(std::move(formatter));
  command.partition = {options.value("topic"), *options.integer("partition", 0)};
  command.start = {options.has("from-beginning") ? StartAt::Kind::earliest : StartAt::Kind::latest, 0};
  if (options.has("offset")) command.start = *parse_offset(options.value("offset"));
  if (options.has("max-messages")) command.max_messages = *options.number("max-messages", 0);
  if (options.has("timeout-ms")) command.timeout = milliseconds(*options.number("timeout-ms", 0));
  return command;
}

class KafkaConsoleConsumer final : public Node {
 public:
  KafkaConsoleConsumer(const Boot& boot, ConsumerCommand command)
      : command_(std::move(command)),
        ids_(boot.incarnation),
        formatter_(command_.formatter),
        consumer_(command_.consumer) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      for (const std::string& warning : command_.warnings) print_line(effects, warning);
      consumer_.assign(command_.partition, command_.start);
      consumer_.run(now, effects, ids_);
      restart_silence(now, effects);
    } else if (const auto* command = std::get_if<input::Command>(&input)) {
      end(effects, status_after(*command));
    } else if (consumer_.owns(input)) {
      consumer_.handle(now, effects, ids_, input);
      print_notes(now, effects);
      print_records(now, effects);
    } else if (const auto* timer = std::get_if<input::TimerFired>(&input);
               timer != nullptr && timer->timer == silence_timer) {
      fail(now, effects, kafka::ErrorCode::request_timed_out, "");
    }
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaConsoleConsumer>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "consumer";
    view.client_id = command_.consumer.client_id;
    view.topic = command_.partition.topic;
    view.records = printed_;
    ClientPositionView position;
    position.topic = command_.partition.topic;
    position.partition = command_.partition.partition;
    position.offset = consumer_.position(command_.partition).value_or(-1);
    position.leader = consumer_.metadata().leader(command_.partition);
    view.positions = {position};
    return view;
  }

 private:
  void restart_silence(const Now& now, Effects& effects) const {
    if (command_.timeout) effects.set_timer(silence_timer, now.monotonic + *command_.timeout);
  }

  void print_records(const Now& now, Effects& effects) {
    const std::vector<ConsumedRecord> records = consumer_.take_records();
    std::string text;
    int32_t count = 0;
    for (const ConsumedRecord& record : records) {
      if (command_.max_messages && printed_ + count >= *command_.max_messages) break;
      text += formatter_.format(record);
      ++count;
    }
    if (count > 0) {
      const std::span taken(records.data(), static_cast<size_t>(count));
      for (event::RecordsConsumed& run : consumed_events(taken)) effects.emit(std::move(run));
      effects.print(1, std::move(text));
      printed_ += count;
      restart_silence(now, effects);
    }
    if (command_.max_messages && printed_ >= *command_.max_messages) return end(effects, 0);
    if (consumer_.metadata().is_lost()) return no_bootstrap(now, effects);
    if (consumer_.failure()) fail(now, effects, consumer_.failure()->error, consumer_.failure()->message);
  }

  /// Kafka's tool ends with 0 all the same.
  void fail(const Now& now, Effects& effects, kafka::ErrorCode error, const std::string& message) {
    print_log(now, effects,
              fmt::format("ERROR Error processing message, terminating consumer process:  ({})", logger));
    print_error(effects, fmt::format("{}{}{}", exception_name(error), message.empty() ? "" : ": ", message));
    end(effects, 0);
  }

  void no_bootstrap(const Now& now, Effects& effects) {
    ToolEnd lines =
        unknown_error("org.apache.kafka.common.KafkaException", "Failed to construct kafka consumer");
    lines.error(
        fmt::format("Caused by: org.apache.kafka.common.config.ConfigException: {}", no_bootstrap_urls));
    print_ending(now, effects, lines);
  }

  void end(Effects& effects, int status) const {
    print_error(effects, fmt::format("Processed a total of {} messages", printed_));
    effects.end(status);
  }

  ConsumerCommand command_;
  OutgoingConnectionIds ids_;
  RecordFormatter formatter_;
  Consumer consumer_;
  int64_t printed_ = 0;
};

}  // namespace

std::unique_ptr<Node> make_kafka_console_consumer(const Boot& boot, const std::vector<std::string>& arguments,
                                                  const ToolEnvironment& environment) {
  return make_tool_of<KafkaConsoleConsumer>(boot, parse_command(arguments, environment, boot.seed));
}

}  // namespace brokerlab

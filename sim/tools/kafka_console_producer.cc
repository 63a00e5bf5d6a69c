// kafka-console-producer: each line of standard input becomes a record, as ConsoleProducer of Kafka 4.3.1 does.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <variant>

#include "sim/base/random.h"
#include "sim/clients/exception_name.h"
#include "sim/clients/producer.h"
#include "sim/clients/record_events.h"
#include "sim/tools/client_properties.h"
#include "sim/tools/kafka_tools.h"
#include "sim/tools/line_reader.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;
using Support = OptionSpec::Support;

constexpr std::string_view tool_name = "kafka-console-producer";
constexpr std::string_view purpose =
    "This tool reads lines from standard input and writes them to a Kafka topic.";
constexpr uint16_t producer_timer_kind = 1;

constexpr OptionSpec option_table[] = {
    {"batch-size", Argument::required, "Integer: size",
     "Bytes that a batch of one partition may collect before it is sent; batch.size. (default: 16384)"},
    bootstrap_server_option("String: server to connect to"),
    {"command-config", Argument::required, "String: config file",
     "A property file with settings of the producer; --command-property comes before it."},
    {"command-property", Argument::required, "String: producer_prop",
     "A setting of the producer, key=value. May be repeated."},
    {"compression-codec", Argument::optional, "String: compression-codec",
     "none, gzip, snappy, lz4 or zstd; gzip without a value."},
    help_option,
    {"line-reader", Argument::required, "String: reader_class", "A Java class that reads lines.",
     Support::later},
    {"max-block-ms", Argument::required, "Long: max block on send",
     "How long a record may wait for the topic to be known. (default: 60000)"},
    {"max-memory-bytes", Argument::required, "Long: total memory in bytes",
     "How much may wait to be sent before no more is read; buffer.memory. (default: 33554432)"},
    {"max-partition-memory-bytes", Argument::required, "Integer: memory in bytes per partition",
     "The old name of --batch-size.", Support::here},
    {"message-send-max-retries", Argument::required, "Integer",
     "How often a record is sent again before it is given up; retries. (default: 3)"},
    {"metadata-expiry-ms", Argument::required, "Long: metadata expiration interval",
     "When to ask for the cluster's metadata anew; metadata.max.age.ms. (default: 300000)"},
    {"producer-property", Argument::required, "String: producer_prop", "Deprecated: use --command-property."},
    {"producer.config", Argument::required, "String: config file", "Deprecated: use --command-config."},
    {"property", Argument::required, "String: prop", "Deprecated: use --reader-property."},
    {"reader-config", Argument::required, "String: config file",
     "A property file for the line reader; --reader-property comes before it."},
    {"reader-property", Argument::required, "String: prop",
     "How a line is read, key=value: parse.key=false, parse.headers=false, ignore.error=false, "
     "key.separator=\\t, headers.delimiter=\\t, headers.separator=, headers.key.separator=: null.marker= (no "
     "default). May be repeated."},
    {"request-required-acks", Argument::required, "String: request required acks",
     "acks: 0, 1, or -1 for all in-sync replicas. (default: -1)"},
    {"request-timeout-ms", Argument::required, "Integer: request timeout ms",
     "How long a request may take. (default: 1500)"},
    {"retry-backoff-ms", Argument::required, "Long", "The wait before a retry. (default: 100)"},
    {"socket-buffer-size", Argument::required, "Integer: size", "send.buffer.bytes; left to the system here.",
     Support::accepted},
    {"sync", Argument::none, "", "Send each record only when the one before it was acknowledged."},
    {"timeout", Argument::required, "Long: timeout_ms",
     "How long a record may wait for others to share its batch; linger.ms. (default: 1000)"},
    {"topic", Argument::required, "String: topic", "REQUIRED: the topic to write to."},
    version_option,
};

constexpr RenamedOption deprecated[] = {
    {"property", "reader-property"},
    {"producer-property", "command-property"},
    {"producer.config", "command-config"},
};

struct ProducerCommand {
  std::string topic;
  ProducerConfig producer;
  std::map<std::string, std::string> reader;
  bool is_sync = false;
  bool prompts = false;
  std::vector<std::string> warnings;  ///< to standard output before anything else
};

/// The tool's options stand over the properties, its defaults under them (ConsoleProducerOptions.producerProps).
void merge_options(const ParsedOptions& options, ClientProperties& properties) {
  const auto merge = [&](const char* setting, std::string_view option, std::string_view otherwise) {
    properties.merge(setting, options.has(option), options.value(option, otherwise));
  };
  merge("linger.ms", "timeout", "1000");
  merge("acks", "request-required-acks", "-1");
  merge("request.timeout.ms", "request-timeout-ms", "1500");
  merge("retries", "message-send-max-retries", "3");
  merge("retry.backoff.ms", "retry-backoff-ms", "100");
  merge("metadata.max.age.ms", "metadata-expiry-ms", "300000");
  merge("max.block.ms", "max-block-ms", "60000");
  merge("buffer.memory", "max-memory-bytes", "33554432");
  const bool has_old_name = options.has("max-partition-memory-bytes") && !options.has("batch-size");
  merge("batch.size", has_old_name ? "max-partition-memory-bytes" : "batch-size", "16384");
  if (options.has("compression-codec"))
    properties.set("compression.type", options.value("compression-codec", "gzip"));
}

/// `complaint` is not empty when a value is wrong.
ProducerConfig producer_config(ClientProperties& properties, std::string& complaint) {
  ProducerConfig config;
  config.client_id = properties.text("client.id", "console-producer");
  config.log_context = fmt::format("[Producer clientId={}] ", config.client_id);
  config.timer_kind = producer_timer_kind;
  const std::string acks = properties.one_of("acks", "all", {"all", "-1", "0", "1"});
  config.acks = static_cast<int16_t>(acks == "0" ? 0 : acks == "1" ? 1 : -1);
  const bool wants_idempotence = properties.flag("enable.idempotence", config.acks == -1);
  config.is_idempotent = wants_idempotence;
  config.linger = properties.duration("linger.ms", config.linger, false);
  config.batch_size = static_cast<size_t>(properties.number("batch.size", 16'384, 0));
  config.buffer_memory = static_cast<size_t>(properties.number("buffer.memory", 33'554'432, 0));
  config.max_request_size = static_cast<size_t>(properties.number("max.request.size", 1'048'576, 0));
  config.retries = static_cast<int32_t>(properties.number("retries", INT32_MAX, 0));
  config.retry_backoff = properties.duration("retry.backoff.ms", config.retry_backoff, false);
  config.request_timeout = properties.duration("request.timeout.ms", config.request_timeout);
  config.delivery_timeout = properties.duration("delivery.timeout.ms", config.delivery_timeout);
  config.max_block = properties.duration("max.block.ms", config.max_block, false);
  config.metadata_max_age = properties.duration("metadata.max.age.ms", config.metadata_max_age, false);
  const std::string codec =
      properties.one_of("compression.type", "none", {"none", "gzip", "snappy", "lz4", "zstd"});
  config.compression = kafka::compression_of_name(codec).value_or(kafka::Compression::none);
  complaint = properties.complaint();
  if (complaint.empty() && wants_idempotence && config.acks != -1)
    complaint =
        "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee "
        "idempotence.";
  if (complaint.empty() && config.delivery_timeout < config.linger + config.request_timeout)
    complaint = "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
  return config;
}

std::variant<ProducerCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  if (arguments.empty()) return usage_error(std::string(purpose), option_table);
  const Result<ParsedOptions> parsed = parse_options(option_table, arguments);
  if (!parsed.ok()) return usage_error(parsed.status().message, option_table);
  const ParsedOptions& options = *parsed;
  if (auto end = early_end(options, option_table, tool_name, purpose)) return *end;
  if (!options.has("topic")) return missing_argument("topic", option_table);
  ProducerCommand command;
  for (const RenamedOption& name : deprecated) {
    if (!options.has(name.old_name)) continue;
    if (options.has(name.new_name))
      return usage_error(
          fmt::format("Options --{} and --{} cannot be specified together.", name.new_name, name.old_name),
          option_table);
    command.warnings.push_back(
        fmt::format("Warning: --{} is deprecated and will be removed in a future version. Use --{} instead.",
                    name.old_name, name.new_name));
  }
  Result<std::vector<Address>> bootstrap = parse_bootstrap(options.value("bootstrap-server"));
  if (!bootstrap.ok()) return usage_error("Error while validating the bootstrap address\n", option_table);

  for (const std::string_view name : {"batch-size", "max-partition-memory-bytes", "message-send-max-retries",
                                      "request-timeout-ms", "timeout", "max-block-ms", "max-memory-bytes"}) {
    const Result<int64_t> number = options.number(name, 0);
    if (!number.ok()) return error_end(number.status().message);
  }
  const std::string_view file = options.has("producer.config") ? "producer.config" : "command-config";
  const std::string_view list = options.has("producer-property") ? "producer-property" : "command-property";
  auto values = client_properties(options, environment, file, list);
  const std::string_view reader_list = options.has("property") ? "property" : "reader-property";
  auto reader = client_properties(options, environment, "reader-config", reader_list);
  for (const auto* read : {&values, &reader})
    if (const auto* unreadable = std::get_if<ToolEnd>(read))
      return with_warnings(command.warnings, *unreadable);
  ClientProperties properties(std::get<std::map<std::string, std::string>>(std::move(values)));
  merge_options(options, properties);
  std::string complaint;
  command.producer = producer_config(properties, complaint);
  if (!complaint.empty())
    return with_warnings(command.warnings,
                         error_end("org.apache.kafka.common.config.ConfigException: " + complaint));
  command.producer.bootstrap = std::move(bootstrap).value();
  command.reader = std::get<std::map<std::string, std::string>>(std::move(reader));
  command.topic = options.value("topic");
  command.is_sync = options.has("sync");
  command.prompts = environment.standard_input_is_terminal;
  return command;
}

class KafkaConsoleProducer final : public Node {
 public:
  KafkaConsoleProducer(const Boot& boot, ProducerCommand command)
      : command_(std::move(command)),
        ids_(boot.incarnation),
        reader_(command_.reader),
        producer_(command_.producer, Random(boot.seed)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      for (const std::string& warning : command_.warnings) print_line(effects, warning);
      prompt(effects);
    } else if (const auto* bytes = std::get_if<input::StandardInput>(&input)) {
      take_input(effects, *bytes);
    } else if (const auto* command = std::get_if<input::Command>(&input)) {
      return effects.end(status_after(*command));
    } else if (producer_.owns(input)) {
      producer_.handle(now, effects, ids_, input);
    } else {
      return;
    }
    go_on(now, effects);
    print_notes(now, effects);
    for (const std::string& error : std::exchange(errors_, {})) print_error(effects, error);
    if (is_over_) effects.end(status_);
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaConsoleProducer>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "producer";
    view.client_id = command_.producer.client_id;
    view.topic = command_.topic;
    view.acks = command_.producer.acks;
    view.records = records_;
    view.failed = failed_;
    view.in_flight = static_cast<int64_t>(sent_.size());
    return view;
  }

 private:
  /// What the error line of a record needs.
  struct Sent {
    std::optional<size_t> key_size;
    std::optional<size_t> value_size;
  };

  void prompt(Effects& effects) const {
    if (command_.prompts && !input_ended_) effects.print(1, ">");
  }

  void take_input(Effects& effects, const input::StandardInput& bytes) {
    is_input_asked_for_ = false;
    input_ += bytes.data.text();
    input_ended_ = input_ended_ || bytes.end;
    size_t begin = 0;
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n', begin)) {
      take_line(effects, std::string_view(input_).substr(begin, end - begin));
      begin = end + 1;
    }
    input_.erase(0, begin);
    if (!input_ended_ || input_.empty()) return;
    take_line(effects, input_);
    input_.clear();
  }

  void take_line(Effects& effects, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (status_ != 0) return;
    Result<ProducerRecord> record = reader_.read(line);
    if (!record.ok()) {
      status_ = exit_status::failure;
      input_ended_ = true;
      errors_.push_back(fmt::format("org.apache.kafka.common.KafkaException: {}", record.status().message));
      return;
    }
    lines_.push_back(std::move(record).value());
    prompt(effects);
  }

  void go_on(const Now& now, Effects& effects) {
    do {
      report(now, effects);
      while (may_send_line()) send_line(now, effects);
      if (input_ended_ && lines_.empty()) producer_.flush();
      producer_.run(now, effects, ids_);
    } while (report(now, effects) && !lines_.empty());
    if (lines_.empty() && !input_ended_ && !is_input_asked_for_) {
      is_input_asked_for_ = true;
      effects.want_input();
    }
    if (producer_.metadata().is_lost()) {
      errors_.emplace_back("org.apache.kafka.common.KafkaException: Failed to construct kafka producer");
      errors_.push_back(
          fmt::format("Caused by: org.apache.kafka.common.config.ConfigException: {}", no_bootstrap_urls));
      status_ = exit_status::failure;
      is_over_ = true;
    }
    if (input_ended_ && lines_.empty() && sent_.empty()) is_over_ = true;
  }

  bool may_send_line() const {
    return !lines_.empty() && producer_.has_room() && (!command_.is_sync || sent_.empty());
  }

  void send_line(const Now& now, Effects& effects) {
    ProducerRecord record = std::move(lines_.front());
    lines_.pop_front();
    record.topic = command_.topic;
    record.timestamp_ms = now.wall_ms;
    Sent sent;
    if (record.key) sent.key_size = record.key->size();
    if (record.value) sent.value_size = record.value->size();
    sent_[next_token_] = sent;
    producer_.send(now, std::move(record), next_token_++, effects.cause());
  }

  /// Whether anything was delivered.
  bool report(const Now& now, Effects& effects) {
    const std::vector<Delivery> deliveries = producer_.take_deliveries();
    for (const Delivery& delivery : deliveries) {
      effects.emit(sent_event(delivery, producer_.config(), producer_.pending()));
      for (const uint64_t token : delivery.records) {
        if (delivery.error == kafka::ErrorCode::none) ++records_;
        if (delivery.error != kafka::ErrorCode::none) report_failure(now, delivery, sent_.at(token));
        sent_.erase(token);
      }
    }
    return !deliveries.empty();
  }

  void report_failure(const Now& now, const Delivery& delivery, const Sent& record) {
    ++failed_;
    const std::string exception = fmt::format("{}: {}", exception_name(delivery.error), delivery.message);
    if (command_.is_sync) {
      errors_.push_back("java.util.concurrent.ExecutionException: " + exception);
      status_ = exit_status::failure;
      is_over_ = true;
      return;
    }
    const auto size = [](const std::optional<size_t>& bytes) {
      return bytes ? fmt::format("{} bytes", *bytes) : std::string("null");
    };
    errors_.push_back(
        fmt::format("{}ERROR Error when sending message to topic {} with key: {}, value: {} with error: "
                    "(org.apache.kafka.clients.producer.internals.ErrorLoggingCallback)",
                    log_time(now.wall_ms), command_.topic, size(record.key_size), size(record.value_size)));
    errors_.push_back(exception);
  }

  ProducerCommand command_;
  OutgoingConnectionIds ids_;
  LineReader reader_;
  Producer producer_;
  std::string input_;  ///< the beginning of a line
  bool input_ended_ = false;
  bool is_input_asked_for_ = false;
  std::deque<ProducerRecord> lines_;  ///< not given to the producer yet
  std::map<uint64_t, Sent> sent_;     ///< by token
  uint64_t next_token_ = 0;
  std::vector<std::string> errors_;  ///< of this step; the client's log lines come before them
  int64_t records_ = 0;
  int64_t failed_ = 0;
  int status_ = 0;
  bool is_over_ = false;
};

}  // namespace

std::unique_ptr<Node> make_kafka_console_producer(const Boot& boot, const std::vector<std::string>& arguments,
                                                  const ToolEnvironment& environment) {
  return make_tool_of<KafkaConsoleProducer>(boot, parse_command(arguments, environment));
}

}  // namespace brokerlab

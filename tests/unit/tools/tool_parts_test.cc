// The parts that the tools share, each against what Kafka's tools printed (golden/cli) or what Java defines.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/clients/exception_name.h"
#include "sim/tools/java_order.h"
#include "sim/tools/line_reader.h"
#include "sim/tools/options.h"
#include "sim/tools/record_formatter.h"
#include "sim/tools/tool.h"
#include "sim/tools/tool_output.h"
#include "sim/tools/topic_config.h"
#include "sim/wire/kafka/record_batch.h"

using namespace brokerlab;

namespace {

using Words = std::vector<std::string>;
using Argument = OptionSpec::Argument;

constexpr OptionSpec specs[] = {
    {"list", Argument::none, "", "List."},
    {"topic", Argument::required, "String: topic", "The topic."},
    {"codec", Argument::optional, "String: codec", "The codec."},
    {"group", Argument::required, "String: group", "The group.", OptionSpec::Support::later},
};

std::string text(const std::optional<Bytes>& bytes) { return bytes ? std::string(bytes->text()) : "<null>"; }

}  // namespace

TEST_CASE("Options are read as joptsimple reads them") {
  const auto parsed = parse_options(specs, {"--topic", "a", "word", "--topic=b", "--codec", "--list"});
  REQUIRE(parsed.ok());
  CHECK(parsed->values("topic") == Words{"a", "b"});
  CHECK(parsed->value("topic") == "b");
  CHECK(parsed->has("codec"));
  CHECK(parsed->value("codec", "gzip") == "gzip");
  CHECK(parsed->has("list"));
  CHECK(parsed->words() == Words{"word"});
  CHECK(parse_options(specs, {"--codec", "lz4"})->value("codec", "gzip") == "lz4");
  // A required argument takes the next word whatever it is.
  CHECK(parse_options(specs, {"--topic", "--list"})->value("topic") == "--list");
  CHECK(parse_options(specs, {"--top"}).status().message == "top is not a recognized option");
  CHECK(parse_options(specs, {"--topic"}).status().message == "Option topic requires an argument");
  CHECK(parse_options(specs, {"--group", "g"})->first_of_later(specs) == "group");
}

TEST_CASE("A number that is none is named with its option") {
  const auto parsed = parse_options(specs, {"--topic", "12x", "--codec", "3000000000"});
  CHECK(parsed->number("topic", 0).status().message == "Cannot parse argument '12x' of option topic");
  CHECK(*parsed->number("codec", 0) == 3'000'000'000);
  CHECK_FALSE(parsed->integer("codec", 0).ok());
  CHECK(*parsed->integer("group", 7) == 7);
}

TEST_CASE("The usage text has two columns and says what is not there yet") {
  const std::string usage = usage_text(specs);
  CHECK(usage.find("--topic <String: topic>                  The topic.\n") != std::string::npos);
  CHECK(usage.find("The group. (Not yet in brokerlab.)") != std::string::npos);
  CHECK(usage.find("--codec [String: codec]") < usage.find("--group"));
}

TEST_CASE("Properties come from arguments and from files") {
  CHECK(parse_properties({"a=1", "b", "c=x=y"}) ==
        std::map<std::string, std::string>{{"a", "1"}, {"b", ""}, {"c", "x=y"}});
  CHECK(parse_properties_file("# comment\na = 1\n\n b:2 \r\n!no\nc") ==
        std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"c", ""}});
}

TEST_CASE("Several topics come in the order of Java's hash map") {
  // golden/cli/kafka-topics.txt: the two --describe with and without a broker.
  Words four{"__consumer_offsets", "one", "orders", "users"};
  order_as_java_map(four, true);
  CHECK(four == Words{"orders", "__consumer_offsets", "users", "one"});
  Words five{"__consumer_offsets", "on3", "one", "orders", "users"};
  order_as_java_map(five, true);
  CHECK(five == Words{"orders", "on3", "__consumer_offsets", "users", "one"});
}

TEST_CASE("Log lines carry the time in UTC") {
  CHECK(log_time(0) == "[1970-01-01 00:00:00,000] ");
  CHECK(log_time(1'767'225'599'999) == "[2025-12-31 23:59:59,999] ");
  CHECK(log_time(1'709'164'800'000) == "[2024-02-29 00:00:00,000] ");
  CHECK(log_time(4'107'542'400'000) == "[2100-03-01 00:00:00,000] ");
}

TEST_CASE("Bootstrap addresses are host and port, also of IPv6") {
  const auto parsed = parse_bootstrap("kafka1:29092, 127.0.0.1:9092,PLAINTEXT://[::1]:9093");
  REQUIRE(parsed.ok());
  CHECK(*parsed == std::vector<Address>{{"kafka1", 29092}, {"127.0.0.1", 9092}, {"::1", 9093}});
  CHECK(parse_bootstrap("127.0.0.1:abc").status().message ==
        "Invalid url in bootstrap.servers: 127.0.0.1:abc");
  CHECK_FALSE(parse_bootstrap("127.0.0.1:70000").ok());
  CHECK_FALSE(parse_bootstrap("").ok());
}

TEST_CASE("Topic configs are checked in the words of Kafka") {
  CHECK(check_topic_config("retention.ms", "-1").ok());
  CHECK(check_topic_config("retention.ms", "abc").message ==
        "Invalid value abc for configuration retention.ms: Not a number of type LONG");
  CHECK(check_topic_config("min.insync.replicas", "0").message ==
        "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1");
  CHECK(check_topic_config("cleanup.policy", "compact,delete").ok());
  CHECK(check_topic_config("cleanup.policy", "shred").message ==
        "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete");
  CHECK(check_topic_config("nosuch.config", "1").ok());
}

TEST_CASE("Lines become records by the reader's properties") {
  SUBCASE("the whole line is the value") {
    LineReader reader({});
    CHECK(text(reader.read("a\tb")->value) == "a\tb");
    CHECK_FALSE(reader.read("")->key);
    CHECK(text(reader.read("")->value) == "");
  }
  SUBCASE("key, headers and null") {
    LineReader reader({{"parse.key", "true"}, {"parse.headers", "true"}, {"null.marker", "NULL"}});
    const auto record = reader.read("h1:v1,h2:NULL\tk\tNULL");
    REQUIRE(record.ok());
    CHECK(text(record->key) == "k");
    CHECK(text(record->value) == "<null>");
    REQUIRE(record->headers.size() == 2);
    CHECK(record->headers[0].first == "h1");
    CHECK(text(record->headers[0].second) == "v1");
    CHECK(text(record->headers[1].second) == "<null>");
  }
  SUBCASE("a missing separator is a mistake, unless mistakes are ignored") {
    LineReader reader({{"parse.key", "true"}, {"key.separator", ":"}});
    CHECK(reader.read("k:v").ok());
    CHECK(reader.read("nokey").status().message == "No key separator found on line number 2: 'nokey'");
    LineReader lenient({{"parse.key", "true"}, {"key.separator", ":"}, {"ignore.error", "true"}});
    CHECK(text(lenient.read("nokey")->value) == "nokey");
  }
}

TEST_CASE("Records are printed in the order of Kafka's formatter") {
  kafka::RecordBatchBuilder builder({.base_offset = 5});
  const auto data = [](std::string_view bytes) {
    return std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  };
  const std::vector<kafka::RecordHeader> headers{{"h1", "v1"}, {"h2", std::nullopt}};
  builder.append(1234, data("k"), data("v"), headers);
  builder.append(1234, std::nullopt, std::nullopt);
  kafka::BatchReader batches(builder.build());
  const auto batch = batches.next();
  kafka::RecordReader records(*batch);
  ConsumedRecord first{{"orders", 2}, {}};
  ConsumedRecord second{{"orders", 2}, {}};
  REQUIRE(records.next(first.record));
  REQUIRE(records.next(second.record));

  CHECK(RecordFormatter({}).format(first) == "v\n");
  const RecordFormatter all({{"print.timestamp", "true"},
                             {"print.partition", "true"},
                             {"print.offset", "true"},
                             {"print.delivery", "true"},
                             {"print.epoch", "true"},
                             {"print.headers", "true"},
                             {"print.key", "true"}});
  CHECK(all.format(first) ==
        "CreateTime:1234\tPartition:2\tOffset:5\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\th1:v1,h2:"
        "null\tk\tv\n");
  const RecordFormatter other({{"print.key", "true"},
                               {"print.headers", "true"},
                               {"null.literal", "-"},
                               {"key.separator", "|"},
                               {"line.separator", ";"}});
  CHECK(other.format(second) == "NO_HEADERS|-|-;");
}

TEST_CASE("Every error code has the exception that Kafka names") {
  std::ifstream file(std::filesystem::path(BROKERLAB_GOLDEN_DIR) / "messages" / "errors.jsonl");
  REQUIRE(file);
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row["exception"].is_null()) continue;
    CHECK(exception_name(kafka::error_from(row["code"].get<int16_t>())) ==
          row["exception"].get<std::string>());
    ++checked;
  }
  CHECK(checked == 134);
}

TEST_CASE("Each tool is known by its name and has a line of help in both languages") {
  for (const std::string_view name : all_tools()) {
    CHECK(is_tool(name));
    CHECK_FALSE(tool_help(name).english.empty());
    CHECK_FALSE(tool_help(name).korean.empty());
  }
  CHECK_FALSE(is_tool("kafka-nosuch"));
}

TEST_CASE("the console producer asks for no more input while what it has read waits to be sent") {
  const std::vector<std::string> arguments{
      "--bootstrap-server", "nobody:9092", "--topic", "orders", "--max-memory-bytes", "1"};
  const std::unique_ptr<Node> tool = make_tool(Boot{}, "kafka-console-producer", arguments);
  const auto asks_after = [&](const Input& input) {
    Effects effects(NodeId{1}, {}, 1, {}, nullptr);
    tool->step(Now{}, input, effects);
    return effects.wants_input();
  };
  CHECK(asks_after(input::Start{}));
  CHECK(asks_after(
      input::StandardInput{Bytes::copy_of(std::string_view("the first fills the buffer\n")), false}));
  CHECK_FALSE(
      asks_after(input::StandardInput{Bytes::copy_of(std::string_view("the second waits\n")), false}));
}

TEST_CASE("Every administrative tool says in the words of Kafka why it can make no client") {
  const Words command_lines[] = {
      {"kafka-topics", "--list"},
      {"kafka-metadata-quorum", "describe", "--status"},
      {"kafka-configs", "--describe", "--topic", "orders"},
      {"kafka-leader-election", "--election-type", "preferred", "--all-topic-partitions"},
      {"kafka-delete-records", "--offset-json-file", "offsets.json"},
      {"kafka-reassign-partitions", "--list"},
  };
  const auto said = [](Words words, const std::string& bootstrap, const std::string& properties) {
    words.insert(words.end(), {"--bootstrap-server", bootstrap, "--command-config", "client.properties"});
    ToolEnvironment environment;
    environment.read_file = [&](const std::string& path) -> Result<std::string> {
      if (properties.empty()) return Status::error(StatusCode::not_found, path);
      return properties;
    };
    const auto tool = make_tool({}, words[0], {words.begin() + 1, words.end()}, environment);
    Effects effects(NodeId{1}, {}, 1, {}, nullptr);
    tool->step({}, input::Start{}, effects);
    REQUIRE(effects.ended());
    CHECK(effects.end_status() == 1);
    std::string text;
    for (const Event& event : effects.events)
      if (const auto* printed = std::get_if<event::Printed>(&event.payload)) text += printed->text;
    return text;
  };
  const auto contains = [](const std::string& text, std::string_view line) {
    return text.find(std::string(line) + "\n") != std::string::npos;
  };
  for (const Words& words : command_lines) {
    INFO(words[0]);
    CHECK(contains(said(words, "nobody:9092", ""), "java.nio.file.NoSuchFileException: client.properties"));
    CHECK(contains(said(words, "", "acks=all"),
                   "Caused by: org.apache.kafka.common.config.ConfigException: You must set either "
                   "bootstrap.servers or bootstrap.controllers"));
    CHECK(contains(said(words, "nobody", "acks=all"),
                   "Caused by: org.apache.kafka.common.config.ConfigException: Invalid url in "
                   "bootstrap.servers: nobody"));
    CHECK(contains(said(words, "nobody:9092", "request.timeout.ms=soon"),
                   "Caused by: org.apache.kafka.common.config.ConfigException: Invalid value soon for "
                   "configuration request.timeout.ms: Not a number of type INT"));
  }
}

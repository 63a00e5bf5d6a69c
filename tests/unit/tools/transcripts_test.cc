// The recordings of Apache Kafka's own tools (golden/cli), played again: the lab's tools against the lab's
// brokers in the sandbox. Exit status and standard output must be the recorded ones, and each recorded line of
// standard error, except those that only a Java program prints, must come in its order.
//
// What is left out, and why, is counted: a block that could be played and is not makes the test fail.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "sim/shell/pipeline.h"
#include "sim/shell/transcript.h"
#include "sim/tools/tool.h"
#include "tests/unit/tools/stage.h"

using namespace brokerlab;
using brokerlab::testing::Stage;
using brokerlab::testing::variables;

namespace {

using Lines = std::vector<std::string>;
using LeftOut = std::map<std::string, int>;  ///< reason -> blocks

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// A recording in the terms of the lab.
Transcript recording(const std::string& name) {
  std::ifstream file(std::filesystem::path(BROKERLAB_GOLDEN_DIR) / "cli" / name);
  REQUIRE_MESSAGE(file, name);
  std::stringstream stream;
  stream << file.rdbuf();
  std::string text = stream.str();
  // What a POSIX shell would expand.
  replace_all(text, "$(printf 'x%.0s' {1..250})", std::string(250, 'x'));
  replace_all(text, "$(printf 'x%.0s' {1..249})", std::string(249, 'x'));
  // retention.ms of a broker has a default in the lab (Kafka: none, log.retention.hours counts).
  text = std::regex_replace(text, std::regex("(DYNAMIC_TOPIC_CONFIG:retention.ms=[0-9]*)\\}"),
                            "$1, DEFAULT_CONFIG:log.retention.ms=604800000}");
  // Replication has no quotas yet.
  replace_all(text, " --throttle 1000000\n", "\n");
  text = std::regex_replace(
      text, std::regex("Warning: You must run --verify[^\n]*\nThe inter-broker throttle[^\n]*\n"), "");
  text = std::regex_replace(
      text, std::regex("(leader|follower)\\.replication\\.throttled\\.replicas=[0-9:,]*[0-9]"), "");
  replace_all(text, "Configs: ,min.insync.replicas=1,\n", "Configs: min.insync.replicas=1\n");
  // Each node of the lab calls its folder the same.
  text = std::regex_replace(text, std::regex("<DATA>/[123]/data"), "<DATA>");
  // Whether the first broker that a client tries is the one that is down is chance.
  if (name == "kafka-leader-election.txt")
    text = std::regex_replace(text, std::regex("2> [^\n]* Connection to node -[13] [^\n]*\n"), "");
  // The leader of the quorum comes first, whoever it is.
  for (const char* id : {"1", "2", "3"})
    replace_all(text, std::string("\n") + id + "     \tAAAA", "\n<NodeId>     \tAAAA");
  // How many requests a client sent before is its own affair.
  for (const char* digit : {"1", "2"})
    replace_all(text, std::string("correlation id ") + digit, "correlation id <n>");
  for (const char* n : {"1", "2", "3"})
    replace_all(text, std::string("127.0.0.1:919") + std::to_string(n[0] - '0' + 1),
                std::string("kafka") + n + ":3909" + std::to_string(n[0] - '0' + 1));
  Result<Transcript> transcript = parse_transcript(text);
  REQUIRE_MESSAGE(transcript.ok(), transcript.status().message);
  return std::move(transcript).value();
}

Lines stream_of(const TranscriptBlock& block, bool error) {
  Lines lines;
  bool is_error = false;
  for (const std::string& line : block.output) {
    is_error = is_error || line.starts_with("2>");
    const bool is_trace = line.starts_with("\tat ") || line.starts_with("[stack trace of") ||
                          line.starts_with("[the same line");
    if (is_error == error && (error || !is_trace)) lines.push_back(line);
  }
  while (!error && !lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

/// Why the lab cannot be asked to do the same; empty when it can.
std::string reason_to_leave_out(const TranscriptBlock& block) {
  const auto stages = split_command(block.command, variables);
  if (!stages.ok()) return "needs a POSIX shell";
  const auto pipeline = make_pipeline(*stages, Language::english);
  if (!pipeline.ok()) return "needs a POSIX shell";
  const Words& words = pipeline->words;
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (words[0] == "printf") return "needs a POSIX shell";
  if (!is_tool(words[0])) return "a tool of a later part";
  const bool reads_group = words[0] == "kafka-console-consumer" && !has("--partition");
  const auto speaks_of = [&](std::string_view text) {
    return std::any_of(block.output.begin(), block.output.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  };
  if (reads_group &&
      (speaks_of("rebalance protocol") || speaks_of("Processed a total") || speaks_of("InvalidGroupId") ||
       speaks_of("configuration group.protocol") || speaks_of("Failed to construct kafka consumer")))
    return "needs a consumer group";
  // Made by the console consumer of the block before.
  if (block.command.ends_with("| grep nosuch")) return "needs a consumer group";
  if (words[0] == "kafka-configs") {
    for (const std::string_view word : {"clients", "users", "groups", "broker-loggers", "--group"})
      if (has(word)) return "settings of another kind of entity";
    if (has("--all") || has("log.cleaner.threads=2") || speaks_of("log.cleaner.threads"))
      return "a setting that the lab does not have";
  }
  // Kafka puts all settings of a topic into one map, and its order depends on how many there are.
  if (speaks_of("segment.bytes=1048576,retention.ms=1,")) return "an order that settings of Kafka's own make";
  if (speaks_of("[still running after")) return "waits for a broker that is not there";
  if (speaks_of("Unrecognized token")) return "words of Java's JSON parser";
  if (std::ranges::any_of(block.before, [](const std::string& comment) {
        return comment.find("was not quite back yet") != std::string::npos;
      }))
    return "asks a moment too early";
  if (has("remove-controller")) return "an option of a later part";
  return "";
}

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

/// The first recorded line that is missing, or comes before one that it came after; empty when all are there.
/// Lines that argparse4j broke and padded need only be in the text.
std::string missing_error_line(const TranscriptBlock& block, const std::string& came) {
  const Lines lines = output_lines(came, "");
  size_t at = 0;
  for (const std::string& recorded : stream_of(block, true)) {
    if (!recorded.starts_with("2> ")) continue;  // remarks
    const std::string line = recorded.substr(3);
    const bool is_of_java = line.empty() || line.starts_with("\tat ") || line.starts_with("[stack trace") ||
                            line.starts_with("[usage text") ||
                            line.find("java.lang.NumberFormatException: For input") != std::string::npos;
    if (is_of_java && !line.starts_with("[<Timestamp>]")) continue;
    if (without_blanks(came).find(without_blanks(line)) != std::string::npos) continue;
    while (at < lines.size() && !line_matches(line, lines[at])) ++at;
    if (at++ >= lines.size()) return line;
  }
  return "";
}

struct Played {
  int equal = 0;
  LeftOut left_out;
};

Played play(const std::string& name, Duration pause = {}) {
  Transcript transcript = recording(name);
  Stage stage;
  Played played;
  for (TranscriptBlock& block : transcript.blocks) {
    for (const std::string& comment : block.before) stage.follow(comment);
    // What an election or a move changes has come to every broker by then.
    stage.wait(pause);
    // Files that a POSIX shell writes first.
    static const std::regex written("^printf '([^']*)' > ([a-z0-9]*\\.[a-z]*)(; |$)");
    for (std::smatch match; std::regex_search(block.command, match, written);) {
      stage.write(match[2].str(), match[1].str());
      if (match[3].length() == 0) break;
      block.command = match.suffix().str();
    }
    const std::string reason = reason_to_leave_out(block);
    if (!reason.empty()) {
      ++played.left_out[reason];
      continue;
    }
    INFO(name << ":" << block.line << " $ " << block.command);
    const auto pipeline = make_pipeline(*split_command(block.command, variables), Language::english);
    Stage::Ended ended = stage.run(pipeline->words, pipeline->input.value_or(""));
    if (pipeline->filter) {
      LineFilter filter = *pipeline->filter;
      ended.output = filter.take(ended.output) + filter.finish();
    }
    Lines came = output_lines(ended.output, "");
    while (!came.empty() && came.back().empty()) came.pop_back();
    std::string differences;
    for (const std::string& line : difference(stream_of(block, false), came)) differences += line + "\n";
    const std::string missing = missing_error_line(block, ended.error);
    CHECK(differences == "");
    CHECK(ended.status == block.status);
    CHECK_MESSAGE(missing == "", ended.error);
    if (differences.empty() && missing.empty() && ended.status == block.status) ++played.equal;
  }
  return played;
}

}  // namespace

TEST_CASE("kafka-topics does what Kafka's does") {
  const Played played = play("kafka-topics.txt");
  CHECK(played.equal == 115);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 4}});
}

TEST_CASE("kafka-console-producer does what Kafka's does") {
  const Played played = play("kafka-console-producer.txt");
  CHECK(played.equal == 48);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 3}, {"a tool of a later part", 1}});
}

TEST_CASE("kafka-console-consumer does what Kafka's does") {
  const Played played = play("kafka-console-consumer.txt");
  CHECK(played.equal == 31);
  CHECK(played.left_out ==
        LeftOut{{"needs a POSIX shell", 4}, {"needs a consumer group", 28}, {"a tool of a later part", 2}});
}

TEST_CASE("kafka-broker-api-versions does what Kafka's does") {
  const Played played = play("kafka-broker-api-versions.txt");
  CHECK(played.equal == 4);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 5}});
}

TEST_CASE("kafka-metadata-quorum does what Kafka's does") {
  const Played played = play("kafka-metadata-quorum.txt");
  CHECK(played.equal == 10);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 1}, {"an option of a later part", 1}});
}

TEST_CASE("kafka-delete-records does what Kafka's does") {
  const Played played = play("kafka-delete-records.txt");
  CHECK(played.equal == 17);
  CHECK(played.left_out == LeftOut{{"a tool of a later part", 1}, {"needs a consumer group", 1}});
}

TEST_CASE("kafka-leader-election does what Kafka's does") {
  const Played played = play("kafka-leader-election.txt", seconds(1));
  CHECK(played.equal == 28);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 1}, {"asks a moment too early", 1}});
}

TEST_CASE("kafka-configs does what Kafka's does") {
  const Played played = play("kafka-configs.txt");
  CHECK(played.equal == 52);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 4},
                                   {"settings of another kind of entity", 11},
                                   {"a setting that the lab does not have", 6},
                                   {"an order that settings of Kafka's own make", 1}});
}

TEST_CASE("kafka-reassign-partitions does what Kafka's does") {
  const Played played = play("kafka-reassign-partitions.txt", seconds(1));
  CHECK(played.equal == 34);
  CHECK(played.left_out == LeftOut{{"needs a POSIX shell", 2},
                                   {"waits for a broker that is not there", 3},
                                   {"words of Java's JSON parser", 1}});
}

#include "sim/shell/transcript.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/shell/scenario.h"
#include "sim/shell/text_file.h"
#include "tests/unit/shell/puppet.h"

using namespace brokerlab;

namespace {

constexpr std::string_view scenario = R"(# A broker stops and is started again.
driver: sandbox live
seed: 7

$ docker stop kafka2
kafka2
[exit 0]

# the node that is not there
$ docker stop \
    kafka4
2> no such node "kafka4". Nodes: kafka1, kafka2, kafka3
[exit 1]

$ docker ps -a
NAMES    STATUS       PORTS
kafka1   Up           127.0.0.1:<Port>->9092/tcp
kafka2   Exited (0)   
kafka3   Up           127.0.0.1:9094->9094/tcp
[exit 0]
# the end
)";

Transcript parse(std::string_view text) {
  Result<Transcript> transcript = parse_transcript(text);
  REQUIRE_MESSAGE(transcript.ok(), transcript.status().message);
  return std::move(transcript).value();
}

ScenarioResult play(std::string_view text) {
  const std::unique_ptr<Sandbox> lab = puppet_lab();
  Transcript transcript = parse(text);
  return play_transcript(transcript, "test.txt", *lab);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const size_t at = result.find(from);
  REQUIRE(at != std::string::npos);
  return result.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a transcript is read and written without a change") {
  const Transcript transcript = parse(scenario);
  CHECK(transcript.config ==
        std::vector<std::pair<std::string, std::string>>{{"driver", "sandbox live"}, {"seed", "7"}});
  REQUIRE(transcript.blocks.size() == 3);
  CHECK(transcript.blocks[1].command == "docker stop \\\n    kafka4");
  CHECK(transcript.blocks[1].status == 1);
  CHECK(to_string(transcript) == scenario);
  CHECK(parse_transcript("$ a\nstray\n$ b\n[exit 0]\n").status().message ==
        "line 2: output without a [exit N] behind it");
  CHECK(parse_transcript("$ a\n[exit 0]\nstray\n").status().message ==
        "line 3: output without a [exit N] behind it");
  CHECK_FALSE(parse_transcript("stray\n$ a\n[exit 0]\n").ok());
  CHECK(parse_transcript("$ a\n[exit 0]\n$ b \\\n").status().message ==
        "line 3: the command goes on in a line that is not there");
}

TEST_CASE("what Apache Kafka's tools printed is in this format") {
  size_t blocks = 0;
  for (const char* tool : {"kafka-topics", "kafka-console-producer", "kafka-broker-api-versions"}) {
    const Result<std::string> text = read_text_file(fmt::format("{}/cli/{}.txt", BROKERLAB_GOLDEN_DIR, tool));
    REQUIRE_MESSAGE(text.ok(), text.status().message);
    const Transcript transcript = parse(*text);
    CHECK(to_string(transcript) == *text);
    blocks += transcript.blocks.size();
  }
  CHECK(blocks > 150);
}

TEST_CASE("placeholders stand for what varies") {
  CHECK(line_matches("TopicId: <TopicId>\tPartitionCount: 3", "TopicId: 00kNyZD9Ttqqvmk\tPartitionCount: 3"));
  CHECK_FALSE(line_matches("TopicId: <TopicId>\tPartitionCount: 3", "TopicId: \tPartitionCount: 3"));
  CHECK(line_matches("[<Timestamp>] WARN <n> left", "[2026-11-21 10:00:00,123] WARN 12 left"));
  CHECK_FALSE(line_matches("[<Timestamp>] WARN", "[soon] WARN"));
  CHECK(line_matches("<Ms>              \tLeader", "1767225600000     \tLeader"));
  CHECK(line_matches("<Ms>              Leader", "1767225600000     Leader"));
  CHECK_FALSE(line_matches("<Ms> ms", "12 13 ms"));
  CHECK(line_matches("a < b > c", "a < b > c"));
}

TEST_CASE("a difference shows what was expected and what came, in its place") {
  CHECK(difference({"a", "b", "c"}, {"a", "b", "c"}).empty());
  CHECK(difference({"a", "b", "c"}, {"a", "x", "c"}) == std::vector<std::string>{"  a", "- b", "+ x", "  c"});
  CHECK(difference({"a"}, {}) == std::vector<std::string>{"- a"});
  CHECK(difference({}, {"a"}) == std::vector<std::string>{"+ a"});
  CHECK(difference({"id <n>", "b"}, {"id 5"}) == std::vector<std::string>{"  id 5", "- b"});
}

TEST_CASE("a scenario passes when its output comes, and says what came when not") {
  const ScenarioResult passed = play(scenario);
  CHECK_MESSAGE(passed.has_passed, passed.report);
  CHECK(passed.text == scenario);

  const ScenarioResult failed =
      play(replaced(replaced(scenario, "kafka2\n[exit 0]", "kafka3\n[exit 0]"), "[exit 1]", "[exit 2]"));
  CHECK_FALSE(failed.has_passed);
  CHECK(failed.report ==
        "test.txt:5: $ docker stop kafka2\n"
        "    - kafka3\n"
        "    + kafka2\n"
        "test.txt:10: $ docker stop \\\n    kafka4\n"
        "    - [exit 2]\n"
        "    + [exit 1]\n");
  CHECK_MESSAGE(failed.text == scenario, "rewritten, with its placeholders kept");
}

TEST_CASE("a scenario of commands alone is filled in") {
  const ScenarioResult result = play("$ docker stop kafka2\n\n# and back\n$ docker start kafka2\n");
  CHECK(result.text ==
        "$ docker stop kafka2\nkafka2\n[exit 0]\n\n# and back\n$ docker start kafka2\nkafka2\n[exit 0]\n");
}

TEST_CASE("ids become placeholders when a transcript is rewritten") {
  CHECK(rewritten({}, {"Topic: orders\tTopicId: 00kNyZD9TtqqvmkMALeAFA\tPartitionCount: 3"}) ==
        std::vector<std::string>{"Topic: orders\tTopicId: <TopicId>\tPartitionCount: 3"});
}

TEST_CASE("output without a newline at its end is told apart") {
  CHECK(output_lines("a\nb", "") == std::vector<std::string>{"a", "b", "[no newline]"});
  CHECK(output_lines("a\n", "x\ny\n") == std::vector<std::string>{"a", "2> x", "2> y"});
}

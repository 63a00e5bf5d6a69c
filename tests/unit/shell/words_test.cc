#include "sim/shell/words.h"

#include <doctest/doctest.h>

using namespace brokerlab;

namespace {

const Variables variables{{"BOOTSTRAP", "127.0.0.1:9092,127.0.0.1:9093"}, {"BROKER1", "127.0.0.1:9092"}};

std::vector<Words> split(std::string_view line) {
  const Result<std::vector<Words>> stages = split_command(line, variables);
  REQUIRE_MESSAGE(stages.ok(), stages.status().message);
  return *stages;
}

std::string refusal_of(std::string_view line, Language language = Language::english) {
  const Result<std::vector<Words>> stages = split_command(line, variables, language);
  REQUIRE(!stages.ok());
  return stages.status().message;
}

}  // namespace

TEST_CASE("a line is split as a shell would") {
  CHECK(split("docker  stop\tkafka2") == std::vector<Words>{{"docker", "stop", "kafka2"}});
  CHECK(split(R"(kafka-topics --topic 'my topic' "a \"b\"" c\ d "")") ==
        std::vector<Words>{{"kafka-topics", "--topic", "my topic", "a \"b\"", "c d", ""}});
  CHECK(split("docker ps # who runs?") == std::vector<Words>{{"docker", "ps"}});
  CHECK(split("a#b '#c'") == std::vector<Words>{{"a#b", "#c"}});
  CHECK(split("   ").empty());
  CHECK(split("# only a comment").empty());
}

TEST_CASE("variables are those of the lab") {
  CHECK(split("kafka-topics --bootstrap-server $BOOTSTRAP") ==
        std::vector<Words>{{"kafka-topics", "--bootstrap-server", "127.0.0.1:9092,127.0.0.1:9093"}});
  CHECK(split("a \"${BROKER1}/x\" '$BROKER1'") == std::vector<Words>{{"a", "127.0.0.1:9092/x", "$BROKER1"}});
  CHECK(refusal_of("echo $HOME") == "$HOME is not set. Set here: $BOOTSTRAP, $BROKER1");
}

TEST_CASE("a pipe separates stages, and the guides' continued lines are one command") {
  CHECK(split("kafka-topics --describe | grep \"Isr:\"") ==
        std::vector<Words>{{"kafka-topics", "--describe"}, {"grep", "Isr:"}});
  CHECK(continues("docker exec kafka1 kafka-topics \\"));
  CHECK_FALSE(continues("printf 'a\\\\"));
  CHECK(split("docker exec kafka1 kafka-topics \\\n  --list") ==
        std::vector<Words>{{"docker", "exec", "kafka1", "kafka-topics", "--list"}});
}

TEST_CASE("what a shell has and the lab has not is refused by name") {
  CHECK(refusal_of("kafka-topics --list > file") ==
        "the lab's shell has no >. Put it in quotes to mean the character itself");
  CHECK(refusal_of("a && b").find("no &") != std::string::npos);
  CHECK(refusal_of("a; b", Language::korean) ==
        "이 셸에는 ; 기능이 없습니다. 문자 그대로 쓰려면 따옴표로 감싸세요");
  CHECK(refusal_of("echo $(date)").find("no $") != std::string::npos);
  CHECK(refusal_of("say 'it") == "a quote ' is open at the end of the line");
  CHECK(refusal_of("| grep a") == "a command is missing beside |");
  CHECK(refusal_of("kafka-topics |") == "a command is missing beside |");
  CHECK(split("expect orders-1.leader_epoch >= 3") ==
        std::vector<Words>{{"expect", "orders-1.leader_epoch", ">=", "3"}});
}

TEST_CASE("& at the end puts a command into the background") {
  const auto in_background = [](std::string_view line) {
    const Result<CommandLine> split = split_line(line, {});
    return split.ok() && split->in_background;
  };
  CHECK(in_background("docker stop kafka1 &"));
  CHECK(in_background("docker stop kafka1& # now"));
  CHECK(split_line("docker stop kafka1 &", {})->stages == std::vector<Words>{{"docker", "stop", "kafka1"}});
  CHECK_FALSE(in_background("docker stop kafka1"));
  CHECK_FALSE(in_background("echo '&'"));
  CHECK_FALSE(split_line("a & b", {}).ok());
  CHECK_FALSE(split_line("a &&", {}).ok());
  CHECK_FALSE(split_line("&", {}).ok());
}

TEST_CASE("joined words split into the same words") {
  const Words words{"docker", "it's", "a b", "", "#x", "$Y", "plain-word_1.2:3/4,5=6"};
  CHECK(split(join_words(words)) == std::vector<Words>{words});
}

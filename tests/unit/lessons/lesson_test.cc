#include "lessons/engine/lesson.h"

#include <doctest/doctest.h>

using namespace brokerlab;

namespace {

constexpr std::string_view english = R"(# A leader stops

```config
preset: three-brokers
driver: sandbox live
```

```lab
kafka-topics --create --topic orders \
  --replica-assignment 1:2:3
```

Three brokers **run**, and `kafka1` leads.

## Predict

```config
panels: events
spotlight: canvas.kafka1
```

Say what you *expect*.

```predict
You stop kafka1. Who leads
afterwards?
- kafka2 [orders-0.leader == kafka2]
- nobody
```

> The order of the replicas.

```lab
# the broker that leads
docker stop kafka1
```

## Compare

```expect within=2s
orders-0.leader != kafka1   # another leader
brokers.alive == 2
```

```why
partition partition=orders-0
```

Now {orders-0.leader} leads:

- the first of `{orders-0.replicas}`
)";

Lesson parse(std::string_view text, Language language = Language::english) {
  Result<Lesson> lesson = parse_lesson(text, "test", language);
  REQUIRE_MESSAGE(lesson.ok(), lesson.status().message);
  return std::move(lesson).value();
}

std::string defect_of(std::string_view text) {
  const Result<Lesson> lesson = parse_lesson(text, "test", Language::english);
  REQUIRE(!lesson.ok());
  return lesson.status().message;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const size_t at = result.find(from);
  REQUIRE(at != std::string::npos);
  return result.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a lesson is read from its Markdown") {
  const Lesson lesson = parse(english);
  CHECK(lesson.title == "A leader stops");
  CHECK(lesson.config.find("preset")->second == "three-brokers");
  CHECK(lesson.setup ==
        std::vector<std::string>{"kafka-topics --create --topic orders \\\n  --replica-assignment 1:2:3"});
  CHECK(plain_text(lesson.introduction, 80) == "Three brokers run, and `kafka1` leads.\n");
  REQUIRE(lesson.steps.size() == 2);

  const LessonStep& predict = lesson.steps[0];
  CHECK(predict.kind == LessonStep::Kind::predict);
  CHECK(predict.question->words == "You stop kafka1. Who leads afterwards?");
  REQUIRE(predict.question->choices.size() == 2);
  CHECK(predict.question->choices[0].words == "kafka2");
  CHECK(predict.question->choices[0].condition == "orders-0.leader == kafka2");
  CHECK(predict.question->choices[1].condition.empty());
  CHECK(predict.action == std::vector<std::string>{"docker stop kafka1"});
  CHECK(predict.panels == std::vector<std::string>{"events"});
  CHECK(predict.spotlight == std::vector<std::string>{"canvas.kafka1"});
  CHECK(plain_text(predict.hint, 80) == "The order of the replicas.\n");

  const LessonStep& compare = lesson.steps[1];
  CHECK(compare.kind == LessonStep::Kind::compare);
  REQUIRE(compare.checks.size() == 2);
  CHECK(compare.checks[0].expectation == "orders-0.leader != kafka1");
  CHECK(compare.checks[0].words == "another leader");
  CHECK(compare.checks[0].within == seconds(2));
  CHECK(compare.checks[1].words == "brokers.alive == 2");
  CHECK(compare.why == "partition partition=orders-0");
}

TEST_CASE("prose is filled from the cluster, with Korean particles") {
  const ValueAt value_at = [](std::string_view path) -> std::optional<std::string> {
    if (path == "orders-0.leader") return "kafka2";
    if (path == "orders-0.replicas") return "1,2,3";
    return std::nullopt;
  };
  CHECK(plain_text(fill_prose(parse(english).steps[1].explanation, value_at), 80) ==
        "Now kafka2 leads:\n- the first of `1,2,3`\n");
  CHECK(fill_text("{orders-0.leader: no particles}", value_at) == "{orders-0.leader: no particles}");
  CHECK(fill_text("이제 {orders-0.leader:이/가} 리더이고 {nothing:은/는}?", value_at) ==
        "이제 kafka2가 리더이고 ?는?");
}

TEST_CASE("text is broken at spaces, Hangul two columns wide") {
  const Prose prose{
      {Paragraph::Kind::paragraph, {{Span::Style::plain, "리더가 멈추면 팔로워가 리더가 됩니다"}}}};
  CHECK(plain_text(prose, 16) == "리더가 멈추면\n팔로워가 리더가\n됩니다\n");
}

TEST_CASE("only prose may differ between the languages of a lesson") {
  std::string korean = replaced(english, "# A leader stops", "# 리더가 멈추면");
  korean = replaced(korean, "Say what you *expect*.", "예상을 말해 보세요.");
  korean = replaced(korean, "- nobody", "- 아무도 아님");
  korean = replaced(korean, "# another leader", "# 다른 리더");
  korean = replaced(korean, "# the broker that leads", "# 리더인 브로커");
  CHECK(lesson_skeleton(parse(korean, Language::korean)) == lesson_skeleton(parse(english)));

  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"docker stop kafka1", "docker kill kafka1"},
           {"within=2s", "within=3s"},
           {"brokers.alive == 2", "brokers.alive == 3"},
           {"[orders-0.leader == kafka2]", "[orders-0.leader == kafka3]"},
           {"spotlight: canvas.kafka1", "spotlight: canvas.kafka2"},
           {"driver: sandbox live", "driver: live"},
           {"1:2:3", "1:2"},
           {"partition=orders-0", "partition=orders-1"}})
    CHECK_MESSAGE(lesson_skeleton(parse(replaced(english, from, to))) != lesson_skeleton(parse(english)),
                  from);
}

TEST_CASE("a defect of a lesson names its line") {
  CHECK(defect_of(replaced(english, "```why", "```because")) ==
        "line 46: no such block: because. There are lab, bash, expect, predict, why, config");
  CHECK(defect_of(replaced(english, "- nobody\n", "")) ==
        "line 25: a question needs two choices `- words [expectation]`");
  CHECK(defect_of("## Step\n") == "line 1: a step before the title");
  CHECK(defect_of("# Title\n") == "line 1: no step (## ...)");
  CHECK(defect_of("# Title\n\n```expect\na == b\n```\n") == "line 4: ```expect stands inside a step");
  CHECK(defect_of("# T\n\n## S\n\n![picture](x.png)\n").find("only emphasis") != std::string::npos);
}

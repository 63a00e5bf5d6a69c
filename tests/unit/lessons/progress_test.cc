#include "lessons/engine/progress.h"

#include <doctest/doctest.h>

#include "lessons/engine/library.h"
#include "lessons/engine/runner.h"
#include "sim/shell/shell.h"
#include "tests/unit/shell/puppet.h"

using namespace brokerlab;

namespace {

constexpr std::string_view markdown = R"(# A leader stops

```config
driver: sandbox
```

## Predict

kafka2 leads among {orders-1.replicas}.

```predict
Who leads next?
- kafka1 [orders-1.leader == kafka1]
- kafka3 [orders-1.leader == kafka3]
- nobody [orders-1.leader == none]
```

```lab
docker stop kafka2
```

```expect within=5s
kafka2.state == stopped # it stopped
```

## Compare

```expect within=2s
orders-1.leader != kafka2 # another leader
event node_stopped node=kafka2 # kafka2 ended
```

```why
node_stopped node=kafka2
```

Now {orders-1.leader} leads.

## Read

That was all.
)";

struct Fixture {
  std::unique_ptr<Sandbox> lab = puppet_lab();
  Shell shell{*lab, Language::english};
  Lesson lesson = *parse_lesson(markdown, "test", Language::english);
  LessonProgress progress{lesson, *lab};

  void run(std::string_view line) {
    (void)shell.run(line, [this] { progress.poll(); });
  }
  /// The controller, which puppets are not, gives the partition to another.
  void elect(const std::string& broker) {
    for (const char* node : {"kafka1", "kafka3"})
      tell(*lab, node, "leader", {"orders", "1", broker, "1", "3", "1"});
    progress.poll();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a question locks the action until the prediction is committed") {
  CHECK(plain_text(progress.text(), 80) == "kafka2 leads among 2,3,1.\n");
  CHECK(progress.is_question_open());
  CHECK(progress.is_action_locked());
  CHECK(progress.checks()[0].state == CheckState::State::waiting);

  progress.choose(0);
  progress.set_confidence(Confidence::very);
  progress.commit();
  CHECK_FALSE(progress.is_action_locked());
  CHECK_FALSE(progress.is_step_complete());

  run("docker stop kafka2");
  CHECK(progress.is_step_complete());
  CHECK(progress.action_began().has_value());
  CHECK(progress.checks()[0].took >= Puppet::shutdown_time);
  CHECK(progress.checks()[0].took < Puppet::shutdown_time + milliseconds(100));
}

TEST_CASE_FIXTURE(Fixture, "what was done before the prediction does not count as the action") {
  run("docker pause kafka3");
  CHECK_FALSE(progress.action_began().has_value());
  CHECK(progress.is_action_locked());
}

TEST_CASE_FIXTURE(Fixture, "the cluster answers the question, and the step compares") {
  progress.choose(0);
  progress.commit();
  run("docker stop kafka2");
  elect("3");
  progress.next();
  CHECK(progress.step().kind == LessonStep::Kind::compare);
  progress.poll();
  CHECK(progress.is_step_complete());
  CHECK(progress.prediction().is_settled);
  CHECK(progress.prediction().answer == 1);
  CHECK_FALSE(progress.prediction().was_right());
  CHECK(plain_text(progress.explanation(), 80) == "Now kafka3 leads.\n");
  REQUIRE(progress.why_event().has_value());
  CHECK(std::holds_alternative<event::NodeStopped>(progress.why_event()->payload));
  // The second check counts from the action, not from when the learner looked.
  CHECK(progress.checks()[1].event == progress.why_event()->ref);
  CHECK(progress.checks()[1].took >= Puppet::shutdown_time);

  progress.next();
  CHECK(progress.is_last_step());
  CHECK(progress.is_step_complete());
  progress.back();
  CHECK(progress.prediction().answer == 1);
}

TEST_CASE_FIXTURE(
    Fixture, "a check fails at its limit with what was seen, and is looked at again after more was done") {
  progress.pass_over();
  run("docker stop kafka2");
  progress.next();
  run("wait 3s");
  CHECK(progress.checks()[0].state == CheckState::State::failed);
  CHECK(progress.checks()[0].failure == "expected orders-1.leader != kafka2 within 2 s, saw kafka2");
  CHECK(progress.is_step_settled());
  CHECK_FALSE(progress.is_step_complete());

  run("docker pause kafka3");
  CHECK(progress.checks()[0].state == CheckState::State::running);
  elect("1");
  CHECK(progress.checks()[0].state == CheckState::State::passed);
}

TEST_CASE_FIXTURE(Fixture, "choices are shown in an order that the seed gives") {
  std::vector<size_t> order = progress.prediction().order;
  CHECK(order == LessonProgress(lesson, *lab).prediction().order);
  std::sort(order.begin(), order.end());
  CHECK(order == std::vector<size_t>{0, 1, 2});
}

TEST_CASE("a lesson plays without a window, and reports what did not hold") {
  const std::unique_ptr<Sandbox> lab = puppet_lab();
  const Lesson lesson = *parse_lesson(markdown, "test", Language::english);
  std::string told;
  LessonRunOptions options;
  options.narrate = [&](std::string_view text) { told += text; };
  options.ask = [](const LessonQuestion& question, const PredictionState&) {
    CHECK(question.choices.size() == 3);
    return LessonAnswer{1, Confidence::very};
  };
  const LessonReport report = play_lesson(lesson, options, *lab);
  CHECK_FALSE(report.has_passed());  // puppets elect nobody
  CHECK(report.answered == 0);
  CHECK(told.find("$ docker stop kafka2\nkafka2\n") != std::string::npos);
  CHECK(told.find("[ok] it stopped") != std::string::npos);
  CHECK(told.find("[--] another leader") != std::string::npos);

  const std::string xml = junit_xml(report);
  CHECK(xml.find("<testsuite name=\"test\" tests=\"5\" failures=\"2\"") != std::string::npos);
  CHECK(xml.find("message=\"expected orders-1.leader != kafka2 within 2 s, saw kafka2\"") !=
        std::string::npos);
}

TEST_CASE("every lesson exists in both languages, and only its prose differs") {
  REQUIRE(!all_lessons().empty());
  for (const LessonSource& source : all_lessons()) {
    const Result<Lesson> english = find_lesson(source.name, Language::english);
    const Result<Lesson> korean = find_lesson(source.name, Language::korean);
    REQUIRE_MESSAGE(english.ok(), source.name << " en " << english.status().message);
    REQUIRE_MESSAGE(korean.ok(), source.name << " ko " << korean.status().message);
    const std::vector<std::string> left = lesson_skeleton(*english), right = lesson_skeleton(*korean);
    REQUIRE(left.size() == right.size());
    for (size_t i = 0; i < left.size(); ++i) CHECK(left[i] == right[i]);
    CHECK(english->title != korean->title);
    REQUIRE(english->steps.size() == korean->steps.size());
    for (size_t i = 0; i < english->steps.size(); ++i) {
      CHECK(english->steps[i].text.size() == korean->steps[i].text.size());
      CHECK(english->steps[i].hint.size() == korean->steps[i].hint.size());
      CHECK(english->steps[i].explanation.size() == korean->steps[i].explanation.size());
    }
  }
}

TEST_CASE("a lesson is found by its number or a part of its name") {
  CHECK(find_lesson("1", Language::english)->name == "01-a-leader-stops");
  CHECK(find_lesson("leader", Language::korean)->title == "리더가 멈추면");
  CHECK(find_lesson("9", Language::english).status().message ==
        "no lesson \"9\". Lessons: 01-a-leader-stops");
}

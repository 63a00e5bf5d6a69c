// The window in the learner's hands: frames with injected input, and what the window asks for.
#include <doctest/doctest.h>

#include <algorithm>

#include "gui/event_filter.h"
#include "gui/headless.h"
#include "gui/panels/broker_menu.h"
#include "tests/gui/story.h"

using namespace brokerlab;
using namespace brokerlab::gui;
using compat::Key;

namespace {

/// A learner before a window that shows one moment of the story.
class Learner {
 public:
  explicit Learner(WindowModel model, HeadlessOptions options = {})
      : model_(std::move(model)), window_(options) {
    see();
    see();
  }

  void click(std::string_view widget, int button = 0) {
    window_.point_at(window_.middle_of(widget));
    see();
    window_.press(button, true);
    see();
    window_.press(button, false);
    see();
    see();  // what a click changed is seen in the frame after
  }
  void right_click(std::string_view widget) { click(widget, 1); }
  /// Presses at the middle of the widget and lets go `by` pixels to the right.
  void drag(std::string_view widget, float by) {
    const Point from = window_.middle_of(widget);
    window_.point_at(from);
    see();
    window_.press(0, true);
    see();
    window_.point_at(from + Point{by, 0});
    see();
    window_.press(0, false);
    see();
  }
  void press(Key key) {
    window_.key(key, true);
    see();
    window_.key(key, false);
    see();
  }
  void press_ctrl(Key key) {
    window_.ctrl(true);
    see();
    press(key);
    window_.ctrl(false);
    see();
  }
  void type(std::string_view text) {
    for (const char c : text) {
      window_.type(std::string_view(&c, 1));
      see();
    }
    see();  // what was typed last is used in the frame after
  }
  void see() {
    const FrameResult result = window_.frame(model_);
    asked_.insert(asked_.end(), result.requests.begin(), result.requests.end());
  }

  const Requests& asked() const { return asked_; }
  bool has_asked(const Request& request) const {
    return std::find(asked_.begin(), asked_.end(), request) != asked_.end();
  }
  bool has_run(const std::string& line) const { return has_asked(request::RunCommand{line}); }
  const Box* where(std::string_view widget) { return window_.app().widgets().find(widget); }
  bool sees(std::string_view widget) { return window_.app().widgets().find(widget) != nullptr; }
  const std::vector<CutText>& cuts() { return window_.app().cuts(); }
  ViewData& view() { return window_.app().view(); }
  WindowModel& model() { return model_; }

 private:
  WindowModel model_;
  HeadlessWindow window_;
  Requests asked_;
};

WindowModel before() { return story::before_the_stop(Language::english); }
WindowModel after() { return story::after_the_stop(Language::english); }

}  // namespace

TEST_CASE("a learner answers by mouse or by key, says how sure, and commits with Enter") {
  Learner learner(before());
  learner.click("lesson.choice.2");
  CHECK(learner.has_asked(request::ChooseAnswer{1}));
  learner.press(compat::letter('3'));
  CHECK(learner.has_asked(request::ChooseAnswer{2}));
  learner.click("lesson.sure.3");
  CHECK(learner.has_asked(request::SetConfidence{Confidence::very}));
  learner.press(Key::enter);
  CHECK(learner.has_asked(request::CommitPrediction{}));
}

TEST_CASE("nothing is committed before something is chosen") {
  WindowModel model = before();
  model.lesson->prediction->chosen = -1;
  Learner learner(model);
  learner.click("lesson.commit");
  learner.press(Key::enter);
  CHECK(learner.asked().empty());
}

TEST_CASE("during a prediction the action is locked; afterwards it runs") {
  WindowModel model = before();
  Learner waiting(model);
  waiting.click("lesson.action");
  waiting.click("lesson.show_me");
  CHECK(waiting.asked().empty());

  model.lesson->prediction->is_committed = true;
  model.lesson->action->is_locked = false;
  Learner free(model);
  free.click("lesson.action");
  CHECK(free.has_asked(request::ShowMe{}));
}

TEST_CASE("a locked answer cannot be changed") {
  WindowModel model = before();
  model.lesson->prediction->is_committed = true;
  Learner learner(model);
  learner.click("lesson.choice.3");
  learner.press(compat::letter('2'));
  CHECK(learner.asked().empty());
}

TEST_CASE("a long answer takes two lines instead of being cut, and can be chosen as any other") {
  WindowModel model = before();
  model.lesson->prediction->choices[2] = "nobody, until kafka2 has come back and caught up with the others";
  Learner learner(model);
  CHECK(learner.where("lesson.choice.3")->height() > learner.where("lesson.choice.2")->height());
  CHECK(learner.cuts().empty());
  learner.click("lesson.choice.3");
  CHECK(learner.has_asked(request::ChooseAnswer{2}));
}

TEST_CASE("after the comparison Enter goes on") {
  Learner learner(after());
  learner.press(Key::enter);
  CHECK(learner.has_asked(request::NextStep{}));
  learner.click("lesson.back");
  CHECK(learner.has_asked(request::PreviousStep{}));
}

TEST_CASE("a broker's menu runs the commands that it shows") {
  Learner learner(before());
  learner.right_click("canvas.kafka2");
  CHECK(learner.view().selection == Selection{SelectedNode{story::kafka2}});
  REQUIRE(learner.sees("menu.docker stop"));
  learner.click("menu.docker stop");
  CHECK(learner.has_run("docker stop kafka2"));
  learner.see();
  CHECK_FALSE(learner.sees("menu"));
}

TEST_CASE("the menu of a stopped broker offers to start it, and what cannot be done stays and does nothing") {
  Learner learner(after());
  learner.right_click("canvas.kafka2");
  REQUIRE(learner.sees("menu.docker start"));
  CHECK_FALSE(learner.sees("menu.docker stop"));
  learner.click("menu.docker kill");
  CHECK(learner.asked().empty());
  learner.click("menu.docker start");
  CHECK(learner.has_run("docker start kafka2"));
}

TEST_CASE("kill, pause and cut are a right click and a click away") {
  for (const std::string_view command : {"docker kill", "docker pause"}) {
    Learner learner(before());
    learner.right_click("canvas.kafka1");
    learner.click("menu." + std::string(command));
    CHECK(learner.has_run(std::string(command) + " kafka1"));
  }
  Learner learner(before());
  learner.right_click("canvas.kafka1");
  learner.click("menu.fault cut");  // the last of that name: from all
  CHECK(learner.has_run("fault cut kafka1"));
}

TEST_CASE("cutting a broker off names the other one; a healthy broker has nothing to heal") {
  const WindowModel model = before();
  const Phrasebook say(Language::english);
  const auto entries = broker_entries(say, model, model.brokers[1]);
  std::vector<std::string> commands;
  for (const MenuEntry& entry : entries) {
    if (entry.disabled_reason.empty()) commands.push_back(entry.command);
  }
  const std::vector<std::string> expected{"docker stop kafka2",      "docker kill kafka2",
                                          "docker pause kafka2",     "fault cut kafka2 kafka1",
                                          "fault cut kafka2 kafka3", "fault cut kafka2"};
  CHECK(commands == expected);
}

TEST_CASE("what is typed into the terminal runs, and the arrow brings it back") {
  Learner learner(before());
  learner.press_ctrl(Key::grave);
  learner.type("docker ps");
  learner.press(Key::enter);
  CHECK(learner.has_run("docker ps"));
  CHECK(std::string(learner.view().terminal.input.data()).empty());
  learner.press(Key::up);
  learner.see();
  CHECK(std::string(learner.view().terminal.input.data()) == "docker ps");
}

TEST_CASE("while a command runs another can be typed, and Ctrl-C ends the one that runs") {
  WindowModel model = before();
  model.terminal.is_running = true;
  Learner learner(model);
  learner.press_ctrl(Key::grave);
  learner.type("clock speed 2");
  learner.press(Key::enter);
  CHECK(learner.asked() == Requests{request::RunCommand{"clock speed 2"}});
  learner.press_ctrl(compat::letter('C'));
  CHECK(learner.has_asked(request::Interrupt{}));
}

TEST_CASE("single letters are text while a field has the keyboard") {
  Learner learner(before());
  learner.press_ctrl(Key::grave);
  learner.type("1");
  learner.press(Key::space);
  CHECK(learner.asked().empty());
}

TEST_CASE("time: space plays and pauses, the full stop steps, brackets change the speed") {
  Learner paused(before());
  paused.press(Key::space);
  CHECK(paused.has_run("clock play"));
  paused.press(Key::period);
  CHECK(paused.has_run("clock step"));
  paused.press(Key::right_bracket);
  CHECK(paused.has_run("clock speed 0.2"));

  WindowModel model = before();
  model.clock.is_paused = false;
  Learner playing(model);
  playing.press(Key::space);
  CHECK(playing.has_run("clock pause"));
  playing.click("command.step");
  CHECK_FALSE(playing.has_run("clock step"));
}

TEST_CASE("time by mouse: play, step, and a slider whose quarter is a factor of ten") {
  Learner learner(before());
  learner.click("command.play");
  CHECK(learner.has_run("clock play"));
  learner.click("command.step");
  CHECK(learner.has_run("clock step"));
  learner.drag("command.speed", learner.where("command.speed")->width() / 4);
  CHECK(learner.has_run("clock speed 10"));
}

TEST_CASE("time is not offered while an outside client holds it") {
  WindowModel model = before();
  model.clock.is_paused = false;
  model.clock.held_because = "an outside client";
  Learner learner(model);
  learner.press(Key::space);
  learner.press(Key::right_bracket);
  learner.click("command.play");
  CHECK(learner.asked().empty());
}

TEST_CASE("the language changes at once") {
  Learner learner(before());
  learner.click("command.language.2");
  CHECK(learner.view().language == Language::korean);
  learner.click("command.language.1");
  CHECK(learner.view().language == Language::english);
}

TEST_CASE("one selection: a row of the matrix, a card, an event; Esc lets go") {
  Learner learner(before());
  learner.click("matrix.orders-1.kafka3");
  CHECK(learner.view().selection == Selection{SelectedPartition{{"orders", 1}}});
  learner.click("canvas.kafka3");
  CHECK(learner.view().selection == Selection{SelectedNode{story::kafka3}});
  learner.click("events.row.3");
  CHECK(std::holds_alternative<SelectedEvent>(learner.view().selection));
  learner.press(Key::escape);
  CHECK(learner.view().selection == Selection{NothingSelected{}});
}

TEST_CASE("a moving message and its event are one selection") {
  Learner learner(before());
  const EventRef sent = learner.model().messages[1].sent;
  learner.click("canvas.message." + std::to_string(sent.node.value) + "." + std::to_string(sent.sequence));
  CHECK(learner.view().selection == Selection{SelectedEvent{sent}});
}

TEST_CASE("a chip in the lesson's text selects its object") {
  Learner learner(before());
  learner.click("lesson.text.chip.2");
  CHECK(learner.view().selection == Selection{SelectedPartition{{"orders", 1}}});
}

TEST_CASE("the filter keeps what matches, and filters only a valid text") {
  Learner learner(before());
  learner.press_ctrl(compat::letter('F'));
  learner.type("kind:produce");
  CHECK(learner.sees("events.row.1"));
  CHECK(learner.sees("events.row.5"));
  CHECK_FALSE(learner.sees("events.row.20"));

  const WindowModel model = before();
  const Phrasebook say(Language::english);
  const EventFilter orders = EventFilter::parse("node:shop-a orders-1");
  CHECK(std::count_if(model.events.begin(), model.events.end(),
                      [&](const EventModel& e) { return orders.matches(say, model, e); }) == 1);
  const EventFilter wrong = EventFilter::parse("kind:prodce");
  CHECK_FALSE(wrong.is_valid());
  CHECK(wrong.wrong_word() == "kind:prodce");
  CHECK(wrong.matches(say, model, model.events.front()));
}

TEST_CASE("a kind is hidden and shown by its shape; an empty list offers to clear the filter") {
  Learner learner(before());
  learner.click("events.kind.control");
  CHECK(learner.view().events.hidden_kinds[static_cast<size_t>(MessageKind::control)]);
  learner.press_ctrl(compat::letter('F'));
  learner.type("nothing-of-that-name");
  REQUIRE(learner.sees("events.clear"));
  learner.click("events.clear");
  CHECK(learner.sees("events.row.1"));
}

TEST_CASE("who reads further up in the events is not carried away by new ones") {
  HeadlessOptions low;
  low.height = 700;  // not all rows fit
  Learner learner(before(), low);
  learner.view().events.scrolled_back = 3;
  learner.see();
  learner.click("events.row.1");
  const Selection read = learner.view().selection;
  EventModel news = learner.model().events.back();
  news.event.ref.sequence += 1000;
  learner.model().events.push_back(news);
  learner.see();
  CHECK(learner.view().events.scrolled_back == 4);
  learner.click("events.row.1");
  CHECK(learner.view().selection == read);
}

TEST_CASE("the interface grows and shrinks in steps of a quarter") {
  Learner learner(before());
  learner.press_ctrl(Key::equal);
  CHECK(learner.view().ui_scale == doctest::Approx(1.25));
  learner.press_ctrl(compat::letter('0'));
  learner.press_ctrl(Key::minus);
  CHECK(learner.view().ui_scale == doctest::Approx(0.75));
  learner.press_ctrl(Key::minus);
  CHECK(learner.view().ui_scale == doctest::Approx(0.75));
}

TEST_CASE("nothing moves while time is held: no more frames are asked for") {
  HeadlessWindow window({});
  for (int i = 0; i < 3; ++i) window.frame(before());
  CHECK_FALSE(window.frame(before()).is_animating);
}

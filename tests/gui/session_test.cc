// Lesson 1 in the window, on the real cluster in the sandbox: what the learner does, and what the model shows.
#include "gui/session.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gui/screenshot.h"

using namespace brokerlab;
using namespace brokerlab::gui;

namespace {

class Classroom {
 public:
  explicit Classroom(Language language = Language::english) {
    SessionOptions options;
    options.driver = Driver::sandbox;
    options.language = language;
    Result<std::unique_ptr<Session>> opened = Session::open(options);
    REQUIRE(opened.ok());
    session_ = std::move(opened).value();
    wait_for([&] { return session_->is_idle(); });
  }

  Session& session() { return *session_; }
  const WindowModel& sees() const { return session_->model(); }
  const LessonModel& lesson() const { return *session_->model().lesson; }

  template <class F>
  void wait_for(F&& holds) {
    for (int i = 0; i < 6000 && !holds(); ++i) session_->run_for(milliseconds(10));
    REQUIRE(holds());
  }
  void ask(const Request& request) {
    session_->carry_out(request);
    session_->run_for(milliseconds(10));
  }
  void do_step() {
    ask(request::ShowMe{});
    wait_for([&] { return lesson().can_go_on; });
  }
  void next() { ask(request::NextStep{}); }
  void predict(const std::string& words) {
    const auto& choices = lesson().prediction->choices;
    const auto chosen = std::find(choices.begin(), choices.end(), words);
    REQUIRE(chosen != choices.end());
    ask(request::ChooseAnswer{static_cast<int>(chosen - choices.begin())});
    ask(request::CommitPrediction{});
  }
  const PartitionModel& partition(int n) const { return sees().partitions.at(static_cast<size_t>(n)); }
  bool terminal_shows(const std::string& line) const {
    return std::any_of(sees().terminal.lines.begin(), sees().terminal.lines.end(),
                       [&](const TerminalLine& shown) { return shown.text == line; });
  }

 private:
  std::unique_ptr<Session> session_;
};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace

TEST_CASE("the lesson opens on a running cluster, its set-up in the terminal") {
  Classroom classroom;
  CHECK(classroom.lesson().number == 1);
  CHECK(classroom.lesson().step == 0);
  REQUIRE(classroom.sees().brokers.size() == 3);
  for (const NodeModel& broker : classroom.sees().brokers) CHECK(broker.look == NodeLook::alive);
  REQUIRE(classroom.sees().partitions.size() == 3);
  CHECK(classroom.partition(1).leader == 2);
  CHECK(classroom.sees().clients.front().name == "shop-a");
  CHECK(classroom.sees().terminal.lines.front().kind == TerminalLine::Kind::command);
  CHECK(classroom.sees().clock.speed == doctest::Approx(0.1));
}

TEST_CASE("a newcomer finishes lesson 1: the prediction is compared with what the cluster did") {
  Classroom classroom;
  classroom.do_step();
  classroom.next();
  classroom.do_step();
  CHECK(classroom.partition(1).cells[1].log_end_offset >= 1);
  classroom.next();
  REQUIRE(classroom.lesson().prediction);
  CHECK(classroom.lesson().action->is_locked);
  classroom.predict("kafka1");
  CHECK_FALSE(classroom.lesson().action->is_locked);
  classroom.do_step();
  CHECK(classroom.terminal_shows("docker stop kafka2"));
  classroom.next();
  classroom.wait_for([&] { return classroom.lesson().can_go_on; });
  REQUIRE(classroom.lesson().comparison);
  CHECK(classroom.lesson().comparison->mine == "kafka1");
  CHECK(classroom.lesson().comparison->actual == "kafka3");
  CHECK_FALSE(classroom.lesson().comparison->is_equal);
  CHECK(classroom.partition(1).leader == 3);
  // The stopped broker's replicas say what they last knew.
  CHECK(classroom.sees().brokers[1].look == NodeLook::dead);
  CHECK(classroom.partition(1).cells[1].state == ReplicaState::offline);
  CHECK(classroom.partition(1).cells[1].log_end_offset >= 1);
  classroom.next();
  classroom.predict("kafka3");
  classroom.do_step();
  classroom.next();
  classroom.wait_for([&] { return classroom.lesson().can_go_on; });
  CHECK(classroom.lesson().is_last);
  CHECK(classroom.lesson().predictions == 2);
  CHECK(classroom.lesson().right == 1);
}

TEST_CASE("the language changes in the middle of a lesson, and its values stay") {
  Classroom classroom;
  classroom.do_step();
  classroom.session().set_language(Language::korean);
  classroom.session().run_for(milliseconds(10));
  CHECK(classroom.lesson().title == "리더가 멈추면");
  CHECK(classroom.lesson().can_go_on);
  classroom.session().set_language(Language::english);
  classroom.session().run_for(milliseconds(10));
  CHECK(classroom.lesson().title == "A leader stops");
}

TEST_CASE("holding time is not the action that a step waits for") {
  Classroom classroom;
  classroom.session().run("clock pause");
  classroom.session().run("clock play");
  classroom.session().run_for(milliseconds(50));
  CHECK(classroom.lesson().checks.front().state == CheckState::State::waiting);
}

TEST_CASE("a command that fails says so, with its exit status") {
  Classroom classroom;
  classroom.session().run("docker stop kafka4");
  classroom.session().run_for(milliseconds(10));
  const TerminalLine& last = classroom.sees().terminal.lines.back();
  CHECK(last.kind == TerminalLine::Kind::note);
  CHECK(last.text == "exit 1");
}

TEST_CASE("messages move between the nodes that the journal names, and no faster than they did") {
  Classroom classroom;
  classroom.session().run("producer send shop-a --partition 1 'order'");
  std::vector<MessageModel> seen;
  for (int i = 0; i < 200; ++i) {
    classroom.session().run_for(milliseconds(2));
    for (const MessageModel& message : classroom.sees().messages) {
      CHECK(message.progress >= 0);
      CHECK(message.progress <= 1);
      seen.push_back(message);
    }
  }
  const NodeId shop = classroom.sees().find("shop-a")->id;
  const NodeId leader = classroom.sees().find("kafka2")->id;
  CHECK(std::any_of(seen.begin(), seen.end(), [&](const MessageModel& m) {
    return m.from == shop && m.to == leader && m.info.kind == MessageKind::produce;
  }));
}

TEST_CASE("a picture of the same moment has the same bytes; a wrong line of a script is named") {
  ScreenshotOptions options;
  options.out =
      (std::filesystem::temp_directory_path() / ("brokerlab-picture-" + std::to_string(getpid()) + ".png"))
          .string();
  options.at = milliseconds(2500);
  options.script = "lesson do\n2s docker stop kafka2\n";
  REQUIRE(save_screenshot(options).ok());
  const std::string first = bytes_of(options.out);
  REQUIRE(save_screenshot(options).ok());
  CHECK(first == bytes_of(options.out));
  CHECK(first.substr(1, 3) == "PNG");
  options.script = "# a comment\nlesson fly\n";
  const Status refused = save_screenshot(options);
  CHECK(refused.code == StatusCode::invalid);
  CHECK(refused.message.find("line 2") != std::string::npos);
  std::remove(options.out.c_str());
  options.script = "";
  options.out = "/nonexistent-folder/picture.png";
  CHECK(save_screenshot(options).code == StatusCode::io_error);
}

#include "gui/screenshot.h"

#include <fmt/format.h>

#include <sstream>

#include "gui/headless.h"
#include "gui/png.h"
#include "sim/shell/words.h"

namespace brokerlab::gui {
namespace {

/// Lab time that the cluster and the lesson's set-up may take before the script begins.
constexpr Duration longest_preparation = seconds(60);
constexpr Duration tick = milliseconds(5);

struct ScriptLine {
  int number = 0;
  std::optional<Instant> at;
  std::vector<std::string> words;
  std::string text;  ///< without the time
};

std::vector<ScriptLine> parse_script(const std::string& script) {
  std::vector<ScriptLine> lines;
  std::istringstream in(script);
  int number = 0;
  for (std::string raw; std::getline(in, raw);) {
    ++number;
    const size_t begin = raw.find_first_not_of(" \t\r");
    if (begin == std::string::npos || raw[begin] == '#') continue;
    ScriptLine line;
    line.number = number;
    line.text = raw.substr(begin);
    const size_t space = line.text.find(' ');
    const Result<Duration> time = parse_duration(line.text.substr(0, space));
    if (time.ok() && space != std::string::npos) {
      line.at = Instant{} + *time;
      line.text = line.text.substr(line.text.find_first_not_of(' ', space));
    }
    std::istringstream words(line.text);
    for (std::string word; words >> word;) line.words.push_back(word);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::optional<Request> lesson_request(const std::vector<std::string>& words) {
  const std::string verb = words.size() > 1 ? words[1] : "";
  const std::string value = words.size() > 2 ? words[2] : "";
  if (verb == "next") return request::NextStep{};
  if (verb == "back") return request::PreviousStep{};
  if (verb == "do") return request::ShowMe{};
  if (verb == "commit") return request::CommitPrediction{};
  if (verb == "choose" && value.size() == 1 && value[0] >= '1' && value[0] <= '9')
    return request::ChooseAnswer{value[0] - '1'};
  if (verb == "sure" && value == "guess") return request::SetConfidence{Confidence::guess};
  if (verb == "sure" && value == "fairly") return request::SetConfidence{Confidence::fairly};
  if (verb == "sure" && value == "very") return request::SetConfidence{Confidence::very};
  return std::nullopt;
}

bool select(ViewData& view, const WindowModel& model, const std::string& name) {
  if (const NodeModel* node = model.find(name)) {
    view.selection = SelectedNode{node->id};
    return true;
  }
  for (const PartitionModel& partition : model.partitions) {
    if (partition.name() != name) continue;
    view.selection = SelectedPartition{{partition.topic, partition.partition}};
    return true;
  }
  return false;
}

bool open_tab(ViewData& view, const std::string& name) {
  constexpr std::string_view names[] = {"lesson", "cluster", "partitions", "events", "terminal"};
  for (size_t i = 0; i < std::size(names); ++i) {
    if (names[i] != name) continue;
    view.tab = static_cast<TabPanel>(i);
    return true;
  }
  return false;
}

class Player {
 public:
  Player(Session& session, ViewData& view, Instant end) : session_(session), view_(view), end_(end) {}

  Status play(const std::vector<ScriptLine>& lines) {
    run_while([&] { return !session_.is_idle(); }, Instant{} + longest_preparation);
    for (const ScriptLine& line : lines) {
      if (line.at) run_while([] { return true; }, std::min(*line.at, end_));
      if (line.at && *line.at > end_) break;
      const Status status = perform(line);
      if (!status.ok()) return status;
      run_while([&] { return !session_.is_idle(); }, end_);
    }
    run_while([] { return true; }, end_);
    return {};
  }

 private:
  template <class F>
  void run_while(F&& wants_more, Instant until) {
    while (wants_more() && session_.lab().now().monotonic < until) {
      session_.run_for(std::min(tick, until - session_.lab().now().monotonic));
    }
  }

  Status perform(const ScriptLine& line) {
    const std::string& verb = line.words.front();
    const std::string value = line.words.size() > 1 ? line.words[1] : "";
    bool is_understood = true;
    if (verb == "lesson") {
      const std::optional<Request> wanted = lesson_request(line.words);
      is_understood = wanted.has_value();
      if (wanted) session_.carry_out(*wanted);
      session_.run_for(tick);
    } else if (verb == "select") {
      is_understood = select(view_, session_.model(), value);
    } else if (verb == "tab") {
      is_understood = open_tab(view_, value);
    } else {
      session_.run(line.text);
      session_.run_for(tick);
    }
    if (is_understood) return {};
    return Status::error(StatusCode::invalid, fmt::format("line {}: {}", line.number, line.text));
  }

  Session& session_;
  ViewData& view_;
  Instant end_;
};

}  // namespace

Status save_screenshot(const ScreenshotOptions& options) {
  SessionOptions wanted;
  wanted.lesson = options.lesson;
  wanted.driver = Driver::sandbox;
  wanted.language = options.language;
  Result<std::unique_ptr<Session>> session = Session::open(wanted);
  if (!session.ok()) return session.status();

  HeadlessOptions screen;
  screen.width = options.width;
  screen.height = options.height;
  screen.ui_scale = options.scale;
  screen.language = options.language;
  HeadlessWindow window(screen);
  Player player(**session, window.app().view(), Instant{} + options.at);
  const Status played = player.play(parse_script(options.script));
  if (!played.ok()) return played;
  const Status paused = (*session)->lab().pause_clock();
  if (!paused.ok()) return paused;
  (*session)->advance({}, 1e12);  // long after: nothing glows any more
  return write_png(window.picture((*session)->model()), options.out);
}

}  // namespace brokerlab::gui

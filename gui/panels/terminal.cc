#include "gui/panels/terminal.h"

#include <algorithm>
#include <deque>

#include "gui/widgets/text_field.h"

namespace brokerlab::gui {
namespace {

constexpr float line_height = 19;

/// Long lines break at the panel's edge, as a terminal does.
std::vector<std::string> wrapped(const Ui& ui, const std::string& line, float room) {
  std::vector<std::string> rows{""};
  float used = 0;
  for_each_code_point(line, [&](uint32_t code, std::string_view bytes) {
    const float wide = code < 0x80 ? 7 : ui.paint.width(TextStyle::mono, bytes);
    if (used + wide > room && !rows.back().empty()) {
      rows.emplace_back();
      used = 0;
    }
    rows.back() += bytes;
    used += wide;
  });
  return rows;
}

std::string with_spaces_for_tabs(const std::string& line) {
  std::string out;
  for (const char c : line) {
    if (c == '\t') {
      do out += ' ';
      while (out.size() % 8 != 0);
    } else {
      out += c;
    }
  }
  return out;
}

class TerminalDrawing {
 public:
  TerminalDrawing(Ui& ui, const TerminalPanel& panel, Requests& requests)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        view_(panel.view),
        box_(panel.box),
        has_title_(panel.has_title),
        complete_(panel.complete),
        requests_(requests),
        left_(box_.left + 16),
        right_(box_.right - 16) {}

  void draw() {
    paint_.region(box_, theme_.bg.input);
    paint_.line({box_.left, box_.top}, {box_.right, box_.top}, theme_.line.soft);
    float top = box_.top + 8;
    if (has_title_) {
      draw_title();
      top = box_.top + 34;
    }
    draw_lines({box_.left, top, box_.right, box_.bottom - 6});
  }

 private:
  struct Row {
    const TerminalLine* line;
    std::string text;
    bool is_first;
  };

  void draw_title() {
    const float y = box_.top + 17;
    const float title =
        paint_.text(TextStyle::caption_bold, {left_, y}, theme_.text.mid, ui_.say(Phrase::terminal_title));
    ui_.label(TextStyle::caption, {right_, y}, theme_.text.low, ui_.say(Phrase::terminal_about),
              right_ - left_ - title - 20, Align::right);
  }

  void draw_lines(const Box& area) {
    const auto fitting = static_cast<size_t>(std::max(2.0F, std::floor(area.height() / line_height))) - 1;
    turn_wheel(area);
    // From the newest line back, as far as is seen: the history may be long.
    std::deque<Row> rows;
    const auto& lines = model_.terminal.lines;
    const size_t wanted = fitting + static_cast<size_t>(view_.terminal.scrolled_back);
    for (auto line = lines.rbegin(); line != lines.rend() && rows.size() < wanted; ++line)
      prepend_rows(rows, *line);
    const int most = rows.size() > fitting ? static_cast<int>(rows.size() - fitting) : 0;
    view_.terminal.scrolled_back = std::min(view_.terminal.scrolled_back, most);
    const size_t end = rows.size() - static_cast<size_t>(view_.terminal.scrolled_back);
    const size_t begin = end > fitting ? end - fitting : 0;
    paint_.push_clip(area);
    float y = area.top + line_height / 2;
    for (size_t i = begin; i < end; ++i) {
      draw_row(rows[i], y);
      y += line_height;
    }
    draw_prompt(y);
    paint_.pop_clip();
  }

  void prepend_rows(std::deque<Row>& rows, const TerminalLine& line) const {
    const float room = right_ - left_ - (line.kind == TerminalLine::Kind::command ? 14 : 0);
    std::vector<std::string> texts = wrapped(ui_, with_spaces_for_tabs(line.text), room);
    for (size_t i = texts.size(); i-- > 0;) rows.push_front({&line, std::move(texts[i]), i == 0});
  }

  void turn_wheel(const Box& area) {
    const ImVec2 from = paint_.to_screen({area.left, area.top});
    const ImVec2 to = paint_.to_screen({area.right, area.bottom});
    if (!ImGui::IsMouseHoveringRect(from, to)) return;
    const int lines = static_cast<int>(ImGui::GetIO().MouseWheel * 3);
    view_.terminal.scrolled_back = std::max(0, view_.terminal.scrolled_back + lines);
  }

  void draw_row(const Row& row, float y) {
    float x = left_;
    Colour ink = theme_.text.mid;
    switch (row.line->kind) {
      case TerminalLine::Kind::command:
        if (row.is_first) paint_.text(TextStyle::mono, {x, y}, theme_.text.low, "$");
        x += 14;
        ink = theme_.text.hi;
        break;
      case TerminalLine::Kind::error:
        ink = theme_[Role::lost].ink;
        break;
      case TerminalLine::Kind::note:
        ink = theme_.text.low;
        break;
      case TerminalLine::Kind::output:
        break;
    }
    paint_.text(TextStyle::mono, {x, y}, ink, row.text);
  }

  /// What the lesson wants next, in grey, while nothing is typed.
  std::string ghost() const {
    if (!model_.lesson || !model_.lesson->action || model_.lesson->action->is_done) return {};
    const auto& commands = model_.lesson->action->commands;
    return commands.empty() ? std::string() : commands.front();
  }

  void draw_prompt(float y) {
    paint_.text(TextStyle::mono, {left_, y}, theme_.text.low, "$");
    float right = right_;
    if (model_.terminal.is_running) {  // others may be typed meanwhile: time may have to go faster
      right -= 16 + paint_.text(TextStyle::caption, {right_, y}, theme_.text.low,
                                ui_.say(Phrase::command_runs), Align::right);
    }
    const Box field{left_ + 14, y - 9, right, y + 10};
    const bool takes_focus = view_.focus == FocusRequest::terminal;
    if (takes_focus) view_.focus = FocusRequest::none;
    const TextFieldHelp help{[this](int steps) { return recall(steps); },
                             [this](std::string_view line) { return completed(line); }};
    const TextFieldResult typed =
        text_field(ui_, "terminal.input", field, TextStyle::mono, view_.terminal.input, takes_focus, &help);
    const bool is_empty = view_.terminal.input[0] == '\0';
    if (is_empty && !typed.has_focus) draw_ghost(field, y);
    if (typed.was_entered) enter();
  }

  void draw_ghost(const Box& field, float y) {
    const std::string wanted = ghost();
    if (wanted.empty()) {
      paint_.fill({field.left, y - 8, field.left + 7, y + 8}, theme_.text.hi);
      return;
    }
    const float wide = paint_.text(TextStyle::mono, {field.left, y}, theme_.text.low, wanted);
    if (model_.lesson->action->is_locked) {
      ui_.label(TextStyle::caption, {field.left + wide + 20, y}, theme_.text.low,
                ui_.say(Phrase::waits_for_prediction), field.width() - wide - 20);
    }
  }

  std::optional<std::string> recall(int steps) {
    const auto& history = view_.terminal.history;
    int& at = view_.terminal.recalled;
    if (history.empty() || (at < 0 && steps < 0)) return std::nullopt;
    const int last = static_cast<int>(history.size()) - 1;
    at = at < 0 ? last : std::max(at - steps, 0);
    if (at > last) {
      at = -1;
      return "";
    }
    return history[static_cast<size_t>(at)];
  }

  /// As far as all completions agree, and a space when there is only one.
  std::optional<std::string> completed(std::string_view line) const {
    if (!complete_) return std::nullopt;
    const std::vector<std::string> words = complete_(line);
    if (words.empty()) return std::nullopt;
    std::string common = words.front();
    for (const std::string& word : words) {
      const auto differs = std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first;
      common.erase(differs, common.end());
    }
    const size_t last_word = line.rfind(' ') == std::string_view::npos ? 0 : line.rfind(' ') + 1;
    return std::string(line.substr(0, last_word)) + common + (words.size() == 1 ? " " : "");
  }

  void enter() {
    const std::string line(view_.terminal.input.data());
    view_.focus = FocusRequest::terminal;
    view_.terminal.recalled = -1;
    view_.terminal.scrolled_back = 0;
    if (line.empty()) return;
    requests_.push_back(request::RunCommand{line});
    view_.terminal.history.push_back(line);
    set_text(view_.terminal.input, "");
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  Box box_;
  bool has_title_;
  const Completer& complete_;
  Requests& requests_;
  float left_;
  float right_;
};

}  // namespace

void terminal(Ui& ui, const TerminalPanel& panel, Requests& requests) {
  ui.place("terminal", panel.box);
  TerminalDrawing(ui, panel, requests).draw();
}

}  // namespace brokerlab::gui

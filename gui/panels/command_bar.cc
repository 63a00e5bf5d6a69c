#include "gui/panels/command_bar.h"

#include <fmt/format.h>

#include "gui/panels/main_menu.h"
#include "gui/text/event_words.h"
#include "gui/widgets/button.h"

namespace brokerlab::gui {
namespace {

constexpr double slowest = 0.01;
constexpr double fastest = 100;

/// The slider is logarithmic: a quarter of its way is a factor of ten.
double speed_at(float share) { return slowest * std::pow(fastest / slowest, static_cast<double>(share)); }
float share_of(double speed) {
  return static_cast<float>(std::log(std::clamp(speed, slowest, fastest) / slowest) /
                            std::log(fastest / slowest));
}

/// One or two figures that are easy to say: 0.01 0.02 0.05 0.1 ... 100.
double rounded_speed(double speed) {
  double best = slowest;
  for (double decade = slowest; decade <= fastest; decade *= 10) {
    for (const double figure : {1.0, 2.0, 5.0}) {
      const double candidate = decade * figure;
      if (candidate <= fastest * 1.001 &&
          std::abs(std::log(candidate / speed)) < std::abs(std::log(best / speed))) {
        best = candidate;
      }
    }
  }
  return best;
}

std::string speed_text(double speed) { return fmt::format("{:.3g}", speed); }

class CommandBar {
 public:
  CommandBar(Ui& ui, const CommandBarPanel& panel, Requests& requests)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        view_(panel.view),
        box_(panel.box),
        is_compact_(panel.is_compact),
        requests_(requests),
        y_(box_.centre().y) {}

  void draw() {
    paint_.line({box_.left, box_.bottom}, {box_.right, box_.bottom + 1}, theme_.line.soft);
    paint_.fill({box_.left, box_.bottom, box_.right, box_.bottom + 1}, theme_.line.soft);
    draw_mark(paint_, theme_, {26, y_});
    if (is_compact_ && model_.lesson) {
      const LessonModel& lesson = *model_.lesson;
      main_menu(ui_, {view_, 40, y_, true}, requests_);
      const float title = paint_.text(TextStyle::body_bold, {80, y_}, theme_.text.hi, lesson.title);
      paint_.text(TextStyle::caption, {80 + title + 10, y_}, theme_.text.low,
                  fmt::format("{} / {}", lesson.step + 1, lesson.steps));
    } else {
      main_menu(ui_, {view_, 128, y_, is_compact_}, requests_);
      paint_.text(TextStyle::body_bold, {46, y_}, theme_.text.hi, "brokerlab");
    }
    const float room = is_compact_ ? 230 : 450;  // what transport, speed and time need
    const float wanted = is_compact_ ? box_.width() * 0.5F : 580;
    draw_transport(std::min(wanted, box_.width() - 116 - room));
    draw_language();
  }

 private:
  void run(std::string command) { requests_.push_back(request::RunCommand{std::move(command)}); }

  void draw_transport(float left) {
    const ClockModel& clock = model_.clock;
    const Box frame{left, y_ - 14, left + 64, y_ + 14};
    paint_.fill(frame, theme_.bg.input, 5);
    paint_.outline(frame, theme_.line.soft, 1, 5);
    const Box play{frame.left + 2, frame.top + 1, frame.left + 32, frame.bottom - 1};
    const std::string_view reason = clock.held_because;
    if (icon_button(ui_, "command.play", play, clock.is_paused ? Icon::play : Icon::pause, true,
                    ui_.say(clock.is_paused ? Phrase::tip_play : Phrase::tip_pause),
                    clock.is_paused ? std::string_view() : reason)) {
      run(clock.is_paused ? "clock play" : "clock pause");
    }
    const Box step{play.right, play.top, play.right + 30, play.bottom};
    if (icon_button(ui_, "command.step", step, Icon::step, false, ui_.say(Phrase::tip_step),
                    clock.is_paused ? std::string_view() : ui_.say(Phrase::step_needs_pause))) {
      run("clock step");
    }
    draw_speed(frame.right + 20);
  }

  void draw_speed(float left) {
    const ClockModel& clock = model_.clock;
    const float sign = paint_.text(TextStyle::body, {left, y_}, theme_.text.mid, "×");
    paint_.text(TextStyle::mono_bold, {left + sign + 2, y_}, theme_.text.hi, speed_text(clock.speed));
    float x = left + 42;
    if (!is_compact_) {
      draw_slider({x, y_ - 12, x + 100, y_ + 12});
      x += 120;
    }
    const std::string now = seconds_text(clock.now);
    const float wide = paint_.width(TextStyle::mono_bold, now);
    const float right = x + std::max(wide, 42.0F);
    paint_.text(TextStyle::mono_bold, {right, y_}, theme_.text.hi, now, Align::right);
    paint_.text(TextStyle::caption, {right + 5, y_}, theme_.text.low, ui_.say(Phrase::second_unit));
    ui_.place("command.time", {x, y_ - 12, right + 20, y_ + 12});
  }

  void draw_slider(const Box& box) {
    const Touch touch = ui_.touch("command.speed", box);
    paint_.line({box.left, y_}, {box.right, y_}, theme_.line.strong);
    for (int i = 0; i <= 4; ++i) {
      const float x = box.left + box.width() * static_cast<float>(i) / 4;
      paint_.line({x, y_ - 4}, {x, y_ + 5}, theme_.line.strong);
    }
    const bool is_free = model_.clock.held_because.empty();
    float at = share_of(model_.clock.speed);
    if (touch.is_held && is_free) {
      const float pointed = ImGui::GetIO().MousePos.x / paint_.scale();
      const double wanted =
          rounded_speed(speed_at(std::clamp((pointed - box.left) / box.width(), 0.0F, 1.0F)));
      if (speed_text(wanted) != speed_text(model_.clock.speed)) run("clock speed " + speed_text(wanted));
      at = share_of(wanted);
    }
    const Point thumb{box.left + box.width() * at, y_};
    paint_.fill(Box::around(thumb, 4, 8), is_free ? theme_.text.hi : theme_.text.off, 2);
    ui_.tooltip(touch, is_free ? ui_.say(Phrase::tip_speed) : std::string_view(model_.clock.held_because));
  }

  void draw_language() {
    const Box box{box_.right - 100, y_ - 12, box_.right - 16, y_ + 12};
    const std::string_view names[] = {"EN", "한국어"};
    const bool has_korean = paint_.fonts().has_korean();
    const int chosen = view_.language == Language::korean ? 1 : 0;
    if (!has_korean) {
      ui_.place("command.no_korean_font", box);
      ui_.label(TextStyle::caption, {box.right, y_}, theme_.text.low, ui_.say(Phrase::no_korean_font), 460,
                Align::right);
      return;
    }
    const int clicked = segments(ui_, "command.language", box, names, chosen, TextStyle::caption);
    if (clicked >= 0) view_.language = clicked == 1 ? Language::korean : Language::english;
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  Box box_;
  bool is_compact_;
  Requests& requests_;
  float y_;
};

}  // namespace

void command_bar(Ui& ui, const CommandBarPanel& panel, Requests& requests) {
  ui.place("command", panel.box);
  CommandBar(ui, panel, requests).draw();
}

}  // namespace brokerlab::gui

#include "gui/panels/lesson_tasks.h"

#include <fmt/format.h>

#include "gui/text/event_words.h"
#include "gui/widgets/button.h"
#include "gui/widgets/line_break.h"
#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

class Tasks {
 public:
  explicit Tasks(LessonScene& scene)
      : scene_(scene),
        ui_(scene.ui),
        paint_(scene.ui.paint),
        theme_(scene.ui.theme),
        model_(scene.model),
        lesson_(scene.lesson),
        view_(scene.view) {}

  float action(const ActionModel& action, float y) {
    ui_.label(TextStyle::caption_bold, {left(), y + 9}, theme_.text.low,
              ui_.say(action.is_locked ? Phrase::then_act : Phrase::act_now), right() - left());
    y += 26;
    const float caption =
        action.is_locked ? paint_.width(TextStyle::caption, ui_.say(Phrase::after_your_prediction)) + 8 : 22;
    const float room = right() - left() - 48 - caption;
    const std::vector<std::string> rows = rows_of(action.commands, room);
    const float height = 15 + 21 * static_cast<float>(rows.size());
    const Box box{left(), y, right(), y + height};
    const Touch touch = ui_.touch("lesson.action", box);
    const bool can_run = !action.is_locked && !action.is_done;
    paint_.fill(box, can_run && touch.is_hovered ? theme_.bg.active : theme_.bg.input, 5);
    paint_.outline(box, can_run ? theme_.line.strong : theme_.line.soft, 1, 5);
    const float first = box.top + 18;
    const Point icon{box.left + 17, first};
    if (action.is_done) {
      draw_icon(paint_, Icon::check, icon, theme_[Role::agree].ink);
    } else {
      draw_icon(paint_, action.is_locked ? Icon::lock : Icon::prompt, icon, theme_.text.low);
    }
    if (action.is_locked) {
      paint_.text(TextStyle::caption, {box.right - 12, first}, theme_.text.low,
                  ui_.say(Phrase::after_your_prediction), Align::right);
    } else if (can_run) {
      draw_icon(paint_, Icon::play, {box.right - 18, first}, theme_.text.hi);
    }
    const Colour ink = can_run ? theme_.text.hi : theme_.text.low;
    for (size_t i = 0; i < rows.size(); ++i) {
      paint_.elided(TextStyle::mono, {box.left + 36, first + 21 * static_cast<float>(i)}, ink, rows[i], room);
    }
    ui_.tooltip(touch, action.is_locked ? ui_.say(Phrase::action_locked) : ui_.say(Phrase::tip_show_me));
    if (touch.is_clicked && can_run) scene_.requests.emplace_back(request::ShowMe{});
    return box.bottom;
  }

  float checks(float y) {
    ui_.label(TextStyle::caption_bold, {left(), y + 9}, theme_.text.low, ui_.say(Phrase::cluster_checks),
              right() - left());
    y += 24;
    for (const CheckState& check : lesson_.checks) y = draw_check(check, y);
    return y;
  }

  float hint(float y) {
    const Box row{left() - 4, y, right(), y + 28};
    const Touch touch = ui_.touch("lesson.hint", row);
    const Colour ink = touch.is_hovered ? theme_.text.hi : theme_.text.mid;
    const float middle = row.centre().y;
    draw_icon(paint_, view_.lesson.is_hint_open ? Icon::chevron_down : Icon::chevron_right,
              {left() + 5, middle}, theme_.text.low);
    draw_icon(paint_, Icon::bulb, {left() + 24, middle}, theme_.text.low);
    ui_.label(TextStyle::body, {left() + 38, middle}, ink, ui_.say(Phrase::hint), right() - left() - 38);
    if (touch.is_clicked) view_.lesson.is_hint_open = !view_.lesson.is_hint_open;
    if (!view_.lesson.is_hint_open) return row.bottom;
    const ProseStyle style{TextStyle::body, TextStyle::body_bold, theme_.text.mid, theme_.text.hi, 21, 8};
    return prose(ui_, "lesson.hint.text", {left() + 24, row.bottom + 2}, right() - left() - 24, lesson_.hint,
                 style, model_, view_) +
           8;
  }

 private:
  float left() const { return scene_.left; }
  float right() const { return scene_.right; }

  /// Long commands break at spaces; what goes on is set in.
  std::vector<std::string> rows_of(const std::vector<std::string>& commands, float room) const {
    std::vector<std::string> rows;
    for (const std::string& command : commands) {
      for (std::string& row : broken_lines(paint_, TextStyle::mono, command, room, "  "))
        rows.push_back(std::move(row));
    }
    return rows;
  }

  float draw_check(const CheckState& check, float y) {
    const Point icon{left() + 7, y + 13};
    std::string time;
    Colour ink = theme_.text.mid;
    switch (check.state) {
      case CheckState::State::passed:
        draw_icon(paint_, Icon::check, icon, theme_[Role::agree].ink);
        time = duration_words(ui_.say, check.took);
        break;
      case CheckState::State::failed:
        draw_cross(paint_, icon, 3.5F, theme_[Role::lost].ink);
        break;
      case CheckState::State::running:
        paint_.arc(icon, 5, -60, 150, theme_[Role::candidate].ink, 2);
        time = ui_.say(Phrase::within_seconds,
                       {{"n", fmt::format("{:g}", static_cast<double>(check.within.milliseconds()) / 1000)}});
        ink = theme_.text.hi;
        break;
      case CheckState::State::waiting:
        paint_.ring(icon, 5, theme_.text.low, 1.5F);
        break;
    }
    const float wide =
        paint_.text(TextStyle::caption, {right(), y + 13}, theme_.text.low, time, Align::right);
    const ProseStyle style{TextStyle::body, TextStyle::body_bold, ink, theme_.text.hi, 21, 0};
    y = prose(ui_, "lesson.check", {left() + 24, y + 2}, right() - left() - 24 - wide - 8, plain(check.words),
              style, model_, view_);
    if (check.state == CheckState::State::failed) {
      const ProseStyle seen{
          TextStyle::caption, TextStyle::caption_bold, theme_[Role::lost].ink, theme_.text.hi, 18, 0};
      y = prose(ui_, "lesson.seen", {left() + 24, y + 1}, right() - left() - 24, plain(check.failure), seen,
                model_, view_);
    }
    return y + 4;
  }

  LessonScene& scene_;
  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  const LessonModel& lesson_;
  ViewData& view_;
};

}  // namespace

float draw_action(LessonScene& scene, const ActionModel& action, float y) {
  return Tasks(scene).action(action, y);
}
float draw_checks(LessonScene& scene, float y) { return Tasks(scene).checks(y); }
float draw_hint(LessonScene& scene, float y) { return Tasks(scene).hint(y); }

}  // namespace brokerlab::gui

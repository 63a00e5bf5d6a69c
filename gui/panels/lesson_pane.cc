#include "gui/panels/lesson_pane.h"

#include "gui/panels/lesson_comparison.h"
#include "gui/panels/lesson_question.h"
#include "gui/panels/lesson_tasks.h"
#include "gui/widgets/button.h"
#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

class Pane {
 public:
  Pane(Ui& ui, const LessonPane& panel, Requests& requests)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        lesson_(*panel.model.lesson),
        view_(panel.view),
        box_(panel.box),
        is_compact_(panel.is_compact),
        requests_(requests) {
    const float pad = is_compact_ ? 16 : tokens().sizes.lesson_pad;
    left_ = box_.left + pad;
    right_ = box_.right - pad;
  }

  void draw() {
    if (!box_.is_empty()) paint_.line({box_.right, box_.top}, {box_.right, box_.bottom}, theme_.line.soft);
    const float body_top = is_compact_ ? draw_small_header() : draw_header();
    const float footer_top = box_.bottom - (needs_primary() ? 56.0F : 48.0F);
    draw_body({box_.left, body_top, box_.right, footer_top});
    draw_footer(footer_top);
  }

 private:
  bool is_asking() const { return lesson_.prediction && !lesson_.prediction->is_committed; }
  bool needs_primary() const { return !is_asking() && (lesson_.can_go_on && !lesson_.is_last); }

  // ---- header ---------------------------------------------------------------------------------------------

  float draw_header() {
    const float x = paint_.text(TextStyle::caption, {left_, box_.top + 24}, theme_.text.low,
                                ui_.say(Phrase::lesson_number, {{"n", std::to_string(lesson_.number)}}));
    const std::string step = ui_.say(
        Phrase::step_of, {{"n", std::to_string(lesson_.step + 1)}, {"all", std::to_string(lesson_.steps)}});
    const float dot = left_ + x + 12;
    paint_.text(TextStyle::caption, {dot, box_.top + 24}, theme_.text.low, "·");
    ui_.label(TextStyle::caption, {dot + 12, box_.top + 24}, theme_.text.low, step, right_ - dot - 12);
    paint_.elided(TextStyle::title, {left_, box_.top + 51}, theme_.text.hi, lesson_.title, right_ - left_);
    draw_step_bar(box_.top + 76);
    return box_.top + 90;
  }

  float draw_small_header() {
    draw_step_bar(box_.top + 14);
    return box_.top + 24;
  }

  void draw_step_bar(float y) {
    const auto count = static_cast<float>(std::max(lesson_.steps, 1));
    const float wide = (right_ - left_ - 4 * (count - 1)) / count;
    for (int i = 0; i < lesson_.steps; ++i) {
      const float x = left_ + (wide + 4) * static_cast<float>(i);
      const Colour colour = i < lesson_.step    ? theme_.text.low
                            : i == lesson_.step ? theme_.text.hi
                                                : theme_.line.soft;
      paint_.fill({x, y - 2, x + wide, y + 2}, colour, 2);
    }
  }

  // ---- body -----------------------------------------------------------------------------------------------

  void draw_body(const Box& area) {
    const ImVec2 from = paint_.to_screen({area.left, area.top});
    const ImVec2 to = paint_.to_screen({area.right, area.bottom});
    if (ImGui::IsMouseHoveringRect(from, to)) view_.lesson.scroll -= ImGui::GetIO().MouseWheel * 42;
    LessonView& memory = view_.lesson;
    if (memory.step != lesson_.step || memory.room != area.height()) {
      memory = {lesson_.step, area.height(), false, false, memory.is_hint_open, 0};
    }
    paint_.push_clip(area);
    const float top = area.top - std::round(view_.lesson.scroll);
    const float bottom = draw_content(top + 3);
    paint_.pop_clip();
    const float hidden = bottom + view_.lesson.scroll + 12 - area.bottom;
    // The question and its button are never scrolled away: its text and the steps that are done fold instead.
    if (hidden > 0) memory.is_text_folded = true;
    view_.lesson.scroll = std::clamp(view_.lesson.scroll, 0.0F, std::max(0.0F, hidden));
    if (hidden > 0) {  // says that there is more
      const float share = area.height() / (area.height() + hidden);
      const float start = area.top + (area.height() - area.height() * share) * (view_.lesson.scroll / hidden);
      paint_.fill({area.right - 5, start, area.right - 2, start + area.height() * share}, theme_.line.strong,
                  1.5F);
    }
  }

  float draw_content(float y) {
    LessonScene scene{ui_, model_, lesson_, view_, requests_, box_, is_compact_, left_, right_};
    const bool is_folded = view_.lesson.is_text_folded;
    const bool holds_action = is_compact_ && is_asking();  // the question's card says what comes then
    if (!is_compact_ && !is_folded) y = draw_done_steps(y);
    if (!is_folded || !lesson_.prediction) y = draw_prose("lesson.text", lesson_.text, y) + 12;
    if (lesson_.prediction) y = draw_question(scene, *lesson_.prediction, y) + (holds_action ? 4.0F : 18.0F);
    if (is_folded && view_.lesson.is_text_open) y = draw_prose("lesson.text", lesson_.text, y) + 12;
    if (lesson_.comparison) y = draw_comparison(scene, *lesson_.comparison, y) + 18;
    if (lesson_.action && !holds_action) y = draw_action(scene, *lesson_.action, y) + 18;
    if (!lesson_.checks.empty() && !holds_action) y = draw_checks(scene, y) + 12;
    if (!lesson_.comparison && !lesson_.explanation.empty())
      y = draw_prose("lesson.explanation", lesson_.explanation, y) + 14;
    if (!lesson_.hint.empty() && (!holds_action || view_.lesson.is_hint_open)) y = draw_hint(scene, y);
    if (lesson_.is_last && lesson_.can_go_on) y = draw_report(y);
    return y;
  }

  float draw_done_steps(float y) {
    for (const std::string& title : lesson_.done_steps) {
      draw_icon(paint_, Icon::check, {left_ + 7, y + 13}, theme_[Role::agree].ink);
      paint_.elided(TextStyle::body, {left_ + 24, y + 13}, theme_.text.low, title, right_ - left_ - 24);
      y += 26;
    }
    return lesson_.done_steps.empty() ? y + 4 : y + 14;
  }

  float draw_prose(std::string_view name, const Prose& text, float y) {
    const ProseStyle style{TextStyle::body, TextStyle::body_bold, theme_.text.mid, theme_.text.hi, 21, 8};
    return prose(ui_, name, {left_, y}, right_ - left_, text, style, model_, view_);
  }

  float draw_report(float y) {
    const std::string words = ui_.say(Phrase::lesson_report, {{"n", std::to_string(lesson_.predictions)},
                                                              {"right", std::to_string(lesson_.right)}});
    paint_.line({left_, y + 6}, {right_, y + 6}, theme_.line.soft);
    const ProseStyle style{TextStyle::body_bold, TextStyle::body_bold, theme_.text.hi, theme_.text.hi, 21, 8};
    return prose(ui_, "lesson.report", {left_, y + 16}, right_ - left_, plain(words), style, model_, view_);
  }

  // ---- footer ---------------------------------------------------------------------------------------------

  void draw_footer(float top) {
    paint_.line({box_.left, top}, {box_.right, top}, theme_.line.soft);
    const float y = (top + box_.bottom) / 2;
    if (lesson_.step > 0) {
      const std::string_view back = ui_.say(Phrase::back);
      const Box box{left_ - 4, y - 14, left_ + 20 + paint_.width(TextStyle::body, back), y + 14};
      const Touch touch = ui_.touch("lesson.back", box);
      const Colour ink = touch.is_hovered ? theme_.text.hi : theme_.text.mid;
      draw_icon(paint_, Icon::chevron_left, {left_ + 4, y}, ink);
      paint_.text(TextStyle::body, {left_ + 16, y}, ink, back);
      if (touch.is_clicked) requests_.push_back(request::PreviousStep{});
      if (is_compact_ && is_asking() && !lesson_.hint.empty()) draw_hint_button(box.right + 16, y);
    }
    float right = right_;
    if (needs_primary()) {
      const std::string_view next = ui_.say(Phrase::next_step);
      const float wide =
          paint_.width(TextStyle::body_bold, next) + paint_.width(TextStyle::caption, "Enter") + 52;
      const ButtonSpec spec{next, "Enter", {}, ButtonKind::primary};
      if (button(ui_, "lesson.next", {right - wide, y - 18, right, y + 18}, spec))
        requests_.push_back(request::NextStep{});
      right -= wide + 16;
    }
    if (lesson_.action && !lesson_.action->is_done) draw_show_me(right, y);
  }

  void draw_hint_button(float left, float y) {
    const std::string_view words = ui_.say(Phrase::hint);
    const float wide = paint_.width(TextStyle::body, words) + 12;
    if (button(ui_, "lesson.hint.footer", {left, y - 14, left + wide, y + 14},
               {words, {}, {}, ButtonKind::quiet}))
      view_.lesson.is_hint_open = !view_.lesson.is_hint_open;
  }

  void draw_show_me(float right, float y) {
    const std::string_view words = ui_.say(Phrase::show_me);
    const float wide = paint_.width(TextStyle::body, words) + 12;
    ButtonSpec spec{words, {}, {}, ButtonKind::quiet};
    if (lesson_.action->is_locked) spec.disabled_reason = ui_.say(Phrase::action_locked);
    if (button(ui_, "lesson.show_me", {right - wide + 6, y - 14, right + 6, y + 14}, spec)) {
      requests_.push_back(request::ShowMe{});
    }
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  const LessonModel& lesson_;
  ViewData& view_;
  Box box_;
  bool is_compact_;
  Requests& requests_;
  float left_ = 0;
  float right_ = 0;
};

}  // namespace

void lesson_pane(Ui& ui, const LessonPane& panel, Requests& requests) {
  ui.place("lesson", panel.box);
  Pane(ui, panel, requests).draw();
}

}  // namespace brokerlab::gui

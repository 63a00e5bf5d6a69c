#include "gui/panels/lesson_pane.h"

#include <fmt/format.h>

#include "gui/text/event_words.h"
#include "gui/widgets/button.h"
#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

constexpr float card_pad = 16;

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
    // The question and its button are never scrolled away: the text folds instead.
    if (hidden > 0 && lesson_.prediction && !memory.is_text_folded) memory.is_text_folded = true;
    view_.lesson.scroll = std::clamp(view_.lesson.scroll, 0.0F, std::max(0.0F, hidden));
    if (hidden > 0) {  // says that there is more
      const float share = area.height() / (area.height() + hidden);
      const float start = area.top + (area.height() - area.height() * share) * (view_.lesson.scroll / hidden);
      paint_.fill({area.right - 5, start, area.right - 2, start + area.height() * share}, theme_.line.strong,
                  1.5F);
    }
  }

  float draw_content(float y) {
    const bool is_folded = view_.lesson.is_text_folded;
    if (!is_compact_ && !is_folded) y = draw_done_steps(y);
    if (!is_folded) y = draw_prose("lesson.text", lesson_.text, y) + 12;
    if (lesson_.prediction) y = draw_question(*lesson_.prediction, y) + 18;
    if (is_folded && view_.lesson.is_text_open) y = draw_prose("lesson.text", lesson_.text, y) + 12;
    if (lesson_.comparison) y = draw_comparison(*lesson_.comparison, y) + 18;
    if (lesson_.action) y = draw_action(*lesson_.action, y) + 18;
    if (!lesson_.checks.empty()) y = draw_checks(y) + 12;
    if (!lesson_.comparison && !lesson_.explanation.empty())
      y = draw_prose("lesson.explanation", lesson_.explanation, y) + 14;
    if (!lesson_.hint.empty()) y = draw_hint(y);
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

  // ---- predict --------------------------------------------------------------------------------------------

  /// A card whose height is known only after its content: measured first.
  template <class Content>
  float draw_card(float y, Content&& content) {
    const Box outer{box_.left + 12, y, box_.right - 12, y};
    const float height = content(outer, true) - y;
    const Box card{outer.left, y, outer.right, y + height};
    paint_.fill(card, theme_.bg.raised, 8);
    paint_.outline(card, theme_.line.strong, 1, 8);
    paint_.fill({card.left, card.top + 10, card.left + 3, card.bottom - 10}, theme_[Role::candidate].fill);
    content(card, false);
    return card.bottom;
  }

  float draw_question(const PredictionModel& prediction, float y) {
    return draw_card(y, [&](const Box& card, bool is_measuring) {
      return question_content(prediction, card, is_measuring);
    });
  }

  float question_content(const PredictionModel& prediction, const Box& card, bool is_measuring) {
    const float left = card.left + card_pad;
    const float right = card.right - card_pad;
    float y = card.top + 26;
    if (!is_measuring) {
      const float word = paint_.text(TextStyle::caption_bold, {left, y}, theme_[Role::candidate].ink,
                                     ui_.say(Phrase::predict));
      draw_question_note({left + word + 10, y - 12, right, y + 12});
    }
    const ProseStyle style{TextStyle::body_bold, TextStyle::body_bold, theme_.text.hi, theme_.text.hi, 22, 6};
    y = prose(ui_, "lesson.question", {left, y + 18}, right - left, plain(prediction.question), style, model_,
              view_, is_measuring) +
        6;
    for (size_t i = 0; i < prediction.choices.size(); ++i) {
      const Box box{left, y, right, y + tokens().sizes.choice};
      if (!is_measuring) {
        const int index = static_cast<int>(i);
        const std::string name = "lesson.choice." + std::to_string(i + 1);
        if (choice(ui_, name, box, prediction.choices[i], index + 1, prediction.chosen == index,
                   prediction.is_committed)) {
          requests_.push_back(request::ChooseAnswer{index});
        }
      }
      y = box.bottom + 6;
    }
    y += 4;
    if (!is_measuring) draw_confidence(prediction, left, right, y + 14);
    y += 42;
    if (prediction.is_committed) return y + 4;
    const Box commit{left, y, right, y + tokens().sizes.button_primary};
    if (!is_measuring) draw_commit(prediction, commit);
    return commit.bottom + 20;
  }

  /// Who answers; or, where the text had to fold, how to read it.
  void draw_question_note(const Box& room) {
    const float y = room.centre().y;
    if (!view_.lesson.is_text_folded) {
      const std::string words = ui_.fitting(TextStyle::caption, room.width(),
                                            {std::string(ui_.say(Phrase::answered_by_cluster)), ""});
      paint_.text(TextStyle::caption, {room.right, y}, theme_.text.low, words, Align::right);
      return;
    }
    const bool is_open = view_.lesson.is_text_open;
    const std::string_view words = ui_.say(is_open ? Phrase::hide_the_text : Phrase::read_the_step);
    const float wide = paint_.width(TextStyle::caption, words) + 16;
    const Touch touch = ui_.touch("lesson.read", {room.right - wide, room.top, room.right, room.bottom});
    const Colour ink = touch.is_hovered ? theme_.text.hi : theme_.text.mid;
    draw_icon(paint_, is_open ? Icon::chevron_down : Icon::chevron_right, {room.right - 4, y}, ink);
    paint_.text(TextStyle::caption, {room.right - 14, y}, ink, words, Align::right);
    if (touch.is_clicked) view_.lesson.is_text_open = !is_open;
  }

  void draw_confidence(const PredictionModel& prediction, float left, float right, float y) {
    const std::string_view words[] = {ui_.say(Phrase::sure_guess), ui_.say(Phrase::sure_fairly),
                                      ui_.say(Phrase::sure_very)};
    ui_.label(TextStyle::caption, {left, y}, theme_.text.low, ui_.say(Phrase::how_sure), 76);
    const int clicked =
        segments(ui_, "lesson.sure", {left + 80, y - 14, right, y + 14}, words,
                 static_cast<int>(prediction.confidence), TextStyle::caption, !prediction.is_committed);
    if (clicked >= 0) requests_.push_back(request::SetConfidence{static_cast<Confidence>(clicked)});
  }

  void draw_commit(const PredictionModel& prediction, const Box& box) {
    ButtonSpec spec{ui_.say(Phrase::commit_prediction), "Enter", {}, ButtonKind::primary};
    if (prediction.chosen < 0) spec.disabled_reason = ui_.say(Phrase::choose_first);
    if (button(ui_, "lesson.commit", box, spec)) requests_.push_back(request::CommitPrediction{});
  }

  // ---- compare --------------------------------------------------------------------------------------------

  float draw_comparison(const ComparisonModel& comparison, float y) {
    return draw_card(y, [&](const Box& card, bool is_measuring) {
      return comparison_content(comparison, card, is_measuring);
    });
  }

  float comparison_content(const ComparisonModel& comparison, const Box& card, bool is_measuring) {
    const float left = card.left + card_pad;
    const float right = card.right - card_pad;
    float y = card.top + 22;
    if (!is_measuring)
      ui_.label(TextStyle::caption_bold, {left, y}, theme_[Role::candidate].ink,
                ui_.say(Phrase::predicted_and_actual), right - left);
    const ProseStyle question{
        TextStyle::caption, TextStyle::caption_bold, theme_.text.low, theme_.text.mid, 18, 4};
    y = prose(ui_, "lesson.compared", {left, y + 12}, right - left, plain(comparison.about), question, model_,
              view_, is_measuring) +
        8;
    const float half = (right - left - 32) / 2;
    const float height = 42 + std::max(answer_height(comparison.mine, half - 20, false),
                                       answer_height(comparison.actual, half - 20, true));
    const Box mine{left, y, left + half, y + height};
    const Box actual{right - half, y, right, y + height};
    if (!is_measuring) draw_two_answers(comparison, mine, actual);
    y = mine.bottom + 16;
    const ProseStyle verdict{
        TextStyle::body_bold, TextStyle::body_bold, theme_.text.hi, theme_.text.hi, 22, 4};
    const std::string_view words = ui_.say(comparison.actual.empty() ? Phrase::answer_unknown
                                           : comparison.is_equal     ? Phrase::prediction_right
                                                                     : Phrase::prediction_wrong);
    y = prose(ui_, "lesson.verdict", {left, y}, right - left, plain(words), verdict, model_, view_,
              is_measuring) +
        2;
    const ProseStyle why{TextStyle::body, TextStyle::body_bold, theme_.text.mid, theme_.text.hi, 22, 6};
    y = prose(ui_, "lesson.why", {left, y}, right - left, lesson_.explanation, why, model_, view_,
              is_measuring);
    return y + 18;
  }

  bool has_star(const std::string& words, bool is_actual) const {
    return is_actual && model_.find(words) != nullptr;
  }

  /// One line in large letters; a long answer takes several small ones.
  float answer_height(const std::string& words, float room, bool is_actual) {
    if (paint_.width(TextStyle::title, words) <= room - (has_star(words, is_actual) ? 24 : 0)) return 22;
    const ProseStyle style{TextStyle::body_bold, TextStyle::body_bold, {}, {}, 19, 0};
    return prose(ui_, "lesson.answer", {0, 0}, room, plain(words), style, model_, view_, true) + 4;
  }

  void draw_two_answers(const ComparisonModel& comparison, const Box& mine, const Box& actual) {
    constexpr Phrase sure[] = {Phrase::sure_guess, Phrase::sure_fairly, Phrase::sure_very};
    paint_.dashed_outline(mine, theme_.line.strong, 1, {4, 4}, 5);
    const std::string mine_word(ui_.say(Phrase::my_prediction));
    const std::string sure_word(ui_.say(sure[static_cast<size_t>(comparison.confidence)]));
    const std::string my_label =
        ui_.fitting(TextStyle::caption, mine.width() - 20, {mine_word + " · " + sure_word, mine_word});
    ui_.label(TextStyle::caption, {mine.left + 12, mine.top + 18}, theme_.text.low, my_label,
              mine.width() - 20);
    draw_answer(comparison.mine, mine, theme_.text.mid, false);
    paint_.text(TextStyle::title, {(mine.right + actual.left) / 2, mine.centre().y}, theme_.text.mid,
                comparison.is_equal ? "=" : "≠", Align::centre);
    paint_.fill(actual, theme_[Role::leader].wash, 5);
    paint_.outline(actual, theme_[Role::leader].ink, 1.5F, 5);
    const std::string word(ui_.say(Phrase::actual_answer));
    std::string label = word;
    if (comparison.after.nanoseconds > 0) {
      const std::string time = duration_words(ui_.say, comparison.after);
      label = ui_.fitting(
          TextStyle::caption, actual.width() - 20,
          {word + " · " + ui_.say(Phrase::after_time, {{"time", time}}), word + " · " + time, word});
    }
    ui_.label(TextStyle::caption, {actual.left + 12, actual.top + 18}, theme_.text.mid, label,
              actual.width() - 20);
    draw_answer(comparison.actual, actual, theme_.text.hi, true);
  }

  void draw_answer(const std::string& words, const Box& box, Colour ink, bool is_actual) {
    const float left = box.left + 12;
    const float room = box.width() - 20;
    const float star = has_star(words, is_actual) ? 24 : 0;
    if (paint_.width(TextStyle::title, words) > room - star) {
      const ProseStyle style{TextStyle::body_bold, TextStyle::body_bold, ink, ink, 19, 0};
      prose(ui_, "lesson.answer", {left, box.top + 32}, room, plain(words), style, model_, view_);
      return;
    }
    const float y = box.top + 44;
    if (star > 0) draw_star(paint_, {left + 8, y}, 8, theme_[Role::leader].fill);
    paint_.text(TextStyle::title, {left + star, y}, ink, words);
  }

  // ---- act and check --------------------------------------------------------------------------------------

  /// Long commands break at spaces; what goes on is set in.
  std::vector<std::string> command_rows(const std::vector<std::string>& commands, float room) const {
    std::vector<std::string> rows;
    for (const std::string& command : commands) {
      rows.emplace_back();
      for (size_t begin = 0; begin < command.size();) {
        const size_t end = std::min(command.find(' ', begin), command.size());
        const std::string word = command.substr(begin, end - begin);
        const bool starts_row = rows.back().find_first_not_of(' ') == std::string::npos;
        const std::string longer = rows.back() + (starts_row ? "" : " ") + word;
        if (starts_row || paint_.width(TextStyle::mono, longer) <= room) {
          rows.back() = longer;
        } else {
          rows.push_back("  " + word);
        }
        begin = end + 1;
      }
    }
    return rows;
  }

  float draw_action(const ActionModel& action, float y) {
    ui_.label(TextStyle::caption_bold, {left_, y + 9}, theme_.text.low,
              ui_.say(action.is_locked ? Phrase::then_act : Phrase::act_now), right_ - left_);
    y += 26;
    const float caption =
        action.is_locked ? paint_.width(TextStyle::caption, ui_.say(Phrase::after_your_prediction)) + 8 : 22;
    const float room = right_ - left_ - 48 - caption;
    const std::vector<std::string> rows = command_rows(action.commands, room);
    const float height = 15 + 21 * static_cast<float>(rows.size());
    const Box box{left_, y, right_, y + height};
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
    if (touch.is_clicked && can_run) requests_.push_back(request::ShowMe{});
    return box.bottom;
  }

  float draw_checks(float y) {
    ui_.label(TextStyle::caption_bold, {left_, y + 9}, theme_.text.low, ui_.say(Phrase::cluster_checks),
              right_ - left_);
    y += 24;
    for (const CheckState& check : lesson_.checks) y = draw_check(check, y);
    return y;
  }

  float draw_check(const CheckState& check, float y) {
    const Point icon{left_ + 7, y + 13};
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
    const float wide = paint_.text(TextStyle::caption, {right_, y + 13}, theme_.text.low, time, Align::right);
    const ProseStyle style{TextStyle::body, TextStyle::body_bold, ink, theme_.text.hi, 21, 0};
    y = prose(ui_, "lesson.check", {left_ + 24, y + 2}, right_ - left_ - 24 - wide - 8, plain(check.words),
              style, model_, view_);
    if (check.state == CheckState::State::failed) {
      const ProseStyle seen{
          TextStyle::caption, TextStyle::caption_bold, theme_[Role::lost].ink, theme_.text.hi, 18, 0};
      y = prose(ui_, "lesson.seen", {left_ + 24, y + 1}, right_ - left_ - 24, plain(check.failure), seen,
                model_, view_);
    }
    return y + 4;
  }

  float draw_hint(float y) {
    const Box row{left_ - 4, y, right_, y + 28};
    const Touch touch = ui_.touch("lesson.hint", row);
    const Colour ink = touch.is_hovered ? theme_.text.hi : theme_.text.mid;
    const float middle = row.centre().y;
    draw_icon(paint_, view_.lesson.is_hint_open ? Icon::chevron_down : Icon::chevron_right,
              {left_ + 5, middle}, theme_.text.low);
    draw_icon(paint_, Icon::bulb, {left_ + 24, middle}, theme_.text.low);
    ui_.label(TextStyle::body, {left_ + 38, middle}, ink, ui_.say(Phrase::hint), right_ - left_ - 38);
    if (touch.is_clicked) view_.lesson.is_hint_open = !view_.lesson.is_hint_open;
    if (!view_.lesson.is_hint_open) return row.bottom;
    const ProseStyle style{TextStyle::body, TextStyle::body_bold, theme_.text.mid, theme_.text.hi, 21, 8};
    return prose(ui_, "lesson.hint.text", {left_ + 24, row.bottom + 2}, right_ - left_ - 24, lesson_.hint,
                 style, model_, view_) +
           8;
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

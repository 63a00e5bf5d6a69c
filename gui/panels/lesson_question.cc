#include "gui/panels/lesson_question.h"

#include "gui/widgets/button.h"
#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

class Question {
 public:
  explicit Question(LessonScene& scene)
      : scene_(scene),
        ui_(scene.ui),
        paint_(scene.ui.paint),
        theme_(scene.ui.theme),
        model_(scene.model),
        lesson_(scene.lesson),
        view_(scene.view) {}

  float content(const PredictionModel& prediction, const Box& card, bool is_measuring) {
    const float left = card.left + scene_.card_pad();
    const float right = card.right - scene_.card_pad();
    const bool is_tight = scene_.is_compact;
    float y = card.top + (is_tight ? 20.0F : 26.0F);
    if (!is_measuring) {
      const float word = paint_.text(TextStyle::caption_bold, {left, y}, theme_[Role::candidate].ink,
                                     ui_.say(Phrase::predict));
      draw_question_note({left + word + 10, y - 12, right, y + 12});
    }
    const ProseStyle style{TextStyle::body_bold, TextStyle::body_bold, theme_.text.hi, theme_.text.hi, 22, 6};
    y = prose(ui_, "lesson.question", {left, y + (is_tight ? 12.0F : 18.0F)}, right - left,
              plain(prediction.question), style, model_, view_, is_measuring) +
        6;
    for (size_t i = 0; i < prediction.choices.size(); ++i) {
      const Box box{left, y, right, y + choice_height(ui_, prediction.choices[i], right - left)};
      if (!is_measuring) draw_choice(prediction, static_cast<int>(i), box);
      y = box.bottom + (is_tight ? 4.0F : 6.0F);
    }
    y += 4;
    if (!is_measuring) draw_confidence(prediction, left, right, y + 14);
    y += 42;
    if (prediction.is_committed) return y + 4;
    const Box commit{left, y, right, y + tokens().sizes.button_primary};
    if (!is_measuring) draw_commit(prediction, commit);
    if (!is_tight || !lesson_.action) return commit.bottom + 20;
    if (!is_measuring) draw_what_follows(left, right, commit.bottom + 22);
    return commit.bottom + 42;
  }

 private:
  void draw_choice(const PredictionModel& prediction, int index, const Box& box) {
    const std::string name = "lesson.choice." + std::to_string(index + 1);
    if (choice(ui_, name, box, prediction.choices[static_cast<size_t>(index)], index + 1,
               prediction.chosen == index, prediction.is_committed)) {
      scene_.requests.emplace_back(request::ChooseAnswer{index});
    }
  }

  /// Where there is little room: what to do after the answer, in one line of the card.
  void draw_what_follows(float left, float right, float y) {
    draw_icon(paint_, Icon::lock, {left + 8, y}, theme_.text.low);
    const float note = paint_.text(TextStyle::caption, {right, y}, theme_.text.low,
                                   ui_.say(Phrase::after_your_prediction), Align::right);
    paint_.elided(TextStyle::mono, {left + 26, y}, theme_.text.low, lesson_.action->commands.front(),
                  right - left - 34 - note);
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
    if (clicked >= 0) scene_.requests.emplace_back(request::SetConfidence{static_cast<Confidence>(clicked)});
  }

  void draw_commit(const PredictionModel& prediction, const Box& box) {
    ButtonSpec spec{ui_.say(Phrase::commit_prediction), "Enter", {}, ButtonKind::primary};
    if (prediction.chosen < 0) spec.disabled_reason = ui_.say(Phrase::choose_first);
    if (button(ui_, "lesson.commit", box, spec)) scene_.requests.emplace_back(request::CommitPrediction{});
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

float draw_question(LessonScene& scene, const PredictionModel& prediction, float y) {
  Question question(scene);
  return lesson_card(scene, y, [&](const Box& card, bool is_measuring) {
    return question.content(prediction, card, is_measuring);
  });
}

}  // namespace brokerlab::gui

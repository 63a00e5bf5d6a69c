#include "gui/panels/lesson_comparison.h"

#include "gui/text/event_words.h"
#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

class Comparison {
 public:
  explicit Comparison(LessonScene& scene)
      : scene_(scene),
        ui_(scene.ui),
        paint_(scene.ui.paint),
        theme_(scene.ui.theme),
        model_(scene.model),
        lesson_(scene.lesson),
        view_(scene.view) {}

  float content(const ComparisonModel& comparison, const Box& card, bool is_measuring) {
    const float left = card.left + scene_.card_pad();
    const float right = card.right - scene_.card_pad();
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

 private:
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

  LessonScene& scene_;
  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  const LessonModel& lesson_;
  ViewData& view_;
};

}  // namespace

float draw_comparison(LessonScene& scene, const ComparisonModel& comparison, float y) {
  Comparison card(scene);
  return lesson_card(scene, y, [&](const Box& box, bool is_measuring) {
    return card.content(comparison, box, is_measuring);
  });
}

}  // namespace brokerlab::gui

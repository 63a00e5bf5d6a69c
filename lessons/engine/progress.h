// Where a learner is in a lesson: a state machine over the lesson's steps that reads the lab's journal and
// snapshots. The window draws it and the headless runner plays it; both pass the same checks.
//
// A step is complete when its action was begun (if it has one) and all its checks hold. A question locks the
// action until the prediction is committed. Checks count from the first command that acts on the lab; those of
// the step that compares count from the same moment as those of its question. When they have settled, the
// answer is computed from the cluster: the choice whose expectation holds then. Right and wrong advance alike.
//
// A failed check is looked at again, with a new limit, when the learner does something more.
//
// The values that a text names ({orders-1.replicas}) are read when its step is entered, those of an
// explanation when its step has settled, and stay as they were then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lessons/engine/lesson.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/expect.h"

namespace brokerlab {

enum class Confidence : uint8_t { guess, fairly, very };

struct CheckState {
  enum class State : uint8_t { waiting, running, passed, failed };
  State state = State::waiting;
  std::string words;
  Duration within;
  Duration took;        ///< passed: how long after the action began, or after the step was entered
  std::string failure;  ///< failed: "expected 2 in sync within 5 s, saw 3"
  Instant at;           ///< passed or failed: the moment to look at
  EventRef event;       ///< passed, and about an event: which
};

struct PredictionState {
  std::vector<size_t> order;     ///< how the choices are shown: shuffled once by the lab's seed
  std::optional<size_t> chosen;  ///< an index into the lesson's choices, as is `answer`
  Confidence confidence = Confidence::fairly;
  bool is_committed = false;
  bool is_settled = false;
  /// The choice that came true; nothing while it is not known, or when the cluster did none of them.
  std::optional<size_t> answer;
  bool was_right() const { return answer && chosen == answer; }
};

class LessonProgress {
 public:
  LessonProgress(Lesson lesson, Lab& lab);

  /// Looks at what has happened. Call it when the lab has moved on (the window: once a frame).
  void poll();
  /// When it wants to be polled although nothing has happened.
  Instant deadline() const;

  const Lesson& lesson() const { return lesson_; }
  size_t step_index() const { return shown_; }
  const LessonStep& step() const { return lesson_.steps[shown_]; }
  bool is_last_step() const { return shown_ + 1 == lesson_.steps.size(); }
  /// Whether the step was passed: `next` may be offered, or done unasked after a prediction.
  bool is_step_complete() const { return is_complete(shown_); }
  /// Nothing is waited for any more; a check may have failed.
  bool is_step_settled() const { return is_settled(shown_); }
  const std::vector<CheckState>& checks() const { return states_[shown_].checks; }
  /// The text, and once the step has settled the explanation, with the cluster's values in them.
  const Prose& text() const { return states_[shown_].text; }
  const Prose& explanation() const { return states_[shown_].explanation; }

  /// This step's question, or the one that this step compares with the cluster; null in other steps.
  const LessonQuestion* question() const;
  /// What the learner answered to it. REQUIRES: question().
  const PredictionState& prediction() const;
  void choose(size_t choice);                  ///< REQUIRES: an open question
  void set_confidence(Confidence confidence);  ///< REQUIRES: an open question
  /// Locks the answer and unlocks the action. REQUIRES: an open question, a choice.
  void commit();
  /// Unlocks the action without an answer: a headless play has nobody to ask. REQUIRES: an open question.
  void pass_over();
  bool is_question_open() const;
  /// The action may not be done before the prediction is committed.
  bool is_action_locked() const { return is_question_open(); }
  /// When the first command of this step was given.
  const std::optional<Instant>& action_began() const { return states_[shown_].action_began; }

  /// To the step after this one. REQUIRES: not the last step. The headless runner goes on after a failure, too.
  void next();
  /// Goes on in the lesson's other language. REQUIRES: the same skeleton.
  void translate(Lesson lesson);

  /// To the step before this one, to look at it: nothing is undone. REQUIRES: not the first step.
  void back();

  /// The event whose causes the step's `why` shows, once it is there.
  std::optional<Event> why_event() const { return states_[shown_].why_event; }
  /// The state of the question of a step; null when it has none.
  const PredictionState* prediction_of(size_t step) const;

 private:
  struct StepState {
    std::vector<CheckState> checks;
    std::vector<Expectation> expectations;  ///< as many as checks
    std::vector<EventSearch> searches;      ///< as many as checks
    std::optional<PredictionState> prediction;
    std::optional<Expectation> why;
    std::optional<Event> why_event;
    Prose text, explanation;
    /// What the cluster was when the text and the explanation were filled: values stay as they were then.
    std::optional<LabView> entered, settled;
    uint64_t mark = 0;  ///< position in the lab's ring from which on events count
    Instant since;      ///< from which on time counts
    std::optional<Instant> action_began;
    bool is_running = false;  ///< its checks are looked at
    bool is_explained = false;
  };

  bool is_complete(size_t step) const;
  bool is_settled(size_t step) const;
  bool compares(size_t step) const { return lesson_.steps[step].kind == LessonStep::Kind::compare; }
  size_t asking_step() const { return compares(shown_) ? shown_ - 1 : shown_; }
  void enter(size_t step);
  void start_checks(size_t step, uint64_t mark, Instant since);
  void look_for_commands();
  void look_at_checks(size_t step, const LabView& view);
  void settle(size_t step, const LabView& view);
  void pass(CheckState& check, Instant at, Instant since);
  Prose filled(const Prose& prose, const LabView& view) const;

  Lesson lesson_;
  Lab& lab_;
  std::vector<StepState> states_;
  size_t reached_ = 0;  ///< the furthest step that was entered: the one that is polled
  size_t shown_ = 0;
  uint64_t commands_read_ = 0;  ///< position in the lab's ring
};

}  // namespace brokerlab

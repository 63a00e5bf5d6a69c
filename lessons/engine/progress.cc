#include "lessons/engine/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/base/random.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

namespace {

/// Fisher and Yates, with the lab's own stream: the same seed shows the same order.
std::vector<size_t> shuffled(size_t count, Random random) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = i;
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

bool has_ended(const CheckState& check) {
  return check.state == CheckState::State::passed || check.state == CheckState::State::failed;
}

}  // namespace

LessonProgress::LessonProgress(Lesson lesson, Lab& lab) : lesson_(std::move(lesson)), lab_(lab) {
  const Random random(lab_.view().seed);
  states_.resize(lesson_.steps.size());
  for (size_t i = 0; i < states_.size(); ++i) {
    const LessonStep& step = lesson_.steps[i];
    StepState& state = states_[i];
    for (const LessonCheck& check : step.checks) {
      Result<Expectation> expectation = Expectation::parse(check.expectation, lesson_.language);
      BROKERLAB_ASSERT_THAT(expectation.ok(), expectation.status().message);  // load_lesson has checked them
      state.expectations.push_back(std::move(expectation).value());
      CheckState shown;
      shown.words = check.words;
      shown.within = check.within;
      state.checks.push_back(std::move(shown));
    }
    if (!step.why.empty()) {
      Result<Expectation> why = Expectation::parse("event " + step.why, lesson_.language);
      BROKERLAB_ASSERT_THAT(why.ok(), why.status().message);
      state.why = std::move(why).value();
    }
    if (step.question) {
      state.prediction.emplace();
      state.prediction->order = shuffled(step.question->choices.size(), random.fork(i));
    }
  }
  enter(0);
}

// ---- what is shown ----------------------------------------------------------------------------------------

const LessonQuestion* LessonProgress::question() const {
  const std::optional<LessonQuestion>& question = lesson_.steps[asking_step()].question;
  return question ? &*question : nullptr;
}

const PredictionState& LessonProgress::prediction() const {
  BROKERLAB_ASSERT(question() != nullptr);
  return *states_[asking_step()].prediction;
}

const PredictionState* LessonProgress::prediction_of(size_t step) const {
  const std::optional<PredictionState>& prediction = states_[step].prediction;
  return prediction ? &*prediction : nullptr;
}

bool LessonProgress::is_question_open() const {
  const std::optional<PredictionState>& prediction = states_[shown_].prediction;
  return prediction && !prediction->is_committed;
}

void LessonProgress::choose(size_t choice) {
  BROKERLAB_ASSERT(is_question_open() && choice < question()->choices.size());
  states_[shown_].prediction->chosen = choice;
}

void LessonProgress::set_confidence(Confidence confidence) {
  BROKERLAB_ASSERT(is_question_open());
  states_[shown_].prediction->confidence = confidence;
}

void LessonProgress::commit() {
  BROKERLAB_ASSERT(is_question_open() && states_[shown_].prediction->chosen);
  pass_over();
}

void LessonProgress::pass_over() {
  BROKERLAB_ASSERT(is_question_open());
  states_[shown_].prediction->is_committed = true;
  // Only what is done from now on is the action.
  commands_read_ = lab_.ring().end();
}

bool LessonProgress::is_complete(size_t step) const {
  const StepState& state = states_[step];
  if (state.prediction && !state.prediction->is_committed) return false;
  if (!lesson_.steps[step].action.empty() && !state.action_began) return false;
  return std::all_of(state.checks.begin(), state.checks.end(),
                     [](const CheckState& check) { return check.state == CheckState::State::passed; });
}

bool LessonProgress::is_settled(size_t step) const {
  const StepState& state = states_[step];
  if (!lesson_.steps[step].action.empty() && !state.action_began) return false;
  return std::all_of(state.checks.begin(), state.checks.end(), has_ended);
}

// ---- going on ---------------------------------------------------------------------------------------------

void LessonProgress::next() {
  BROKERLAB_ASSERT(!is_last_step());
  if (++shown_ <= reached_) return;
  reached_ = shown_;
  enter(reached_);
}

void LessonProgress::back() {
  BROKERLAB_ASSERT(shown_ > 0);
  --shown_;
}

void LessonProgress::translate(Lesson lesson) {
  BROKERLAB_ASSERT(lesson_skeleton(lesson) == lesson_skeleton(lesson_));
  lesson_ = std::move(lesson);
  for (size_t i = 0; i < states_.size(); ++i) {
    StepState& state = states_[i];
    const LessonStep& step = lesson_.steps[i];
    for (size_t k = 0; k < state.checks.size(); ++k) state.checks[k].words = step.checks[k].words;
    if (state.entered) state.text = filled(step.text, *state.entered);
    if (state.settled) state.explanation = filled(step.explanation, *state.settled);
  }
}

void LessonProgress::enter(size_t step) {
  commands_read_ = lab_.ring().end();
  StepState& state = states_[step];
  state.entered = lab_.view();
  state.text = filled(lesson_.steps[step].text, *state.entered);
  const bool waits_for_action = !lesson_.steps[step].action.empty();
  if (!waits_for_action && !state.is_running) start_checks(step, lab_.ring().end(), lab_.now().monotonic);
}

void LessonProgress::start_checks(size_t step, uint64_t mark, Instant since) {
  StepState& state = states_[step];
  if (!state.is_running) {
    state.is_running = true;
    state.mark = mark;
    state.searches.assign(state.checks.size(), EventSearch(mark));
  }
  state.since = since;
  for (CheckState& check : state.checks)
    if (check.state != CheckState::State::passed) check.state = CheckState::State::running;
}

void LessonProgress::look_for_commands() {
  // Every command that acts on the lab counts, by whatever way it was given: mouse, terminal, "show me".
  const uint64_t mark = commands_read_;
  for (const Event& event : lab_.ring().since(commands_read_)) {
    const auto* command = std::get_if<event::CommandGiven>(&event.payload);
    // Slowing time down to look is not the action.
    if (command == nullptr || command->text.starts_with("clock")) continue;
    StepState& state = states_[reached_];
    if (state.prediction && !state.prediction->is_committed) continue;
    if (!state.action_began) state.action_began = event.at;
    start_checks(reached_, mark, event.at);
    if (reached_ + 1 < states_.size() && compares(reached_ + 1)) start_checks(reached_ + 1, mark, event.at);
  }
}

void LessonProgress::poll() {
  look_for_commands();
  const LabView view = lab_.view();
  look_at_checks(reached_, view);
  if (reached_ + 1 < states_.size() && compares(reached_ + 1)) look_at_checks(reached_ + 1, view);
  if (is_settled(reached_)) settle(reached_, view);
}

Instant LessonProgress::deadline() const {
  Instant earliest = never;
  for (size_t i = reached_; i < std::min(reached_ + 2, states_.size()); ++i)
    for (const CheckState& check : states_[i].checks)
      if (check.state == CheckState::State::running)
        earliest = std::min(earliest, states_[i].since + check.within);
  return earliest;
}

void LessonProgress::look_at_checks(size_t step, const LabView& view) {
  StepState& state = states_[step];
  if (!state.is_running) return;
  const Instant now = view.clock.now.monotonic;
  for (size_t i = 0; i < state.checks.size(); ++i) {
    CheckState& check = state.checks[i];
    if (check.state != CheckState::State::running) continue;
    const Expectation& expectation = state.expectations[i];
    std::string saw = Text{"none", "없음"}.in(lesson_.language);
    if (expectation.is_about_event()) {
      if (const std::optional<Event>& event = state.searches[i].look(expectation, lab_)) {
        check.event = event->ref;
        pass(check, event->at, state.since);
        continue;
      }
    } else {
      const Expectation::Outcome outcome = expectation.look(view, lesson_.language);
      if (outcome.holds) {
        pass(check, now, state.since);
        continue;
      }
      saw = outcome.saw;
    }
    if (now - state.since < check.within) continue;
    check.state = CheckState::State::failed;
    check.at = now;
    check.failure = expectation.failure(saw, check.within, lesson_.language);
  }
}

void LessonProgress::pass(CheckState& check, Instant at, Instant since) {
  check.state = CheckState::State::passed;
  check.at = at;
  check.took = std::max(at - since, Duration{});
  check.failure.clear();
}

void LessonProgress::settle(size_t step, const LabView& view) {
  StepState& state = states_[step];
  if (state.why && !state.why_event) state.why_event = EventSearch(state.mark).look(*state.why, lab_);
  if (state.is_explained) return;
  state.is_explained = true;
  state.settled = view;
  state.explanation = filled(lesson_.steps[step].explanation, view);
  if (!compares(step)) return;
  PredictionState& prediction = *states_[step - 1].prediction;
  prediction.is_settled = true;
  const std::vector<LessonChoice>& choices = lesson_.steps[step - 1].question->choices;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].condition.empty()) continue;
    const Result<Expectation> condition = Expectation::parse(choices[i].condition, lesson_.language);
    BROKERLAB_ASSERT_THAT(condition.ok(), condition.status().message);
    if (!condition->look(view, lesson_.language).holds) continue;
    prediction.answer = i;
    break;
  }
}

Prose LessonProgress::filled(const Prose& prose, const LabView& view) const {
  return fill_prose(prose, [&](std::string_view path) -> std::optional<std::string> {
    const Result<PathValue> value = value_at_path(view, path, lesson_.language);
    if (!value.ok()) return std::nullopt;
    return value->shown();
  });
}

}  // namespace brokerlab

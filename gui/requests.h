// What the learner asked for in a frame. The window changes nothing of the lab itself: every button is a
// command of the shell, which the terminal shows, or a step of the lesson.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "gui/window_model.h"

namespace brokerlab::gui {

namespace request {
struct RunCommand {
  std::string line;
  friend bool operator==(const RunCommand&, const RunCommand&) = default;
};
struct Interrupt {  ///< Ctrl-C in the terminal
  friend bool operator==(const Interrupt&, const Interrupt&) = default;
};
struct ChooseAnswer {
  int choice = 0;
  friend bool operator==(const ChooseAnswer&, const ChooseAnswer&) = default;
};
struct SetConfidence {
  Confidence confidence = Confidence::fairly;
  friend bool operator==(const SetConfidence&, const SetConfidence&) = default;
};
struct CommitPrediction {
  friend bool operator==(const CommitPrediction&, const CommitPrediction&) = default;
};
struct NextStep {
  friend bool operator==(const NextStep&, const NextStep&) = default;
};
struct PreviousStep {
  friend bool operator==(const PreviousStep&, const PreviousStep&) = default;
};
struct ShowMe {  ///< runs the step's commands for the learner
  friend bool operator==(const ShowMe&, const ShowMe&) = default;
};
}  // namespace request

using Request =
    std::variant<request::RunCommand, request::Interrupt, request::ChooseAnswer, request::SetConfidence,
                 request::CommitPrediction, request::NextStep, request::PreviousStep, request::ShowMe>;
using Requests = std::vector<Request>;

}  // namespace brokerlab::gui

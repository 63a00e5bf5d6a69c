// clock: the lab's time, its speed, pause, play and step.
#include <fmt/format.h>

#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

std::string clock_line(const ClockView& clock) {
  const int64_t ms = clock.now.monotonic.milliseconds();
  return fmt::format("{}.{:03} s  {}  {}\n", ms / 1000, ms % 1000, clock.speed.to_string(),
                     clock.is_paused ? "paused" : "running");
}

/// In the live lab the next delivery takes its time.
class StepCommand : public Command {
 public:
  std::optional<int> poll(Job& job) override {
    const ClockView clock = job.lab().view().clock;
    if (!clock.is_paused) return std::nullopt;
    job.print(clock_line(clock));
    return exit_status::success;
  }
};

Started start_clock(const Words& words, Job& job) {
  Words rest(words.begin() + 1, words.end());
  const bool force = std::erase(rest, "--force") > 0;
  Lab& lab = job.lab();
  Status status;
  if (rest.size() == 2 && rest[0] == "speed") {
    const Result<Speed> speed = parse_speed(rest[1], job.language());
    if (!speed.ok()) {
      job.complain(speed.status().message);
      return exit_status::usage;
    }
    status = lab.set_speed(*speed, force);
  } else if (rest.size() == 1 && rest[0] == "pause") {
    status = lab.pause_clock(force);
  } else if (rest.size() == 1 && rest[0] == "play") {
    lab.resume_clock();
  } else if (rest.size() == 1 && rest[0] == "step") {
    if (!lab.view().clock.is_paused) {
      job.complain(Text{"step needs a paused clock: clock pause",
                        "step은 시계를 멈춘 뒤에 쓸 수 있습니다: clock pause"});
      return exit_status::failure;
    }
    lab.step();
    return std::make_unique<StepCommand>();
  } else if (!rest.empty()) {
    return refuse_usage(clock_verb(), words, job);
  }
  if (!status.ok()) {
    job.complain(text_of(status));
    return exit_status::failure;
  }
  job.print(clock_line(lab.view().clock));
  return exit_status::success;
}

}  // namespace

const Verb& clock_verb() {
  static const Verb verb{
      "clock",
      "clock\n"
      "clock speed 0.01..100 [--force]\n"
      "clock pause|play|step",
      {"show, pause, step and scale the lab's time",
       "랩 시간을 보고, 멈추고, 한 단계씩 진행하고, 속도를 바꿉니다"},
      {"While a client from outside is connected the speed stays at 1x, because its own timeouts do not\n"
       "scale; --force overrides. `step` goes on to the next message that is delivered.",
       "외부 클라이언트가 접속해 있으면 속도는 1x로 고정됩니다. 그쪽 타임아웃까지 늘릴 수는 없기\n"
       "때문입니다. --force를 쓰면 바꿀 수 있습니다. `step`은 다음 메시지가 도착할 때까지 진행합니다."},
      true,
      start_clock};
  return verb;
}

}  // namespace brokerlab

// wait: lets lab time go by, or waits for the commands that were started with `&`.
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

class WaitCommand : public Command {
 public:
  explicit WaitCommand(Instant until) : until_(until) {}
  std::optional<int> poll(Job& job) override {
    if (job.lab().now().monotonic < until_) return std::nullopt;
    return exit_status::success;
  }
  Instant deadline() const override { return until_; }

 private:
  Instant until_;
};

/// As a POSIX shell's: for all of them, with what they wrote in the order in which they were started.
class WaitForBackgroundCommand : public Command {
 public:
  std::optional<int> poll(Job& job) override {
    if (!job.shell().poll_background()) return std::nullopt;
    for (OutputChunk& chunk : job.shell().take_background_output()) job.write(std::move(chunk));
    return exit_status::success;
  }
};

Started start_wait(const Words& words, Job& job) {
  if (words.size() == 1) return std::make_unique<WaitForBackgroundCommand>();
  const bool is_absolute = words[1] == "until";
  if (words.size() != (is_absolute ? 3 : 2)) return refuse_usage(wait_verb(), words, job);
  const Result<Duration> duration = parse_duration(words.back(), job.language());
  if (!duration.ok()) {
    job.complain(duration.status().message);
    return exit_status::usage;
  }
  return std::make_unique<WaitCommand>((is_absolute ? Instant{} : job.lab().now().monotonic) + *duration);
}

}  // namespace

const Verb& wait_verb() {
  static const Verb verb{
      "wait",
      "wait 2s\n"
      "wait until 12.5s\n"
      "wait",
      {"let lab time go by, or wait for commands that run in the background",
       "랩 시간이 지나기를, 또는 백그라운드 명령이 끝나기를 기다립니다"},
      {"The lab's time, not yours: at 10x a wait of 10 s takes one. `until` counts from the "
       "lab's beginning.\n"
       "Without a time it waits for the commands that were started with & at their end, and "
       "prints what they wrote.",
       "랩 시간 기준입니다. 10x 속도에서는 10초를 기다리는 데 1초가 걸립니다. until은 랩이 "
       "시작된 때부터 잽니다.\n"
       "시간을 주지 않으면 &를 붙여 백그라운드로 실행한 명령이 모두 끝나기를 기다린 뒤 출력을 "
       "보여 줍니다."},
      false,
      start_wait};
  return verb;
}

}  // namespace brokerlab

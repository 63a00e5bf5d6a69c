// wait: lets lab time go by.
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

Started start_wait(const Words& words, Job& job) {
  if (words.size() != 2) return refuse_usage(wait_verb(), words, job);
  const Result<Duration> duration = parse_duration(words[1], job.language());
  if (!duration.ok()) {
    job.complain(duration.status().message);
    return exit_status::usage;
  }
  return std::make_unique<WaitCommand>(job.lab().now().monotonic + *duration);
}

}  // namespace

const Verb& wait_verb() {
  static const Verb verb{"wait",
                         "wait 2s",
                         {"let lab time go by", "랩 시간이 지나기를 기다립니다"},
                         {"The lab's time, not yours: at 10x a wait of 10 s takes one.",
                          "랩 시간 기준입니다. 10x 속도에서는 10초를 기다리는 데 1초가 걸립니다."},
                         false,
                         start_wait};
  return verb;
}

}  // namespace brokerlab

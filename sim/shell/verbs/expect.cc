// expect: what must hold, now or within a lab time. See sim/shell/expect.h.
#include "sim/shell/expect.h"

#include <fmt/format.h>

#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

class ExpectCommand : public Command {
 public:
  ExpectCommand(Expectation expectation, std::optional<Duration> within, Job& job)
      : expectation_(std::move(expectation)),
        within_(within),
        deadline_(job.lab().now().monotonic + within.value_or(Duration{})),
        search_(job.shell().mark()) {}

  std::optional<int> poll(Job& job) override {
    const Expectation::Outcome outcome = look(job);
    if (outcome.holds) return exit_status::success;
    if (job.lab().now().monotonic < deadline_) return std::nullopt;
    job.complain(expectation_.failure(outcome.saw, within_, job.language()));
    return exit_status::failure;
  }

  Instant deadline() const override { return deadline_; }

 private:
  Expectation::Outcome look(Job& job) {
    if (!expectation_.is_about_event()) return expectation_.look(job.lab().view(), job.language());
    const bool is_there = search_.look(expectation_, job.lab()).has_value();
    return {is_there, Text{"none", "없음"}.in(job.language())};
  }

  Expectation expectation_;
  std::optional<Duration> within_;
  Instant deadline_;
  EventSearch search_;
};

Started start_expect(const Words& words, Job& job) {
  std::span<const std::string> rest = std::span(words).subspan(1);
  std::optional<Duration> within;
  constexpr std::string_view option = "within=";
  if (!rest.empty() && rest[0].starts_with(option)) {
    const Result<Duration> parsed =
        parse_duration(std::string_view(rest[0]).substr(option.size()), job.language());
    if (!parsed.ok()) {
      job.complain(parsed.status().message);
      return exit_status::usage;
    }
    within = *parsed;
    rest = rest.subspan(1);
  }
  Result<Expectation> expectation = Expectation::parse(rest, job.language());
  if (!expectation.ok()) {
    job.complain(expectation.status().message);
    return exit_status::usage;
  }
  return std::make_unique<ExpectCommand>(std::move(expectation).value(), within, job);
}

}  // namespace

const Verb& expect_verb() {
  static const Verb verb{
      "expect",
      "expect [within=5s] PATH OP VALUE\n"
      "expect [within=5s] event KIND NAME=VALUE...",
      {"check what the cluster says, now or within a time",
       "클러스터의 상태를 지금, 또는 제한 시간 안에 확인합니다"},
      {"PATH looks into the cluster, OP is == != < <= > >= or has:\n"
       "  orders-1.leader == kafka3             the partition, as the active controller has it\n"
       "  orders-1.isr == 1,3                   orders-1.isr.size == 2, orders-1.isr has 3\n"
       "  orders-1.kafka2.high_watermark >= 5   the replica, as kafka2 knows it\n"
       "  kafka2.state == running               controller.leader == kafka1, brokers.alive == 3\n"
       "An event counts when it came since the last command that acted on the lab:\n"
       "  expect within=2s event node_stopped node=kafka2",
       "PATH는 클러스터 안의 값입니다. OP는 == != < <= > >= has 중 하나입니다.\n"
       "  orders-1.leader == kafka3             액티브 컨트롤러가 아는 파티션 상태\n"
       "  orders-1.isr == 1,3                   orders-1.isr.size == 2, orders-1.isr has 3\n"
       "  orders-1.kafka2.high_watermark >= 5   kafka2가 아는 자기 복제본 상태\n"
       "  kafka2.state == running               controller.leader == kafka1, brokers.alive == 3\n"
       "이벤트는 랩에 영향을 준 마지막 명령 이후의 것만 셉니다.\n"
       "  expect within=2s event node_stopped node=kafka2"},
      false,
      start_expect};
  return verb;
}

}  // namespace brokerlab

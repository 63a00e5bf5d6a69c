#include "sim/clients/admin.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/wire/kafka/api_table.h"

namespace brokerlab {

kafka::ErrorCode AdminAnswer::error() const {
  BROKERLAB_ASSERT(outcome != Outcome::no_bootstrap);
  if (outcome == Outcome::unsupported) return kafka::ErrorCode::unsupported_version;
  return answered() ? kafka::ErrorCode::none : kafka::ErrorCode::request_timed_out;
}

Admin::Admin(Config config)
    : config_(config),
      network_({.client_id = config.client_id,
                .request_timeout = config.request_timeout,
                .timer_kind = config.timer_kind,
                .timer_id = network_timer,
                .negotiate_versions = true,
                .log_context = config.log_context}),
      metadata_({.bootstrap = config.bootstrap,
                 .of_controllers = config.of_controllers,
                 .retry_backoff = config.retry_backoff,
                 .first_choice = config.first_choice}) {
  metadata_.start(network_);
}

void Admin::call(const Now& now, Effects& effects, OutgoingConnectionIds& ids, std::string name,
                 Target target, AdminRequest request, kafka::Versions versions) {
  Call call;
  call.name = std::move(name);
  call.target = target;
  call.request = std::move(request);
  call.versions = versions;
  begin(now, effects, ids, std::move(call));
}

void Admin::call_node(const Now& now, Effects& effects, OutgoingConnectionIds& ids, std::string name,
                      int32_t node, AdminRequest request, kafka::Versions versions) {
  Call call;
  call.name = std::move(name);
  call.node = node;
  call.request = std::move(request);
  call.versions = versions;
  begin(now, effects, ids, std::move(call));
}

void Admin::begin(const Now& now, Effects& effects, OutgoingConnectionIds& ids, Call call) {
  BROKERLAB_ASSERT(!has_call_);
  call_ = std::move(call);
  call_.deadline = now.monotonic + config_.api_timeout;
  has_call_ = true;
  run(now, effects, ids);
}

void Admin::call_again(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  BROKERLAB_ASSERT(!has_call_);
  call_.next_try = now.monotonic + config_.retry_backoff;
  has_call_ = true;
  metadata_.request_update();
  run(now, effects, ids);
}

bool Admin::owns(const Input& input) const {
  const auto* timer = std::get_if<input::TimerFired>(&input);
  if (timer != nullptr && timer->timer == TimerKey{config_.timer_kind, client_timer}) return true;
  return network_.owns(input);
}

std::optional<AdminAnswer> Admin::handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                         const Input& input) {
  std::optional<AdminAnswer> answer;
  if (network_.owns(input)) {
    for (const Completion& completion : network_.handle(now, effects, ids, input)) {
      if (completion.token == ClusterMetadata::token) {
        metadata_.handle(now, effects, network_, completion);
      } else if (has_call_ && call_.is_under_way && completion.token == next_token_) {
        answer = finish(now, completion);
      }
    }
  }
  if (!answer && has_call_ && metadata_.is_lost())
    answer.emplace().outcome = AdminAnswer::Outcome::no_bootstrap;
  if (!answer && has_call_ && call_.deadline <= now.monotonic) answer = timed_out(now);
  if (answer) has_call_ = false;
  run(now, effects, ids);
  return answer;
}

void Admin::run(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  if (!has_call_) return;
  metadata_.run(now, effects, ids, network_);
  if (metadata_.is_known() && !call_.is_under_way && call_.next_try <= now.monotonic)
    try_call(now, effects, ids);
  Instant next = std::min(call_.deadline, metadata_.next_run());
  if (!call_.is_under_way && call_.next_try > now.monotonic) next = std::min(next, call_.next_try);
  effects.set_timer({config_.timer_kind, client_timer}, next);
}

void Admin::try_call(const Now& now, Effects& effects, OutgoingConnectionIds& ids) {
  int32_t node = call_.node.value_or(metadata_.controller_id());
  if (call_.node && !nodes().contains(node)) {  // nobody else can answer: it may come back
    metadata_.request_update();
    call_.next_try = now.monotonic + config_.retry_backoff;
    return;
  }
  const bool is_free = !call_.node && call_.target == Target::any_node;
  if (is_free || !nodes().contains(node)) node = metadata_.least_loaded(network_);
  call_.is_under_way = true;
  ++call_.tries;
  ++next_token_;
  std::visit(
      [&](const auto& request) {
        network_.send(now, effects, ids, node, request, call_.versions, next_token_);
      },
      call_.request);
}

std::optional<AdminAnswer> Admin::finish(const Now& now, const Completion& completion) {
  call_.is_under_way = false;
  AdminAnswer answer;
  answer.node = completion.destination;
  answer.version = completion.version;
  answer.body = completion.body;
  switch (completion.outcome) {
    case RequestOutcome::answered:
      return answer;
    case RequestOutcome::unsupported:
      answer.outcome = AdminAnswer::Outcome::unsupported;
      answer.failure = fmt::format("The node does not support {}", call_.name);
      return answer;
    case RequestOutcome::sent:
    case RequestOutcome::unreachable:
    case RequestOutcome::unknown_host:
    case RequestOutcome::disconnected:
    case RequestOutcome::timed_out:
      metadata_.request_update();
      call_.next_try = now.monotonic + config_.retry_backoff;
      return std::nullopt;
  }
  return std::nullopt;
}

AdminAnswer Admin::timed_out(const Now& now) const {
  AdminAnswer answer;
  answer.outcome = AdminAnswer::Outcome::timed_out;
  answer.failure =
      call_.tries == 0
          ? fmt::format("Timed out waiting for a node assignment. Call: {}", call_.name)
          : fmt::format(
                "Call(callName={}, deadlineMs={}, tries={}, nextAllowedTryMs={}) timed out at {} after {} "
                "attempt(s)",
                call_.name, now.wall_ms, call_.tries, now.wall_ms, now.wall_ms, call_.tries);
  return answer;
}

}  // namespace brokerlab

#include "sim/shell/readiness.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/brokers/kafka_node.h"
#include "sim/runtime/presets.h"
#include "sim/shell/cluster_health.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

namespace {

/// How many brokers run and know all of them by their latest registrations. On data of an earlier run the metadata begin
/// with what was true then: brokers alive, at ports of that time.
size_t brokers_that_know_all(const LabView& view, size_t brokers) {
  std::map<int32_t, int64_t> latest_epochs;
  std::vector<std::map<int32_t, int64_t>> known_epochs;  // of those that run: what is unfenced
  for (const NodeStatus& node : view.nodes) {
    const KafkaView* kafka = node.snapshot ? std::get_if<KafkaView>(&node.snapshot->view) : nullptr;
    if (kafka == nullptr || kafka->state != "running" || !is_broker(node)) continue;
    std::map<int32_t, int64_t>& known = known_epochs.emplace_back();
    for (const BrokerRegistrationView& broker : kafka->brokers) {
      if (!broker.fenced) known[broker.broker] = broker.broker_epoch;
      int64_t& latest = latest_epochs[broker.broker];
      latest = std::max(latest, broker.broker_epoch);
    }
  }
  if (known_epochs.size() != brokers) return known_epochs.size();
  return static_cast<size_t>(std::ranges::count(known_epochs, latest_epochs));
}

}  // namespace

Result<Text> what_is_missing(Lab& lab) {
  const LabView view = lab.view();
  for (const NodeStatus& node : view.nodes) {
    if (node.state == NodeState::stopped)
      return Status::error(
          StatusCode::unavailable, fmt::format("{} ended with exit {}", node.name, node.exit_status),
          fmt::format("{} 노드가 종료되었습니다(종료 코드 {})", node.name, node.exit_status));
    if (node.state == NodeState::killed)
      return Status::error(StatusCode::unavailable, fmt::format("{} was killed", node.name),
                           fmt::format("{} 노드가 강제 종료되었습니다", node.name));
  }
  const auto brokers = static_cast<size_t>(brokers_of(lab.spec()));
  const size_t ready = brokers_that_know_all(view, brokers);
  if (ready == brokers) return Text{};
  return Text{fmt::format("{} of {} brokers are registered and know each other", ready, brokers),
              fmt::format("브로커 {1}대 중 {0}대만 등록을 마치고 서로를 알고 있습니다", ready, brokers)};
}

Status wait_until_ready(Lab& lab, Duration limit) {
  Result<Text> missing = what_is_missing(lab);
  const auto is_settled = [&] {
    missing = what_is_missing(lab);
    return !missing.ok() || missing->english.empty();
  };
  const WaitResult waited = lab.run_until(is_settled, limit);
  if (!missing.ok()) return missing.status();
  if (waited == WaitResult::reached) return {};
  return Status::error(
      StatusCode::unavailable,
      fmt::format("the cluster was not ready after {}: {}", spoken(limit), missing->english),
      fmt::format("{} 안에 클러스터가 준비되지 않았습니다: {}", spoken(limit), missing->korean));
}

Result<std::unique_ptr<Lab>> make_ready_lab(const LabConfig& config, Driver driver,
                                            const std::function<void(Lab&)>& on_made) {
  constexpr int most_tries = 64;
  // The sandbox's network is its own: every port is free there, so the guides' ones can be kept.
  const int port_base = driver == Driver::sandbox ? 9092 : 0;
  LabConfig tried = config;
  for (int i = 0; i < most_tries; ++i, ++tried.seed) {
    Result<std::unique_ptr<Lab>> lab = make_lab(tried.cluster(driver, port_base));
    if (!lab.ok()) return lab.status();
    if (on_made) on_made(**lab);
    const Status ready = wait_until_ready(**lab);
    if (!ready.ok()) return ready;
    if (config.controller.empty()) return lab;
    const Result<PathValue> leader = value_at_path((*lab)->view(), "controller.leader", Language::english);
    if (leader.ok() && leader->shown() == config.controller) return lab;
  }
  return Status::error(
      StatusCode::limit,
      fmt::format("{} was the controller in none of {} clusters", config.controller, most_tries),
      fmt::format("클러스터를 {}번 시작했지만 {}(이)가 컨트롤러가 된 적이 없습니다", most_tries,
                  config.controller));
}

}  // namespace brokerlab

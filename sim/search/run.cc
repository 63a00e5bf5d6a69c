#include "sim/search/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/observe/causes.h"
#include "sim/observe/invariants.h"
#include "sim/runtime/fault_catalogue.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

/// Brokers and controllers that end by themselves, with an error. A disk that fails may make them; nothing else may.
class ExitWatch : public JournalSubscriber {
 public:
  /// The nodes of the cluster, which come first, by NodeId from 1 on.
  explicit ExitWatch(std::vector<std::string> nodes) : nodes_(std::move(nodes)) {}
  void on_events(std::span<const Event> events) override {
    for (const Event& event : events) {
      const auto* stopped = std::get_if<event::NodeStopped>(&event.payload);
      const size_t node = event.ref.node.value;
      if (stopped == nullptr || stopped->status == 0 || node == 0 || node > nodes_.size() || first_) continue;
      first_ = {std::string(checker),
                event.at,
                fmt::format("{} ended with exit {}", nodes_[node - 1], stopped->status),
                {}};
    }
  }
  const std::optional<FoundViolation>& first() const { return first_; }
  static constexpr std::string_view checker = "NoUnexpectedExit";

 private:
  std::vector<std::string> nodes_;
  std::optional<FoundViolation> first_;
};

/// One play of one plan.
class Run {
 public:
  Run(const Plan& plan, Transcript* played) : plan_(plan), played_(played) { result_.seed = plan.seed; }

  RunResult play() {
    if (const Status status = make_lab(); !status.ok()) {
      violate("ClusterStarts", status.message);
    } else {
      play_steps();
      look_at_end();
    }
    return std::move(result_);
  }

 private:
  Status make_lab() {
    LabConfig config;
    for (const auto& [name, value] : plan_.config)
      if (Status status = config.set(name, value); !status.ok()) return status;
    Result<std::unique_ptr<Lab>> lab = make_ready_lab(config, Driver::sandbox, [&](Lab& made) {
      made.journal().subscribe(&invariants_, made.ring());  // with what the nodes' first steps brought
      std::vector<std::string> names;
      for (const NodeSpec& node : made.spec().nodes) names.push_back(node.name);
      exits_.emplace(std::move(names));
      made.journal().subscribe(&*exits_);
    });
    if (!lab.ok()) return lab.status();
    lab_ = std::move(*lab);
    return {};
  }

  void play_steps() {
    Shell shell(*lab_, Language::english);
    for (const Plan::Line& line : plan_.lines()) {
      const Finished finished = shell.run(line.command);
      const bool is_done = finished.status == exit_status::success;
      if (is_done && line.step != nullptr && !line.step->fault.empty()) ++result_.faults[line.step->fault];
      if (!is_done && is_promise(line.command))
        violate(std::string(checker_of(line.command)), first_line(finished.error));
      if (played_ != nullptr)
        played_->blocks.push_back(
            {0, {""}, line.command, output_lines(finished.output, finished.error), finished.status});
      if (has_failed()) return;
    }
    invariants_.finish(checks_liveness());
  }
  bool checks_liveness() const {
    return plan_.profile == Profile::budget && std::ranges::any_of(plan_.steps, [](const PlanStep& step) {
             return checker_of(step.command) == "ClusterConverges";
           });
  }
  /// Without budget what was acknowledged may be gone, and a quorum's disks too.
  bool is_promise(std::string_view command) const {
    return plan_.profile == Profile::budget && !checker_of(command).empty();
  }
  bool may_end_by_itself() const {
    return std::ranges::any_of(plan_.steps, [](const PlanStep& step) {
      const FaultKind* kind = find_fault_kind(step.fault);
      return kind != nullptr && kind->group == FaultKind::Group::disk;
    });
  }
  bool has_failed() const {
    if (exits_->first() && !may_end_by_itself()) return true;
    return !result_.violations.empty() ||
           (plan_.profile == Profile::budget && !invariants_.violations().empty());
  }

  void look_at_end() {
    const auto& lab = dynamic_cast<const Sandbox&>(*lab_);
    result_.simulated = lab.now().monotonic - Instant{};
    result_.events = lab.events();
    result_.hash = lab.hash();
    if (plan_.profile == Profile::budget)
      for (const Violation& violation : invariants_.violations())
        result_.violations.push_back(
            {violation.invariant, violation.at, violation.text, causes_of(violation)});
    if (exits_->first() && !may_end_by_itself()) result_.violations.push_back(*exits_->first());
    for (const auto& [reason, times] : invariants_.excuses()) result_.excuses[reason] += times;
    lab_->journal().unsubscribe(&invariants_);
    lab_->journal().unsubscribe(&*exits_);
  }

  std::vector<std::string> causes_of(const Violation& violation) {
    constexpr size_t most_events = 12;
    std::map<NodeId, std::string> names;
    for (const NodeStatus& node : lab_->view().nodes) names[node.id] = node.name;
    uint64_t position = 0;
    const std::vector<Event> events = lab_->ring().since(position);
    std::vector<std::string> lines;
    for (const Event& event : what_led_to(events, violation.event, most_events)) {
      const auto name = names.find(event.ref.node);
      lines.push_back(fmt::format(
          "{:.6f} s {} {} {}", static_cast<double>((event.at - Instant{}).nanoseconds) / 1e9,
          name == names.end() ? "lab" : name->second, kind_of(event.payload), describe(event.payload)));
    }
    return lines;
  }

  void violate(std::string checker, std::string message) {
    const Instant at = lab_ == nullptr ? Instant{} : lab_->now().monotonic;
    result_.violations.push_back({std::move(checker), at, std::move(message), {}});
  }
  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  const Plan& plan_;
  Transcript* played_;
  RunResult result_;
  std::optional<ExitWatch> exits_;
  Invariants invariants_;  ///< outlives the lab
  std::unique_ptr<Lab> lab_;
};

}  // namespace

RunResult run_plan(const Plan& plan, Transcript* played) { return Run(plan, played).play(); }

std::string replay_command(const Plan& plan) {
  std::string command = fmt::format("brokerlab sim --seeds {0}..{0}", plan.seed);
  for (const auto& [name, value] : plan.config)
    if (name == "bug") command += " --bug " + value;
  if (plan.profile == Profile::no_budget) command += " --profile no-budget";
  return command;
}

}  // namespace brokerlab

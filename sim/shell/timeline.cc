#include "sim/shell/timeline.h"

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

/// What a node's state in memory is taken for: an image of a few topics, batches under way.
constexpr uint64_t node_bytes = 256 << 10;
/// A command that wants to be looked at now, and is not done, is looked at again so much later.
constexpr Duration between_looks = milliseconds(1);

bool is_earlier(const TimedCommand& a, const TimedCommand& b) { return a.at < b.at; }

}  // namespace

struct Timeline::Present {
  struct UnderWay {
    size_t command;
    std::unique_ptr<Job> job;
    Finished finished;
  };

  explicit Present(std::unique_ptr<Sandbox> sandbox)
      : lab(std::move(sandbox)), shell(std::make_unique<Shell>(*lab, Language::english)) {}

  std::unique_ptr<Sandbox> lab;
  std::unique_ptr<Shell> shell;
  size_t commands_begun = 0;
  std::vector<UnderWay> under_way;

  /// Looks at all commands under way; true when one has ended.
  bool look(std::vector<std::optional<Finished>>& results) {
    bool has_one_ended = false;
    for (UnderWay& command : under_way) {
      command.job->poll();
      for (const OutputChunk& chunk : command.job->take_output())
        (chunk.stream == 1 ? command.finished.output : command.finished.error) += chunk.text;
      if (command.job->wants_standard_input()) command.job->end_standard_input();
      if (!command.job->done()) continue;
      has_one_ended = true;
      command.finished.status = command.job->status();
      results[command.command] = std::move(command.finished);
      command.job.reset();
    }
    std::erase_if(under_way, [](const UnderWay& command) { return command.job == nullptr; });
    return has_one_ended;
  }

  Instant deadline() const {
    Instant earliest = never;
    for (const UnderWay& command : under_way) earliest = std::min(earliest, command.job->deadline());
    return earliest;
  }
};

Timeline::Timeline(ClusterSpec spec, std::vector<TimedCommand> commands, CheckpointLimits limits)
    : commands_(std::move(commands)), limits_(limits) {
  std::stable_sort(commands_.begin(), commands_.end(), is_earlier);
  results_.resize(commands_.size());
  present_ = std::make_unique<Present>(std::make_unique<Sandbox>(std::move(spec)));
  take_checkpoint_if_due();
  begin_due_commands();
}

Timeline::Timeline(Timeline&&) noexcept = default;
Timeline& Timeline::operator=(Timeline&&) noexcept = default;
Timeline::~Timeline() = default;

Instant Timeline::now() const { return present_->lab->now().monotonic; }
Sandbox& Timeline::lab() const { return *present_->lab; }

void Timeline::seek(Instant at) {
  BROKERLAB_ASSERT(at >= Instant{});
  auto checkpoint = std::prev(checkpoints_.upper_bound(at));
  // Going on from here is shorter than from a checkpoint before here.
  if (at < now() || checkpoint->first > now()) go_back_to(checkpoint->second);
  go_on_to(at);
}

Timeline Timeline::fork() const {
  Timeline fork;
  fork.commands_ = commands_;
  fork.results_ = results_;
  fork.limits_ = limits_;
  fork.checkpoints_ = checkpoints_;
  fork.go_back_to(std::prev(checkpoints_.upper_bound(now()))->second);
  fork.go_on_to(now());
  return fork;
}

void Timeline::give(std::string line) {
  const size_t place = present_->commands_begun;
  commands_.insert(commands_.begin() + static_cast<ptrdiff_t>(place), {now(), std::move(line)});
  results_.insert(results_.begin() + static_cast<ptrdiff_t>(place), std::nullopt);
  forget_checkpoints_after_now();
  begin_due_commands();
}

void Timeline::change_future(std::vector<TimedCommand> future) {
  commands_.resize(present_->commands_begun);
  std::stable_sort(future.begin(), future.end(), is_earlier);
  BROKERLAB_ASSERT(future.empty() || future.front().at >= now());
  commands_.insert(commands_.end(), std::make_move_iterator(future.begin()),
                   std::make_move_iterator(future.end()));
  results_.resize(present_->commands_begun);
  results_.resize(commands_.size());
  forget_checkpoints_after_now();
  begin_due_commands();
}

uint64_t Timeline::checkpoint_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [at, checkpoint] : checkpoints_) bytes += checkpoint.bytes;
  return bytes;
}

void Timeline::go_back_to(const Checkpoint& checkpoint) {
  present_ = std::make_unique<Present>(checkpoint.lab->clone());
  present_->commands_begun = checkpoint.commands_begun;
  begin_due_commands();
}

void Timeline::go_on_to(Instant until) {
  while (now() < until) {
    const bool has_next = present_->commands_begun < commands_.size();
    const Instant next_command = has_next ? commands_[present_->commands_begun].at : never;
    const Instant next_checkpoint = std::prev(checkpoints_.end())->first + limits_.spacing;
    Instant target = std::min(until, next_command);
    if (next_checkpoint > now()) target = std::min(target, next_checkpoint);
    WaitResult result = WaitResult::limit;
    if (present_->under_way.empty()) {
      result = present_->lab->run_for(target - now());
    } else {
      const auto look = [&] { return present_->look(results_); };
      const Instant deadline = std::max(present_->deadline(), now() + between_looks);
      result = present_->lab->run_until(look, std::min(target, deadline) - now());
    }
    if (result == WaitResult::paused) present_->lab->resume_clock();
    take_checkpoint_if_due();
    begin_due_commands();
  }
}

void Timeline::begin_due_commands() {
  size_t& begun = present_->commands_begun;
  while (begun < commands_.size() && commands_[begun].at <= now()) {
    const size_t command = begun++;
    present_->under_way.push_back({command, present_->shell->start(commands_[command].line), {}});
    present_->look(results_);
  }
}

void Timeline::take_checkpoint_if_due() {
  if (!present_->under_way.empty()) return;
  if (!checkpoints_.empty() && now() < std::prev(checkpoints_.end())->first + limits_.spacing) return;
  const Sandbox& lab = *present_->lab;
  // Files grow by what is written to them; clones share what was there before.
  const uint64_t before = checkpoints_.empty() ? 0 : std::prev(checkpoints_.end())->second.lab->disk_bytes();
  const uint64_t written = lab.disk_bytes() - std::min(before, lab.disk_bytes());
  checkpoints_[now()] = {lab.clone(), present_->commands_begun,
                         written + node_bytes * lab.spec().nodes.size()};
  thin_out();
}

void Timeline::thin_out() {
  while (checkpoints_.size() > 1 &&
         (checkpoints_.size() > limits_.count || checkpoint_bytes() > limits_.bytes)) {
    limits_.spacing = limits_.spacing * 2;
    // The first stays: everything can be had again from it.
    for (auto at = std::next(checkpoints_.begin()); at != checkpoints_.end();) {
      at = checkpoints_.erase(at);
      if (at == checkpoints_.end()) break;
      ++at;
    }
  }
}

void Timeline::forget_checkpoints_after_now() {
  checkpoints_.erase(checkpoints_.upper_bound(now()), checkpoints_.end());
}

}  // namespace brokerlab

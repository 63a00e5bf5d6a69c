// The past and the futures of a sandbox: a run that can be looked at at any instant, and forked there.
//
// A timeline is a cluster's specification and a list of commands, each with its lab time. That alone decides what
// happens, so every instant can be had again: from the nearest earlier checkpoint (a clone of the lab) forward.
// A fork shares its past with the original, whose future stays as it was.
//
// Checkpoints are bounded in number and memory: over a bound every other one goes, and new ones come half as
// often. None is taken while a command is under way (a tool, `docker stop`), because a command is no value.
//
// Invariants: seeking to an instant gives the lab that running there gave, its journal's hash included. Forks
// differ from the original at no instant before the first command that differs.
// Limits: `expect event` looks back no further than to the checkpoint that the lab came from; what a command printed
// is kept from when it was played last. A paused clock goes on at once: here time is where one seeks to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/sandbox.h"
#include "sim/shell/shell.h"

namespace brokerlab {

struct TimedCommand {
  Instant at;
  std::string line;
  friend bool operator==(const TimedCommand&, const TimedCommand&) = default;
};

struct CheckpointLimits {
  size_t count = 32;
  uint64_t bytes = 256 << 20;
  Duration spacing = seconds(1);  ///< to begin with
};

class Timeline {
 public:
  /// At lab time zero. REQUIRES: spec.driver is sandbox.
  explicit Timeline(ClusterSpec spec, std::vector<TimedCommand> commands = {}, CheckpointLimits limits = {});
  Timeline(Timeline&&) noexcept;
  Timeline& operator=(Timeline&&) noexcept;
  ~Timeline();

  /// Goes to an instant, forward or back.
  void seek(Instant at);
  Instant now() const;
  /// The lab at this instant, to look at until the next seek. What is done to it directly is no part of the timeline.
  Sandbox& lab() const;

  /// A second timeline at the same instant, with the same commands.
  Timeline fork() const;
  /// All commands, by their times.
  const std::vector<TimedCommand>& commands() const { return commands_; }
  /// Gives a command now. Commands that come later stay.
  void give(std::string line);
  /// Puts these in the place of all commands that have not begun yet. REQUIRES: none is earlier than now.
  void change_future(std::vector<TimedCommand> future);

  /// What the nth command came to; nothing when it was never played to its end.
  const std::optional<Finished>& result(size_t nth) const { return results_[nth]; }

  size_t checkpoints() const { return checkpoints_.size(); }
  /// An estimate from above of what the checkpoints keep in memory beside the lab itself.
  uint64_t checkpoint_bytes() const;

 private:
  struct Checkpoint {
    std::shared_ptr<const Sandbox> lab;
    size_t commands_begun = 0;
    uint64_t bytes = 0;  ///< that no earlier one keeps
  };
  /// The lab at `now`, and what is under way in it.
  struct Present;

  Timeline() = default;
  void go_back_to(const Checkpoint& checkpoint);
  void go_on_to(Instant until);
  void begin_due_commands();
  void take_checkpoint_if_due();
  void thin_out();
  /// The future is another one from here on.
  void forget_checkpoints_after_now();

  std::vector<TimedCommand> commands_;
  std::vector<std::optional<Finished>> results_;
  CheckpointLimits limits_;
  std::map<Instant, Checkpoint> checkpoints_;
  std::unique_ptr<Present> present_;
};

}  // namespace brokerlab

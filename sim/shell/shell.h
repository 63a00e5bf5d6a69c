// The lab's command language: one line in, output and an exit status out. The terminal of the window, a
// lesson's action, a scenario, a button and `brokerlab shell` run the same verbs (verbs/, one a file).
//
// A command may take lab time: `docker stop` waits for the controlled shutdown, a tool runs until it ends.
// `start` gives a job that is looked at again whenever the lab has moved on (the window: once a frame);
// `run` drives the lab until the job is done (scenarios, lessons without a window). A line that ends in `&` is
// done at once, and its command goes on by itself. README.md has the language.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/exit_status.h"
#include "sim/base/result.h"
#include "sim/observe/cluster_history.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"
#include "sim/shell/words.h"

namespace brokerlab {

class Shell;

/// One command that was started. Lives no longer than its shell.
class Job {
 public:
  ~Job();
  /// Looks at what has happened since. Never waits.
  void poll();
  bool done() const { return status_.has_value(); }
  /// REQUIRES: done.
  int status() const { return *status_; }
  /// What it wrote since the last call, in order.
  std::vector<OutputChunk> take_output();
  /// Whether it waits for the next piece of standard input: only then should any be read.
  bool wants_standard_input() const;
  /// Bytes for a tool that reads; ignored by a command that does not.
  void standard_input(std::string_view bytes);
  void end_standard_input();
  /// Ctrl-C.
  void interrupt();
  /// When it wants to be looked at again although nothing has happened.
  Instant deadline() const;

  // ---- for the verbs --------------------------------------------------------------------------------------

  Lab& lab() const;
  Language language() const;
  Shell& shell() const { return *shell_; }
  /// The journal's event of this command: the cause of what it does.
  EventRef cause() const { return cause_; }
  void print(std::string_view text) { write({1, std::string(text)}); }
  /// A line on standard error.
  void complain(std::string_view line) { write({2, std::string(line) + "\n"}); }
  void complain(const Text& line) { complain(line.in(language())); }
  void write(OutputChunk chunk);
  /// What stands in front of the command in its pipe, as long as the command has not taken it.
  std::string_view piped() const;

 private:
  friend class Shell;
  struct Parts;
  explicit Job(Shell* shell);
  void begin(std::string_view line);
  void run_stages(const std::vector<Words>& stages, std::string_view line);
  void run_in_background(const std::vector<Words>& stages, std::string_view line);
  void finish(int status);

  Shell* shell_;
  std::unique_ptr<Parts> parts_;
  EventRef cause_;
  std::optional<int> status_;
  std::vector<OutputChunk> output_;
};

struct Finished {
  int status = 0;
  std::string output;  ///< standard output
  std::string error;   ///< standard error
};

/// One session of the language. Several may share a lab.
class Shell {
 public:
  Shell(Lab& lab, Language language);
  ~Shell();
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  std::unique_ptr<Job> start(std::string_view line);
  /// Starts the line and lets the lab run until it has ended, for ten minutes of lab time at most; then it is
  /// interrupted. Its standard input is empty. `meanwhile` is called whenever the lab has moved on.
  Finished run(std::string_view line, const std::function<void()>& meanwhile = {});

  Lab& lab() const { return lab_; }
  Language language() const { return language_; }
  void set_language(Language language) { language_ = language; }
  /// $BOOTSTRAP, $BOOTSTRAP_SERVERS, $BROKER1, $BROKER2 ...
  const Variables& variables() const { return variables_; }
  /// Position in the lab's ring of events where the last command that acted on the lab began.
  uint64_t mark() const { return mark_; }
  /// Looks after the commands that run in the background: call it now and then while no line is started or run.
  /// True when all have ended.
  bool poll_background();
  /// When one of them wants to be looked at although nothing has happened.
  Instant background_deadline() const;
  /// What those that have ended wrote, in the order in which they were started; they are forgotten.
  std::vector<OutputChunk> take_background_output();
  /// How the cluster changed since this was asked last, or since the shell was made.
  std::vector<ClusterChange> take_changes();
  /// Words that complete the last word of `line`: verbs, nodes, options. Sorted.
  std::vector<std::string> completions(std::string_view line);

 private:
  friend class Job;
  Lab& lab_;
  Language language_;
  Variables variables_;
  uint64_t mark_ = 0;
  std::unique_ptr<ClusterHistory> history_;
  size_t changes_taken_ = 0;
  std::vector<std::unique_ptr<Job>> background_;
};

}  // namespace brokerlab

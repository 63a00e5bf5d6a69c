// The program under test as its user runs it: a process with arguments, environment and standard input.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace brokerlab::test {

struct Ended {
  int status = -1;  ///< 128 + N after signal N
  std::string output;
  std::string error;
  double seconds = 0;
  long most_resident_kib = 0;  ///< of run_program
};

using Environment = std::map<std::string, std::string>;

/// Runs `build/release/brokerlab` with the arguments to its end; killed, and a failure, after a minute. Variables of
/// `environment` come on top of an environment without a language and without a lab.
Ended run_program(const std::vector<std::string>& arguments, const std::string& input = {},
                  const Environment& environment = {}, const std::string& program = BROKERLAB_PROGRAM);

/// Runs it at a terminal of its own: waits for a prompt before each of the inputs, and for the end after the last.
/// What the terminal showed is `output`.
Ended run_at_terminal(const std::vector<std::string>& arguments, const std::vector<std::string>& inputs);

/// `brokerlab up` on free ports in the background, ready. Ended with SIGTERM.
class RunningLab {
 public:
  explicit RunningLab(std::vector<std::string> more_options = {});
  ~RunningLab();
  RunningLab(const RunningLab&) = delete;
  RunningLab& operator=(const RunningLab&) = delete;

  const std::string& ready_line() const { return ready_line_; }
  std::string bootstrap() const { return word("bootstrap="); }
  std::string socket() const { return word("socket="); }
  pid_t process() const { return child_; }
  /// Sends the signal and waits: status and how long that took.
  Ended end(int signal);

 private:
  std::string word(const std::string& label) const;
  pid_t child_ = -1;
  int output_ = -1;
  std::string ready_line_;
};

}  // namespace brokerlab::test

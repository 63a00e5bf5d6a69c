#include "tests/program/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif

#include <array>
#include <chrono>

extern char** environ;

namespace brokerlab::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(60);

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
  int reading() const { return ends[0]; }
  int writing() const { return ends[1]; }
  std::array<int, 2> ends{};
};

/// The environment without what would change the program's words or the lab that it finds.
std::vector<std::string> plain_environment(const Environment& more) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('='));
    const bool is_dropped =
        name == "LANG" || name.starts_with("LC_") || name.starts_with("BROKERLAB_") || more.contains(name);
    if (!is_dropped) variables.push_back(text);
  }
  for (const auto& [name, value] : more) variables.push_back(name + "=" + value);
  return variables;
}

/// Starts the program; -1 for a stream leaves it as ours.
pid_t start(const std::string& program, const std::vector<std::string>& arguments,
            const Environment& environment, int input, int output, int error) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const auto& [from, to] :
       {std::pair(input, STDIN_FILENO), std::pair(output, STDOUT_FILENO), std::pair(error, STDERR_FILENO)})
    if (from >= 0) posix_spawn_file_actions_adddup2(&actions, from, to);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const std::vector<std::string> variables = plain_environment(environment);
  std::vector<char*> variable_pointers;
  for (const std::string& variable : variables)
    variable_pointers.push_back(const_cast<char*>(variable.c_str()));
  variable_pointers.push_back(nullptr);
  pid_t child = -1;
  REQUIRE(posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), variable_pointers.data()) ==
          0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int status_of(int how) { return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how); }

/// Appends what can be read; false at the end.
bool read_some(int file, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t size = read(file, buffer.data(), buffer.size());
  if (size > 0) text.append(buffer.data(), static_cast<size_t>(size));
  return size > 0;
}

}  // namespace

Ended run_program(const std::vector<std::string>& arguments, const std::string& input,
                  const Environment& environment, const std::string& program) {
  Pipe in, out, error;
  const auto began = Clock::now();
  const pid_t child = start(program, arguments, environment, in.reading(), out.writing(), error.writing());
  close(in.reading());
  close(out.writing());
  close(error.writing());
  REQUIRE(fcntl(in.writing(), F_SETFL, O_NONBLOCK) == 0);  // it may read no more until we read its output
  std::string_view to_write = input;
  bool has_input = true, has_output = true, has_error = true;
  Ended ended;
  while (has_output || has_error) {
    if (has_input && to_write.empty()) {
      close(in.writing());
      has_input = false;
    }
    std::array<pollfd, 3> files{{{has_output ? out.reading() : -1, POLLIN, 0},
                                 {has_error ? error.reading() : -1, POLLIN, 0},
                                 {has_input ? in.writing() : -1, POLLOUT, 0}}};
    constexpr int glance_ms = 100;
    poll(files.data(), files.size(), glance_ms);
    if (files[0].revents != 0) has_output = read_some(out.reading(), ended.output);
    if (files[1].revents != 0) has_error = read_some(error.reading(), ended.error);
    if (files[2].revents != 0) {
      const ssize_t size = write(in.writing(), to_write.data(), to_write.size());
      to_write.remove_prefix(size < 0 ? to_write.size() : static_cast<size_t>(size));
    }
    if (Clock::now() - began > patience) {
      kill(child, SIGKILL);
      FAIL("the program did not end");
    }
  }
  if (has_input) close(in.writing());
  close(out.reading());
  close(error.reading());
  int how = 0;
  rusage usage{};
  wait4(child, &how, 0, &usage);
  ended.status = status_of(how);
  ended.seconds = seconds_since(began);
  ended.most_resident_kib = usage.ru_maxrss;
  return ended;
}

Ended run_at_terminal(const std::vector<std::string>& arguments, const std::vector<std::string>& inputs) {
  int terminal = -1;
  const auto began = Clock::now();
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    std::vector<char*> words{const_cast<char*>(BROKERLAB_PROGRAM)};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execv(BROKERLAB_PROGRAM, words.data());
    _exit(127);
  }
  Ended ended;
  // What was typed is echoed behind the prompt, so a prompt waits for input when nothing stands behind it.
  for (const std::string& input : inputs) {
    constexpr std::string_view prompt = "$ ";
    const size_t shown = ended.output.size();
    while (ended.output.size() == shown || !ended.output.ends_with(prompt))
      REQUIRE_MESSAGE(read_some(terminal, ended.output), ended.output);
    REQUIRE(write(terminal, input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  }
  while (read_some(terminal, ended.output)) {
  }
  close(terminal);
  int how = 0;
  waitpid(child, &how, 0);
  ended.status = status_of(how);
  ended.seconds = seconds_since(began);
  return ended;
}

RunningLab::RunningLab(std::vector<std::string> more_options) {
  std::vector<std::string> arguments{"up", "--port-base", "0"};
  arguments.insert(arguments.end(), more_options.begin(), more_options.end());
  Pipe out;
  child_ = start(BROKERLAB_PROGRAM, arguments, {}, -1, out.writing(), -1);
  close(out.writing());
  output_ = out.reading();
  for (char c = 0; read(output_, &c, 1) == 1 && c != '\n';) ready_line_ += c;
  REQUIRE(ready_line_.starts_with("ready "));
}

RunningLab::~RunningLab() {
  if (child_ > 0) (void)end(SIGTERM);
  close(output_);
}

Ended RunningLab::end(int signal) {
  const auto began = Clock::now();
  kill(child_, signal);
  int how = 0;
  waitpid(child_, &how, 0);
  child_ = -1;
  Ended ended;
  ended.status = status_of(how);
  ended.seconds = seconds_since(began);
  return ended;
}

std::string RunningLab::word(const std::string& label) const {
  const size_t begin = ready_line_.find(label);
  REQUIRE(begin != std::string::npos);
  return ready_line_.substr(begin + label.size(), ready_line_.find(' ', begin) - begin - label.size());
}

}  // namespace brokerlab::test

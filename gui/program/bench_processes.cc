#include "gui/program/bench_processes.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

struct StartedProcess {
  pid_t process = -1;
  int output = -1;
};

StartedProcess start(const std::vector<std::string>& command) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return {};
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    execv(words[0], words.data());
    _exit(exit_status::no_such_command);
  }
  close(pipe_ends[1]);
  return {child, pipe_ends[0]};
}

}  // namespace

void take_memory_from_host() {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t half_of_free = page * static_cast<size_t>(sysconf(_SC_AVPHYS_PAGES)) / 2;
  const size_t size = std::min(half_of_free, size_t{6} << 30);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // the figure is measured all the same
  for (size_t at = 0; at < size; at += page) static_cast<volatile char*>(memory)[at] = 1;
  munmap(memory, size);
}

ServerProcess::ServerProcess(const std::vector<std::string>& command) {
  const StartedProcess started = start(command);
  child_ = started.process;
  for (char c = 0; read(started.output, &c, 1) == 1 && c != '\n';) ready_ += c;
  close(started.output);
}

ServerProcess::~ServerProcess() {
  if (child_ <= 0) return;
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

std::string ServerProcess::word(const std::string& label) const {
  const size_t begin = ready_.find(label);
  if (begin == std::string::npos) return {};
  return ready_.substr(begin + label.size(), ready_.find(' ', begin) - begin - label.size());
}

double ServerProcess::resident_mib() const {
  std::ifstream status(fmt::format("/proc/{}/status", child_));
  constexpr std::string_view label = "VmRSS:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(label)) return std::stod(line.substr(label.size())) / 1024;
  return 0;
}

double ServerProcess::processor_seconds() const {
  std::ifstream stat(fmt::format("/proc/{}/stat", child_));
  std::ostringstream text;
  text << stat.rdbuf();
  const std::string line = text.str();
  // The fields after the name, which stands in brackets and may hold blanks; utime and stime are the 14th and 15th.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  constexpr int fields_before_utime = 11;
  std::string skipped;
  for (int i = 0; i < fields_before_utime; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

LabProcess::LabProcess(const std::vector<std::string>& more_arguments)
    : ServerProcess([&] {
        // Deleted topics go at once, as in the Kafka to compare with: what they held would crowd out the next.
        std::vector<std::string> command = {
            this_program(), "up", "--port-base", "0", "--set", "log.segment.delete.delay.ms=1000"};
        command.insert(command.end(), more_arguments.begin(), more_arguments.end());
        return command;
      }()) {}

std::filesystem::path this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

Result<std::string> output_of(const std::vector<std::string>& command) {
  const StartedProcess started = start(command);
  std::string output;
  std::array<char, 4096> bytes;
  ssize_t count = 0;
  while ((count = read(started.output, bytes.data(), bytes.size())) > 0)
    output.append(bytes.data(), static_cast<size_t>(count));
  close(started.output);
  int status = 0;
  const bool ended_well = waitpid(started.process, &status, 0) == started.process && status == 0;
  if (!ended_well)
    return Status::error(StatusCode::unavailable, fmt::format("{} failed", fmt::join(command, " ")));
  return output;
}

Result<nlohmann::json> measure_with(const std::string& client, std::vector<std::string> arguments) {
  const std::filesystem::path program = this_program().parent_path() / "tests" / client;
  if (!std::filesystem::exists(program))
    return Status::error(StatusCode::not_found, fmt::format("{} is not built", program.string()));
  arguments.insert(arguments.begin(), program.string());
  const Result<std::string> line = output_of(arguments);
  if (!line.ok()) return line.status();
  nlohmann::json measured = nlohmann::json::parse(*line, nullptr, false);
  if (measured.is_discarded()) return Status::error(StatusCode::invalid, *line);
  return measured;
}

}  // namespace brokerlab

// `brokerlab shell`: joins a running lab and speaks its command language.
#include "sim/shell/shell.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "gui/program/lab_socket.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"

namespace brokerlab {

namespace asio = boost::asio;
using LocalSocket = asio::local::stream_protocol;

namespace {

volatile std::sig_atomic_t was_interrupted = 0;

struct ShellOptions {
  std::string socket;
  std::string command;
};

/// The client's end of a lab's socket.
class Joined {
 public:
  explicit Joined(Language language) : language_(language), socket_(io_) {}

  Status join(const std::string& path) {
    boost::system::error_code error;
    socket_.connect(LocalSocket::endpoint(path), error);
    if (!error) return {};
    return Status::error(
        StatusCode::unavailable,
        Text{fmt::format("no lab answers at {}: {}. Start one: brokerlab up", path, error.message()),
             fmt::format("{}에서 실험실이 답하지 않습니다: {}. 켜기: brokerlab up", path, error.message())}
            .in(language_));
  }

  /// Runs one command to its end; its status, or nothing when the lab is gone.
  std::optional<int> run(const std::string& command) {
    if (!send('c', command)) return std::nullopt;
    bool wants_input = false;
    for (;;) {
      std::array<pollfd, 2> ready{{{socket_.native_handle(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
      const int count = poll(ready.data(), wants_input ? 2 : 1, -1);
      if (std::exchange(was_interrupted, 0) != 0 && !send('k', {})) return std::nullopt;
      if (count < 0) {
        if (errno == EINTR) continue;
        return std::nullopt;
      }
      if (wants_input && ready[1].revents != 0 && !pass_input(wants_input)) return std::nullopt;
      if (ready[0].revents == 0) continue;
      if (!receive()) return std::nullopt;
      while (true) {
        Result<std::optional<LabFrame>> frame = take_lab_frame(received_);
        if (!frame.ok()) return std::nullopt;
        if (!*frame) break;
        const LabFrame& said = **frame;
        if (said.type == 'o') write_all(STDOUT_FILENO, said.payload);
        if (said.type == 'r') write_all(STDERR_FILENO, said.payload);
        if (said.type == 'w') wants_input = true;
        if (said.type == 'x') return std::atoi(said.payload.c_str());
      }
    }
  }

 private:
  bool send(char type, std::string_view payload) {
    boost::system::error_code error;
    asio::write(socket_, asio::buffer(encode_lab_frame(type, payload)), error);
    return !error;
  }

  bool receive() {
    boost::system::error_code error;
    const size_t size = socket_.read_some(asio::buffer(buffer_), error);
    received_.append(buffer_.data(), size);
    return !error;
  }

  bool pass_input(bool& wants_input) {
    const ssize_t size = read(STDIN_FILENO, buffer_.data(), buffer_.size());
    if (size < 0 && errno == EINTR) return true;
    wants_input = false;
    if (size > 0) return send('i', {buffer_.data(), static_cast<size_t>(size)});
    return send('e', {});
  }

  static void write_all(int file, std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = write(file, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      text.remove_prefix(static_cast<size_t>(written));
    }
  }

  Language language_;
  asio::io_context io_;
  LocalSocket::socket socket_;
  std::array<char, 16 << 10> buffer_{};
  std::string received_;
};

/// One line of standard input, read byte by byte so that what follows is left to the command that reads it.
std::optional<std::string> read_line() {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t size = read(STDIN_FILENO, &c, 1);
    if (size < 0 && errno == EINTR) {
      was_interrupted = 0;
      return std::string();
    }
    if (size <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
}

int converse(Joined& lab, Language language) {
  const bool is_terminal = isatty(STDIN_FILENO) != 0;
  int status = exit_status::success;
  if (is_terminal)
    fmt::print("{}\n", Text{"help says what can be said here; Ctrl-D leaves.",
                            "쓸 수 있는 명령은 help, 나가기는 Ctrl-D입니다."}
                           .in(language));
  for (;;) {
    if (is_terminal) {
      fmt::print("$ ");
      std::fflush(stdout);
    }
    std::optional<std::string> line = read_line();
    while (line && continues(*line)) {
      const std::optional<std::string> more = read_line();
      if (!more) break;
      *line += "\n" + *more;
    }
    if (!line) break;
    if (line->empty()) continue;
    const std::optional<int> ended = lab.run(*line);
    if (!ended) return complain({"the lab has ended", "실험실이 끝났습니다"}, language, exit_status::failure);
    status = *ended;
  }
  if (is_terminal) fmt::print("\n");
  return status;
}

int join(const ShellOptions& options, Language language) {
  const Result<std::string> path = find_lab_socket(options.socket, language);
  if (!path.ok()) return complain(path.status().message, exit_status::failure);
  Joined lab(language);
  const Status joined = lab.join(*path);
  if (!joined.ok()) return complain(joined.message, exit_status::failure);
  struct sigaction action {};
  action.sa_handler = [](int) { was_interrupted = 1; };  // without SA_RESTART: poll and read must return
  sigaction(SIGINT, &action, nullptr);
  if (options.command.empty()) return converse(lab, language);
  const std::optional<int> status = lab.run(options.command);
  return status ? *status
                : complain({"the lab has ended", "실험실이 끝났습니다"}, language, exit_status::failure);
}

}  // namespace

RunSubcommand add_shell(CLI::App& program, Language language) {
  auto options = std::make_shared<ShellOptions>();
  CLI::App* command =
      program.add_subcommand("shell", Text{"Join a running lab and command it: docker stop kafka2",
                                           "돌고 있는 실험실에 명령합니다: docker stop kafka2"}
                                          .in(language));
  command
      ->add_option("--socket", options->socket,
                   Text{"The lab's socket ($BROKERLAB_SOCKET, or the one lab that runs)",
                        "실험실의 소켓 ($BROKERLAB_SOCKET, 또는 하나뿐인 실험실)"}
                       .in(language))
      ->type_name("PATH");
  command
      ->add_option(
          "-c", options->command,
          Text{"Run this command; its status is ours", "이 명령을 실행하고 그 상태로 끝납니다"}.in(language))
      ->type_name("COMMAND");
  return [options, language] { return join(*options, language); };
}

}  // namespace brokerlab

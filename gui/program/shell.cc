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
#include "gui/program/line_editor.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/verbs/verb.h"

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
    if (!error && send('l', language_ == Language::korean ? "ko" : "en")) return {};
    return Status::error(
        StatusCode::unavailable,
        Text{fmt::format("no lab answers at {}: {}. Start one: brokerlab up", path, error.message()),
             fmt::format("{}에서 응답하는 랩이 없습니다: {}. 먼저 실행하세요: brokerlab up", path,
                         error.message())}
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
    if (size < 0 && errno == EINTR) return std::string();
    if (size <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
}

int converse(Joined& lab, Language language) {
  std::optional<LineEditor> editor;  // of a terminal
  if (isatty(STDIN_FILENO) != 0) editor.emplace();
  const auto next_line = [&](const char* prompt) { return editor ? editor->read(prompt) : read_line(); };
  int status = exit_status::success;
  if (editor)
    fmt::print("{}\n", Text{"help says what can be said here; exit or Ctrl-D leaves.",
                            "help로 명령 목록을 보고, exit나 Ctrl-D로 나갑니다."}
                           .in(language));
  while (std::optional<std::string> line = next_line("lab$ ")) {
    while (continues(*line)) {
      const std::optional<std::string> more = next_line("> ");
      if (!more) break;
      *line += "\n" + *more;
    }
    was_interrupted = 0;  // that was of the line, not of the command
    if (line->empty()) continue;
    if (*line == "exit") break;  // the conversation's end; the lab knows nothing of it
    const std::optional<int> ended = lab.run(*line);
    if (!ended) return complain({"the lab has ended", "랩이 종료되었습니다"}, language, exit_status::failure);
    status = *ended;
    if (editor && status == exit_status::interrupted) fmt::print("\n");  // behind the terminal's ^C
  }
  return status;
}

int join(const ShellOptions& options, Language language) {
  const Result<std::string> path = find_lab_socket(options.socket, language);
  if (!path.ok()) return complain(text_of(path.status()), language, exit_status::failure);
  Joined lab(language);
  const Status joined = lab.join(*path);
  if (!joined.ok()) return complain(text_of(joined), language, exit_status::failure);
  struct sigaction action {};
  action.sa_handler = [](int) { was_interrupted = 1; };  // without SA_RESTART: poll and read must return
  sigaction(SIGINT, &action, nullptr);
  if (options.command.empty()) return converse(lab, language);
  const std::optional<int> status = lab.run(options.command);
  return status ? *status
                : complain({"the lab has ended", "랩이 종료되었습니다"}, language, exit_status::failure);
}

}  // namespace

RunSubcommand add_shell(CLI::App& program, Language language) {
  auto options = std::make_shared<ShellOptions>();
  CLI::App* command =
      program.add_subcommand("shell", Text{"Join a running lab and command it: docker stop kafka2",
                                           "실행 중인 랩에 접속해 명령을 보냅니다: docker stop kafka2"}
                                          .in(language));
  std::string verbs = Text{"Lab commands, beside Kafka's tools (help VERB says more of each):\n",
                           "카프카 도구 외에 쓸 수 있는 랩 명령 (자세한 설명은 help VERB):\n"}
                          .in(language);
  for (const Verb* verb : all_verbs())
    verbs += fmt::format("  {:<10} {}\n", verb->name, verb->summary.in(language));
  command->footer(verbs);
  command
      ->add_option("--socket", options->socket,
                   Text{"The lab's socket ($BROKERLAB_SOCKET, or the one lab that runs)",
                        "랩의 소켓 (기본값: $BROKERLAB_SOCKET, 없으면 실행 중인 랩)"}
                       .in(language))
      ->type_name("PATH");
  command
      ->add_option(
          "-c", options->command,
          Text{"Run this command; its status is ours", "이 명령을 실행하고 그 종료 코드로 끝납니다"}.in(
              language))
      ->type_name("COMMAND");
  return [options, language] { return join(*options, language); };
}

}  // namespace brokerlab

// `brokerlab up`: the cluster without a window, until it is interrupted or its --exec command has ended.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "gui/program/lab_socket.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/runtime/data_folder.h"
#include "sim/runtime/presets.h"
#include "sim/runtime/record.h"
#include "sim/shell/readiness.h"
#include "sim/shell/recipes.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace asio = boost::asio;

namespace {

constexpr int signal_status_base = 128;
constexpr auto readiness_interval = std::chrono::milliseconds(2);
constexpr Duration longest_start = seconds(60);

struct UpOptions {
  ClusterOptions cluster;
  std::string command;    ///< --exec
  std::string recording;  ///< --record
};

/// One run of `up`. All on one thread: signals, socket, readiness, the end of the child.
class Up {
 public:
  Up(const UpOptions& options, Language language)
      : options_(options), language_(language), signals_(io_), timer_(io_) {}

  int run() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.add(SIGCHLD);
    wait_for_signal();

    ClusterSpec spec = options_.cluster.config.cluster(Driver::live, options_.cluster.port_base);
    spec.data_folder = options_.cluster.data_folder;
    if (!spec.data_folder.empty()) {
      Result<std::string> stored = stored_cluster_id(spec.data_folder, options_.cluster.config.brokers);
      if (!stored.ok()) return complain(text_of(stored.status()), language_, exit_status::failure);
      spec.cluster_id = std::move(*stored);
    }
    spec.speed = options_.cluster.config.speed;
    if (!options_.recording.empty()) {
      Result<std::shared_ptr<Recorder>> recorder =
          Recorder::create(options_.recording, texts_of(options_.cluster.config));
      if (!recorder.ok()) return complain(text_of(recorder.status()), language_, exit_status::failure);
      recorder_ = spec.recorder = std::move(recorder).value();
    }
    Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
    if (!lab.ok()) {
      if (recorder_) std::remove(options_.recording.c_str());
      return refuse(lab.status());
    }
    lab_ = std::move(lab).value();

    Result<std::unique_ptr<LabSocketServer>> server = LabSocketServer::open(io_, *lab_, language_);
    if (!server.ok()) return complain(text_of(server.status()), language_, exit_status::failure);
    server_ = std::move(server).value();
    wait_until_ready();
    io_.run();

    server_.reset();
    lab_->close();
    finish_recording();
    return status_;
  }

 private:
  void finish_recording() {
    if (!recorder_) return;
    const Status finished = recorder_->finish();
    if (!finished.ok()) {
      const Text reason = text_of(finished);
      status_ = complain(
          {"the recording ends early: " + reason.english, "기록이 도중에 끊겼습니다: " + reason.korean},
          language_, exit_status::failure);
    }
    fmt::print(stderr, "recorded {} events {} hash {}\n", options_.recording, recorder_->events(),
               recorder_->hash());
  }

  int refuse(const Status& status) const {
    const bool is_of_folder = status.code == StatusCode::io_error;
    return complain({status.message + (is_of_folder ? "; choose another folder with --data" : ""),
                     fmt::format("클러스터를 시작할 수 없습니다: {}{}", text_of(status).korean,
                                 is_of_folder ? ". --data로 다른 폴더를 지정하세요" : "")},
                    language_, exit_status::failure);
  }

  void wait_until_ready() {
    const Result<Text> missing = what_is_missing(*lab_);
    if (missing.ok() && missing->english.empty()) return ready();
    const Status failed = missing.ok() ? Status{} : missing.status();
    if (!failed.ok() || lab_->now().monotonic > Instant{} + longest_start) {
      status_ = complain(failed.ok() ? *missing : text_of(failed), language_, exit_status::failure);
      return io_.stop();
    }
    timer_.expires_after(readiness_interval);
    timer_.async_wait([this](auto error) {
      if (!error) wait_until_ready();
    });
  }

  void ready() {
    const std::string bootstrap = bootstrap_servers(lab_->spec());
    fmt::print("ready bootstrap={} socket={}\n", bootstrap, server_->path());
    std::fflush(stdout);
    if (!options_.command.empty()) execute(bootstrap);
  }

  void execute(const std::string& bootstrap) {
    child_ = fork();
    if (child_ < 0) {
      status_ = complain({"cannot start the command of --exec", "--exec 명령을 실행할 수 없습니다"},
                         language_, exit_status::failure);
      return io_.stop();
    }
    if (child_ > 0) return;
    setpgid(0, 0);  // so that it can be ended with all that it started
    setenv("BOOTSTRAP_SERVERS", bootstrap.c_str(), 1);
    setenv("BROKERLAB_SOCKET", server_->path().c_str(), 1);
    std::signal(SIGPIPE, SIG_DFL);
    execl("/bin/sh", "sh", "-c", options_.command.c_str(), static_cast<char*>(nullptr));
    _exit(exit_status::no_such_command);
  }

  void wait_for_signal() {
    signals_.async_wait([this](auto error, int signal) {
      if (error) return;
      if (signal == SIGCHLD) {
        if (!look_at_child()) wait_for_signal();
        return;
      }
      status_ = signal_status_base + signal;
      // Not the signal that came: a shell lets what it has in the background ignore SIGINT.
      if (child_ > 0) kill(-child_, SIGTERM);
      io_.stop();
    });
  }

  /// True when the command of --exec has ended, and with it the lab.
  bool look_at_child() {
    int how = 0;
    if (child_ <= 0 || waitpid(child_, &how, WNOHANG) != child_) return false;
    status_ = WIFEXITED(how) ? WEXITSTATUS(how) : signal_status_base + WTERMSIG(how);
    io_.stop();
    return true;
  }

  const UpOptions& options_;
  Language language_;
  asio::io_context io_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  std::shared_ptr<Recorder> recorder_;
  std::unique_ptr<Lab> lab_;
  std::unique_ptr<LabSocketServer> server_;
  pid_t child_ = -1;
  int status_ = exit_status::success;
};

}  // namespace

RunSubcommand add_up(CLI::App& program, Language language) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* command = program.add_subcommand("up", Text{"Run the cluster without a window, until Ctrl-C",
                                                        "창 없이 클러스터만 실행합니다. Ctrl-C로 종료합니다"}
                                                       .in(language));
  options->cluster.add_to(*command, language);
  command
      ->add_option(
          "--exec", options->command,
          Text{"Then run this with BOOTSTRAP_SERVERS and BROKERLAB_SOCKET set, and end with its status",
               "준비되면 BOOTSTRAP_SERVERS와 BROKERLAB_SOCKET을 설정해 이 명령을 실행하고, 그 종료 코드로 "
               "끝납니다"}
              .in(language))
      ->type_name("COMMAND");
  command
      ->add_option(
          "--record", options->recording,
          Text{"Record the session into this new file, for `brokerlab replay`; its journal's hash is "
               "printed at the end. What the folders of --data hold becomes part of it",
               "세션을 이 새 파일에 기록합니다. `brokerlab replay`로 다시 실행할 수 있고, 끝날 때 저널의 "
               "해시를 출력합니다. --data 폴더에 있던 데이터도 기록에 들어갑니다"}
              .in(language))
      ->type_name("FILE");
  return [options, language] { return Up(*options, language).run(); };
}

}  // namespace brokerlab

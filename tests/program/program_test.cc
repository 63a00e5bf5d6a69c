// `brokerlab` as its user meets it: options, mistakes, signals, the socket.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/program/process.h"

using namespace brokerlab::test;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// One line on standard error that says what is wrong, nothing on standard output, status 2.
void check_is_refused(const std::vector<std::string>& arguments, std::string_view part) {
  const Ended ended = run_program(arguments);
  CHECK_MESSAGE(ended.status == 2, arguments.back());
  CHECK(ended.output.empty());
  CHECK_MESSAGE(has(ended.error, part), ended.error);
  CHECK_MESSAGE(std::count(ended.error.begin(), ended.error.end(), '\n') == 1, ended.error);
}

/// How many files labs have left where they keep what is temporary.
size_t temporary_files() {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
    if (entry.path().filename().string().starts_with("brokerlab")) ++count;
  return count;
}

}  // namespace

TEST_CASE("help teaches, in the language that was asked for") {
  const Ended english = run_program({"--help"});
  CHECK(english.status == 0);
  CHECK(has(english.output, "brokerlab shell -c 'docker stop kafka2'"));
  CHECK(has(english.output, "kafka-topics"));
  CHECK(has(run_program({"--help", "--lang", "ko"}).output, "카프카를 망가뜨리며 배우는 랩"));
  CHECK(has(run_program({"--help"}, {}, {{"LANG", "ko_KR.UTF-8"}}).output, "시작하기"));
  const Ended up = run_program({"up", "--help"});
  CHECK_MESSAGE(has(up.output, "broker.session.timeout.ms                   *         1500         9000"),
                "both defaults");
  for (const char* command : {"up", "shell", "run", "lesson", "sim", "gui", "bench", "decode", "encode"})
    CHECK_MESSAGE(run_program({command, "--help"}).status == 0, command);
}

TEST_CASE("mistakes are one line that says what to do next, and status 2") {
  check_is_refused({"up", "--prot-base", "0"},
                   "--prot-base is not known here. Did you mean --port-base? See brokerlab up --help");
  check_is_refused({"upp"}, "Did you mean up?");
  check_is_refused({"up", "--port-base", "70000"}, "--port-base");
  check_is_refused({"up", "--brokers", "12"}, "1 to 9");
  check_is_refused({"up", "--timers", "slow"}, "lab or kafka");
  check_is_refused({"up", "--speed", "1000"}, "--speed");
  check_is_refused({"up", "--set", "num.partition=4"}, "Did you mean num.partitions?");
  check_is_refused({"up", "--set", "num.partitions=many"}, "num.partitions takes a whole number");
  check_is_refused({"up", "--set", "num.partitions"}, "NAME=VALUE");
  check_is_refused({"lesson"}, "brokerlab lesson --help");
  check_is_refused({"lesson", "run", "no-such-lesson"}, "01-a-leader-stops");
  check_is_refused({"run", "/no/such/file"}, "/no/such/file");
  check_is_refused({"run", "/"}, "Is a directory");
  check_is_refused({"lesson", "rum", "1"}, "Did you mean run?");
  check_is_refused({"kafka-topcs", "--list"}, "Did you mean kafka-topics?");
  check_is_refused({"kafka-consumer-groups"},
                   "is not there yet. Kafka's tools here: kafka-broker-api-versions");
  check_is_refused({"up", "--port-base"}, "--port-base needs a value.");
  check_is_refused({"sim", "--seed", "many"}, "--seed takes a number, not many.");
  check_is_refused({"sim", "--seeds", "1..2", "--describe"}, "brokerlab sim --seed N");
  check_is_refused({"sim", "--seeds", "1..2", "--plan"}, "--seed N instead of --seeds");
  check_is_refused({"replay", "/no/such/file", "--json"}, "--json needs --describe");
  check_is_refused({"decode", "--api", "3", "--version", "1", "--kind", "answer", "00"},
                   "one of request, response, not answer");
  check_is_refused({"sim", "--for", "long"}, "long");
  check_is_refused({"sim", "--load", "heavy"}, "--load");
  check_is_refused({"bench", "no_such_figure"}, "start_to_first_ack_ms");
  check_is_refused({"--lang", "de"}, "--lang");
}

TEST_CASE("mistakes are told in Korean to whoever asks for it") {
  const auto check_says = [](const std::vector<std::string>& arguments, std::string_view part) {
    const Ended ended = run_program(arguments, {}, {{"LANG", "ko_KR.UTF-8"}});
    CHECK(ended.status == 2);
    CHECK_MESSAGE(has(ended.error, part), ended.error);
  };
  check_says({"upp"}, "upp 명령이 없습니다. up을 찾으셨나요? 도움말: brokerlab --help");
  check_says({"up", "--prot-base", "0"}, "--prot-base 옵션이 없습니다. --port-base를 찾으셨나요?");
  check_says({"up", "--port-base"}, "--port-base 뒤에 값이 필요합니다.");
  check_says({"up", "--brokers", "12"}, "--brokers는 1~9입니다 (입력: 12).");
  check_says({"up", "--set", "num.partition=4"},
             "num.partition 설정이 없습니다. num.partitions를 찾으셨나요?");
  check_says({"up", "--set", "num.partitions=many"}, "num.partitions 값은 1~2147483647 정수입니다");
  check_says({"lesson"}, "명령이 필요합니다: list, run.");
  check_says({"run"}, "FILE 인자가 필요합니다.");
  check_says({"decode", "--batch", "zz"}, "1번째 글자는 16진수가 아닙니다");
  check_says({"sim", "--for", "long"}, "시간은 단위를 붙여 씁니다");
}

TEST_CASE("no heading of the Korean help is left in English") {
  for (const char* command : {"up", "shell", "run", "lesson", "sim", "gui", "bench"}) {
    const std::string help = run_program({command, "--help", "--lang", "ko"}).output;
    for (const char* heading : {"Options:", "Subcommands:", "Positionals:", "Usage:", "REQUIRED"})
      CHECK_MESSAGE(!has(help, heading), command);
  }
}

TEST_CASE("lessons are listed with their names first") {
  const Ended list = run_program({"lesson", "list"});
  CHECK(list.status == 0);
  CHECK(list.output.starts_with("01-a-leader-stops "));
}

TEST_CASE("up says when it is ready, and its socket is its owner's alone") {
  RunningLab lab;
  CHECK(std::count(lab.ready_line().begin(), lab.ready_line().end(), ' ') == 2);
  const std::string servers = lab.bootstrap();
  CHECK(std::count(servers.begin(), servers.end(), ',') == 2);
  struct stat info {};
  REQUIRE(stat(lab.socket().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(stat(std::filesystem::path(lab.socket()).parent_path().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);

  SUBCASE("a shell joins it; its status is the command's") {
    const Ended stopped = run_program({"shell", "--socket", lab.socket(), "-c", "docker stop kafka2"});
    CHECK(stopped.status == 0);
    CHECK(stopped.output == "kafka2\n");
    const Ended wrong = run_program({"shell", "--socket", lab.socket(), "-c", "docker stop kafka4"});
    CHECK(wrong.status == 1);
    CHECK(wrong.error == "no such node \"kafka4\". Nodes: kafka1, kafka2, kafka3\n");
    CHECK(run_program({"shell", "--socket", lab.socket(), "-c", "frobnicate"}).status == 127);
    CHECK(run_program({"shell", "-c", "expect kafka2.state == stopped"}, {},
                      {{"BROKERLAB_SOCKET", lab.socket()}})
              .status == 0);
  }
  SUBCASE("a shell has the language of its learner, not of the lab") {
    const Ended wrong =
        run_program({"shell", "--lang", "ko", "--socket", lab.socket(), "-c", "docker stop kafka4"});
    CHECK(wrong.error == "\"kafka4\" 노드가 없습니다. 노드: kafka1, kafka2, kafka3\n");
  }
  SUBCASE("on a terminal a line can be called back and changed; Ctrl-C drops it, Ctrl-D leaves") {
    const Ended talk =
        run_at_terminal({"shell", "--socket", lab.socket()}, {"docker pause kafka3\n",
                                                              "\x1b[A\x7f"
                                                              "2\n",
                                                              "nonsense\x03", "docker ps\n", "\x04"});
    CHECK(talk.status == 0);
    CHECK_MESSAGE(!has(talk.output, "no such command"), talk.output);
    CHECK_MESSAGE(has(talk.output, "kafka2   Up (Paused)"), talk.output);
  }
  SUBCASE("a tool in the lab reads a long standard input to its end") {
    std::string lines;
    for (int i = 0; i < 100'000; ++i) lines += "order " + std::to_string(i) + "\n";
    CHECK(run_program({"kafka-topics", "--bootstrap-server", lab.bootstrap(), "--create", "--topic", "long",
                       "--partitions", "1"})
              .status == 0);
    const std::string producer = "kafka-console-producer --bootstrap-server $BOOTSTRAP --topic long";
    CHECK(run_program({"shell", "--socket", lab.socket(), "-c", producer}, lines).status == 0);
    const Ended read =
        run_program({"kafka-console-consumer", "--bootstrap-server", lab.bootstrap(), "--topic", "long",
                     "--partition", "0", "--from-beginning", "--max-messages", "100000"});
    CHECK_MESSAGE(read.output == lines, read.output.size());
  }
  SUBCASE("a shell reads commands from standard input, one a line") {
    const Ended talk = run_program({"shell", "--socket", lab.socket()},
                                   "expect within=5s kafka1.state == running\ndocker kill \\\n  kafka1\n");
    CHECK(talk.output == "kafka1\n");
    CHECK_MESSAGE(talk.error.empty(), talk.error);
    CHECK(talk.status == 0);
  }
  SUBCASE("exit leaves a shell, and the lab runs on") {
    const Ended talk = run_program({"shell", "--socket", lab.socket()}, "exit\ndocker kill kafka1\n");
    CHECK(talk.status == 0);
    CHECK(talk.output + talk.error == "");
    CHECK(run_program({"shell", "--socket", lab.socket(), "-c", "expect kafka1.state == running"}).status ==
          0);
  }
  SUBCASE("it ends within a second, and leaves nothing") {
    const std::string socket = lab.socket();
    for (const int signal : {SIGINT}) {
      const Ended ended = lab.end(signal);
      CHECK(ended.status == 128 + signal);
      CHECK(ended.seconds < 1);
    }
    CHECK_FALSE(std::filesystem::exists(socket));
  }
}

TEST_CASE("a hostile client of the socket harms nothing") {
  const RunningLab lab;
  const std::string path = lab.socket();
  for (const std::string& bytes : {std::string("c\xFF\xFF\xFF\xFFx"), std::string("\0\0\0\0\0\0\0", 7),
                                   std::string("c\0\0\0\x10 half", 9)}) {
    const int file = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL);  // the lab may have closed it already
    close(file);
  }
  CHECK(run_program({"shell", "--socket", path, "-c", "expect brokers.alive == 3"}).status == 0);
}

TEST_CASE("what was temporary is gone after the end") {
  const size_t before = temporary_files();
  { const RunningLab lab; }
  CHECK(temporary_files() <= before);
}

TEST_CASE("--exec runs a command in the lab and ends with its status") {
  const Ended ended =
      run_program({"up", "--port-base", "0", "--exec",
                   "echo $BOOTSTRAP_SERVERS; " BROKERLAB_PROGRAM " shell -c 'docker ps' | wc -l; exit 7"});
  CHECK(ended.status == 7);
  CHECK(has(ended.output, "127.0.0.1:"));
  CHECK(has(ended.output, "\n4\n"));
}

TEST_CASE("a replay says that the journal is the recorded one, and when the session ended before --until") {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("brokerlab-session-" + std::to_string(getpid()));
  std::filesystem::remove(file);
  const Ended recorded = run_program({"up", "--port-base", "0", "--record", file.string(), "--exec", "true"});
  CHECK_MESSAGE(recorded.status == 0, recorded.error);
  const Ended replayed = run_program({"replay", file.string()});
  CHECK(replayed.status == 0);
  CHECK_MESSAGE(has(replayed.output, "the journal is the recorded one\n"), replayed.output);
  const Ended too_far = run_program({"replay", file.string(), "--until", "1000s"});
  CHECK(too_far.status == 0);
  CHECK_MESSAGE(has(too_far.error, "the session ended before 1000s"), too_far.error);
  std::filesystem::remove(file);
}

TEST_CASE("Ctrl-C ends the command of --exec with all that it started, also in the background") {
  const Ended ended =
      run_program({"up", "--port-base", "0", "--exec", "sleep 50 & sleep 0.3; kill -INT $PPID; sleep 50"});
  CHECK(ended.status == 128 + SIGINT);
  CHECK_MESSAGE(ended.seconds < 20, "what still runs holds our standard output open");
}

TEST_CASE("without a lab, a shell says how to start one") {
  const Ended ended = run_program({"shell", "--socket", "/no/such/socket", "-c", "docker ps"});
  CHECK(ended.status == 1);
  CHECK(has(ended.error, "Start one: brokerlab up"));
}

TEST_CASE("the console producer holds a long input back instead of keeping it in memory") {
  const RunningLab lab;
  std::string lines;
  for (int i = 0; i < 1'000'000; ++i) lines += std::to_string(i) + "\n";
  const Ended ended = run_program(
      {"kafka-console-producer", "--bootstrap-server", lab.bootstrap(), "--topic", "long"}, lines);
  CHECK(ended.status == 0);
  CHECK(ended.most_resident_kib < 200 * 1024);
}

TEST_CASE("a taken port is named, with the option that helps") {
  const RunningLab first;
  const std::string servers = first.bootstrap();
  const std::string port = servers.substr(servers.find(':') + 1, servers.find(',') - servers.find(':') - 1);
  if (std::stoi(port) > 35000) return;  // a free port can lie beyond what --port-base takes
  const Ended second = run_program({"up", "--port-base", port});
  CHECK(second.status == 1);
  CHECK_MESSAGE(has(second.error, port), second.error);
  CHECK_MESSAGE(has(second.error, "--port-base"), second.error);
  CHECK(second.output.empty());
}

TEST_CASE("a data folder that cannot be written is named") {
  const Ended ended = run_program({"up", "--port-base", "0", "--data", "/proc/no-such-folder"});
  CHECK(ended.status == 1);
  CHECK_MESSAGE(has(ended.error, "/proc/no-such-folder"), ended.error);
}

TEST_CASE("a data folder says to which cluster it belongs, whatever the seed") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("brokerlab-data-" + std::to_string(getpid()));
  const auto up = [&](std::vector<std::string> options) {
    std::vector<std::string> words = {"up", "--port-base", "0", "--data", folder.string(), "--exec", "true"};
    words.insert(words.end(), options.begin(), options.end());
    return run_program(std::move(words));
  };
  CHECK(up({"--seed", "1"}).status == 0);
  std::filesystem::remove_all(folder / "kafka3");  // a wiped disk gets a new folder of the same cluster
  const Ended again = up({"--seed", "2"});
  CHECK_MESSAGE(again.status == 0, again.error);

  const Ended smaller = up({"--brokers", "1"});
  CHECK(smaller.status == 1);
  CHECK_MESSAGE(has(smaller.error, "holds a cluster of 3 brokers. Start it with --brokers 3"), smaller.error);

  std::filesystem::remove_all(folder / "kafka2");
  std::filesystem::create_directory(folder / "kafka2");
  std::ofstream(folder / "kafka2" / "meta.properties")
      << "node.id=2\ndirectory.id=B0GdIqUiRb-TEhmMs-oleQ\nversion=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qk\n";
  const Ended mixed = up({});
  CHECK(mixed.status == 1);
  CHECK_MESSAGE(has(mixed.error, "MkU3OEVBNTcwNTJENDM2Qk. Move one of them away"), mixed.error);
  std::filesystem::remove_all(folder);
}

TEST_CASE("controllers of their own have folders of their own, and a cluster keeps its quorum") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("brokerlab-roles-" + std::to_string(getpid()));
  const auto up = [&](std::vector<std::string> options) {
    std::vector<std::string> words = {"up", "--port-base", "0", "--data", folder.string(), "--exec", "true"};
    words.insert(words.end(), options.begin(), options.end());
    return run_program(std::move(words));
  };
  const Ended first = up({"--brokers", "1", "--controllers", "3"});
  CHECK_MESSAGE(first.status == 0, first.error);
  for (const char* node : {"kafka1", "controller1", "controller2", "controller3"})
    CHECK_MESSAGE(std::filesystem::exists(folder / node / "__cluster_metadata-0" / "quorum-state"), node);
  const Ended combined = up({"--brokers", "1"});
  CHECK(combined.status == 1);
  CHECK_MESSAGE(
      has(combined.error, "holds a cluster with 3 controllers of its own. Start it with --controllers 3"),
      combined.error);
  const Ended more = up({"--brokers", "2", "--controllers", "3"});  // a broker more is no other quorum
  CHECK_MESSAGE(more.status == 0, more.error);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a link named after a tool runs that tool") {
  for (const char* name : {"kafka-topics", "kafka-topics.sh"}) {
    const std::filesystem::path link = std::filesystem::temp_directory_path() / name;
    std::filesystem::remove(link);
    std::filesystem::create_symlink(BROKERLAB_PROGRAM, link);
    const Ended by_name = run_program({"kafka-topics", "--version"});
    const Ended by_link = run_program({"--version"}, {}, {}, link.string());
    std::filesystem::remove(link);
    CHECK(by_name.status == 0);
    CHECK(has(by_name.output, "4.3.1"));
    CHECK(by_link.status == 0);
    CHECK(by_link.output == by_name.output);
  }
}

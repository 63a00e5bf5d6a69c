#include "sim/shell/shell.h"

#include <doctest/doctest.h>

#include "tests/unit/shell/puppet.h"

using namespace brokerlab;

namespace {

struct Fixture {
  std::unique_ptr<Sandbox> lab = puppet_lab();
  Shell shell{*lab, Language::english};

  NodeState state(std::string_view node) { return lab->view().find(node)->state; }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "docker stop waits until the node has ended, and prints its name") {
  const Instant before = lab->now().monotonic;
  const Finished finished = shell.run("docker stop kafka2");
  CHECK(finished.status == 0);
  CHECK(finished.output == "kafka2\n");
  CHECK(finished.error.empty());
  CHECK(state("kafka2") == NodeState::stopped);
  CHECK(lab->now().monotonic - before >= Puppet::shutdown_time);
  CHECK(lab->now().monotonic - before < Puppet::shutdown_time + milliseconds(100));

  SUBCASE("stopping it again changes nothing and is no error, as with docker") {
    CHECK(shell.run("docker stop kafka2").output == "kafka2\n");
  }
  SUBCASE("and it can be started again") {
    CHECK(shell.run("docker start kafka2").output == "kafka2\n");
    CHECK(state("kafka2") != NodeState::stopped);
  }
  SUBCASE("it can be neither killed nor paused now") {
    const Finished killed = shell.run("docker kill kafka2");
    CHECK(killed.status == 1);
    CHECK(killed.error ==
          "Error response from daemon: cannot kill container: kafka2: container kafka2 is not running\n");
    CHECK(shell.run("docker pause kafka2").error ==
          "Error response from daemon: container kafka2 is not running\n");
  }
}

TEST_CASE("a node that does not end in time is killed, as docker does") {
  const std::unique_ptr<Sandbox> lab = puppet_lab("kafka3");
  Shell shell(*lab, Language::english);
  const Instant before = lab->now().monotonic;
  CHECK(shell.run("docker stop -t 2 kafka3").output == "kafka3\n");
  CHECK(lab->now().monotonic - before >= seconds(2));
  CHECK(lab->view().find("kafka3")->state == NodeState::killed);
  CHECK(shell.run("docker ps -a").output.find("kafka3   Exited (137)") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "several nodes are stopped one after the other") {
  const Finished finished = shell.run("docker stop kafka2 kafka3");
  CHECK(finished.output == "kafka2\nkafka3\n");
  CHECK(state("kafka2") == NodeState::stopped);
  CHECK(state("kafka3") == NodeState::stopped);
}

TEST_CASE_FIXTURE(Fixture, "a command with & goes on while the next ones run") {
  const Instant before = lab->now().monotonic;
  const Finished stop = shell.run("docker stop kafka2 &");
  CHECK(stop.status == 0);
  CHECK(stop.output.empty());
  CHECK(lab->now().monotonic == before);
  CHECK(state("kafka2") == NodeState::stopping);
  CHECK(shell.run("docker pause kafka1").status == 0);

  SUBCASE("and wait waits for it, and prints what it wrote") {
    CHECK(shell.run("wait").output == "kafka2\n");
    CHECK(state("kafka2") == NodeState::stopped);
    CHECK(lab->now().monotonic - before >= Puppet::shutdown_time);
    CHECK(shell.run("wait").output.empty());
  }
  SUBCASE("also when nobody waits for it") {
    (void)shell.run("wait 10s");
    CHECK(state("kafka2") == NodeState::stopped);
  }
}

TEST_CASE("a node that is stopped in the background is killed in time") {
  const std::unique_ptr<Sandbox> lab = puppet_lab("kafka3");
  Shell shell(*lab, Language::english);
  (void)shell.run("docker stop -t 2 kafka3 &");
  (void)shell.run("wait 1900ms");
  CHECK(lab->view().find("kafka3")->state == NodeState::stopping);
  (void)shell.run("wait 200ms");
  CHECK(lab->view().find("kafka3")->state == NodeState::killed);
}

TEST_CASE_FIXTURE(Fixture, "what cannot go on in the background says so at once") {
  CHECK(shell.run("dokcer stop kafka2 &").status == 127);
  CHECK(shell.run("docker kill kafka2 &").output == "kafka2\n");
}

TEST_CASE_FIXTURE(Fixture, "wait until counts from the lab's beginning") {
  (void)shell.run("wait until 12.5s");
  CHECK(lab->now().monotonic == Instant{} + milliseconds(12'500));
  CHECK(shell.run("wait until 3s").status == 0);
  CHECK(lab->now().monotonic == Instant{} + milliseconds(12'500));
}

TEST_CASE_FIXTURE(Fixture, "pause and unpause") {
  CHECK(shell.run("docker pause kafka1").output == "kafka1\n");
  CHECK(state("kafka1") == NodeState::paused);
  CHECK(shell.run("docker pause kafka1").error ==
        "Error response from daemon: container kafka1 is already paused\n");
  CHECK(shell.run("docker unpause kafka1").status == 0);
  CHECK(shell.run("docker unpause kafka1").error ==
        "Error response from daemon: container kafka1 is not paused\n");
}

TEST_CASE_FIXTURE(Fixture, "docker ps lists what runs, -a what does not too") {
  (void)shell.run("docker kill kafka3");
  (void)shell.run("docker pause kafka2");
  CHECK(shell.run("docker ps").output ==
        "NAMES    STATUS        PORTS\n"
        "kafka1   Up            127.0.0.1:9092->9092/tcp\n"
        "kafka2   Up (Paused)   127.0.0.1:9093->9093/tcp\n");
  CHECK(shell.run("docker ps -a | grep Exited").output == "kafka3   Exited (137)   \n");
}

TEST_CASE_FIXTURE(Fixture, "mistakes name what there is") {
  const Finished node = shell.run("docker stop kafka4");
  CHECK(node.status == 1);
  CHECK(node.error == "no such node \"kafka4\". Nodes: kafka1, kafka2, kafka3\n");
  CHECK(state("kafka1") == NodeState::running);

  const Finished verb = shell.run("dokcer stop kafka2");
  CHECK(verb.status == 127);
  CHECK(verb.error == "no such command \"dokcer\". Did you mean docker? help lists all\n");

  CHECK(shell.run("docker").status == 2);
  CHECK(shell.run("docker stop").error.find("docker stop|start|restart") == 0);
  CHECK(shell.run("docker stop --time soon kafka1").error == "--time takes seconds from 0 to 3600\n");
  CHECK(shell.run("wait until").error == "wait 2s\nwait until 12.5s\nwait\nhelp wait says more\n");
  CHECK(shell.run("clock speed fast").status == 2);
  CHECK(shell.run("fault cut kafka1 kafka9").error ==
        "no such node \"kafka9\". Nodes: kafka1, kafka2, kafka3\n");

  shell.set_language(Language::korean);
  CHECK(shell.run("docker stop kafka4").error ==
        "\"kafka4\" 노드가 없습니다. 노드: kafka1, kafka2, kafka3\n");
}

TEST_CASE_FIXTURE(Fixture, "the guides' other spelling of a node's name is the same node") {
  CHECK(shell.run("docker stop kafka-2").output == "kafka2\n");
  CHECK(state("kafka2") == NodeState::stopped);
}

TEST_CASE_FIXTURE(Fixture, "faults are set, listed and healed in their own words") {
  const auto set_now = [&] {
    const std::string list = shell.run("fault list").output;
    return list.substr(0, list.find("\n\n") + 1);
  };
  CHECK(set_now() == "no fault is set\n");
  CHECK(shell.run("fault cut kafka1 to kafka2").output == "cut kafka1 to kafka2\n");
  CHECK(shell.run("fault slow kafka3 50ms jitter 10ms").status == 0);
  CHECK(set_now() == "set now\n  cut kafka1 to kafka2\n  slow kafka3 50ms jitter 10ms\n");
  CHECK(shell.run("fault heal kafka1 kafka2").status == 0);
  CHECK(set_now() == "set now\n  slow kafka3 50ms jitter 10ms\n");
  CHECK(shell.run("fault heal").status == 0);
  CHECK(set_now() == "no fault is set\n");
  CHECK(shell.run("fault mend").status == 2);

  SUBCASE("of one kind, and by the words that set it") {
    for (const char* fault : {"slow-disk kafka2 50ms", "clock-skew kafka2 -2s", "cut kafka2 kafka1"})
      CHECK(shell.run("fault " + std::string(fault)).output == std::string(fault) + "\n");
    CHECK(shell.run("fault heal clock-skew kafka2").output == "heal clock-skew kafka2\n");
    CHECK(shell.run("fault heal slow-disk kafka2 50ms").status == 0);
    CHECK(set_now() == "set now\n  cut kafka2 kafka1\n");
    const Finished nothing = shell.run("fault heal slow-disk kafka2");
    CHECK(nothing.status == 1);
    CHECK(nothing.error == "there is no such fault to heal; fault list shows what is set\n");
    CHECK(shell.run("fault heal cut").status == 0);
  }
  SUBCASE("partitions are cuts") {
    CHECK(shell.run("fault partition kafka1 | kafka2 kafka3").output ==
          "cut kafka1 kafka2\ncut kafka1 kafka3\n");
    CHECK(shell.run("fault heal partition kafka1 | kafka2 kafka3").status == 0);
    CHECK(shell.run("fault partition kafka1 kafka2 to kafka3").output ==
          "cut kafka1 to kafka3\ncut kafka2 to kafka3\n");
    CHECK(shell.run("fault heal").status == 0);
    CHECK(shell.run("fault bridge kafka2").output == "cut kafka1 kafka3\n");
    CHECK(shell.run("fault heal bridge kafka2").status == 0);
    CHECK(shell.run("fault isolate kafka2").output == "cut kafka2\n");
    CHECK(shell.run("fault list | grep 'cut kafka2'").output == "  cut kafka2\n");
    CHECK(shell.run("fault partition kafka1 |").status == 2);
  }
  SUBCASE("of all nodes at once") {
    CHECK(shell.run("fault power-loss all").output ==
          "power-loss kafka1\npower-loss kafka2\npower-loss kafka3\n");
    CHECK(state("kafka3") == NodeState::killed);
    CHECK(shell.run("docker start all").output == "kafka1\nkafka2\nkafka3\n");
    CHECK(shell.run("docker kill kafka2").status == 0);
    CHECK(shell.run("docker kill all").output == "kafka1\nkafka3\n");
  }
  SUBCASE("mistakes are explained") {
    CHECK(shell.run("fault pwer-loss kafka1")
              .error.starts_with("fault has no \"pwer-loss\". Did you mean power-loss? There is\n"));
    CHECK(shell.run("fault slow kafka1 50").error ==
          "50: a duration is a number with its unit: 300us, 50ms, 2.5s\n");
    CHECK(shell.run("fault cut kafka1 kafka-1").error == "kafka1 has no link to itself\n");
    shell.set_language(Language::korean);
    CHECK(shell.run("fault throttle kafka1 fast").error ==
          "fast: 속도는 단위를 붙여 씁니다. 예: 500B/s, 64KB/s, 1MB/s\n");
    CHECK(set_now() == "걸려 있는 장애가 없습니다\n");
  }
}

TEST_CASE_FIXTURE(Fixture, "wait lets exactly that lab time go by") {
  const Instant before = lab->now().monotonic;
  CHECK(shell.run("wait 2s").status == 0);
  CHECK(lab->now().monotonic - before == seconds(2));
}

TEST_CASE_FIXTURE(Fixture, "the clock is shown, paused and played") {
  CHECK(shell.run("clock").output == "0.100 s  1x  running\n");
  CHECK(shell.run("clock speed 0.1").output == "0.100 s  0.1x  running\n");
  CHECK(shell.run("clock step").error == "step needs a paused clock: clock pause\n");
  CHECK(shell.run("clock pause").output == "0.100 s  0.1x  paused\n");
  const Finished stuck = shell.run("wait 1s");
  CHECK(stuck.status == 1);
  CHECK(stuck.error == "the clock is paused, so this cannot go on. First: clock play\n");
  CHECK(shell.run("clock step").output.ends_with("0.1x  paused\n"));
  CHECK(shell.run("clock play").status == 0);
}

TEST_CASE_FIXTURE(Fixture, "expect looks into the cluster, and says what it saw instead") {
  CHECK(shell.run("expect orders-1.leader == kafka2").status == 0);
  CHECK(shell.run("expect orders-1.leader == 2").status == 0);
  CHECK(shell.run("expect orders-1.isr == 2,3,1").status == 0);
  CHECK(shell.run("expect orders-1.isr has 3").status == 0);
  CHECK(shell.run("expect orders-1.kafka2.high_watermark >= 5").status == 0);
  CHECK(shell.run("expect brokers.alive == 3").status == 0);
  CHECK(shell.run("expect brokers.unfenced == 1,2,3").status == 0);
  CHECK(shell.run("expect controller.leader == kafka1").status == 0);
  CHECK(shell.run("expect kafka2.state == running").status == 0);
  CHECK(shell.run("expect kafka2.partitions.orders-0.leader_epoch == 0").status == 0);
  CHECK(shell.run("expect kafka2.quorum.role != leader").status == 0);

  const Finished leader = shell.run("expect orders-1.leader == kafka3");
  CHECK(leader.status == 1);
  CHECK(leader.error == "expected orders-1.leader == kafka3, saw kafka2\n");
  CHECK(shell.run("expect within=2s orders-1.isr.size == 2").error ==
        "expected 2 in sync within 2 s, saw 3\n");
  CHECK(shell.run("expect orders-9.leader == kafka3").error ==
        "expected orders-9.leader == kafka3, saw no \"orders-9\" in orders-9.leader. There: brokers, "
        "cluster.problem, "
        "controller, "
        "kafka1, kafka2, kafka3, orders-0, orders-1\n");
  CHECK(shell.run("expect orders-1.leeder == kafka3").error.find("no \"leeder\" in orders-1.leeder") !=
        std::string::npos);
  CHECK(shell.run("expect orders-1.leader is kafka3").status == 2);
  CHECK(shell.run("expect orders-1.leader_epoch > many").status == 2);
  CHECK(shell.run("expect event acknowleged").error ==
        "no events of kind \"acknowleged\". Did you mean acknowledged?\n");
}

TEST_CASE_FIXTURE(Fixture, "a cluster without a leader says none") {
  tell(*lab, "kafka1", "leader", {"orders", "1", "-1", "1", "2"});
  CHECK(shell.run("expect orders-1.leader == none").status == 0);
}

TEST_CASE_FIXTURE(Fixture, "expect waits for what comes, no longer than it was told to") {
  const std::unique_ptr<Job> stop = shell.start("docker stop kafka2");
  CHECK_FALSE(stop->done());
  const Finished stopped = shell.run("expect within=1s kafka2.state == stopped");
  CHECK(stopped.status == 0);
  stop->poll();
  CHECK(stop->done());

  const Instant before = lab->now().monotonic;
  CHECK(shell.run("expect within=1s kafka2.state == running").status == 1);
  CHECK(lab->now().monotonic - before == seconds(1));
}

TEST_CASE_FIXTURE(Fixture, "an event counts when it came after the last command that acts") {
  tell(*lab, "kafka1", "emit", {"orders"});
  CHECK(shell.run("expect event acknowledged partition=orders-1 node=kafka1").status == 0);
  CHECK(shell.run("expect event acknowledged partition=orders-2").status == 1);
  CHECK(shell.run("expect event acknowledged node=kafka2").status == 1);
  (void)shell.run("docker pause kafka3");
  CHECK(shell.run("expect event acknowledged partition=orders-1").status == 1);
  CHECK(shell.run("expect event command text~pause").status == 0);
  CHECK(shell.run("expect event node_paused node=kafka3").status == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a command does has the command as its cause in the journal") {
  (void)shell.run("docker kill kafka2");
  uint64_t position = shell.mark();
  EventRef command, cause;
  for (const Event& event : lab->ring().since(position)) {
    if (std::holds_alternative<event::CommandGiven>(event.payload)) command = event.ref;
    if (std::holds_alternative<event::NodeStopped>(event.payload)) cause = event.cause;
  }
  CHECK(!command.is_none());
  CHECK(cause == command);
}

TEST_CASE_FIXTURE(Fixture, "a job streams while the window draws, and Ctrl-C ends it") {
  const std::unique_ptr<Job> job = shell.start("wait 10s");
  job->poll();
  CHECK_FALSE(job->done());
  CHECK(job->deadline() == lab->now().monotonic + seconds(10));
  job->interrupt();
  CHECK(job->done());
  CHECK(job->status() == exit_status::interrupted);
}

TEST_CASE_FIXTURE(Fixture, "help teaches, in both languages") {
  const Finished all = shell.run("help");
  for (const char* verb : {"docker", "fault", "clock", "expect", "wait", "kafka-topics"})
    CHECK_MESSAGE(all.output.find(verb) != std::string::npos, verb);
  CHECK(shell.run("help docker").output.find("hands its leaderships over") != std::string::npos);
  shell.set_language(Language::korean);
  CHECK(shell.run("help docker").output.find("리더를 다른 브로커로 넘긴 뒤") != std::string::npos);
  CHECK(shell.run("help nothing").status == 1);
}

TEST_CASE_FIXTURE(Fixture, "words are completed") {
  CHECK(shell.completions("do") == std::vector<std::string>{"docker"});
  CHECK(shell.completions("docker stop k") == std::vector<std::string>{"kafka1", "kafka2", "kafka3", "kill"});
  CHECK(shell.completions("fault cu") == std::vector<std::string>{"cut"});
}

TEST_CASE("the same commands give the same journal") {
  const auto hash = [] {
    const std::unique_ptr<Sandbox> lab = puppet_lab();
    Shell shell(*lab, Language::english);
    for (const char* line :
         {"docker stop kafka2", "wait 1s", "docker start kafka2", "expect within=2s kafka2.state == running",
          "fault cut kafka1", "docker kill kafka3"})
      (void)shell.run(line);
    return lab->hash();
  };
  CHECK(hash() == hash());
}

TEST_CASE_FIXTURE(Fixture, "a word that a verb does not know is named, with the one that was meant") {
  const Finished mistyped = shell.run("docker stpo kafka1");
  CHECK(mistyped.status == 2);
  CHECK(
      mistyped.error.starts_with("docker has no \"stpo\". Did you mean stop? There is\ndocker stop|start|"));
  CHECK(shell.run("docker inspect kafka1").error.starts_with("docker has no \"inspect\". There is\n"));
  CHECK(shell.run("fault hold kafka1").error.starts_with("fault has no \"hold\"."));
  CHECK(shell.run("fault cut").error == "cut: it is said as cut NODE [[to] NODE]\n");
  CHECK_MESSAGE(
      shell.run("fault slow-disk kafka1").error == "slow-disk kafka1: it is said as slow-disk NODE 50ms\n",
      "not that kafka1 is no duration");
  CHECK(shell.run("frobnicate").error == "no such command \"frobnicate\". help lists all\n");
}

TEST_CASE_FIXTURE(Fixture, "a Korean learner is answered in Korean, also about times and speeds") {
  shell.set_language(Language::korean);
  CHECK(shell.run("dokcer ps").error ==
        "\"dokcer\" 명령이 없습니다. docker를 찾으셨나요? 전체 목록은 help\n");
  CHECK(shell.run("wait 5").error == "5: 시간은 단위를 붙여 씁니다. 예: 300us, 50ms, 2.5s\n");
  CHECK(shell.run("clock speed 500").error == "500: 속도는 0.01x~100x입니다\n");
}

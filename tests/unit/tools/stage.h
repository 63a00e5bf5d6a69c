// Three brokers of the lab in the sandbox, and the tools run against them as commands.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/words.h"
#include "sim/tools/tool.h"

namespace brokerlab::testing {

inline const Variables variables{{"BOOTSTRAP", "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"},
                                 {"BROKER1", "127.0.0.1:9092"}};

/// Three brokers at the recorded ports with the recorded cluster's defaults, and the files of the recordings.
class Stage {
 public:
  Stage() : lab_(spec()) {
    // Every broker is registered once a topic with three replicas can be made.
    const Words create{"kafka-topics",
                       "--bootstrap-server",
                       variables.at("BOOTSTRAP"),
                       "--create",
                       "--topic",
                       "warm-up",
                       "--replica-assignment",
                       "1:2:3"};
    for (int attempt = 0; attempt < 100 && run(create, "").status != 0; ++attempt)
      lab_.run_for(milliseconds(200));
    REQUIRE(
        run({"kafka-topics", "--bootstrap-server", variables.at("BROKER1"), "--delete", "--topic", "warm-up"},
            "")
            .status == 0);
    lab_.run_for(seconds(1));
  }

  struct Ended {
    int status = -1;
    std::string output;
    std::string error;
  };
  Ended run(const Words& words, const std::string& input) {
    NodeSpec tool_spec;
    tool_spec.name = lab_.free_name(words[0]);
    tool_spec.factory = [words, this](const Boot& boot, const ClusterSpec&) {
      ToolEnvironment environment;
      environment.read_file = [this](const std::string& path) -> Result<std::string> {
        const auto found = files_.find(path);
        if (found == files_.end()) return Status::error(StatusCode::not_found, path);
        return found->second;
      };
      return make_tool(boot, words[0], Words(words.begin() + 1, words.end()), environment);
    };
    const NodeId tool = lab_.add(std::move(tool_spec), {}).value();
    // A tool that has ended by then does not take it, which is no mistake.
    (void)lab_.standard_input(tool, {Bytes::copy_of(std::string_view(input)), false});
    (void)lab_.standard_input(tool, {{}, true});
    lab_.run_until([&] { return status_of(tool).state == NodeState::stopped; }, seconds(200));
    Ended ended;
    if (status_of(tool).state == NodeState::stopped) ended.status = status_of(tool).exit_status;
    for (const OutputChunk& chunk : lab_.take_output(tool))
      (chunk.stream == 1 ? ended.output : ended.error) += chunk.text;
    REQUIRE(lab_.remove(tool, {}).ok());
    return ended;
  }

  void stop(uint32_t node) {
    REQUIRE(lab_.stop(NodeId{node}, {}).ok());
    lab_.run_for(seconds(3));
  }

  /// "# node 3: stop" of a recording; other comments do nothing.
  void follow(const std::string& comment) {
    for (const uint32_t node : {1, 2, 3}) {
      const std::string name = "# node " + std::to_string(node) + ": ";
      if (comment == name + "stop") REQUIRE(lab_.stop(NodeId{node}, {}).ok());
      if (comment == name + "start") REQUIRE(lab_.start(NodeId{node}, {}).ok());
      if (comment.starts_with(name)) lab_.run_for(seconds(6));
    }
  }

  /// A file that a recording writes; `\n` in it is a new line.
  void write(const std::string& path, std::string text) {
    for (size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 1))
      text.replace(at, 2, "\n");
    files_[path] = std::move(text);
  }
  void wait(Duration time) { lab_.run_for(time); }

 private:
  static ClusterSpec spec() {
    KafkaClusterOptions options;
    REQUIRE(options.settings.set("num.partitions", "1").ok());
    REQUIRE(options.settings.set("default.replication.factor", "1").ok());
    ClusterSpec spec = kafka_cluster(options);
    spec.driver = Driver::sandbox;
    return spec;
  }
  NodeStatus status_of(NodeId node) {
    for (const NodeStatus& status : lab_.view().nodes)
      if (status.id == node) return status;
    return {};
  }

  Sandbox lab_;
  std::map<std::string, std::string> files_{
      {"quick.properties", "request.timeout.ms=1500\ndefault.api.timeout.ms=3000\n"},
      {"p.properties", "acks=all\n"},
      {"d.json", R"({"partitions":[{"topic":"dr1","partition":0,"offset":4}],"version":1})"},
      {"all.json",
       R"({"partitions":[{"topic":"dr1","partition":0,"offset":-1},{"topic":"dr2","partition":1,"offset":-1}],)"
       R"("version":1})"},
      {"far.json", R"({"partitions":[{"topic":"dr1","partition":0,"offset":50}],"version":1})"},
      {"nt.json", R"({"partitions":[{"topic":"nosuch","partition":0,"offset":1}],"version":1})"},
      {"dup.json",
       R"({"partitions":[{"topic":"dr1","partition":0,"offset":1},{"topic":"dr1","partition":0,"offset":2}],)"
       R"("version":1})"},
      {"no.json", R"({"partitions":[{"topic":"dr1","partition":0}],"version":1})"},
      {"bad.json", "not json"},
      {"v2.json", R"({"partitions":[],"version":2})"},
      {"c.json", R"({"partitions":[{"topic":"compacted","partition":0,"offset":0}],"version":1})"}};
};

}  // namespace brokerlab::testing

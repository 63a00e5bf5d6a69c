// The figures of `brokerlab bench`: what is measured, beside which peers, and the ratios that the project wants.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gui/program/bench_processes.h"

namespace brokerlab {

struct BenchOptions {
  std::string figure;
  std::string kafka;  ///< the program that starts Apache Kafka
  int rounds = 5;
  double seconds = 3;
};

/// What is being measured: servers that run during one figure, and names of topics that were never used.
class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  const BenchOptions& options() const { return options_; }
  bool has_kafka() const { return kafka_ != nullptr && kafka_->is_ready(); }
  ServerProcess& kafka() { return *kafka_; }
  void start_kafka() {
    const std::string program = std::filesystem::absolute(options_.kafka).string();
    kafka_ = std::make_unique<ServerProcess>(std::vector<std::string>{program});
  }
  void start_lab() { lab_ = std::make_unique<LabProcess>(); }
  void end_lab() { lab_.reset(); }
  LabProcess& lab() { return *lab_; }
  std::string new_topic() { return fmt::format("figures-{}", ++topics_); }

 private:
  const BenchOptions& options_;
  std::unique_ptr<ServerProcess> kafka_;
  std::unique_ptr<LabProcess> lab_;
  int topics_ = 0;
};

/// One of those that a figure measures in turn.
struct Contender {
  std::string name;
  std::function<Result<double>(Bench&)> measure;
  bool is_kafka = false;
};

/// A ratio of two contenders that the project wants.
struct Goal {
  std::string of;
  std::string to;
  bool at_least;
  double bound;
};

struct Figure {
  std::string name;
  std::string unit;
  std::string how;
  std::vector<Contender> contenders;
  std::vector<Goal> goals = {};
  std::function<Status(Bench&)> prepare = {};  ///< once, when the lab runs
  bool needs_lab = true;
  bool is_repeated = true;
};

std::vector<Figure> all_figures();

}  // namespace brokerlab

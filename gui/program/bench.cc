// `brokerlab bench`: figures, one JSON line each: name, value, unit, how it was measured; then a table of them.
//
// A figure is measured alone, or beside its peers, in turn: round after round, each other round in the opposite order,
// so that whatever else the machine does falls on all. Its value is the median of the rounds, that of a ratio the median
// of each round's ratio. Linux only: memory and processor time are read from /proc.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "gui/program/bench_figures.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

/// The values of all rounds.
struct Spread {
  std::vector<double> values;
  double median() const { return sorted()[values.size() / 2]; }
  double low() const { return *std::min_element(values.begin(), values.end()); }
  double high() const { return *std::max_element(values.begin(), values.end()); }

 private:
  std::vector<double> sorted() const {
    std::vector<double> all = values;
    std::sort(all.begin(), all.end());
    return all;
  }
};

struct Line {
  std::string name;
  Spread spread;
  std::string unit;
  std::string how;
  std::string goal = {};
  bool is_reached = true;
};

void print_json(const Line& line) {
  nlohmann::ordered_json json;
  json["name"] = line.name;
  json["value"] = line.spread.median();
  json["unit"] = line.unit;
  json["low"] = line.spread.low();
  json["high"] = line.spread.high();
  json["rounds"] = line.spread.values.size();
  if (!line.goal.empty()) {
    json["goal"] = line.goal;
    json["reached"] = line.is_reached;
  }
  json["how"] = line.how;
  fmt::print("{}\n", json.dump());
  std::fflush(stdout);
}

void print_table(const std::vector<Line>& lines) {
  fmt::print(stderr, "\n{:<46} {:>12} {:>12} {:>12}  {:<22} {}\n", "figure", "median", "low", "high", "unit",
             "goal");
  for (const Line& line : lines) {
    const auto number = [](double value) {
      return value < 100 ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
    };
    const std::string goal = line.goal.empty() ? "" : line.goal + (line.is_reached ? " reached" : " MISSED");
    fmt::print(stderr, "{:<46} {:>12} {:>12} {:>12}  {:<22} {}\n", line.name, number(line.spread.median()),
               number(line.spread.low()), number(line.spread.high()), line.unit, goal);
  }
}

/// Measures all contenders that can be, in turn.
Result<std::map<std::string, Spread>> measure(const Figure& figure, Bench& bench) {
  std::map<std::string, Spread> spreads;
  std::vector<const Contender*> in_turn;
  for (const Contender& contender : figure.contenders)
    if (!contender.is_kafka || bench.has_kafka()) in_turn.push_back(&contender);
  const int rounds = figure.is_repeated ? bench.options().rounds : 1;
  for (int round = 0; round < rounds; ++round) {
    for (const Contender* contender : in_turn) {
      if (isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "{} {} {}/{}\n", figure.name, contender->name, round + 1, rounds);
      const Result<double> value = contender->measure(bench);
      if (!value.ok()) return value.status();
      spreads[contender->name].values.push_back(*value);
    }
    std::reverse(in_turn.begin(), in_turn.end());
  }
  return spreads;
}

Result<std::vector<Line>> lines_of(const Figure& figure, Bench& bench) {
  if (figure.needs_lab) {
    bench.start_lab();
    if (!bench.lab().is_ready())
      return Status::error(StatusCode::unavailable, "brokerlab up did not get ready");
  }
  if (figure.prepare) {
    const Status prepared = figure.prepare(bench);
    if (!prepared.ok()) return prepared;
  }
  const Result<std::map<std::string, Spread>> spreads = measure(figure, bench);
  bench.end_lab();
  if (!spreads.ok()) return spreads.status();
  std::vector<Line> lines;
  for (const Contender& contender : figure.contenders)
    if (const auto found = spreads->find(contender.name); found != spreads->end())
      lines.push_back({figure.name + ", " + contender.name, found->second, figure.unit, figure.how});
  for (const Goal& goal : figure.goals) {
    const auto of = spreads->find(goal.of);
    const auto to = spreads->find(goal.to);
    if (of == spreads->end() || to == spreads->end()) continue;
    Line& line = lines.emplace_back();
    line.name = fmt::format("{}, {} : {}", figure.name, goal.of, goal.to);
    for (size_t i = 0; i < of->second.values.size(); ++i)
      line.spread.values.push_back(of->second.values[i] / to->second.values[i]);
    line.unit = "times";
    line.how = figure.how;
    line.goal = fmt::format("{} {}", goal.at_least ? ">=" : "<=", goal.bound);
    line.is_reached = goal.at_least ? line.spread.median() >= goal.bound : line.spread.median() <= goal.bound;
  }
  return lines;
}

int refuse(const BenchOptions& options, const std::vector<Figure>& figures, Language language) {
  std::vector<std::string> names;
  for (const Figure& figure : figures) names.push_back(figure.name);
  const std::string known = fmt::format("{}", fmt::join(names, ", "));
  return complain({fmt::format("no figure {}. There are {}", options.figure, known),
                   fmt::format("{} 항목이 없습니다. 있는 것: {}", options.figure, known)},
                  language, exit_status::usage);
}

int run_bench(const BenchOptions& options, Language language) {
  std::vector<Figure> figures = all_figures();
  if (!options.figure.empty()) {
    std::erase_if(figures, [&](const Figure& figure) { return figure.name != options.figure; });
    if (figures.empty()) return refuse(options, all_figures(), language);
  }
  Bench bench(options);
  if (!options.kafka.empty()) bench.start_kafka();
  int status = exit_status::success;
  std::vector<Line> all;
  for (const Figure& figure : figures) {
    const Result<std::vector<Line>> lines = lines_of(figure, bench);
    if (!lines.ok()) {
      const Text why = text_of(lines.status());
      status = complain(fmt::format("{}: {}", figure.name, why.in(language)), exit_status::failure);
      continue;
    }
    for (const Line& line : *lines) print_json(line);
    all.insert(all.end(), lines->begin(), lines->end());
  }
  print_table(all);
  if (!bench.has_kafka())
    complain(
        {"NOT MEASURED: Apache Kafka, and the ratios to it", "측정하지 않음: Apache Kafka와 그에 대한 비율"},
        language, exit_status::success);
  return status;
}

}  // namespace

RunSubcommand add_bench(CLI::App& program, Language language) {
  auto options = std::make_shared<BenchOptions>();
  const auto text = [&](const char* english, const char* korean) {
    return Text{english, korean}.in(language);
  };
  CLI::App* command = program.add_subcommand(
      "bench", text("Measure figures, one JSON line each", "성능을 측정해 항목마다 JSON 한 줄로 출력합니다"));
  command->add_option("NAME", options->figure, text("Only this figure", "이 항목만 측정합니다"))
      ->type_name("");
  command
      ->add_option("--kafka", options->kafka,
                   text("Compare with the Apache Kafka that this program starts (tests/bench/kafka.sh)",
                        "이 프로그램이 시작하는 Apache Kafka와 비교합니다 (tests/bench/kafka.sh)"))
      ->type_name("PROGRAM");
  command->add_option("--rounds", options->rounds, text("Rounds of each figure", "항목마다 반복하는 횟수"))
      ->check(between(1, 99, language))
      ->type_name("N");
  command
      ->add_option("--seconds", options->seconds,
                   text("How long each produces", "한 번 프로듀스하는 시간(초)"))
      ->check(between(0.1, 60, language))
      ->type_name("S");
  return [options, language] { return run_bench(*options, language); };
}

}  // namespace brokerlab

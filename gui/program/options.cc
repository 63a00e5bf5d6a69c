#include "gui/program/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "sim/base/settings.h"
#include "sim/runtime/presets.h"

namespace brokerlab {

namespace {

/// All settings: the lab's defaults beside Kafka's.
std::string settings_table(Language language) {
  std::string table =
      Text{
          "Settings for --set, with the lab's default and Kafka's (--timers kafka takes Kafka's\n"
          "for those marked *):\n",
          "--set으로 바꾸는 설정과, 실험실과 카프카의 기본값입니다. *는 --timers kafka면 카프카의\n"
          "값을 씁니다:\n"}
          .in(language);
  for (const SettingSpec& spec : all_settings())
    table +=
        fmt::format("  {:<44}{} {:>12} {:>12}  {}\n", spec.name, spec.is_timer ? '*' : ' ', spec.lab_default,
                    spec.kafka_default, language == Language::korean ? spec.korean : spec.english);
  return table;
}

/// CLI11 callback that gives the value to LabConfig and throws its refusal.
CLI::callback_t into(LabConfig& config, std::string name) {
  return [&config, name](const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      const Status status = config.set(name, value);
      if (!status.ok()) throw CLI::ValidationError("--" + name, status.message);
    }
    return true;
  };
}

}  // namespace

void ClusterOptions::add_to(CLI::App& command, Language language) {
  const auto option = [&](const char* name, const char* type, Text help) {
    CLI::Option* added = command.add_option("--" + std::string(name), into(config, name), help.in(language));
    return added->type_name(type);
  };
  option("brokers", "N", {"How many brokers: 1 to 9 (3)", "브로커 수. 1에서 9 (3)"});
  command
      .add_option("--data", data_folder,
                  Text{"Keep the cluster in this folder; without it everything is removed at the end",
                       "클러스터를 이 폴더에 둡니다. 없으면 끝날 때 모두 지웁니다"}
                      .in(language))
      ->type_name("DIR");
  command
      .add_option(
          "--port-base", port_base,
          Text{"Port of the first broker (9092); 0 takes free ones", "첫 브로커의 포트 (9092). 0이면 빈 포트"}
              .in(language))
      ->type_name("N")
      ->check(CLI::Range(0, highest_port_base).description(""));
  option("speed", "X",
         {"How fast the lab's clock runs: 0.01 to 100 (1)", "실험실 시계의 속도. 0.01에서 100 (1)"});
  option("timers", "lab|kafka",
         {"The lab's short timers, or Kafka's (lab)", "실험실의 짧은 타이머, 또는 카프카의 것 (lab)"});
  option("seed", "N", {"Seed of what is left to chance (1)", "우연에 맡기는 것의 시드 (1)"});
  option("set", "NAME=VALUE",
         {"A broker's setting, by Kafka's name; may be repeated",
          "브로커 설정. 카프카의 이름으로, 여러 번 쓸 수 있습니다"})
      ->take_all();
  command.footer(settings_table(language));
}

int complain(const std::string& problem, int status) {
  fmt::print(stderr, "brokerlab: {}\n", problem);
  return status;
}

int complain(const Text& problem, Language language, int status) {
  return complain(problem.in(language), status);
}

std::string explain(const CLI::App& program, const CLI::ParseError& error, Language language) {
  const CLI::App* command = &program;
  for (auto chosen = command->get_subcommands(); !chosen.empty(); chosen = command->get_subcommands())
    command = chosen.front();
  std::string name = command->get_name();
  for (const CLI::App* parent = command->get_parent(); parent != nullptr; parent = parent->get_parent())
    name = parent->get_name() + " " + name;
  const std::string more =
      Text{fmt::format("See {} --help", name), fmt::format("더 보려면 {} --help", name)}.in(language);

  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> rest = program.remaining(true);
    const std::string word = rest.empty() ? "" : rest.front();
    std::vector<std::string> known;
    for (const CLI::App* app = command; app != nullptr; app = app->get_parent())
      for (const CLI::Option* option : app->get_options())
        for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
    if (!word.starts_with('-')) {
      known.clear();
      for (const CLI::App* subcommand : command->get_subcommands({})) known.push_back(subcommand->get_name());
    }
    const std::string nearest = known.empty() ? "" : nearest_name(word.substr(0, word.find('=')), known);
    const Text hint =
        nearest.empty() ? Text{}
                        : Text{fmt::format(" Did you mean {}?", nearest), fmt::format(" 혹시 {}?", nearest)};
    return Text{fmt::format("{} is not known here.{} {}", word, hint.english, more),
                fmt::format("{} 옵션이나 명령은 여기에 없습니다.{} {}", word, hint.korean, more)}
        .in(language);
  }
  std::string what = error.what();
  if (!what.ends_with('?') && !what.ends_with('.')) what += '.';
  return fmt::format("{} {}", what, more);
}

}  // namespace brokerlab

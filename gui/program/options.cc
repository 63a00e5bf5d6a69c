#include "gui/program/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "sim/base/settings.h"
#include "sim/runtime/presets.h"
#include "sim/tools/tool.h"

namespace brokerlab {

namespace {

/// All settings: the lab's defaults beside Kafka's.
std::string settings_table(Language language) {
  std::string table =
      Text{
          "Settings for --set, with the lab's default and Kafka's (--timers kafka takes Kafka's\n"
          "for those marked *):\n",
          "--set으로 바꿀 수 있는 설정입니다. 앞의 값이 랩, 뒤의 값이 카프카의 기본값이며,\n"
          "*가 붙은 설정은 --timers kafka를 쓰면 카프카 기본값이 됩니다:\n"}
          .in(language);
  for (const SettingSpec& spec : all_settings())
    table +=
        fmt::format("  {:<44}{} {:>12} {:>12}  {}\n", spec.name, spec.is_timer ? '*' : ' ', spec.lab_default,
                    spec.kafka_default, language == Language::korean ? spec.korean : spec.english);
  return table;
}

/// CLI11 callback that gives the value to LabConfig and throws its refusal.
CLI::callback_t into(LabConfig& config, std::string name, Language language) {
  return [&config, name, language](const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      const Status status = config.set(name, value, language);
      if (status.ok()) continue;
      const bool begins_with_name = status.message.starts_with(name);
      throw CLI::ValidationError("--" + (begins_with_name ? "" : name + ": ") + status.message);
    }
    return true;
  };
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

/// The subcommand that was reached before the mistake.
const CLI::App& innermost(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? program : innermost(*chosen.front());
}

std::vector<std::string> names_of_options(const CLI::App* command) {
  std::vector<std::string> names;
  for (; command != nullptr; command = command->get_parent())
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> names_of_subcommands(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : command.get_subcommands({})) names.push_back(subcommand->get_name());
  if (command.get_parent() == nullptr) names.insert(names.end(), all_tools().begin(), all_tools().end());
  return names;
}

Text explain_unknown(const std::string& word, const CLI::App& command) {
  if (word.starts_with('-')) {
    const Text nearest = did_you_mean(word.substr(0, word.find('=')), names_of_options(&command));
    return {fmt::format("{} is not known here.{}", word, nearest.english),
            fmt::format("{} 옵션이 없습니다.{}", word, nearest.korean)};
  }
  const Text nearest = did_you_mean(word, names_of_subcommands(command));
  if (!nearest.english.empty() || !word.starts_with("kafka-"))
    return {fmt::format("{} is not known here.{}", word, nearest.english),
            fmt::format("{} 명령이 없습니다.{}", word, nearest.korean)};
  const std::string tools = fmt::format("{}", fmt::join(all_tools(), ", "));
  return {fmt::format("{} is not there yet. Kafka's tools here: {}.", word, tools),
          fmt::format("{} 도구는 아직 없습니다. 쓸 수 있는 카프카 도구: {}.", word, tools)};
}

/// What CLI11 refused. Its own words are English, so each kind of mistake has words of ours.
Text explain_mistake(const CLI::ParseError& error, const CLI::App& program, const CLI::App& command) {
  const std::vector<std::string> unknown = program.remaining(true);
  if (!unknown.empty()) return explain_unknown(unknown.front(), command);
  const std::string what = error.what();
  // "--seed: 1 required N missing", "Could not convert: --seed = x", "FILE is required".
  const size_t dashes = what.find("--");
  const std::string from_option = what.substr(dashes == std::string::npos ? 0 : dashes);
  const std::string option = from_option.substr(0, from_option.find_first_of(": "));
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::vector<std::string> subcommands = names_of_subcommands(command);
    if (subcommands.empty())
      return {fmt::format("{} is missing.", option), fmt::format("{} 인자가 필요합니다.", option)};
    return {fmt::format("A command is missing: {}.", fmt::join(subcommands, ", ")),
            fmt::format("명령이 필요합니다: {}.", fmt::join(subcommands, ", "))};
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return {fmt::format("{} needs a value.", option), fmt::format("{} 뒤에 값이 필요합니다.", option)};
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    const size_t equals = from_option.rfind(" = ");
    const std::string value = equals == std::string::npos ? "" : from_option.substr(equals + 3);
    return {fmt::format("{} takes a number, not {}.", option, value),
            fmt::format("{} 값은 숫자입니다 (입력: {}).", option, value)};
  }
  const std::string words = what.ends_with('?') || what.ends_with('.') ? what : what + '.';
  return {words, words};  // ValidationError: said by one of our checks, in the language already
}

}  // namespace

void ClusterOptions::add_to(CLI::App& command, Language language) {
  const auto option = [&](const char* name, const char* type, Text help) {
    CLI::Option* added =
        command.add_option("--" + std::string(name), into(config, name, language), help.in(language));
    return added->type_name(type);
  };
  option("brokers", "N", {"How many brokers: 1 to 9 (3)", "브로커 수: 1~9 (3)"});
  option("controllers", "N",
         {"Controllers on nodes of their own: 1 to 9; 0 makes each broker a controller too (0)",
          "전용 컨트롤러 노드 수: 1~9. 0이면 모든 브로커가 컨트롤러를 겸함 (0)"});
  command
      .add_option("--data", data_folder,
                  Text{"Keep the cluster in this folder; without it everything is removed at the end",
                       "클러스터 데이터를 이 폴더에 저장합니다. 지정하지 않으면 종료할 때 지웁니다"}
                      .in(language))
      ->type_name("DIR");
  command
      .add_option("--port-base", port_base,
                  Text{"Port of the first broker (9092); 0 takes free ones",
                       "첫 브로커의 포트 (9092). 0이면 비어 있는 포트를 씁니다"}
                      .in(language))
      ->type_name("N")
      ->check(between(0, highest_port_base, language));
  option("speed", "X", {"How fast the lab's clock runs: 0.01 to 100 (1)", "랩 시계의 속도: 0.01~100 (1)"});
  option("timers", "lab|kafka",
         {"The lab's short timers, or Kafka's (lab)",
          "랩의 짧은 타이머(lab) 또는 카프카 기본 타이머(kafka) (lab)"});
  option("seed", "N", {"Seed of what is left to chance (1)", "난수 시드 (1)"});
  option("set", "NAME=VALUE",
         {"A broker's setting, by Kafka's name; may be repeated",
          "카프카 이름 그대로의 브로커 설정. 여러 번 쓸 수 있습니다"})
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
  const CLI::App& command = innermost(program);
  const std::string name = full_name(command);
  const Text mistake = explain_mistake(error, program, command);
  return Text{fmt::format("{} See {} --help", mistake.english, name),
              fmt::format("{} 도움말: {} --help", mistake.korean, name)}
      .in(language);
}

CLI::Validator one_of(std::vector<std::string> words, Language language) {
  return CLI::Validator(
      [words = std::move(words), language](const std::string& value) {
        if (std::find(words.begin(), words.end(), value) != words.end()) return std::string();
        const std::string known = fmt::format("{}", fmt::join(words, ", "));
        return Text{fmt::format("one of {}, not {}", known, value),
                    fmt::format("쓸 수 있는 값은 {}입니다 (입력: {})", known, value)}
            .in(language);
      },
      "");
}

CLI::Validator between(double least, double most, Language language) {
  return CLI::Validator(
      [least, most, language](const std::string& value) {
        double number = 0;
        if (CLI::detail::lexical_cast(value, number) && number >= least && number <= most)
          return std::string();
        return Text{fmt::format("from {} to {}, not {}", least, most, value),
                    fmt::format("{}~{} 사이의 값을 씁니다 (입력: {})", least, most, value)}
            .in(language);
      },
      "");
}

void translate_headings(CLI::App& command, Language language) {
  if (language == Language::english) return;
  for (CLI::Option* option : command.get_options()) option->group("옵션");
  for (CLI::App* subcommand : command.get_subcommands({})) {
    subcommand->group("명령");
    translate_headings(*subcommand, language);
  }
}

}  // namespace brokerlab

// The program `brokerlab`: the lab, its window, its tools and its tests in one file.
//
// A link to it that is named after one of Kafka's tools (kafka-topics, kafka-topics.sh) runs that tool.
#include <fmt/format.h>

#include <csignal>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/shell.h"
#include "sim/shell/verbs/verb.h"
#include "sim/tools/tool.h"

namespace brokerlab {
namespace {

/// `--lang` decides in which language the options themselves are described, so it is read before they are.
Language language_of(const std::vector<std::string>& words) {
  std::string value;
  for (size_t i = 0; i < words.size(); ++i) {
    constexpr std::string_view option = "--lang";
    if (words[i] == option && i + 1 < words.size()) value = words[i + 1];
    if (words[i].starts_with("--lang=")) value = words[i].substr(option.size() + 1);
  }
  if (value == "ko") return Language::korean;
  if (value == "en") return Language::english;
  return language_of_environment();
}

Text program_text() {
  std::string english =
      "A lab in which Kafka is learned by breaking it. Three real brokers run in this one program;\n"
      "any Kafka client can join them.\n\n"
      "Begin with:\n"
      "  brokerlab                                  the window, with lesson 1 in it\n"
      "  brokerlab lesson run 1                     the same lesson in the terminal\n"
      "  brokerlab up                               only the cluster; then, in another terminal:\n"
      "  brokerlab shell -c 'docker stop kafka2'    stop a broker\n"
      "  brokerlab kafka-topics --bootstrap-server localhost:9092 --list\n";
  std::string korean =
      "카프카를 망가뜨리며 배우는 랩(lab)입니다. 이 프로그램 하나로 진짜 브로커 세 대를 실행하며,\n"
      "어떤 카프카 클라이언트든 접속할 수 있습니다.\n\n"
      "시작하기:\n"
      "  brokerlab                                  창을 열고 실습 1을 시작합니다\n"
      "  brokerlab lesson run 1                     같은 실습을 터미널에서 진행합니다\n"
      "  brokerlab up                               클러스터만 실행합니다. 그다음 다른 터미널에서:\n"
      "  brokerlab shell -c 'docker stop kafka2'    브로커 하나를 중지합니다\n"
      "  brokerlab kafka-topics --bootstrap-server localhost:9092 --list\n";
  english += "\nKafka's tools, with their own options:\n";
  korean += "\n카프카 명령줄 도구 (옵션도 카프카와 같습니다):\n";
  for (const std::string_view tool : all_tools()) {
    english += fmt::format("  {:<28} {}\n", tool, tool_help(tool).english);
    korean += fmt::format("  {:<28} {}\n", tool, tool_help(tool).korean);
  }
  return {english, korean};
}

int run(const std::vector<std::string>& words) {
  const Language language = language_of(words);
  CLI::App program(program_text().in(language), "brokerlab");
  program.require_subcommand(0, 1);
  program.get_formatter()->column_width(30);
  if (language == Language::korean) {
    program.get_formatter()->label("Usage", "사용법");
    program.get_formatter()->label("OPTIONS", "옵션");
    program.get_formatter()->label("SUBCOMMAND", "명령");
    program.get_formatter()->label("Positionals", "인자");
    program.get_formatter()->label("REQUIRED", "");
  }
  program.set_help_flag("-h,--help", Text{"Print this help", "이 도움말을 출력합니다"}.in(language));
  std::string lang;
  program
      .add_option("--lang", lang,
                  Text{"Language of all texts: en or ko", "출력 언어: en 또는 ko"}.in(language))
      ->type_name("LANG")
      ->check(one_of({"en", "ko"}, language));
  program.fallthrough();

  const std::vector<std::pair<std::string, RunSubcommand>> subcommands{
      {"up", add_up(program, language)},         {"shell", add_shell(program, language)},
      {"run", add_run(program, language)},       {"lesson", add_lesson(program, language)},
      {"sim", add_sim(program, language)},       {"gui", add_window(program, language)},
      {"bench", add_bench(program, language)},   {"decode", add_decode(program, language)},
      {"encode", add_encode(program, language)}, {"replay", add_replay(program, language)},
  };
  translate_headings(program, language);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    program.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", program.help());
    return exit_status::success;
  } catch (const CLI::ParseError& error) {
    return complain(explain(program, error, language), exit_status::usage);
  }
  for (const auto& [name, run_subcommand] : subcommands)
    if (program.got_subcommand(name)) return run_subcommand();
  return open_window(language);
}

}  // namespace
}  // namespace brokerlab

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (const std::string link = brokerlab::tool_name(argv[0]); !link.empty())
    return brokerlab::run_tool(link, words);
  if (const std::string tool = brokerlab::tool_name(words.empty() ? "" : words[0]); !tool.empty())
    return brokerlab::run_tool(tool, {words.begin() + 1, words.end()});
  return brokerlab::run(words);
}

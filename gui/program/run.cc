// `brokerlab run FILE`: plays a scenario and compares what came with what stands there.
#include <fmt/format.h>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/scenario.h"
#include "sim/shell/shell.h"
#include "sim/shell/text_file.h"

namespace brokerlab {

namespace {

struct RunOptions {
  std::string file;
  std::string driver;
  std::optional<uint64_t> seed;
  bool rewrites = false;
};

int run_scenario(const RunOptions& options, Language language) {
  const Result<std::string> text = read_text_file(options.file);
  if (!text.ok()) return complain(text_of(text.status()), language, exit_status::usage);
  ScenarioOptions scenario;
  scenario.driver = parse_driver(options.driver);
  scenario.seed = options.seed;
  const Result<ScenarioResult> result = play_scenario(*text, options.file, scenario);
  if (!result.ok()) return complain(text_of(result.status()), language, exit_status::failure);
  if (options.rewrites) {
    const Status written = write_text_file(options.file, result->text);
    if (!written.ok()) return complain(text_of(written), language, exit_status::failure);
  }
  fmt::print("{}", result->report);
  if (!result->hash.empty()) fmt::print("hash {}\n", result->hash);
  if (result->has_passed) {
    fmt::print("{}: {}\n", options.file, Text{"as expected", "예상대로입니다"}.in(language));
    return exit_status::success;
  }
  if (options.rewrites) {
    fmt::print("{}: {}\n", options.file, Text{"rewritten", "새 출력으로 고쳐 썼습니다"}.in(language));
    return exit_status::success;
  }
  return complain({"what came is not what stands there (- expected, + came). If it is right: --rewrite",
                   "출력이 파일에 적힌 것과 다릅니다(- 예상, + 실제). 실제 출력이 맞으면 --rewrite"},
                  language, exit_status::failure);
}

}  // namespace

RunSubcommand add_run(CLI::App& program, Language language) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      program.add_subcommand("run", Text{"Play a scenario: commands and the output they must have",
                                         "시나리오의 명령을 실행하고 출력을 비교합니다"}
                                        .in(language));
  command->add_option("FILE", options->file, Text{"The scenario", "시나리오 파일"}.in(language))
      ->required()
      ->type_name("");
  command
      ->add_option("--driver", options->driver,
                   Text{"live or sandbox (what the scenario names first)",
                        "live 또는 sandbox (기본값: 시나리오에 먼저 적힌 것)"}
                       .in(language))
      ->type_name("live|sandbox")
      ->check(one_of({"live", "sandbox"}, language));
  command
      ->add_option("--seed", options->seed,
                   Text{"Another seed than the scenario's", "시나리오에 적힌 것 대신 쓸 시드"}.in(language))
      ->type_name("N");
  command->add_flag(
      "--rewrite", options->rewrites,
      Text{"Write the output that came into the file", "실제 출력을 파일에 기록합니다"}.in(language));
  return [options, language] { return run_scenario(*options, language); };
}

}  // namespace brokerlab

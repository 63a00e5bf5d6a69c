// `brokerlab sim`: the sandbox without a window. One run under a known load, or a search over many seeds.
#include "gui/program/sim.h"

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

struct SimOptions {
  LoadOptions load;
  SearchCommand search;
  bool lists_bugs = false;
};

void add_load_options(CLI::App& command, LoadOptions& options, Language language) {
  command
      .add_option("--seed", options.seed,
                  Text{"Seed of all that is left to chance (1)", "난수 시드 (1)"}.in(language))
      ->type_name("N");
  command
      .add_option("--for", options.duration,
                  Text{"How long, in lab time (30s)", "실행할 시간, 랩 시간 기준 (30s)"}.in(language))
      ->type_name("TIME");
  command
      .add_option(
          "--load", options.load,
          Text{"default: producers, a reader and a broker that fails every 10 s; none: an idle cluster",
               "default: 프로듀서 둘과 컨슈머 하나, 10초마다 브로커 장애. none: 부하 없음"}
              .in(language))
      ->type_name("default|none")
      ->check(one_of({"default", "none"}, language));
  options.describe.add_to(command, language);
}

void add_search_options(CLI::App& command, SearchCommand& options, Language language) {
  command
      .add_option("--seeds", options.seeds,
                  Text{"Search: play each of these seeds for 30 s with faults, and check every promise",
                       "탐색: 시드마다 장애를 섞어 30초씩 실행하면서 모든 약속을 검사합니다"}
                      .in(language))
      ->type_name("A..B");
  command
      .add_option(
          "--jobs", options.jobs,
          Text{"How many seeds at once (one for each processor)", "동시에 실행할 시드 수 (프로세서 수)"}.in(
              language))
      ->check(between(1, 1024, language))
      ->type_name("J");
  command
      .add_option(
          "--profile", options.profile,
          Text{"budget: faults that every promise must survive; no-budget: all faults at any time, the "
               "program must only neither crash nor hang (budget)",
               "budget: 모든 약속이 지켜져야 하는 범위의 장애. no-budget: 제한 없는 장애, 프로그램이 죽거나 "
               "멈추지만 않으면 됩니다 (budget)"}
              .in(language))
      ->type_name("budget|no-budget")
      ->check(one_of({"budget", "no-budget"}, language));
  command
      .add_option("--bug", options.bug,
                  Text{"Build a known defect into the brokers: its checker must fire",
                       "알려진 결함을 브로커에 넣습니다. 해당 검사기가 잡아내야 합니다"}
                      .in(language))
      ->type_name("NAME");
  command
      .add_option("--shrink", options.shrink_to,
                  Text{"With --seed: reduce what breaks a promise to few commands, and save it as a scenario",
                       "--seed와 함께: 약속을 깨는 실행을 최소한의 명령으로 줄여 시나리오로 저장합니다"}
                      .in(language))
      ->type_name("FILE");
  command.add_flag("--plan", options.prints_plan,
                   Text{"With --seed: print what the search does with that seed, as a scenario",
                        "--seed와 함께: 탐색이 그 시드로 하는 일을 시나리오로 출력합니다"}
                       .in(language));
}

std::string footer(Language language) {
  return Text{
      "Examples:\n"
      "  brokerlab sim --seed 7 --for 30s           one run: its speed and the hash of its journal\n"
      "  brokerlab sim --seeds 1..2000 --jobs 2     2,000 runs with random faults; exit 1 when one breaks a "
      "promise\n"
      "  brokerlab sim --seeds 17..17               the same seed is the same run, on every machine\n"
      "  brokerlab sim --seed 17 --shrink 17.txt    what of it was needed; then: brokerlab run 17.txt\n"
      "  brokerlab sim --bugs                       defects to build in, each with the promise it breaks\n"
      "  brokerlab sim --bug kip-101-hw-truncation --seeds 1..50",
      "예:\n"
      "  brokerlab sim --seed 7 --for 30s           한 번 실행하고 속도와 저널의 해시를 봅니다\n"
      "  brokerlab sim --seeds 1..2000 --jobs 2     무작위 장애로 2,000번 실행합니다. 약속이 깨지면 종료 "
      "코드 1\n"
      "  brokerlab sim --seeds 17..17               같은 시드는 어느 컴퓨터에서나 같은 실행입니다\n"
      "  brokerlab sim --seed 17 --shrink 17.txt    꼭 필요한 명령만 남깁니다. 그다음: brokerlab run 17.txt\n"
      "  brokerlab sim --bugs                       넣을 수 있는 결함과 각 결함이 깨는 약속\n"
      "  brokerlab sim --bug kip-101-hw-truncation --seeds 1..50"}
      .in(language);
}

int simulate(const SimOptions& options, Language language) {
  SearchCommand search = options.search;
  search.as_json = options.load.describe.as_json;
  if (options.lists_bugs) return list_bugs(language);
  if (!search.bug.empty() && find_bug(search.bug) == nullptr)
    return complain(no_such_bug(search.bug), language, exit_status::usage);
  const bool is_of_one_seed = search.prints_plan || !search.shrink_to.empty();
  if (is_of_one_seed && !search.seeds.empty())
    return complain({"--plan and --shrink take one seed: --seed N instead of --seeds",
                     "--plan과 --shrink는 시드 하나를 씁니다. --seeds 대신 --seed N을 쓰세요"},
                    language, exit_status::usage);
  if ((is_of_one_seed || !search.seeds.empty()) &&
      (options.load.describe.describes || !options.load.describe.until.empty()))
    return complain({"--until and --describe are of one run: brokerlab sim --seed N, without a search",
                     "--until과 --describe는 한 번 실행할 때 씁니다: brokerlab sim --seed N"},
                    language, exit_status::usage);
  if (!search.seeds.empty()) return run_search(search, language);
  if (!search.shrink_to.empty()) return shrink_seed(search, options.load.seed, language);
  if (search.prints_plan) return print_plan(search, options.load.seed, language);
  if (!search.bug.empty())
    return complain({"--bug belongs to a search: add --seeds A..B",
                     "--bug는 탐색 옵션입니다. --seeds A..B를 함께 쓰세요"},
                    language, exit_status::usage);
  if (search.as_json && !options.load.describe.describes)
    return complain({"--json needs --describe, or a search: --seeds A..B",
                     "--json은 --describe나 탐색(--seeds A..B)과 함께 쓰세요"},
                    language, exit_status::usage);
  return run_load(options.load, language);
}

}  // namespace

RunSubcommand add_sim(CLI::App& program, Language language) {
  auto options = std::make_shared<SimOptions>();
  CLI::App* command = program.add_subcommand(
      "sim", Text{"Run the sandbox as fast as it goes: one run, or a search for faults that break a promise",
                  "샌드박스를 최대 속도로 실행합니다. 한 번 실행하거나, 약속을 깨는 장애를 탐색합니다"}
                 .in(language));
  add_load_options(*command, options->load, language);
  add_search_options(*command, options->search, language);
  command->add_flag(
      "--bugs", options->lists_bugs,
      Text{"List the defects that --bug builds in", "--bug로 넣을 수 있는 결함을 나열합니다"}.in(language));
  command->footer(footer(language));
  return [options, language] { return simulate(*options, language); };
}

}  // namespace brokerlab

// help: what can be said here, in the learner's language.
#include <fmt/format.h>

#include <algorithm>

#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

Started start_help(const Words& words, Job& job) {
  const Language language = job.language();
  if (words.size() > 2) return refuse_usage(help_verb(), words, job);
  if (words.size() == 2) {
    const Verb* verb = find_verb(words[1]);
    if (verb == nullptr && !tool_name(words[1]).empty())
      return start_tool(tool_name(words[1]), {"--help"}, job);
    if (verb == nullptr) {
      job.complain(no_such_command(words[1], language));
      return exit_status::failure;
    }
    job.print(
        fmt::format("{}\n\n{}\n\n{}\n", verb->usage, verb->summary.in(language), verb->details.in(language)));
    return exit_status::success;
  }
  for (const Verb* verb : all_verbs())
    job.print(fmt::format("  {:<10} {}\n", verb->name, verb->summary.in(language)));
  job.print(
      Text{fmt::format("\nKafka's own tools: {}\n\nhelp VERB says more. Try: docker stop kafka2\n",
                       fmt::join(all_tools(), ", ")),
           fmt::format("\n카프카 도구: {}\n\n자세한 설명은 help VERB. 먼저 해 보세요: docker stop kafka2\n",
                       fmt::join(all_tools(), ", "))}
          .in(language));
  return exit_status::success;
}

}  // namespace

const Verb& help_verb() {
  static const Verb verb{"help",
                         "help [VERB]",
                         {"say what can be said here", "쓸 수 있는 명령을 보여 줍니다"},
                         {"help VERB, or help and the name of one of Kafka's tools.",
                          "help 뒤에 명령이나 카프카 도구의 이름을 씁니다."},
                         false,
                         start_help};
  return verb;
}

}  // namespace brokerlab

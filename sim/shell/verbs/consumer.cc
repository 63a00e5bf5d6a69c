// consumer: programs of the lab that read.
#include "sim/shell/recipes.h"
#include "sim/shell/verbs/client.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

int start_consumer(const Words& words, Job& job) {
  constexpr std::string_view known[] = {"--topic", "--partition"};
  Words rest(words.begin() + 2, words.end());
  const bool from_beginning = std::erase(rest, "--from-beginning") > 0;
  const std::optional<Flags> flags = take_flags(rest, known, job);
  if (!flags) return exit_status::usage;
  if (flags->words.size() != 1 || flags->value("--topic", "").empty())
    return refuse_usage(consumer_verb(), words, job);

  ConsumerNodeConfig config;
  config.bootstrap = client_addresses(job.lab().spec());
  config.topic = flags->value("--topic", "");
  config.from_beginning = from_beginning;
  const std::string partition = flags->value("--partition", "");
  if (!partition.empty()) {
    const std::optional<int64_t> number = whole_number("--partition", partition, 0, INT32_MAX, job);
    if (!number) return exit_status::usage;
    config.partitions.push_back(static_cast<int32_t>(*number));
  }
  NodeSpec spec;
  spec.name = flags->words[0];
  follow(recipe_of(config), spec);
  return add_client(std::move(spec), job);
}

Started run_consumer(const Words& words, Job& job) {
  const std::string verb = words.size() > 2 ? words[1] : "";
  if (verb == "start") return start_consumer(words, job);
  if (verb == "stop" && words.size() == 3) return stop_client(words[2], job);
  return refuse_usage(consumer_verb(), words, job);
}

}  // namespace

const Verb& consumer_verb() {
  static const Verb verb{
      "consumer",
      "consumer start NAME --topic TOPIC [--partition N] [--from-beginning]\n"
      "consumer stop NAME",
      {"start programs that read", "컨슈머를 실행합니다"},
      {"It reads all partitions of the topic, or the one given, from their end or from "
       "their beginning, without\n"
       "a group.",
       "컨슈머 그룹 없이, 토픽의 모든 파티션이나 지정한 파티션 하나를 끝 또는 처음부터 읽습니다."},
      true,
      run_consumer};
  return verb;
}

}  // namespace brokerlab

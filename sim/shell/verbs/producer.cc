// producer: programs of the lab that write.
#include "sim/shell/recipes.h"
#include "sim/shell/verbs/client.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

constexpr int64_t most_records_per_second = 100'000;
constexpr int64_t most_value_bytes = 1 << 20;
constexpr int64_t most_keys = 1'000'000;

std::optional<int16_t> acks_of(const std::string& text, Job& job) {
  if (text == "all" || text == "-1") return int16_t{-1};
  if (text == "1") return int16_t{1};
  if (text == "0") return int16_t{0};
  job.complain(Text{"--acks takes all, 1 or 0", "--acks는 all, 1, 0 중 하나입니다"});
  return std::nullopt;
}

int start_producer(const Words& words, Job& job) {
  constexpr std::string_view known[] = {"--topic", "--acks", "--rate", "--size", "--keys", "--idempotent"};
  const std::optional<Flags> flags = take_flags(std::span(words).subspan(2), known, job);
  if (!flags) return exit_status::usage;
  if (flags->words.size() != 1 || flags->value("--topic", "").empty())
    return refuse_usage(producer_verb(), words, job);
  const std::optional<int16_t> acks = acks_of(flags->value("--acks", "all"), job);
  const std::optional<int64_t> rate =
      whole_number("--rate", flags->value("--rate", "0"), 0, most_records_per_second, job);
  const std::optional<int64_t> size =
      whole_number("--size", flags->value("--size", "100"), 0, most_value_bytes, job);
  const std::optional<int64_t> keys = whole_number("--keys", flags->value("--keys", "0"), 0, most_keys, job);
  const std::string idempotent = flags->value("--idempotent", "true");
  if (idempotent != "true" && idempotent != "false") {
    job.complain(Text{"--idempotent takes true or false", "--idempotent는 true 또는 false입니다"});
    return exit_status::usage;
  }
  if (!acks || !rate || !size || !keys) return exit_status::usage;

  ProducerNodeConfig config;
  config.bootstrap = client_addresses(job.lab().spec());
  config.topic = flags->value("--topic", "");
  config.acks = *acks;
  config.is_idempotent = idempotent == "true";
  config.records_per_second = *rate;
  config.value_size = static_cast<size_t>(*size);
  config.keys = *keys;
  NodeSpec spec;
  spec.name = flags->words[0];
  follow(recipe_of(config), spec);
  return add_client(std::move(spec), job);
}

/// Passes `send` and `rate` on: the producer knows their arguments.
int tell_producer(const std::string& verb, const Words& words, Job& job) {
  if (words.size() < 4) return refuse_usage(producer_verb(), words, job);
  const std::optional<NodeId> node = running_client(words[2], job);
  if (!node) return exit_status::failure;
  const Status told = job.lab().command(*node, {verb, {words.begin() + 3, words.end()}}, job.cause());
  if (told.ok()) return exit_status::success;
  job.complain(text_of(told));
  return exit_status::failure;
}

int send_record(const Words& words, Job& job) {
  constexpr std::string_view known[] = {"--partition", "--key"};
  const std::optional<Flags> flags = take_flags(std::span(words).subspan(2), known, job);
  if (!flags) return exit_status::usage;
  if (flags->words.size() != 2) return refuse_usage(producer_verb(), words, job);
  const std::string partition = flags->value("--partition", "");
  if (!partition.empty() && !whole_number("--partition", partition, 0, INT32_MAX, job))
    return exit_status::usage;
  return tell_producer("send", words, job);
}

int change_rate(const Words& words, Job& job) {
  if (words.size() != 4) return refuse_usage(producer_verb(), words, job);
  if (!whole_number("rate", words[3], 0, most_records_per_second, job)) return exit_status::usage;
  return tell_producer("rate", words, job);
}

Started run_producer(const Words& words, Job& job) {
  const std::string verb = words.size() > 2 ? words[1] : "";
  if (verb == "start") return start_producer(words, job);
  if (verb == "send") return send_record(words, job);
  if (verb == "rate") return change_rate(words, job);
  if (verb == "stop" && words.size() == 3) return stop_client(words[2], job);
  return refuse_usage(producer_verb(), words, job);
}

}  // namespace

const Verb& producer_verb() {
  static const Verb verb{
      "producer",
      "producer start NAME --topic TOPIC [--acks all|1|0] [--rate N] [--size BYTES] [--keys N]\n"
      "               [--idempotent true|false]\n"
      "producer send NAME [--partition N] [--key KEY] TEXT\n"
      "producer rate NAME N\n"
      "producer stop NAME",
      {"start programs that write, and let them send", "프로듀서를 실행하고 레코드를 보냅니다"},
      {"--rate is in records a second; without it the producer writes only what `send` gives it. With "
       "--keys\n"
       "the records carry so many keys in turn; without, they go to all partitions in turn. With --acks all "
       "it\n"
       "is idempotent (a retry is stored once), unless --idempotent false.",
       "--rate는 초당 레코드 수입니다. 지정하지 않으면 `send`로 준 레코드만 보냅니다. --keys를 주면 키를\n"
       "그 수만큼 돌려 쓰고, 없으면 모든 파티션에 번갈아 보냅니다. --acks all이면 멱등 프로듀서라서 "
       "재시도해도\n"
       "한 번만 저장됩니다. --idempotent false를 주면 멱등성을 끕니다."},
      true,
      run_producer};
  return verb;
}

}  // namespace brokerlab

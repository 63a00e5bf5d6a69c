#include "sim/shell/verbs/verb.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/settings.h"

namespace brokerlab {

std::span<const Verb* const> all_verbs() {
  static const std::array verbs{&docker_verb(),   &fault_verb(),    &clock_verb(),
                                &producer_verb(), &consumer_verb(), &expect_verb(),
                                &changes_verb(),  &wait_verb(),     &help_verb()};
  return verbs;
}

const Verb* find_verb(std::string_view name) {
  const std::span<const Verb* const> verbs = all_verbs();
  const auto found =
      std::find_if(verbs.begin(), verbs.end(), [&](const Verb* verb) { return verb->name == name; });
  return found == verbs.end() ? nullptr : *found;
}

std::string no_such_command(std::string_view word, Language language) {
  std::vector<std::string> names;
  for (const Verb* verb : all_verbs()) names.emplace_back(verb->name);
  for (const std::string_view tool : all_tools()) names.emplace_back(tool);
  const Text nearest = did_you_mean(word, names);
  return Text{fmt::format("no such command \"{}\".{} help lists all", word, nearest.english),
              fmt::format("\"{}\" 명령이 없습니다.{} 전체 목록은 help", word, nearest.korean)}
      .in(language);
}

void offer_usage_words(const Verb& verb, const std::function<void(std::string_view)>& offer) {
  // The lower-case words of the usage are what is typed as it stands; NODE and [option] are not.
  std::string_view rest = verb.usage;
  constexpr std::string_view separators = " |\n[]";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(separators), rest.size());
    const std::string_view word = rest.substr(0, end);
    const bool is_literal =
        !word.empty() && word != verb.name &&
        std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    if (is_literal) offer(word);
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
}

int refuse_usage(const Verb& verb, const Words& words, Job& job) {
  std::vector<std::string> known;
  offer_usage_words(verb, [&](std::string_view word) { known.emplace_back(word); });
  const bool is_unknown =
      words.size() > 1 && !known.empty() && std::find(known.begin(), known.end(), words[1]) == known.end();
  if (is_unknown) {
    const Text nearest = did_you_mean(words[1], known);
    job.complain(Text{
        fmt::format("{} has no \"{}\".{} There is", verb.name, words[1], nearest.english),
        fmt::format("{}에는 \"{}\" 명령이 없습니다.{} 쓸 수 있는 것:", verb.name, words[1], nearest.korean)});
  }
  job.complain(verb.usage);
  job.complain(
      Text{fmt::format("help {} says more", verb.name), fmt::format("자세한 설명: help {}", verb.name)});
  return exit_status::usage;
}

}  // namespace brokerlab

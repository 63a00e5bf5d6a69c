// Both languages of every text: the same placeholders, lengths that fit, particles by sound.
#include "gui/text/phrases.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "gui/fonts.h"

using namespace brokerlab;
using namespace brokerlab::gui;

namespace {

std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> names;
  for (size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::string_view inside = text.substr(at + 1, text.find('}', at) - at - 1);
    names.insert(std::string(inside.substr(0, inside.find(':'))));
  }
  return names;
}

/// Width in columns: a Hangul syllable takes about as much as two Latin letters.
size_t columns(std::string_view text) {
  size_t sum = 0;
  for_each_code_point(text, [&](uint32_t code, std::string_view) { sum += code >= 0x1100 ? 2 : 1; });
  return sum;
}

}  // namespace

TEST_CASE("both languages of a phrase name the same values") {
  for (const PhraseTexts& phrase : all_phrases) {
    CAPTURE(phrase.name);
    CHECK_FALSE(phrase.english.empty());
    CHECK_FALSE(phrase.korean.empty());
    CHECK(placeholders(phrase.english) == placeholders(phrase.korean));
  }
}

TEST_CASE("no text is much longer in Korean than in English") {
  for (const PhraseTexts& phrase : all_phrases) {
    CAPTURE(phrase.name);
    // Short labels have room; what is a sentence must not grow by more than 1.4.
    if (columns(phrase.english) > 12) CHECK(columns(phrase.korean) <= columns(phrase.english) * 14 / 10);
  }
}

TEST_CASE("a Korean phrase puts the particle that follows the name's last sound") {
  const Phrasebook korean(Language::korean);
  CHECK(korean(Phrase::node_not_running, {{"node", "kafka1"}}) == "kafka1은 중지되었습니다.");
  CHECK(korean(Phrase::node_not_running, {{"node", "kafka2"}}) == "kafka2는 중지되었습니다.");
  const Phrasebook english(Language::english);
  CHECK(english(Phrase::node_not_running, {{"node", "kafka2"}}) == "kafka2 does not run.");
}

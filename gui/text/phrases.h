// The texts of the interface, both languages in one table (phrases.inc).
//
// `{name}` is replaced by a value; in Korean `{name:이/가}` adds the particle that follows its last sound.
// A text is at most 1.4 times as long as in English; a test draws every screen in both languages.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "sim/shell/text.h"

namespace brokerlab::gui {

enum class Phrase : uint16_t {
#define PHRASE(name, english, korean) name,
#include "gui/text/phrases.inc"
#undef PHRASE
};

struct PhraseTexts {
  std::string_view name;
  std::string_view english;
  std::string_view korean;
};

inline constexpr PhraseTexts all_phrases[] = {
#define PHRASE(name, english, korean) {#name, english, korean},
#include "gui/text/phrases.inc"
#undef PHRASE
};

struct PhraseValue {
  std::string_view name;
  std::string value;
};

class Phrasebook {
 public:
  explicit Phrasebook(Language language) : language_(language) {}
  Language language() const { return language_; }
  std::string_view operator()(Phrase phrase) const {
    const PhraseTexts& texts = all_phrases[static_cast<size_t>(phrase)];
    return language_ == Language::korean ? texts.korean : texts.english;
  }
  std::string operator()(Phrase phrase, std::initializer_list<PhraseValue> values) const;

 private:
  Language language_;
};

}  // namespace brokerlab::gui

// Texts in the learner's language. Every text that a person reads exists in English and in Korean.
//
// Output that mimics a tool (docker, kafka-topics) stays in that tool's own English.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/time/speed.h"

namespace brokerlab {

enum class Language { english, korean };

/// One text in both languages.
struct Text {
  std::string english;
  std::string korean;
  const std::string& in(Language language) const { return language == Language::korean ? korean : english; }
};

/// What a status says: in English for both where it has no Korean (the operating system's own words).
Text text_of(const Status& status);

/// What a person typed cannot be read, in their language.
Status invalid(const Text& text, Language language);

/// The language that LC_ALL, LC_MESSAGES or LANG name: Korean for `ko`, else English.
Language language_of_environment();

/// The Korean particle that follows `word`, from a pair such as "이/가", "을/를", "은/는", "과/와", "으로/로":
/// the first when the word's last sound ends in a consonant. Digits are read as Korean numbers (kafka1이,
/// kafka2가), Latin letters as the word is usually pronounced (topic이, orders가, ISR이).
std::string_view korean_particle(std::string_view word, std::string_view pair);

/// The word followed by its particle: `with_particle("kafka1", "이/가")` is "kafka1이".
std::string with_particle(std::string_view word, std::string_view pair);

/// " Did you mean docker?", or nothing when none of the names is near.
Text did_you_mean(std::string_view word, std::span<const std::string> names);

/// "300us", "50ms", "2.5s". Errors in the language.
Result<Duration> parse_duration(std::string_view text, Language language);
/// "2x", "0.1". Errors in the language.
Result<Speed> parse_speed(std::string_view text, Language language);

/// A duration as a person reads it: "5 s", "0.94 s", "40 ms".
std::string spoken(Duration duration);

}  // namespace brokerlab

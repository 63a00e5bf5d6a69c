#include "sim/shell/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

#include "sim/base/assert.h"
#include "sim/base/settings.h"
#include "sim/network/links.h"

namespace brokerlab {

namespace {

/// How the last sound of a word ends. Only 으로/로 tells ㄹ from the other consonants.
enum class Ending { vowel, rieul, consonant };

bool is_vowel_letter(char c) { return std::string_view("aeiouywAEIOUYW").find(c) != std::string_view::npos; }

/// A Latin word, as Koreans write it with their own letters: topic 토픽, offset 오프셋, client 클라이언트.
Ending ending_of_latin(std::string_view word) {
  const char last = word.back();
  const bool is_name_of_letter =
      (last >= 'A' && last <= 'Z') || word.size() == 1 || (word.size() > 1 && word[word.size() - 2] == '-');
  if (is_name_of_letter) {  // 엘, 엠, 엔, 알
    const char letter = static_cast<char>(last | 0x20);
    if (letter == 'l' || letter == 'r') return Ending::rieul;
    return letter == 'm' || letter == 'n' ? Ending::consonant : Ending::vowel;
  }
  const char before = word[word.size() - 2];
  switch (last) {
    case 'l':
      return Ending::rieul;
    case 'm':
    case 'n':
      return Ending::consonant;
    case 'c':
    case 'k':
    case 'p':
    case 't':
    case 'b':
      return is_vowel_letter(before) ? Ending::consonant : Ending::vowel;
    case 'g':  // rebalancing 리밸런싱
      return before == 'n' ? Ending::consonant : Ending::vowel;
    case 'e':  // table 테이블
      return before == 'l' && word.size() > 2 && !is_vowel_letter(word[word.size() - 3]) ? Ending::rieul
                                                                                         : Ending::vowel;
    default:
      return Ending::vowel;
  }
}

Ending ending_of(std::string_view word) {
  while (!word.empty() && std::string_view("`'\")] ").find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  if (word.empty()) return Ending::vowel;
  const auto byte = [&](size_t from_end) { return static_cast<uint8_t>(word[word.size() - from_end]); };
  if (byte(1) >= '0' && byte(1) <= '9') {
    constexpr Ending digits[] = {Ending::consonant, Ending::rieul, Ending::vowel,     Ending::consonant,
                                 Ending::vowel,     Ending::vowel, Ending::consonant, Ending::rieul,
                                 Ending::rieul,     Ending::vowel};  // 영 일 이 삼 사 오 육 칠 팔 구
    return digits[byte(1) - '0'];
  }
  if (byte(1) < 0x80) return ending_of_latin(word);
  if (word.size() < 3) return Ending::vowel;
  const uint32_t code = (byte(3) & 0x0Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(1) & 0x3Fu);
  constexpr uint32_t first_syllable = 0xAC00, last_syllable = 0xD7A3, finals = 28, final_rieul = 8;
  if (code < first_syllable || code > last_syllable) return Ending::vowel;
  const uint32_t final_consonant = (code - first_syllable) % finals;
  if (final_consonant == 0) return Ending::vowel;
  return final_consonant == final_rieul ? Ending::rieul : Ending::consonant;
}

}  // namespace

Text text_of(const Status& status) {
  return {status.message, status.korean.empty() ? status.message : status.korean};
}

Status invalid(const Text& text, Language language) {
  return Status::error(StatusCode::invalid, text.in(language));
}

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0')
      return std::string_view(value).starts_with("ko") ? Language::korean : Language::english;
  }
  return Language::english;
}

std::string_view korean_particle(std::string_view word, std::string_view pair) {
  const size_t slash = pair.find('/');
  BROKERLAB_ASSERT_THAT(slash != std::string_view::npos, std::string(pair));
  const std::string_view after_consonant = pair.substr(0, slash), after_vowel = pair.substr(slash + 1);
  switch (ending_of(word)) {
    case Ending::vowel:
      return after_vowel;
    case Ending::rieul:
      return after_vowel == "로" ? after_vowel : after_consonant;
    case Ending::consonant:
      return after_consonant;
  }
  return after_vowel;
}

std::string with_particle(std::string_view word, std::string_view pair) {
  return std::string(word) + std::string(korean_particle(word, pair));
}

Text did_you_mean(std::string_view word, std::span<const std::string> names) {
  const std::string nearest = nearest_name(word, names);
  if (nearest.empty()) return {};
  return {fmt::format(" Did you mean {}?", nearest),
          fmt::format(" {} 찾으셨나요?", with_particle(nearest, "을/를"))};
}

Result<Duration> parse_duration(std::string_view text, Language language) {
  Result<Duration> duration = parse_duration(text);
  if (duration.ok() || language == Language::english) return duration;
  return Status::error(StatusCode::invalid,
                       fmt::format("{}: 시간은 단위를 붙여 씁니다. 예: 300us, 50ms, 2.5s", text));
}

Result<Speed> parse_speed(std::string_view text, Language language) {
  Result<Speed> speed = Speed::parse(text);
  if (speed.ok() || language == Language::english) return speed;
  return Status::error(StatusCode::invalid, fmt::format("{}: 속도는 0.01x~100x입니다", text));
}

std::string spoken(Duration duration) {
  const int64_t hundredths = duration.nanoseconds / 10'000'000;
  if (duration.nanoseconds % 1'000'000'000 == 0) return fmt::format("{} s", hundredths / 100);
  if (hundredths < 10) return fmt::format("{} ms", duration.milliseconds());
  return fmt::format("{}.{:02} s", hundredths / 100, hundredths % 100);
}

}  // namespace brokerlab

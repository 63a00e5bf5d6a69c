#include "sim/tools/java_text.h"

#include <cstdint>

namespace brokerlab {

namespace {

/// How the bytes that may stand second behind a first byte are bounded: no overlong forms, no surrogates,
/// nothing above U+10FFFF.
struct Sequence {
  size_t length = 0;  ///< 0: no sequence begins so
  uint8_t second_from = 0x80;
  uint8_t second_to = 0xBF;
};

Sequence sequence_of(uint8_t first) {
  if (first < 0x80) return {1};
  if (first >= 0xC2 && first <= 0xDF) return {2};
  if (first == 0xE0) return {3, 0xA0};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {3};
  if (first == 0xF0) return {4, 0x90};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  if (first >= 0xF1 && first <= 0xF3) return {4};
  return {};
}

}  // namespace

std::string java_text(std::string_view bytes) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    const Sequence sequence = sequence_of(static_cast<uint8_t>(bytes[at]));
    size_t length = 1;
    for (; length < sequence.length && at + length < bytes.size(); ++length) {
      const auto next = static_cast<uint8_t>(bytes[at + length]);
      const bool is_second = length == 1;
      if (next < (is_second ? sequence.second_from : 0x80) || next > (is_second ? sequence.second_to : 0xBF))
        break;
    }
    text += length == sequence.length ? bytes.substr(at, length) : replacement;
    at += length;
  }
  return text;
}

}  // namespace brokerlab

#include "sim/base/ids.h"

namespace brokerlab {

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

std::string Uuid::to_string() const {
  uint8_t raw[16];
  for (int i = 0; i < 8; ++i) {
    raw[i] = static_cast<uint8_t>(high >> (56 - 8 * i));
    raw[8 + i] = static_cast<uint8_t>(low >> (56 - 8 * i));
  }
  std::string text;
  for (int bit = 0; bit < 128; bit += 6) {
    unsigned sextet = 0;
    for (int i = 0; i < 6; ++i) {
      const int at = bit + i;
      const unsigned value = at < 128 ? (raw[at / 8] >> (7 - at % 8)) & 1u : 0u;
      sextet = sextet << 1 | value;
    }
    text.push_back(alphabet[sextet]);
  }
  return text;
}

Uuid Uuid::parse(std::string_view text) {
  if (text.size() != 22) return {};
  Uuid id;
  int bit = 0;
  for (char c : text) {
    const size_t sextet = alphabet.find(c);
    if (sextet == std::string_view::npos) return {};
    for (int i = 5; i >= 0 && bit < 128; --i, ++bit) {
      const uint64_t value = (sextet >> i) & 1u;
      uint64_t& half = bit < 64 ? id.high : id.low;
      half |= value << (63 - bit % 64);
    }
  }
  return id;
}

}  // namespace brokerlab

// The processor's own CRC-32C instruction where there is one, else tables. The instruction takes three cycles but one
// can begin in each: three stretches of the bytes are summed side by side, and their sums joined.
#include "sim/wire/kafka/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace brokerlab::kafka {
namespace {

constexpr uint32_t reversed_polynomial = 0x82F63B78;
constexpr size_t stride = 8;

// Slicing-by-8 (Kounavis, Berry 2005): tables[k][b] is what byte b contributes from k bytes further back.
constexpr auto tables = [] {
  std::array<std::array<uint32_t, 256>, stride> made{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ reversed_polynomial : crc >> 1;
    made[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t back = 1; back < stride; ++back) {
      const uint32_t crc = made[back - 1][byte];
      made[back][byte] = crc >> 8 ^ made[0][crc & 0xFF];
    }
  }
  return made;
}();

uint32_t add_byte(uint32_t crc, uint8_t byte) { return crc >> 8 ^ tables[0][(crc ^ byte) & 0xFF]; }

uint32_t little_endian(const uint8_t* from) {
  return uint32_t{from[0]} | uint32_t{from[1]} << 8 | uint32_t{from[2]} << 16 | uint32_t{from[3]} << 24;
}

uint32_t add_by_tables(uint32_t crc, std::span<const uint8_t> bytes) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= stride; at += stride, left -= stride) {
    const uint32_t low = crc ^ little_endian(at);
    const uint32_t high = little_endian(at + 4);
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
          tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
  }
  for (; left > 0; ++at, --left) crc = add_byte(crc, *at);
  return crc;
}

#if defined(__x86_64__) || defined(__ARM_FEATURE_CRC32)

#if defined(__x86_64__)
#define BROKERLAB_WITH_CRC32C __attribute__((target("sse4.2")))
bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }
BROKERLAB_WITH_CRC32C inline uint32_t add_eight(uint32_t crc, const uint8_t* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return static_cast<uint32_t>(_mm_crc32_u64(crc, word));
}
#else
#define BROKERLAB_WITH_CRC32C
bool has_instruction() { return true; }
inline uint32_t add_eight(uint32_t crc, const uint8_t* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return __crc32cd(crc, word);
}
#endif

constexpr size_t stretch = 1024;

// What a sum becomes when a stretch of zeros follows it: linear, so by each of its four bytes.
constexpr auto after_stretch = [] {
  std::array<std::array<uint32_t, 256>, 4> made{};
  for (size_t byte = 0; byte < made.size(); ++byte) {
    for (uint32_t bit = 0; bit < 8; ++bit) {
      uint32_t crc = uint32_t{1} << (8 * byte + bit);
      for (size_t i = 0; i < stretch; ++i) crc = crc >> 8 ^ tables[0][crc & 0xFF];
      for (uint32_t value = 0; value < 256; ++value)
        if ((value >> bit & 1) != 0) made[byte][value] ^= crc;
    }
  }
  return made;
}();

uint32_t moved_by_stretch(uint32_t crc) {
  return after_stretch[0][crc & 0xFF] ^ after_stretch[1][crc >> 8 & 0xFF] ^
         after_stretch[2][crc >> 16 & 0xFF] ^ after_stretch[3][crc >> 24];
}

BROKERLAB_WITH_CRC32C uint32_t add_by_instruction(uint32_t crc, std::span<const uint8_t> bytes) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * stretch; at += 3 * stretch, left -= 3 * stretch) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (size_t i = 0; i < stretch; i += stride) {
      crc = add_eight(crc, at + i);
      second = add_eight(second, at + stretch + i);
      third = add_eight(third, at + 2 * stretch + i);
    }
    crc = moved_by_stretch(moved_by_stretch(crc) ^ second) ^ third;
  }
  for (; left >= stride; at += stride, left -= stride) crc = add_eight(crc, at);
  for (; left > 0; ++at, --left) crc = add_byte(crc, *at);
  return crc;
}

#else

bool has_instruction() { return false; }
uint32_t add_by_instruction(uint32_t crc, std::span<const uint8_t> bytes) {
  return add_by_tables(crc, bytes);
}

#endif

}  // namespace

uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t before) {
  static const bool by_instruction = has_instruction();
  return by_instruction ? ~add_by_instruction(~before, bytes) : ~add_by_tables(~before, bytes);
}

uint32_t crc32c_by_tables(std::span<const uint8_t> bytes, uint32_t before) {
  return ~add_by_tables(~before, bytes);
}

}  // namespace brokerlab::kafka

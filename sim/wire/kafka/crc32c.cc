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

uint32_t little_endian(const uint8_t* from) {
  return uint32_t{from[0]} | uint32_t{from[1]} << 8 | uint32_t{from[2]} << 16 | uint32_t{from[3]} << 24;
}

// Each of these goes on with a CRC whose bits are inverted.

uint32_t extend_with_tables(uint32_t crc, std::span<const uint8_t> bytes) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= stride; at += stride, left -= stride) {
    const uint32_t low = crc ^ little_endian(at);
    const uint32_t high = little_endian(at + 4);
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
          tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
  }
  for (; left > 0; ++at, --left) crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xFF];
  return crc;
}

#if defined(__x86_64__)

bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) uint32_t extend_with_instruction(uint32_t crc,
                                                                   std::span<const uint8_t> bytes) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  uint64_t wide = crc;
  for (; left >= stride; at += stride, left -= stride) {
    uint64_t word = 0;
    std::memcpy(&word, at, stride);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<uint32_t>(wide);
  for (; left > 0; ++at, --left) crc = _mm_crc32_u8(crc, *at);
  return crc;
}

#elif defined(__ARM_FEATURE_CRC32)

bool has_instruction() { return true; }

uint32_t extend_with_instruction(uint32_t crc, std::span<const uint8_t> bytes) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= stride; at += stride, left -= stride) {
    uint64_t word = 0;
    std::memcpy(&word, at, stride);
    crc = __crc32cd(crc, word);
  }
  for (; left > 0; ++at, --left) crc = __crc32cb(crc, *at);
  return crc;
}

#else

bool has_instruction() { return false; }
uint32_t extend_with_instruction(uint32_t crc, std::span<const uint8_t> bytes) {
  return extend_with_tables(crc, bytes);
}

#endif

}  // namespace

uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t before) {
  static const bool uses_instruction = has_instruction();
  return ~(uses_instruction ? extend_with_instruction(~before, bytes) : extend_with_tables(~before, bytes));
}

uint32_t crc32c_with_tables(std::span<const uint8_t> bytes, uint32_t before) {
  return ~extend_with_tables(~before, bytes);
}

}  // namespace brokerlab::kafka

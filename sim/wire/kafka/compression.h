// The compression of record batches: ids as in a batch's attributes, names as in compression.type.
//
// gzip through zlib; LZ4 in its frame format through liblz4. snappy and zstd are known by name but not built
// in yet (`is_supported`).
//
// Decompressing is not trusted with memory: the output grows as it comes, up to an absolute size and a ratio.
// Apache Kafka has no such limits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/result.h"

namespace brokerlab::kafka {

enum class Compression : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

std::string_view name_of(Compression compression);
/// Nothing for other names, such as "producer".
std::optional<Compression> compression_of_name(std::string_view name);
bool is_supported(Compression compression);

struct DecompressionLimits {
  uint64_t max_bytes = 16 << 20;
  uint64_t max_ratio = 1100;  ///< output to input; deflate reaches 1032, LZ4 255
};

/// REQUIRES: is_supported(compression).
Bytes compress(Compression compression, std::span<const uint8_t> bytes);
/// `invalid` when the bytes are damaged or cut, `limit` when the output would be larger than allowed.
/// REQUIRES: is_supported(compression).
Result<Bytes> decompress(Compression compression, const Bytes& bytes, const DecompressionLimits& limits = {});

}  // namespace brokerlab::kafka

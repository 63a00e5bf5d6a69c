// The compression of record batches: ids as in a batch's attributes, names as in compression.type.
//
// gzip through zlib, LZ4 in its frame format through liblz4, zstd frames through libzstd, snappy through
// libsnappy. Snappy has two shapes: blocks in the stream format of snappy-java (a header of magic, version and
// oldest compatible version, then each block after its i32 length), and one bare block, as librdkafka and
// kafka-go may send it; both are read, the first is written.
//
// Decompressing is not trusted with memory: the output grows as it comes, up to an absolute size and a ratio,
// and never to a size that only the input declares. Apache Kafka has no such limits.
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

struct DecompressionLimits {
  uint64_t max_bytes = 16 << 20;
  /// Output to input, once the output is larger than `free_of_ratio_bytes`: a batch of equal records may well
  /// be 20,000 times larger than its zstd. Deflate reaches 1032, LZ4 255, snappy 21.
  uint64_t max_ratio = 1100;
  uint64_t free_of_ratio_bytes = 1 << 20;
};

Bytes compress(Compression compression, std::span<const uint8_t> bytes);
/// `invalid` when the bytes are damaged or cut, `limit` when the output would be larger than allowed.
Result<Bytes> decompress(Compression compression, const Bytes& bytes, const DecompressionLimits& limits = {});

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/compression.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "sim/base/assert.h"

namespace brokerlab::kafka {
namespace {

constexpr std::array<std::string_view, 5> names = {"none", "gzip", "snappy", "lz4", "zstd"};
constexpr int gzip_window_bits = 15 + 16;  // the largest window; +16 asks zlib for gzip's header and trailer
constexpr size_t smallest_output = 4096;

Status damaged(const std::string& what) { return Status::error(StatusCode::invalid, what); }

uint64_t largest_output(size_t input_size, const DecompressionLimits& limits) {
  return std::min(limits.max_bytes, std::max(input_size * limits.max_ratio, limits.free_of_ratio_bytes));
}

// What has come out of a decompressor so far. It grows by doubling, never to a size that the input declares.
class Output {
 public:
  Output(size_t input_size, const DecompressionLimits& limits) : limit_(largest_output(input_size, limits)) {}

  /// Room for at least one byte more; none when the limit is reached.
  std::span<uint8_t> room() {
    if (used_ == bytes_.size()) bytes_.resize(std::min(limit_, std::max(2 * bytes_.size(), smallest_output)));
    return std::span(bytes_).subspan(used_);
  }
  /// Room for `count` bytes; none when the limit is lower.
  std::span<uint8_t> room_for(size_t count) {
    if (count > limit_ - used_) return {};
    bytes_.resize(std::max(bytes_.size(), used_ + count));
    return std::span(bytes_).subspan(used_, count);
  }
  void add(size_t count) { used_ += count; }
  Bytes take() {
    bytes_.resize(used_);
    return Bytes::adopt(std::move(bytes_));
  }

 private:
  uint64_t limit_;
  size_t used_ = 0;
  std::vector<uint8_t> bytes_;
};

Status too_large() { return Status::error(StatusCode::limit, "decompressed, it is larger than allowed"); }

Bytes gzip(std::span<const uint8_t> bytes) {
  z_stream stream{};
  constexpr int memory_level = 8;  // zlib's default
  int result = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, memory_level,
                            Z_DEFAULT_STRATEGY);
  BROKERLAB_ASSERT(result == Z_OK);
  std::vector<uint8_t> output(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib's interface; it does not write there
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = output.data();
  stream.avail_out = static_cast<uInt>(output.size());
  result = deflate(&stream, Z_FINISH);
  BROKERLAB_ASSERT(result == Z_STREAM_END);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  return Bytes::adopt(std::move(output));
}

Result<Bytes> gunzip(const Bytes& bytes, const DecompressionLimits& limits) {
  z_stream stream{};
  const int ready = inflateInit2(&stream, gzip_window_bits);
  BROKERLAB_ASSERT(ready == Z_OK);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> at_end(&stream, inflateEnd);
  Output output(bytes.size(), limits);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    const std::span<uint8_t> room = output.room();
    if (room.empty()) return too_large();
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    output.add(room.size() - stream.avail_out);
    if (result == Z_STREAM_END) {
      // RFC 1952: several members may follow each other. What is no member any more is ignored, as by Java.
      constexpr uint8_t magic[] = {0x1f, 0x8b};
      const std::span<const uint8_t> rest(stream.next_in, stream.avail_in);
      if (rest.size() < 2 || !std::equal(magic, magic + 2, rest.begin())) return output.take();
      const int next = inflateReset(&stream);
      BROKERLAB_ASSERT(next == Z_OK);
      continue;
    }
    if (result == Z_BUF_ERROR || (result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0))
      return damaged("gzip data end too early");
    if (result != Z_OK) return damaged("gzip data are damaged");
  }
}

Bytes lz4(std::span<const uint8_t> bytes) {
  LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;  // as Kafka's own clients
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  std::vector<uint8_t> output(LZ4F_compressFrameBound(bytes.size(), &preferences));
  const size_t size =
      LZ4F_compressFrame(output.data(), output.size(), bytes.data(), bytes.size(), &preferences);
  BROKERLAB_ASSERT(LZ4F_isError(size) == 0);
  output.resize(size);
  return Bytes::adopt(std::move(output));
}

Result<Bytes> unlz4(const Bytes& bytes, const DecompressionLimits& limits) {
  LZ4F_dctx* created = nullptr;
  const size_t ready = LZ4F_createDecompressionContext(&created, LZ4F_VERSION);
  BROKERLAB_ASSERT(LZ4F_isError(ready) == 0);
  const std::unique_ptr<LZ4F_dctx, size_t (*)(LZ4F_dctx*)> context(created, LZ4F_freeDecompressionContext);
  Output output(bytes.size(), limits);
  size_t position = 0;
  while (true) {
    const std::span<uint8_t> room = output.room();
    if (room.empty()) return too_large();
    size_t produced = room.size();
    size_t consumed = bytes.size() - position;
    const size_t hint =
        LZ4F_decompress(context.get(), room.data(), &produced, bytes.data() + position, &consumed, nullptr);
    if (LZ4F_isError(hint) != 0) return damaged(std::string("LZ4 data: ") + LZ4F_getErrorName(hint));
    output.add(produced);
    position += consumed;
    if (hint == 0) return output.take();
    if (produced == 0 && consumed == 0) return damaged("LZ4 data end too early");
  }
}

// ---- snappy -----------------------------------------------------------------------------------------------

constexpr std::array<uint8_t, 16> snappy_stream_header = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                          0,    0,   0,   1,   0,   0,   0,   1};
constexpr size_t snappy_magic_size = 8;
constexpr size_t snappy_block_size = 32 * 1024;  // snappy-java's
constexpr int32_t oldest_snappy_stream = 1;

const char* chars(const uint8_t* bytes) { return reinterpret_cast<const char*>(bytes); }
char* chars(uint8_t* bytes) { return reinterpret_cast<char*>(bytes); }

uint32_t big_endian(std::span<const uint8_t> bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

Bytes snappy_stream(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> output(snappy_stream_header.begin(), snappy_stream_header.end());
  while (!bytes.empty()) {
    const std::span<const uint8_t> block = bytes.first(std::min(bytes.size(), snappy_block_size));
    const size_t length_at = output.size();
    const size_t begin = length_at + sizeof(uint32_t);
    output.resize(begin + snappy::MaxCompressedLength(block.size()));
    size_t length = 0;
    snappy::RawCompress(chars(block.data()), block.size(), chars(&output[begin]), &length);
    output.resize(begin + length);
    for (size_t i = 0; i < sizeof(uint32_t); ++i)
      output[length_at + i] = static_cast<uint8_t>(length >> (24 - 8 * i));
    bytes = bytes.subspan(block.size());
  }
  return Bytes::adopt(std::move(output));
}

Status add_snappy_block(std::span<const uint8_t> block, Output& output) {
  // A copy of 64 bytes takes 3, and nothing in the format yields more: a larger promise is a lie.
  const uint64_t largest_possible = block.size() * 64 / 3 + 1;
  size_t size = 0;
  if (!snappy::GetUncompressedLength(chars(block.data()), block.size(), &size) || size > largest_possible)
    return damaged("snappy data have a wrong length");
  if (size == 0) return {};
  const std::span<uint8_t> room = output.room_for(size);
  if (room.empty()) return too_large();
  if (!snappy::RawUncompress(chars(block.data()), block.size(), chars(room.data())))
    return damaged("snappy data are damaged");
  output.add(size);
  return {};
}

// As snappy-java reads it: a stream may follow another, and fewer than four bytes at the end are no block.
Result<Bytes> unsnappy(const Bytes& bytes, const DecompressionLimits& limits) {
  Output output(bytes.size(), limits);
  std::span<const uint8_t> rest = bytes.span();
  const auto begins_stream = [&rest] {
    return rest.size() >= snappy_stream_header.size() &&
           std::equal(snappy_stream_header.begin(), snappy_stream_header.begin() + snappy_magic_size,
                      rest.begin());
  };
  if (!begins_stream()) {
    const Status added = add_snappy_block(rest, output);
    if (!added.ok()) return added;
    return output.take();
  }
  while (rest.size() >= sizeof(uint32_t)) {
    if (begins_stream()) {
      constexpr size_t compatible_at = snappy_magic_size + sizeof(int32_t);
      if (static_cast<int32_t>(big_endian(rest.subspan(compatible_at))) < oldest_snappy_stream)
        return damaged("snappy data of an unknown version");
      rest = rest.subspan(snappy_stream_header.size());
      continue;
    }
    const uint32_t length = big_endian(rest);
    rest = rest.subspan(sizeof(uint32_t));
    if (length > rest.size()) return damaged("snappy data end too early");
    const Status added = add_snappy_block(rest.first(length), output);
    if (!added.ok()) return added;
    rest = rest.subspan(length);
  }
  return output.take();
}

// ---- zstd -------------------------------------------------------------------------------------------------

Bytes zstd(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> output(ZSTD_compressBound(bytes.size()));
  const size_t size =
      ZSTD_compress(output.data(), output.size(), bytes.data(), bytes.size(), ZSTD_defaultCLevel());
  BROKERLAB_ASSERT(ZSTD_isError(size) == 0);
  output.resize(size);
  return Bytes::adopt(std::move(output));
}

// Frame after frame, to the end. libzstd's stream would allocate the window that a frame's header asks for, up
// to 128 MiB; what it decompresses in one piece needs no window. So it is tried with more and more room.
Result<Bytes> unzstd(const Bytes& bytes, const DecompressionLimits& limits) {
  constexpr size_t growth = 4;
  const uint64_t limit = largest_output(bytes.size(), limits);
  for (size_t room = std::max(growth * bytes.size(), smallest_output);; room *= growth) {
    std::vector<uint8_t> output(std::min<uint64_t>(room, limit));
    const size_t size = ZSTD_decompress(output.data(), output.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) == 0) {
      if (bytes.empty()) return damaged("zstd data end too early");
      output.resize(size);
      return Bytes::adopt(std::move(output));
    }
    if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall)
      return damaged(std::string("zstd data: ") + ZSTD_getErrorName(size));
    if (output.size() == limit) return too_large();
  }
}

}  // namespace

std::string_view name_of(Compression compression) { return names[static_cast<size_t>(compression)]; }

std::optional<Compression> compression_of_name(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Compression>(found - names.begin());
}

Bytes compress(Compression compression, std::span<const uint8_t> bytes) {
  switch (compression) {
    case Compression::none:
      return Bytes::copy_of(bytes);
    case Compression::gzip:
      return gzip(bytes);
    case Compression::snappy:
      return snappy_stream(bytes);
    case Compression::lz4:
      return lz4(bytes);
    case Compression::zstd:
      return zstd(bytes);
  }
  BROKERLAB_ASSERT(false);
}

Result<Bytes> decompress(Compression compression, const Bytes& bytes, const DecompressionLimits& limits) {
  switch (compression) {
    case Compression::none:
      return bytes;
    case Compression::gzip:
      return gunzip(bytes, limits);
    case Compression::snappy:
      return unsnappy(bytes, limits);
    case Compression::lz4:
      return unlz4(bytes, limits);
    case Compression::zstd:
      return unzstd(bytes, limits);
  }
  BROKERLAB_ASSERT(false);
}

}  // namespace brokerlab::kafka

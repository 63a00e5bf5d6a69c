#include "sim/wire/kafka/compression.h"

#include <lz4frame.h>
#include <zlib.h>

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

// What has come out of a decompressor so far. It grows by doubling, never to a size that the input declares.
class Output {
 public:
  Output(size_t input_size, const DecompressionLimits& limits)
      : limit_(
            std::min(limits.max_bytes, std::max<uint64_t>(input_size * limits.max_ratio, smallest_output))) {}

  /// Room for at least one byte more; none when the limit is reached.
  std::span<uint8_t> room() {
    if (used_ == bytes_.size()) bytes_.resize(std::min(limit_, std::max(2 * bytes_.size(), smallest_output)));
    return std::span(bytes_).subspan(used_);
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

}  // namespace

std::string_view name_of(Compression compression) { return names[static_cast<size_t>(compression)]; }

std::optional<Compression> compression_of_name(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Compression>(found - names.begin());
}

bool is_supported(Compression compression) {
  return compression == Compression::none || compression == Compression::gzip ||
         compression == Compression::lz4;
}

Bytes compress(Compression compression, std::span<const uint8_t> bytes) {
  BROKERLAB_ASSERT(is_supported(compression));
  if (compression == Compression::gzip) return gzip(bytes);
  if (compression == Compression::lz4) return lz4(bytes);
  return Bytes::copy_of(bytes);
}

Result<Bytes> decompress(Compression compression, const Bytes& bytes, const DecompressionLimits& limits) {
  BROKERLAB_ASSERT(is_supported(compression));
  if (compression == Compression::gzip) return gunzip(bytes, limits);
  if (compression == Compression::lz4) return unlz4(bytes, limits);
  return bytes;
}

}  // namespace brokerlab::kafka

#include "sim/network/framer.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

using Verdict = FrameCut::Verdict;

FrameCut cut_kafka(std::span<const uint8_t> bytes, size_t max_size) {
  constexpr size_t prefix = 4;
  if (bytes.size() < prefix) return {};
  const uint32_t length =
      uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
  if (length > uint32_t{INT32_MAX} || length > max_size) return {Verdict::close};
  const size_t size = prefix + length;
  if (bytes.size() < size) return {Verdict::need_more, size};
  return {Verdict::frame, size, prefix, length};
}

FrameCut cut_line(std::span<const uint8_t> bytes, size_t max_size) {
  const auto end = std::find(bytes.begin(), bytes.end(), uint8_t{'\n'});
  const size_t length = static_cast<size_t>(end - bytes.begin());
  if (length > max_size) return {Verdict::close};
  if (end == bytes.end()) return {};
  return {Verdict::frame, length + 1, 0, length};
}

}  // namespace

bool has_framer(Protocol protocol) { return protocol == Protocol::kafka || protocol == Protocol::line; }

FrameCut cut_frame(Protocol protocol, std::span<const uint8_t> bytes, size_t max_size) {
  BROKERLAB_ASSERT(has_framer(protocol));
  return protocol == Protocol::kafka ? cut_kafka(bytes, max_size) : cut_line(bytes, max_size);
}

}  // namespace brokerlab

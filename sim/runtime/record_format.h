// The bytes of a recording: blocks on the outside, entries of variable-length numbers and texts within.
//
//   file     magic (8 bytes), version (4), block...
//   block    size of its payload (4), CRC-32C of size and payload (4), payload: whole entries
//   number   7 bits a byte, lowest first; signed ones zigzagged. Fixed sizes are little-endian
//   text     length, bytes
//
// A block is whole or it does not count: what a program that was killed has left ends with its last whole block, and
// zeros after it.
// Nothing is ever allocated for a length that the bytes themselves do not have.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/event.h"
#include "sim/base/fields.h"
#include "sim/base/result.h"

namespace brokerlab::recording {

inline constexpr std::array<uint8_t, 8> magic = {'B', 'L', 'R', 'E', 'C', '\r', '\n', 0x1a};
inline constexpr uint32_t version = 2;
inline constexpr size_t file_header_bytes = magic.size() + 4;
inline constexpr size_t block_header_bytes = 8;

void put_fixed(uint8_t* to, uint32_t value);
uint32_t fixed(const uint8_t* from);

constexpr uint64_t zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t from_zigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

/// Entries that are to be written. Large frames are kept as they came in.
class Output {
 public:
  struct Part {
    size_t position;  ///< in `bytes`, where the frame belongs
    Bytes frame;
  };

  void number(uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<uint8_t>(value));
  }
  void signed_number(int64_t value) { number(zigzag(value)); }
  void text(std::string_view value) {
    number(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void blob(const Bytes& value);
  void append(Output& other);
  void clear();

  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size() + frames_bytes_; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  /// Copying a smaller frame costs less than one more piece of a system call.
  static constexpr size_t least_part_bytes = 2048;
  std::vector<uint8_t> bytes_;
  std::vector<Part> parts_;
  size_t frames_bytes_ = 0;
};

/// Reads what Output wrote. After the first thing that cannot be there everything is zero and empty, and `ok` says so.
class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  uint64_t number();
  int64_t signed_number() { return from_zigzag(number()); }
  std::span<const uint8_t> span();
  std::string text() {
    const std::span<const uint8_t> bytes = span();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// How many things follow: no more than there are bytes.
  size_t count() {
    const uint64_t value = number();
    if (value > rest_.size()) fail();
    return ok_ ? static_cast<size_t>(value) : 0;
  }

 private:
  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

// ---- what entries are made of -----------------------------------------------------------------------------

inline void put_node(Output& out, NodeId node) { out.number(static_cast<uint32_t>(node.value + 1)); }
inline NodeId take_node(Input& in) { return {static_cast<uint32_t>(in.number()) - 1}; }
inline void put_ref(Output& out, EventRef ref) {
  out.number(ref.sequence);
  if (!ref.is_none()) put_node(out, ref.node);
}
inline EventRef take_ref(Input& in) {
  EventRef ref;
  ref.sequence = in.number();
  if (ref.sequence != 0) ref.node = take_node(in);
  return ref;
}
void put_status(Output& out, const Status& status);
Status take_status(Input& in);
void put_texts(Output& out, std::span<const std::string> texts);
std::vector<std::string> take_texts(Input& in);

/// The payload of an event, by the list of fields that it declares.
void put_payload(Output& out, const EventPayload& payload);
EventPayload take_payload(Input& in);
/// Changes with the declarations of events: a recording is read only by a program that has the same ones.
uint64_t payload_declarations();

// ---- blocks -----------------------------------------------------------------------------------------------

/// Goes through the blocks of a file.
class BlockReader {
 public:
  /// An error when this is no recording, or one of another version.
  static Result<BlockReader> open(std::span<const uint8_t> file);

  enum class Next : uint8_t {
    block,
    end,      ///< of the file, after a whole block
    cut_off,  ///< the last block is not whole, or zeros follow: whoever wrote it was killed, or the disk was full
    damaged,  ///< a block is not what was written, and more follows it
  };
  Next next();
  std::span<const uint8_t> payload() const { return payload_; }
  /// Where in the file the block begins.
  size_t position() const { return position_; }

 private:
  explicit BlockReader(std::span<const uint8_t> file) : file_(file) {}
  std::span<const uint8_t> file_;
  std::span<const uint8_t> payload_;
  size_t position_ = file_header_bytes;
  size_t next_position_ = file_header_bytes;
};

}  // namespace brokerlab::recording

// Reads the protocol's primitive types out of untrusted bytes.
//
// An error is sticky: the first one is kept, and from then on every read gives zero or nothing and consumes
// nothing. So a caller may read on and look once at the end, as long as its loops ask `ok()`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"

namespace brokerlab::kafka {

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(std::move(bytes)) {}

  int8_t int8() { return static_cast<int8_t>(big_endian<uint8_t>()); }
  int16_t int16() { return static_cast<int16_t>(big_endian<uint16_t>()); }
  int32_t int32() { return static_cast<int32_t>(big_endian<uint32_t>()); }
  int64_t int64() { return static_cast<int64_t>(big_endian<uint64_t>()); }
  double float64();
  Uuid uuid();
  /// At most 5 bytes for 32 bits, 10 for 64; longer ones are errors.
  uint32_t unsigned_varint() { return static_cast<uint32_t>(base128(32)); }
  int32_t varint() {
    const auto zigzag = static_cast<uint32_t>(base128(32));
    return static_cast<int32_t>(zigzag >> 1) ^ -static_cast<int32_t>(zigzag & 1);
  }
  int64_t varlong() {
    const uint64_t zigzag = base128(64);
    return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
  }
  /// A view that shares the owner; empty (and an error) when fewer bytes are left.
  Bytes view(uint64_t length) {
    if (!has(length)) return {};
    Bytes bytes(bytes_.owner(), bytes_.data() + position_, length);
    position_ += length;
    return bytes;
  }
  /// What was read since `position`. REQUIRES: position <= position().
  Bytes since(size_t position) const { return bytes_.subview(position, position_ - position); }

  size_t position() const { return position_; }
  size_t remaining() const { return ok() ? bytes_.size() - position_ : 0; }
  bool ok() const { return status_.ok(); }
  void fail(std::string why) { fail(StatusCode::invalid, std::move(why)); }
  /// Takes over an error from a reader of a part; `position` is where in these bytes.
  void fail_at(size_t position, const Status& status) {
    position_ = position;
    fail(status.code, status.message);
  }
  /// Says in which field the error is.
  void name_error(std::string_view field) {
    if (!ok()) status_.message = std::string(field) + ": " + status_.message;
  }
  /// `invalid` when the bytes end too early, `limit` when a variable-length number does not end.
  const Status& status() const { return status_; }

 private:
  template <class Unsigned>
  Unsigned big_endian() {
    if (!has(sizeof(Unsigned))) return 0;
    Unsigned value = 0;
    for (size_t i = 0; i < sizeof value; ++i)
      value = static_cast<Unsigned>(uint64_t{value} << 8 | bytes_[position_ + i]);
    position_ += sizeof value;
    return value;
  }
  bool has(uint64_t count) {
    if (!ok()) return false;
    if (count <= bytes_.size() - position_) return true;
    fail("the bytes end too early");
    return false;
  }
  void fail(StatusCode code, std::string why) {
    if (ok()) status_ = Status::error(code, std::move(why));
  }
  uint64_t base128(int bits) {
    // Most numbers of a record take one byte.
    if (position_ < bytes_.size() && bytes_[position_] < 0x80 && ok()) return bytes_[position_++];
    return long_base128(bits);
  }
  uint64_t long_base128(int bits);

  Bytes bytes_;
  size_t position_ = 0;
  Status status_;
};

}  // namespace brokerlab::kafka

// The latest offset of each key, which compaction looks at to decide what is old.
//
// Memory is bounded: when it is full, the pass ends where the map ends. Keys are kept whole (Kafka keeps 16-byte
// hashes of them, and so may keep too little).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace brokerlab {

class OffsetMap {
 public:
  explicit OffsetMap(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// False when the key is new and there is no room for it. REQUIRES: offsets come in order.
  bool put(std::string_view key, int64_t offset) {
    const auto found = offsets_.find(key);
    if (found != offsets_.end()) {
      found->second = offset;
      return true;
    }
    const uint64_t bytes = key.size() + bytes_beside_key;
    if (bytes > max_bytes_ - bytes_) return false;
    bytes_ += bytes;
    offsets_.emplace(key, offset);
    return true;
  }
  /// -1 for a key that is not there.
  int64_t latest_offset_of(std::string_view key) const {
    const auto found = offsets_.find(key);
    return found == offsets_.end() ? -1 : found->second;
  }
  size_t size() const { return offsets_.size(); }

 private:
  static constexpr uint64_t bytes_beside_key = 80;  ///< the offset, and what the tree needs

  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  std::map<std::string, int64_t, std::less<>> offsets_;
};

}  // namespace brokerlab

#include "sim/network/message_info.h"

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"

namespace brokerlab {

MessageKind kind_of_api(int16_t api_key) {
  switch (api_key) {
    case kafka::ProduceRequest::api_key:
      return MessageKind::produce;
    case kafka::FetchRequest::api_key:
      return MessageKind::fetch;
    case 8:  // OffsetCommit, OffsetFetch, FindCoordinator, JoinGroup, Heartbeat, LeaveGroup, SyncGroup
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 68:  // ConsumerGroupHeartbeat
      return MessageKind::group;
    case 52:  // Vote, BeginQuorumEpoch, EndQuorumEpoch, FetchSnapshot, UpdateRaftVoter
    case 53:
    case 54:
    case 59:
    case 82:
      return MessageKind::quorum;
    default:
      return MessageKind::control;
  }
}

int32_t count_records(const Slices& batches) {
  // Record batch v2: int64 base offset, int32 length of what follows, ..., int32 record count at byte 57.
  constexpr size_t length_at = 8;
  constexpr size_t after_length = 12;
  constexpr size_t count_at = 57;
  constexpr size_t header_size = 61;
  const auto int32_at = [](const Bytes& bytes, size_t at) {
    return static_cast<int32_t>(uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
                                uint32_t{bytes[at + 2]} << 8 | uint32_t{bytes[at + 3]});
  };
  int64_t count = 0;
  for (const Slice& slice : batches) {
    const Bytes* bytes = std::get_if<Bytes>(&slice);
    if (bytes == nullptr) return -1;
    size_t at = 0;
    while (bytes->size() - at >= header_size) {
      const int32_t length = int32_at(*bytes, at + length_at);
      count += int32_at(*bytes, at + count_at);
      if (length < 0 || static_cast<size_t>(length) > bytes->size() - at - after_length) break;
      at += after_length + static_cast<size_t>(length);
    }
  }
  return count >= 0 && count <= INT32_MAX ? static_cast<int32_t>(count) : -1;
}

}  // namespace brokerlab

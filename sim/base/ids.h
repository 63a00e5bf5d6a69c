// Strong identifiers of the lab. Mixing two of them is a compile error; a number inside is reached by
// `.value`.
//
// Kafka's own numbers that are arithmetic (offsets, epochs) stay int64_t and int32_t under the field's names,
// because the protocol computes with them.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace brokerlab {

template <class Tag, class Rep>
struct StrongId {
  Rep value{};
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
};

/// A node of the lab (what a container is in the guides), numbered in the order of the cluster specification.
using NodeId = StrongId<struct NodeIdTag, uint32_t>;
/// No node: an outside client, or an event that has no cause.
inline constexpr NodeId no_node{0xFFFFFFFFu};

/// One connection as one of its ends sees it; unique for that node over all its incarnations.
/// Incoming ones are numbered by the driver from 1, outgoing ones by the node itself from
/// `first_outgoing_connection` (OutgoingConnectionIds).
using ConnectionId = StrongId<struct ConnectionIdTag, uint64_t>;
inline constexpr uint64_t first_outgoing_connection = uint64_t{1} << 32;

/// A file that a node opened on its disk. Valid for one incarnation of the node.
using FileId = StrongId<struct FileIdTag, uint32_t>;
/// Names a flush whose end the node waits for.
using DiskToken = StrongId<struct DiskTokenTag, uint64_t>;

/// Kafka's topic id, cluster id and directory id: 16 bytes, printed as URL-safe base64 without padding.
struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  bool is_zero() const { return high == 0 && low == 0; }
  std::string to_string() const;
  /// Zero id when the text is not 22 characters of URL-safe base64.
  static Uuid parse(std::string_view text);
};
/// The id of `__cluster_metadata` (KIP-595).
inline constexpr Uuid metadata_topic_id{0, 1};

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
  std::string to_string() const { return topic + "-" + std::to_string(partition); }
};

}  // namespace brokerlab

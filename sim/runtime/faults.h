// What can go wrong in the lab: the one description of every fault. Its text (`to_string`, `parse_fault`) is what the
// `fault` verb takes, what scenarios and lessons say, what the journal keeps and the window shows. Both drivers carry
// out the same description.
//
// NODE may be any node of the lab. Between A and B: `A B` means both directions, `A to B` what A sends to B, `A` alone
// every other node.
//
//   cut A [[to] B]                      nothing passes: what is sent waits, as TCP's retransmission does
//   flap A [[to] B] 2s                  cut for the first half of each period, whole for the second
//   slow A [[to] B] 50ms [jitter 10ms]  this latency instead of the lab's
//   throttle A [[to] B] 64KB/s          each direction of the link carries so much; what is sent at once queues
//   half-open A [[to] B]                at this moment: connections that exist go dead, and nobody is told. What is sent
//                                       over them waits for ever, also the close; who has sent something breaks after
//                                       `break_after`. New connections work
//   reset A [B]                         at this moment: connections break, at both ends
//   slow-cpu NODE 5ms                   each input (frames, a timer, a flush that is done) costs the node so much time
//                                       before it is taken; the others wait their turn
//   power-loss NODE                     at this moment: the node is killed, and each file loses what was not flushed
//   clock-skew NODE -2s                 the wall clock is wrong by so much; the monotonic one is not
//   clock-jump NODE +60s                the wall clock leaps, from where it is; a second leap adds to the first
//   clock-drift NODE 200ppm             the wall clock runs so many microseconds a second too fast (-: too slow)
//   slow-disk NODE 50ms                 each flush takes so much longer, and so does each step that reads or appends
//   io-error NODE                       what reads or changes a file fails: Input/output error
//   fsync-failure NODE                  flushes fail, and nothing becomes durable
//   disk-full NODE                      what needs space fails: No space left on device
//   torn-write NODE                     at its next crash the last append ends in its middle
//   bit-flip NODE [TOPIC-PARTITION]     at this moment: one bit of that log, or of any file, is inverted. In a log with
//                                       closed segments one of these is hit. `records`: one that a checksum covers
//   wipe-disk NODE                      at this moment: the node is killed, and its disk is empty
//
// What happens "at this moment" is over at once; the others last until they are healed, also over restarts (torn-write
// until it has happened).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/network/links.h"

namespace brokerlab {

struct Fault {
  enum class Kind : uint8_t {
    cut,
    flap,
    slow,
    throttle,
    half_open,
    reset,
    slow_cpu,
    power_loss,
    clock_skew,
    clock_jump,
    clock_drift,
    slow_disk,
    io_error,
    fsync_failure,
    disk_full,
    torn_write,
    bit_flip,
    wipe_disk,
  };
  Kind kind = Kind::cut;
  std::string from;      ///< the node; of a link its one end
  std::string to;        ///< of a link; empty: every other node
  bool one_way = false;  ///< of a link
  LatencyModel latency;  ///< of `slow`
  Duration
      time;  ///< of flap the period; of slow-cpu and slow-disk what is added; of skew and jump by how much
  uint64_t bytes_per_second = 0;  ///< of throttle
  int64_t ppm = 0;                ///< of drift
  std::string partition;          ///< of bit-flip; empty: any file
  friend bool operator==(const Fault&, const Fault&) = default;
  std::string to_string() const;
};

/// "half-open": the first word of its text.
std::string_view name_of(Fault::Kind kind);
/// Whether it is over at once, so that there is nothing to heal.
bool is_momentary(Fault::Kind kind);
/// Whether it is about a link, and not about one node.
bool is_of_link(Fault::Kind kind);
/// Whether it is about what a node keeps.
bool is_of_disk(Fault::Kind kind);
std::optional<Fault::Kind> fault_kind(std::string_view name);

/// A reason in words when `text` is no fault. Does not check that the nodes exist.
Result<Fault> parse_fault(std::string_view text);

/// The same, and the forms that mean several cuts at once, `others` being the nodes that they speak of besides:
///
///   isolate A                     A from every other node
///   partition A B | C D           no A or B with any C or D; with `to` instead of `|` only what A and B send is held
///   bridge A                      the others fall into two halves that see only A
Result<std::vector<Fault>> parse_faults(std::string_view text, std::span<const std::string> nodes);

}  // namespace brokerlab

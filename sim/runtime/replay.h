// Plays a recording (record.h) again: the same steps of the same nodes, on one thread and simulated disks, to the
// same journal.
//
// The nodes run; nothing that they said is taken from the recording. What the live driver did stands there: its
// events, the nodes' inputs, clocks and failures. Where a node does otherwise than it did, its journal's hash differs
// from the digest in its next step, and the replay ends there and says where.
//
// Limits: all disks are in memory, and every frame between nodes until it is delivered or lost.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/network/links.h"
#include "sim/observe/journal.h"
#include "sim/runtime/cluster.h"
#include "sim/runtime/node_runner.h"
#include "sim/runtime/record.h"
#include "sim/storage/simulated_disk.h"

namespace brokerlab {

/// How the shell makes what a recording names.
struct ReplayMakers {
  /// The cluster that the texts given to Recorder::create describe.
  std::function<Result<ClusterSpec>(const std::vector<std::string>& cluster)> cluster;
  /// The factory of an added node.
  std::function<Result<NodeFactory>(const std::vector<std::string>& recipe)> factory;
};

struct ReplayDifference {
  std::string node;
  Instant at;
  uint64_t after_event = 0;       ///< its journal was the same up to here
  std::string input;              ///< of the first step that showed it
  std::vector<std::string> made;  ///< the replay's last events of the node, in words
};

class Replay {
 public:
  /// `file` must outlive this. Errors: no recording, one of another version, damage in its first block.
  static Result<std::unique_ptr<Replay>> open(std::span<const uint8_t> file, ReplayMakers makers);
  ~Replay();

  enum class Outcome : uint8_t {
    same,       ///< played to the end, and the hash is the recorded one
    reached,    ///< played to `until`
    cut_off,    ///< the recording ends in the middle: played up to there, no difference found
    different,  ///< `difference` says where
  };
  /// Plays all that is not later than `until`. An error when the recording is damaged.
  Result<Outcome> play(Instant until = never);

  const std::optional<ReplayDifference>& difference() const { return difference_; }
  std::string hash() const { return hash_.hex(); }
  uint64_t events() const { return hash_.events(); }
  /// As the session itself printed it; nothing when it was cut off.
  const std::optional<uint64_t>& recorded_hash() const { return recorded_hash_; }
  Instant now() const { return now_.monotonic; }
  Journal& journal() { return journal_; }
  LabView view() const;

 private:
  struct Member;
  enum class Played : uint8_t { more, ended, different };

  Replay(recording::BlockReader blocks, ReplayMakers makers);
  Status play_header(recording::Input& in);
  /// One entry. An error when it makes no sense.
  Result<Played> play_entry(recording::Input& in);
  Status play_member(recording::Input& in, NodeId id);
  Status play_file(recording::Input& in, Member& member, bool is_folder);
  Status play_event(recording::Input& in, NodeId id, Instant at);
  /// What a fault took from a disk. An error when its node runs.
  Status take_from_disk(Member& member, const event::DiskDamaged& damage);
  Status play_bit_flip(recording::Input& in, Member& member);
  Result<Played> play_step(recording::Input& in, Member& member, Instant at);
  /// Nothing when it needs a frame that nobody has sent.
  Result<std::optional<brokerlab::Input>> take_input(recording::Input& in, Member& member);
  Result<std::optional<brokerlab::Input>> take_frames(recording::Input& in, Member& member);
  void carry_out(Member& member, const brokerlab::Input& input);
  void carry_out_sent(Member& member, recording::Input& in);
  /// The events of the last step are complete: nothing more comes that says where its frames are.
  void settle(Member& member);
  Played play_end(recording::Input& in);
  Played differs(Member& member, Instant at, std::string input);
  Status damaged(std::string_view what) const;

  recording::BlockReader blocks_;
  recording::Input block_{{}};  ///< what is left of it
  ReplayMakers makers_;
  ClusterSpec spec_;
  Journal journal_;
  JournalHash hash_;
  Now now_;
  Instant until_ = never;
  bool has_ended_ = false;

  std::map<NodeId, std::unique_ptr<Member>> members_;
  std::map<EventRef, Bytes> on_their_way_;  ///< by the event of sending
  std::map<std::pair<NodeId, std::string>, Result<std::string>> tool_files_;
  uint64_t lab_sequence_ = 1;
  int64_t lab_time_ns_ = 0;
  std::vector<Fault> faults_;
  std::optional<uint64_t> recorded_hash_;
  std::optional<ReplayDifference> difference_;
};

}  // namespace brokerlab

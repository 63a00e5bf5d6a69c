// What the lab's own producers and consumers saw: Jepsen's anomalies of a Kafka-like log, under Jepsen's names.
//
// Jepsen knows records by value; here a record has its offset and a hash. Allowed, as in Jepsen's allow-list: offsets
// that leave gaps between two records of one send (int-send-skip), since others write in between; a consumer whose
// position is set anew may skip and go back (it is told so). Not asked of acks=0 and acks=1, or of producers without
// idempotence: what Kafka does not promise them. A topic whose name was used twice is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/observe/invariants/cluster_model.h"

namespace brokerlab {

class ClientHistory {
 public:
  /// Of one partition, in records.
  static constexpr size_t records_kept = 1 << 18;
  static constexpr size_t sessions_kept = 256;
  static constexpr size_t answers_kept = 1 << 14;

  void fold(ClusterModel& model, const Event& event, const event::RecordsSent& sent);
  void fold(ClusterModel& model, const Event& event, const event::Acknowledged& acknowledged);
  void fold(ClusterModel& model, const Event& event, const event::RecordsConsumed& consumed);
  void fold(ClusterModel& model, const Event& event, const event::PositionSet& position);
  void fold(ClusterModel& model, const Event& event, const event::NodeStopped& stopped);
  /// At the end: lost-write, duplicate, unseen; and that every write was answered.
  void finish(ClusterModel& model, const Event& last, bool healed_and_quiet);
  Duration worst_realtime_lag() const { return worst_realtime_lag_; }

 private:
  struct Acked {
    std::vector<uint32_t> hashes;
    Instant at;
    Acknowledgement given;
  };
  struct Polled {
    uint32_t hash = 0;
    bool is_there = false;
  };
  /// Offsets that one consumer went over without a break.
  struct Session {
    NodeId node = no_node;
    int64_t from = 0;
    int64_t to = 0;
    bool is_open = true;
    EventRef last_cause;
  };
  struct Partition {
    std::map<int64_t, Acked> acked;  ///< with acks=all, by first offset; the newest of each
    int64_t polled_from = 0;         ///< of the first in `polled`
    std::deque<Polled> polled;
    std::vector<Session> sessions;
    /// Of the leaders, that no producer has got yet, by first offset.
    std::multimap<int64_t, Acknowledgement> answers;
    /// The records that were read or acknowledged at one offset, where there were several.
    std::map<int64_t, std::set<uint32_t>> meanings;
    struct Last {
      int64_t offset = -1;
      Acknowledgement given;
    };
    std::map<NodeId, Last> last_sent;  ///< by idempotent producer: its newest record
    struct Count {
      int32_t sent = 0;
      bool is_idempotent = true;
    };
    std::map<uint32_t, Count> sent;  ///< by hash
  };

  Session& session(Partition& partition, NodeId node, int64_t offset);
  void poll(ClusterModel& model, Partition& partition, const Event& event,
            const event::RecordsConsumed& consumed);
  void note_lag(const Partition& partition, int64_t first, int64_t last, Instant at);
  struct AckedRecord {
    uint32_t hash = 0;
    Acknowledgement given;
  };
  /// The newest; nothing when none is known.
  static std::optional<AckedRecord> acked_at(const Partition& partition, int64_t offset);
  /// Notes that these records stood at this offset; whether they may have.
  static bool may_stand_for(Partition& partition, const PartitionModel* broker_side, int64_t offset,
                            std::initializer_list<uint32_t> hashes);
  /// Which answer of a leader a producer has got.
  static Acknowledgement take_answer(Partition& partition, int64_t first_offset);
  void check_acked(ClusterModel& model, const TopicPartition& name, Partition& partition,
                   const PartitionModel* broker_side, const Event& last, bool healed_and_quiet);
  void check_duplicates(ClusterModel& model, const TopicPartition& name, const Partition& partition,
                        const PartitionModel* broker_side, const Event& last) const;
  const Polled* polled(const Partition& partition, int64_t offset) const;

  std::map<TopicPartition, Partition> partitions_;
  std::map<NodeId, int32_t> unanswered_;  ///< records, by producer
  Duration worst_realtime_lag_;
};

}  // namespace brokerlab

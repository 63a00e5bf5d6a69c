// The consumer engine in assign mode: partitions and where to begin in, records out. The core of consumer
// nodes and of kafka-console-consumer; consumer groups come with a later part.
//
// ListOffsets v1 to v10, Fetch v4 to v17 without sessions (KIP-227 allows that). Each leader has one Fetch at a
// time for all partitions that it leads. A partition follows its leader with the epoch that the client knows
// (KIP-320), so that an old leader refuses instead of answering from a log that will be cut.
//
// Invariants: a partition's records come in the order of their offsets and none twice, unless its position was
// reset because it was out of range; control records, and in read_committed the records of aborted
// transactions (KIP-98), are never delivered.
//
// Deviations: a truncation below the position after an unclean election shows as an offset out of range, not
// as OffsetForLeaderEpoch tells it; no preferred read replica (KIP-392).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/cluster_metadata.h"
#include "sim/clients/network_client.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

/// Where to begin in a partition.
struct StartAt {
  enum class Kind : uint8_t { earliest, latest, offset, timestamp } kind = Kind::latest;
  int64_t value = 0;  ///< the offset, or milliseconds since 1970 of the first record
};

struct ConsumerConfig {
  std::string client_id = "consumer-1";
  std::string log_context{};  ///< as of NetworkClient::Config
  std::vector<Address> bootstrap{};
  bool allow_auto_topic_creation = true;
  bool read_committed = false;
  /// What to do at an offset that the leader does not have; nothing fails the partition.
  std::optional<StartAt::Kind> offset_reset = StartAt::Kind::latest;
  Duration fetch_max_wait = milliseconds(500);
  int32_t fetch_min_bytes = 1;
  int32_t fetch_max_bytes = 52'428'800;
  int32_t max_partition_fetch_bytes = 1'048'576;
  Duration request_timeout = seconds(30);
  Duration retry_backoff = milliseconds(100);
  Duration metadata_max_age = seconds(300);
  uint64_t first_choice = 0;  ///< as of ClusterMetadata::Config
  uint16_t timer_kind = 0;
};

struct ConsumedRecord {
  TopicPartition partition;
  kafka::Record record;  ///< its bytes are views that keep the fetched batch alive
  kafka::TimestampType timestamp_type = kafka::TimestampType::create_time;
  int32_t leader_epoch = -1;
};

class Consumer {
 public:
  explicit Consumer(ConsumerConfig config);

  /// Reads this partition from now on. Leaves with `run`.
  void assign(const TopicPartition& partition, StartAt start);
  /// Reads every partition of the topic; those that are added to it later from their beginning.
  void assign_topic(const std::string& topic, StartAt start);
  void run(const Now& now, Effects& effects, OutgoingConnectionIds& ids);

  bool owns(const Input& input) const;
  /// REQUIRES: owns(input).
  void handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids, const Input& input);
  std::vector<ConsumedRecord> take_records() { return std::exchange(records_, {}); }

  struct Failure {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    std::string message;  ///< in the words of Kafka's client
  };
  /// What stopped a partition, or the whole consumer; it does not go on.
  const std::optional<Failure>& failure() const { return failure_; }

  /// The offset of the next record; nothing while the start is still looked up.
  std::optional<int64_t> position(const TopicPartition& partition) const;
  std::vector<TopicPartition> assignment() const;
  const ClusterMetadata& metadata() const { return metadata_; }

 private:
  struct Partition {
    std::optional<StartAt> start;  ///< to be looked up; nothing once there is a position
    int64_t position = -1;         ///< -1 until there was one
    bool is_under_way = false;
    Instant retry_at;
  };
  struct Request {
    int32_t leader = -1;
    bool is_fetch = false;
    std::vector<TopicPartition> partitions;
  };

  void assign_new_partitions();
  void ask(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  void list_offsets(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
                    const std::vector<TopicPartition>& partitions);
  void fetch(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
             const std::vector<TopicPartition>& partitions);
  int32_t leader_epoch(const TopicPartition& partition) const;
  void handle_answer(const Now& now, Effects& effects, const Completion& completion);
  bool handle_offsets(const Now& now, Effects& effects, const Completion& completion);
  bool handle_fetched(const Now& now, Effects& effects, const Completion& completion);
  void handle_fetched(const Now& now, const TopicPartition& partition,
                      const kafka::FetchResponse::PartitionData& data);
  void take_batches(const TopicPartition& partition, const kafka::FetchResponse::PartitionData& data);
  void take_batch(const TopicPartition& partition, Partition& state, const kafka::RecordBatch& batch);
  void refused(const Now& now, const TopicPartition& partition, kafka::ErrorCode error);
  void check_topics();
  Instant next_run(const Now& now) const;

  ConsumerConfig config_;
  NetworkClient network_;
  ClusterMetadata metadata_;
  std::map<std::string, StartAt> topics_;  ///< read whole
  std::map<TopicPartition, Partition> partitions_;
  std::map<uint64_t, Request> requests_;
  std::set<int32_t> fetching_;  ///< leaders with a Fetch under way
  std::vector<ConsumedRecord> records_;
  std::optional<Failure> failure_;
  uint64_t next_token_ = 0;
};

}  // namespace brokerlab

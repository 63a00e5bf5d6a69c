// The producer engine: records in, deliveries out. The core of producer nodes and of kafka-console-producer.
//
// Produce v3 to v13 (topic ids from v13, KIP-516), InitProducerId v0 to v5 (idempotence, KIP-98). A record
// waits for its topic's metadata, gets a partition, and joins the partition's newest batch, which leaves when
// it is full or has lingered. Batches of several partitions with one leader share a request.
//
// Invariants
// - The batches of a partition are sent in order and one at a time, so a retry never overtakes or is
//   overtaken.
// - Every record is delivered exactly once: acknowledged, or failed with the reason.
// - A batch keeps the producer id and sequence that it was first sent with, so that the broker knows a repeat.
//   After a failure whose outcome is unknown the next one begins with sequence 0 in a higher epoch (KIP-360); so does
//   a batch itself when its leader has lost what came before it.
//
// Deviations: one request in flight for each partition, where Kafka's client has up to five for each
// connection; a batch that is too large for the broker fails whole instead of being split; buffer.memory counts
// records with what keeps them in memory here, where Kafka's client counts the buffers of its batches.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/clients/cluster_metadata.h"
#include "sim/clients/network_client.h"
#include "sim/clients/partitioner.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

struct ProducerConfig {
  std::string client_id = "producer-1";
  std::string log_context{};  ///< as of NetworkClient::Config
  std::vector<Address> bootstrap{};
  int16_t acks = -1;  ///< -1: all
  bool is_idempotent = true;
  Duration linger{};
  size_t batch_size = 16'384;
  bool rotates_partitions = false;  ///< records without a key: RoundRobinPartitioner instead of the default
  size_t max_request_size = 1'048'576;
  size_t buffer_memory = 33'554'432;  ///< of records that are not delivered yet; see has_room
  kafka::Compression compression = kafka::Compression::none;
  int32_t retries = INT32_MAX;
  Duration retry_backoff = milliseconds(100);
  Duration retry_backoff_max = milliseconds(1000);
  Duration request_timeout = seconds(30);
  Duration delivery_timeout = seconds(120);  ///< from a record's batch to its failure
  Duration max_block = seconds(60);          ///< how long a record waits for its topic
  Duration metadata_max_age = seconds(300);
  uint16_t timer_kind = 0;
};

struct ProducerRecord {
  std::string topic;
  std::optional<int32_t> partition{};  ///< the partitioner's choice unless given
  std::optional<Bytes> key{};
  std::optional<Bytes> value{};
  std::vector<std::pair<std::string, std::optional<Bytes>>> headers{};
  int64_t timestamp_ms = 0;
};

/// The end of some records of one partition.
struct Delivery {
  TopicPartition partition;   ///< -1 when the record never got one
  int64_t first_offset = -1;  ///< -1 with acks=0, and after a failure
  kafka::ErrorCode error = kafka::ErrorCode::none;
  std::string message;            ///< in the words of Kafka's client, after a failure
  std::vector<uint64_t> records;  ///< the tokens of `send`
  /// record_hash (record_events.h) of each; empty when the broker has given them its own timestamps.
  std::vector<uint32_t> record_hashes;
  int32_t attempts = 0;
  Duration took;  ///< since the first of them was sent
};

class Producer {
 public:
  Producer(ProducerConfig config, Random random);

  /// Takes a record; it leaves with `run`. `token` names it in its delivery.
  void send(const Now& now, ProducerRecord record, uint64_t token, EventRef cause);
  /// Sends what is due. After one or more calls of `send` or `flush`.
  void run(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  /// Nothing lingers until all that was sent so far is delivered.
  void flush();

  bool owns(const Input& input) const;
  /// REQUIRES: owns(input).
  void handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids, const Input& input);
  std::vector<Delivery> take_deliveries() { return std::exchange(deliveries_, {}); }

  /// Whether what waits leaves buffer.memory for another record. Where Kafka's client blocks in `send`, a node
  /// that cannot block asks first, and holds its records back.
  bool has_room() const { return pending_ == 0 || memory_ < config_.buffer_memory; }
  /// Records that are not delivered yet.
  size_t pending() const { return pending_; }
  const ClusterMetadata& metadata() const { return metadata_; }
  const ProducerConfig& config() const { return config_; }

 private:
  struct Waiting {
    ProducerRecord record;
    uint64_t token = 0;
    EventRef cause;
    Instant sent_at;
  };
  struct ProducerIdAndEpoch {
    int64_t id = -1;
    int16_t epoch = -1;
    bool is_known() const { return id >= 0; }
    friend bool operator==(const ProducerIdAndEpoch&, const ProducerIdAndEpoch&) = default;
  };
  struct Batch {
    std::vector<ProducerRecord> records;
    std::vector<uint64_t> tokens;
    EventRef cause;
    size_t size = 0;    ///< at most, uncompressed
    size_t memory = 0;  ///< of buffer.memory
    Instant created;
    bool is_closed = false;
    int32_t attempts = 0;
    ProducerIdAndEpoch producer;  ///< known once it was sent, where the producer is idempotent
    int32_t base_sequence = -1;
  };
  struct Partition {
    std::deque<Batch> batches;
    bool is_under_way = false;  ///< the first of them
    Instant retry_at;
    ProducerIdAndEpoch sequences_of;  ///< what `next_sequence` belongs to
    int32_t next_sequence = 0;
  };
  struct Request {
    std::vector<TopicPartition> partitions;
  };
  using PartitionResponse = kafka::ProduceResponse::PartitionProduceResponse;

  void place_waiting(const Now& now);
  bool place(const Now& now, Waiting& waiting);
  void append(const TopicPartition& partition, Waiting& waiting, size_t size);
  void expire(const Now& now);
  void request_producer_id(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  void handle_producer_id(const Now& now, const Completion& completion);
  void raise_producer_epoch();
  void send_batches(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  bool is_due(const Now& now, const Partition& partition) const;
  Instant due_at(const Partition& partition) const;
  Bytes encode(Partition& partition, Batch& batch);
  void send_request(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t leader,
                    const std::vector<TopicPartition>& partitions);
  void handle_produced(const Now& now, Effects& effects, const Completion& completion);
  void handle_response(const Now& now, Effects& effects, const Completion& completion,
                       const TopicPartition& partition, const PartitionResponse& response);
  Delivery take_first_batch(const Now& now, const TopicPartition& partition);
  void succeed(const Now& now, const TopicPartition& partition, int64_t first_offset, bool keeps_timestamps);
  void wait_for_leader(const Now& now, const TopicPartition& partition);
  void retry_or_fail(const Now& now, Effects& effects, const Completion& completion,
                     const TopicPartition& partition, kafka::ErrorCode error, const std::string& message);
  void fail(const Now& now, const TopicPartition& partition, kafka::ErrorCode error, std::string message);
  void fail_record(const Now& now, const Waiting& waiting, kafka::ErrorCode error, std::string message);
  void note_retry(Effects& effects, const Completion& completion, const TopicPartition& partition,
                  kafka::ErrorCode error, const std::string& message, int32_t attempts) const;
  Instant next_run(const Now& now) const;

  ProducerConfig config_;
  NetworkClient network_;
  ClusterMetadata metadata_;
  KeylessPartitioner keyless_;
  std::map<std::string, std::deque<Waiting>> waiting_;  ///< by topic
  std::map<TopicPartition, Partition> partitions_;
  std::map<uint64_t, Request> requests_;
  std::vector<Delivery> deliveries_;
  size_t pending_ = 0;
  size_t memory_ = 0;  ///< what they take of buffer.memory
  bool is_flushing_ = false;
  uint64_t next_token_ = 0;
  ProducerIdAndEpoch producer_;
  bool is_producer_id_under_way_ = false;
  Instant producer_id_retry_at_;
};

}  // namespace brokerlab

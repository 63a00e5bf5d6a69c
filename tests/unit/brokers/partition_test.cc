// The rules of one replica, on a simulated disk and without any network.
#include "sim/brokers/partition.h"

#include <doctest/doctest.h>

#include <memory>

#include "sim/storage/disk_faults.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/record_batch.h"

using namespace brokerlab;
using kafka::ErrorCode;

namespace {

constexpr Uuid topic_id{7, 7};
constexpr Duration lag = milliseconds(3000);

/// Brokers 1, 2 and 3 of the image, alive, each registered at the epoch 10 + id.
MetadataImage image_of_three() {
  MetadataImage image;
  MetadataDelta delta;
  for (int32_t id = 1; id <= 3; ++id) {
    kafka::RegisterBrokerRecord record;
    record.broker_id = id;
    record.fenced = false;
    record.broker_epoch = 10 + id;
    REQUIRE(image.replay(record, delta));
  }
  return image;
}

class PartitionStory {
 public:
  explicit PartitionStory(int32_t min_isr = 1) {
    Result<Log> log = Log::open(disk_, "orders-0", LogConfig{}, LogCheckpoints{});
    REQUIRE(log);
    PartitionConfig config;
    config.min_in_sync_replicas = min_isr;
    config.replica_lag_time_max = lag;
    partition_.emplace(TopicPartition{"orders", 0}, topic_id, 1, config, std::move(*log), 0);
  }

  Partition& operator*() { return *partition_; }
  Partition* operator->() { return &*partition_; }

  /// Metadata says that `leader` leads in `epoch`, with these replicas in sync.
  void metadata(int32_t leader, int32_t epoch, std::vector<int32_t> isr) {
    PartitionRegistration registration;
    registration.replicas = {1, 2, 3};
    registration.isr = std::move(isr);
    registration.leader = leader;
    registration.leader_epoch = epoch;
    registration.partition_epoch = ++partition_epoch_;
    REQUIRE(partition_->apply(registration, image, now, effects()));
  }
  Partition::Append produce(int16_t acks = -1, int records = 1) {
    Result<Partition::Append> append =
        partition_->append_as_leader(batch(records), acks, image, now, effects());
    REQUIRE(append);
    return *append;
  }
  /// The follower's fetch from `offset`; the high watermark that its answer carries.
  int64_t fetch(int32_t follower, int64_t offset, int32_t last_epoch = -1) {
    FetchPartition request;
    request.fetch_offset = offset;
    request.last_fetched_epoch = last_epoch;
    request.current_leader_epoch = partition_->leader_epoch();
    Result<Partition::Read> read = partition_->read(
        request, {follower, 10 + follower, false, FetchIsolation::log_end}, 1 << 20, true, disk_);
    REQUIRE(read);
    REQUIRE(read->error == ErrorCode::none);
    REQUIRE_FALSE(read->diverging.has_value());
    partition_->record_fetch(follower, 10 + follower, offset, 0, read->log_end_offset, image, now, effects());
    return read->high_watermark;
  }
  void answer(ErrorCode error, std::vector<int32_t> isr = {}) {
    REQUIRE(partition_->unsent_proposal());
    const IsrProposal proposal = *partition_->unsent_proposal();
    partition_->mark_proposal_sent();
    Partition::IsrAnswer answer;
    answer.error = error;
    answer.leader_epoch = proposal.leader_epoch;
    answer.partition_epoch = proposal.partition_epoch + 1;
    answer.isr = std::move(isr);
    partition_->answer_isr(proposal, answer, image, now, effects());
    if (error == ErrorCode::none) ++partition_epoch_;
  }
  void pass(Duration duration) { now.monotonic = now.monotonic + duration; }

  static Bytes batch(int records, int32_t leader_epoch = -1, int64_t base_offset = 0) {
    kafka::RecordBatchBuilder::Options options;
    options.partition_leader_epoch = leader_epoch;
    options.base_offset = base_offset;
    kafka::RecordBatchBuilder builder(options);
    const std::string value = "v";
    for (int i = 0; i < records; ++i)
      builder.append(1'700'000'000'000, std::nullopt,
                     std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
    return builder.build();
  }

  Effects& effects() {
    effects_ = std::make_unique<Effects>(NodeId{1}, now.monotonic, 1, EventRef{}, &disk_);
    return *effects_;
  }

  SimulatedDisk& disk() { return disk_; }

  MetadataImage image = image_of_three();
  Now now{Instant{} + seconds(100), 1'700'000'000'000};

 private:
  SimulatedDisk disk_;
  std::optional<Partition> partition_;
  std::unique_ptr<Effects> effects_;
  int32_t partition_epoch_ = -1;
};

}  // namespace

TEST_CASE(
    "The high watermark is the smallest log end of the in-sync set, and followers learn it one fetch late") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2, 3});
  leader.fetch(2, 0);
  leader.fetch(3, 0);
  CHECK(leader.produce().last_offset == 0);
  CHECK(leader->high_watermark() == 0);
  CHECK_FALSE(leader->is_committed(1).is_decided);
  CHECK(leader.fetch(2, 1) == 0);
  CHECK(leader->high_watermark() == 0);
  CHECK(leader.fetch(3, 1) == 0);
  CHECK(leader->high_watermark() == 1);
  CHECK(leader->is_committed(1).is_decided);
  CHECK(leader->is_committed(1).error == ErrorCode::none);
  CHECK(leader.fetch(2, 1) == 1);
}

TEST_CASE("With fewer in sync than min.insync.replicas the high watermark stands still, also for acks=1") {
  PartitionStory leader(2);
  leader.metadata(1, 0, {1});
  CHECK(leader.produce(-1).error == ErrorCode::not_enough_replicas);
  CHECK(leader.produce(1).error == ErrorCode::none);
  CHECK(leader->log().log_end_offset() == 1);
  CHECK(leader->high_watermark() == 0);
}

TEST_CASE("min.insync.replicas above the replication factor asks for all replicas, no more") {
  PartitionStory leader(5);
  leader.metadata(1, 0, {1, 2, 3});
  CHECK(leader.produce(-1).error == ErrorCode::none);
  leader.metadata(1, 0, {1, 2});
  CHECK(leader.produce(-1).error == ErrorCode::not_enough_replicas);
}

TEST_CASE("A set that shrank below the minimum while a record waited is told after it was appended") {
  PartitionStory leader(2);
  leader.metadata(1, 0, {1, 2});
  leader.fetch(2, 0);
  leader.produce(-1);
  leader.fetch(2, 1);
  CHECK(leader->high_watermark() == 1);
  leader.metadata(1, 0, {1});
  CHECK(leader->is_committed(1).is_decided);
  CHECK(leader->is_committed(1).error == ErrorCode::not_enough_replicas_after_append);
}

TEST_CASE(
    "A follower that does not catch up for replica.lag.time.max.ms is proposed to leave, and counts until "
    "then") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2, 3});
  leader.fetch(2, 0);
  leader.fetch(3, 0);
  leader.produce();
  leader.pass(milliseconds(2000));
  leader.fetch(2, 1);
  leader.pass(milliseconds(1001));
  leader->maybe_shrink_isr(leader.now, leader.effects());
  REQUIRE(leader->unsent_proposal());
  CHECK(leader->unsent_proposal()->isr == std::vector<int32_t>{1, 2});
  CHECK(leader->maximal_isr() == std::vector<int32_t>{1, 2, 3});
  CHECK(leader->high_watermark() == 0);
  leader.answer(ErrorCode::none, {1, 2});
  CHECK(leader->high_watermark() == 0);  // min.insync.replicas may have been raised with it
  leader.metadata(1, 0, {1, 2});
  CHECK(leader->isr() == std::vector<int32_t>{1, 2});
  CHECK(leader->high_watermark() == 1);
}

TEST_CASE("A follower that is always a little behind stays in sync as long as it reaches where the log was") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2, 3});
  for (int64_t round = 0; round < 10; ++round) {
    leader.produce();
    leader.fetch(2, round);
    leader.fetch(3, round);
    leader.pass(milliseconds(1000));
  }
  leader->maybe_shrink_isr(leader.now, leader.effects());
  CHECK_FALSE(leader->unsent_proposal().has_value());
}

TEST_CASE(
    "A follower joins once it has the high watermark and the start of the epoch; it counts while it is asked "
    "for") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2});
  leader.fetch(2, 0);
  leader.produce();
  leader.fetch(2, 1);
  CHECK(leader->high_watermark() == 1);
  leader.fetch(3, 0);
  CHECK_FALSE(leader->unsent_proposal().has_value());
  leader.fetch(3, 1);
  REQUIRE(leader->unsent_proposal());
  CHECK(leader->unsent_proposal()->isr == std::vector<int32_t>{1, 2, 3});
  CHECK(leader->broker_epoch_of(3, 99) == 13);
  CHECK(leader->broker_epoch_of(1, 99) == 99);
  leader.produce();
  leader.fetch(2, 2);
  CHECK(leader->high_watermark() == 1);  // 3 counts already
  leader.answer(ErrorCode::none, {1, 2, 3});
  CHECK(leader->isr() == std::vector<int32_t>{1, 2, 3});
  leader.fetch(3, 2);
  CHECK(leader->high_watermark() == 2);
}

TEST_CASE("A fenced broker, and one that fetches with the epoch of an earlier life, is not asked for") {
  PartitionStory leader;
  MetadataDelta delta;
  kafka::FenceBrokerRecord fence;
  fence.id = 3;
  fence.epoch = 13;
  REQUIRE(leader.image.replay(fence, delta));
  leader.metadata(1, 0, {1, 2});
  leader.fetch(3, 0);
  CHECK_FALSE(leader->unsent_proposal().has_value());
  kafka::RegisterBrokerRecord again;
  again.broker_id = 3;
  again.fenced = false;
  again.broker_epoch = 51;
  REQUIRE(leader.image.replay(again, delta));
  leader.fetch(3, 0);
  CHECK_FALSE(leader->unsent_proposal().has_value());
}

TEST_CASE(
    "An ineligible replica is given up until it fetches again; another error of the controller asks again") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2});
  leader.fetch(3, 0);
  leader.answer(ErrorCode::not_controller);
  REQUIRE(leader->unsent_proposal());
  leader.answer(ErrorCode::ineligible_replica);
  CHECK_FALSE(leader->unsent_proposal().has_value());
  leader.fetch(3, 0);
  CHECK(leader->unsent_proposal().has_value());
}

TEST_CASE("While the controller has elected another leader, who was asked for still counts") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2});
  leader.fetch(2, 0);
  leader.fetch(3, 0);
  leader.answer(ErrorCode::new_leader_elected);
  leader.pass(lag + milliseconds(1));  // 3 is not caught up any more either
  leader.produce(1);
  leader.fetch(2, 1);
  CHECK(leader->high_watermark() == 0);
}

TEST_CASE("Newer metadata overrides a proposal that is under way") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2});
  leader.fetch(3, 0);
  const IsrProposal proposal = *leader->unsent_proposal();
  leader->mark_proposal_sent();
  leader.metadata(1, 0, {1});
  Partition::IsrAnswer late;
  late.isr = {1, 2, 3};
  late.partition_epoch = proposal.partition_epoch + 1;
  CHECK_FALSE(leader->answer_isr(proposal, late, leader.image, leader.now, leader.effects()));
  CHECK(leader->isr() == std::vector<int32_t>{1});
}

TEST_CASE("Epochs fence: an older one is told so, a newer one is unknown, and who does not lead says that") {
  PartitionStory replica;
  replica.metadata(1, 4, {1, 2, 3});
  CHECK(replica->check(3, true) == ErrorCode::fenced_leader_epoch);
  CHECK(replica->check(5, true) == ErrorCode::unknown_leader_epoch);
  CHECK(replica->check(-1, true) == ErrorCode::none);
  replica.metadata(2, 5, {1, 2, 3});
  CHECK(replica->check(5, true) == ErrorCode::not_leader_or_follower);
  CHECK(replica->check(5, false) == ErrorCode::none);
  CHECK(replica.produce(1).error == ErrorCode::not_leader_or_follower);
  CHECK(replica->is_committed(0).error == ErrorCode::not_leader_or_follower);
}

TEST_CASE("A leader tells a follower with another history where the logs part, and the follower cuts there") {
  // In epoch 0 everyone got two records; the follower then led alone in epoch 1 and wrote three more that are
  // lost.
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2, 3});
  leader.produce(1, 2);
  leader.metadata(1, 2, {1, 2, 3});
  leader.produce(1, 1);
  FetchPartition request;
  request.fetch_offset = 5;
  request.last_fetched_epoch = 1;
  SimulatedDisk disk;
  const Fetcher follower_2{2, 12, false, FetchIsolation::log_end};
  const Result<Partition::Read> read = leader->read(request, follower_2, 1 << 20, true, disk);
  REQUIRE(read);
  REQUIRE(read->diverging);
  CHECK(*read->diverging == EpochEndOffset{0, 2});

  PartitionStory follower;
  follower.metadata(2, 1, {1, 2, 3});
  REQUIRE(follower->append_as_follower(PartitionStory::batch(2, 0), 0, 0, follower.effects()));
  REQUIRE(follower->append_as_follower(PartitionStory::batch(3, 1, 2), 2, 0, follower.effects()));
  CHECK(follower->log().log_end_offset() == 5);
  follower.metadata(2, 2, {1, 2, 3});
  REQUIRE(follower->truncate_to_leader(*read->diverging, follower.effects()));
  CHECK(follower->log().log_end_offset() == 2);
  CHECK(follower->high_watermark() == 2);
}

TEST_CASE("A full disk lets a log be cut and not its epochs be written: the cut is told") {
  PartitionStory follower;
  follower.metadata(2, 1, {1, 2, 3});
  REQUIRE(follower->append_as_follower(PartitionStory::batch(2, 0), 0, 0, follower.effects()));
  REQUIRE(follower->append_as_follower(PartitionStory::batch(3, 1, 2), 2, 0, follower.effects()));
  FaultyDisk full(&follower.disk(), DiskFaults{.is_full = true});
  Effects effects(NodeId{1}, follower.now.monotonic, 1, EventRef{}, &full);
  CHECK(follower->truncate_to_leader({0, 2}, effects).code == StatusCode::disk_full);
  REQUIRE(effects.events.size() == 1);
  const auto* truncated = std::get_if<event::LogTruncated>(&effects.events.front().payload);
  REQUIRE(truncated != nullptr);
  CHECK(truncated->from_offset == 5);
  CHECK(truncated->to_offset == 2);
}

TEST_CASE("A follower begins where its leader's log does, though that is in the middle of a batch") {
  PartitionStory follower;
  follower.metadata(2, 0, {1, 2, 3});
  REQUIRE(follower->start_over_at(4, follower.effects()));  // DeleteRecords moved the leader's start there
  REQUIRE(follower->append_as_follower(PartitionStory::batch(5, 0, 2), 7, 4, follower.effects()));
  CHECK(follower->log().log_end_offset() == 7);
  CHECK(follower->high_watermark() == 7);
  CHECK(follower->log().log_start_offset() == 4);
  CHECK_FALSE(follower->append_as_follower(PartitionStory::batch(5, 0, 3), 8, 4, follower.effects()));
}

TEST_CASE("A consumer reads below the high watermark; beyond the end or before the start is out of range") {
  PartitionStory leader;
  leader.metadata(1, 0, {1, 2, 3});
  leader.fetch(2, 0);
  leader.fetch(3, 0);
  leader.produce(1, 2);
  const Fetcher consumer{-1, -1, true, FetchIsolation::high_watermark};
  FetchPartition request;
  request.max_bytes = 1 << 20;
  CHECK_FALSE(leader->peek(request, consumer).has_records);
  leader.fetch(2, 2);
  leader.fetch(3, 2);
  CHECK(leader->peek(request, consumer).has_records);
  request.fetch_offset = 3;
  CHECK(leader->peek(request, consumer).error == ErrorCode::offset_out_of_range);
  request.fetch_offset = -1;
  CHECK(leader->peek(request, consumer).error == ErrorCode::offset_out_of_range);
  request.fetch_offset = 2;
  CHECK(leader->peek(request, consumer).error == ErrorCode::none);
}

TEST_CASE("A new leader knows its latest offset only when its high watermark has reached its epoch") {
  PartitionStory replica;
  replica.metadata(2, 0, {1, 2, 3});
  REQUIRE(replica->append_as_follower(PartitionStory::batch(3, 0), 1, 0, replica.effects()));
  CHECK(replica->high_watermark() == 1);
  replica.metadata(1, 1, {1, 2, 3});
  CHECK_FALSE(replica->knows_latest_offset());
  replica.fetch(2, 3, 0);
  replica.fetch(3, 3, 0);
  CHECK(replica->high_watermark() == 3);
  CHECK(replica->knows_latest_offset());
}

TEST_CASE(
    "A follower keeps what is above its high watermark: logs are cut by leader epoch, never by it "
    "(KIP-101)") {
  PartitionStory replica;
  replica.metadata(2, 0, {1, 2, 3});
  REQUIRE(replica->append_as_follower(PartitionStory::batch(3, 0), 1, 0, replica.effects()));
  REQUIRE(replica->high_watermark() == 1);
  replica.metadata(3, 1, {1, 3});  // another leader, which has the three records as well
  CHECK(replica->log().log_end_offset() == 3);
  REQUIRE(replica->truncate_to_leader({0, 3}, replica.effects()));
  CHECK(replica->log().log_end_offset() == 3);
  replica.metadata(1, 2, {1});
  CHECK(replica->log().log_end_offset() == 3);
  CHECK(replica->high_watermark() == 3);  // alone in sync: all that it has is committed
}

// Idempotent producers: retries, gaps and epochs (KIP-98, KIP-360).
#include "sim/storage/producer_state.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

#include "sim/wire/kafka/control_records.h"
#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

using kafka::ErrorCode;

/// A producer and the log that it writes to: batches get the next offsets when they are accepted.
struct Story {
  ProducerState state;
  int64_t next_offset = 100;

  kafka::RecordBatchHeader batch(int16_t epoch, int32_t base_sequence, int32_t records) const {
    kafka::RecordBatchHeader batch;
    batch.base_offset = next_offset;
    batch.producer_id = 7;
    batch.producer_epoch = epoch;
    batch.base_sequence = base_sequence;
    batch.last_offset_delta = records - 1;
    batch.max_timestamp = 1000 + next_offset;
    return batch;
  }
  ErrorCode sends(int16_t epoch, int32_t base_sequence, int32_t records) {
    const kafka::RecordBatchHeader sent = batch(epoch, base_sequence, records);
    const ProducerState::Verdict verdict = state.check(sent);
    REQUIRE(verdict.duplicate_of == nullptr);
    if (verdict.error == ErrorCode::none) {
      state.update(sent);
      next_offset += records;
    }
    return verdict.error;
  }
  /// Base offset of the batch that this one repeats; -1 when it is none.
  int64_t repeats(int16_t epoch, int32_t base_sequence, int32_t records) const {
    const ProducerState::Verdict verdict = state.check(batch(epoch, base_sequence, records));
    return verdict.duplicate_of == nullptr ? -1 : verdict.duplicate_of->base_offset();
  }
};

}  // namespace

TEST_CASE("a retry is answered with the offset of the first time, a gap refused") {
  Story story;
  CHECK(story.sends(0, 0, 10) == ErrorCode::none);
  CHECK(story.sends(0, 10, 5) == ErrorCode::none);
  CHECK(story.repeats(0, 0, 10) == 100);
  CHECK(story.repeats(0, 10, 5) == 110);
  CHECK(story.repeats(0, 10, 4) == -1);
  CHECK(story.sends(0, 10, 4) == ErrorCode::out_of_order_sequence_number);
  CHECK(story.sends(0, 16, 1) == ErrorCode::out_of_order_sequence_number);
  CHECK(story.sends(0, 15, 1) == ErrorCode::none);
}

TEST_CASE("five batches are remembered; an older retry looks like a gap") {
  Story story;
  for (int i = 0; i < 6; ++i) CHECK(story.sends(0, i, 1) == ErrorCode::none);
  CHECK(story.repeats(0, 1, 1) == 101);
  CHECK(story.repeats(0, 5, 1) == 105);
  CHECK(story.repeats(0, 0, 1) == -1);
  CHECK(story.sends(0, 0, 1) == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("a new epoch starts at 0 and fences the old one") {
  Story story;
  CHECK(story.sends(3, 0, 2) == ErrorCode::none);
  CHECK(story.sends(4, 2, 1) == ErrorCode::out_of_order_sequence_number);
  CHECK(story.sends(4, 0, 1) == ErrorCode::none);
  CHECK(story.sends(3, 2, 1) == ErrorCode::invalid_producer_epoch);
  CHECK(story.sends(3, 0, 2) == ErrorCode::invalid_producer_epoch);
}

TEST_CASE("an unknown producer may start with any sequence number (KIP-360)") {
  Story story;
  CHECK(story.sends(2, 4711, 3) == ErrorCode::none);
  CHECK(story.sends(2, 4714, 1) == ErrorCode::none);
  CHECK(story.sends(2, 5000, 1) == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("sequence numbers wrap from 2^31-1 to 0") {
  Story story;
  CHECK(story.sends(0, INT32_MAX - 1, 4) == ErrorCode::none);  // 2^31-2, 2^31-1, 0, 1
  CHECK(story.repeats(0, INT32_MAX - 1, 4) == 100);
  CHECK(story.sends(0, 2, INT32_MAX - 1) == ErrorCode::none);  // up to 2^31-1
  CHECK(story.sends(0, 0, 1) == ErrorCode::none);
}

namespace {

kafka::RecordBatchHeader transactional(kafka::RecordBatchHeader batch) {
  batch.attributes |= kafka::RecordBatchHeader::transactional_bit;
  return batch;
}

kafka::RecordBatchHeader control(kafka::RecordBatchHeader batch) {
  batch.attributes |= kafka::RecordBatchHeader::control_bit;
  return batch;
}

std::vector<std::filesystem::path> recorded_snapshots() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(golden::logs()))
    if (entry.path().extension() == ".snapshot") files.push_back(entry.path());
  return files;
}

int count_of(const Bytes& snapshot) { return snapshot[9]; }

}  // namespace

TEST_CASE("a transaction marker moves the epoch, so the next batch starts at 0") {
  Story story;
  CHECK(story.sends(0, 0, 3) == ErrorCode::none);
  story.state.update(control(story.batch(1, no_sequence, 1)), {.coordinator_epoch = 5, .timestamp_ms = 2000});
  ++story.next_offset;
  CHECK(story.sends(0, 3, 1) == ErrorCode::invalid_producer_epoch);
  CHECK(story.sends(1, 3, 1) == ErrorCode::out_of_order_sequence_number);
  CHECK(story.state.entries().at(7).coordinator_epoch == 5);
  CHECK(story.state.entries().at(7).last_timestamp_ms == 2000);
  CHECK(story.sends(1, 0, 1) == ErrorCode::none);
}

TEST_CASE("a transaction begins with its first batch and ends with its marker") {
  Story story;
  const auto start = [&] { return story.state.entries().at(7).transaction_start; };
  story.state.update(transactional(story.batch(0, 0, 3)));
  story.next_offset += 3;
  CHECK(start() == 100);
  story.state.update(transactional(story.batch(0, 3, 2)));
  CHECK(start() == 100);
  story.state.update(control(transactional(story.batch(0, no_sequence, 1))), {});
  CHECK_FALSE(start());
}

TEST_CASE("the marker of a control batch, and nothing of other control batches") {
  kafka::RecordBatchBuilder::Options options;
  options.is_control = true;
  const auto batch_with = [&](kafka::ControlRecordType type, std::vector<uint8_t> value) {
    kafka::RecordBatchBuilder builder(options);
    const Bytes key = kafka::encode_control_record_key(type);
    builder.append(1234, key.span(), value);
    const Bytes bytes = builder.build();
    return kafka::RecordBatch{kafka::parse_batch_header(bytes.span()).value(), bytes};
  };
  using Type = kafka::ControlRecordType;
  for (const Type type : {Type::abort, Type::commit}) {
    const std::optional<TransactionMarker> marker = marker_of(batch_with(type, {0, 0, 0, 0, 0, 9}));
    REQUIRE(marker.has_value());
    CHECK(marker->coordinator_epoch == 9);
    CHECK(marker->timestamp_ms == 1234);
  }
  CHECK_FALSE(marker_of(batch_with(Type::leader_change, {0, 0, 0, 0, 0, 9})));
  CHECK_FALSE(marker_of(batch_with(Type::commit, {0, 0, 0, 0})));  // cut off
}

TEST_CASE("who is silent for producer.id.expiration.ms is forgotten, but for a transaction") {
  Story story;
  CHECK(story.sends(3, 0, 1) == ErrorCode::none);
  CHECK(story.sends(3, 1, 1) == ErrorCode::none);
  const int64_t last_ms = 1000 + 101;
  story.state.expire(last_ms + 499, 500);
  CHECK(story.sends(3, 7, 1) == ErrorCode::out_of_order_sequence_number);
  const ProducerState before = story.state;
  story.state.expire(last_ms + 500, 500);
  CHECK(story.state.entries().empty());
  CHECK(story.sends(3, 7, 1) == ErrorCode::none);  // KIP-360: unknown, so any number

  story.state = before;
  story.state.update(transactional(story.batch(3, 2, 1)));
  story.state.expire(1'000'000'000'000, 500);
  CHECK(story.state.entries().size() == 1);
}

TEST_CASE("Kafka's snapshots are read, and written again with the same entries") {
  size_t entries = 0;
  for (const std::filesystem::path& path : recorded_snapshots()) {
    CAPTURE(path.string());
    const Bytes recorded = Bytes::copy_of(golden::file(path));
    const ProducerState state = ProducerState::parse_snapshot(recorded).value();
    CHECK(state.entries().size() == static_cast<size_t>(count_of(recorded)));
    const Bytes written = state.to_snapshot();
    CHECK(written.size() == recorded.size());
    // The order of entries is Kafka's hash map's, which is ours where there is one.
    if (state.entries().size() < 2) CHECK(to_hex(written.span()) == to_hex(recorded.span()));
    CHECK(ProducerState::parse_snapshot(written)->entries() == state.entries());
    entries += state.entries().size();
  }
  CHECK(entries > 100);
}

TEST_CASE("a snapshot that is cut or damaged anywhere is refused") {
  Story story;
  CHECK(story.sends(0, INT32_MAX, 3) == ErrorCode::none);
  const Bytes whole = story.state.to_snapshot();
  CHECK(ProducerState::parse_snapshot(whole)->entries().at(7) == story.state.entries().at(7).abridged());
  for (size_t at = 0; at < whole.size(); ++at) {
    CHECK_FALSE(ProducerState::parse_snapshot(whole.subview(0, at)));
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged(whole.text());
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      CHECK_FALSE(ProducerState::parse_snapshot(Bytes::copy_of(damaged)));
    }
  }
  CHECK_FALSE(ProducerState::parse_snapshot(Bytes::copy_of(std::string(whole.text()) + '\0')));
}

}  // namespace brokerlab

// Idempotent producers: retries, gaps and epochs (KIP-98, KIP-360).
#include "sim/storage/producer_state.h"

#include <doctest/doctest.h>

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

TEST_CASE("a transaction marker moves the epoch, so the next batch starts at 0") {
  Story story;
  CHECK(story.sends(0, 0, 3) == ErrorCode::none);
  kafka::RecordBatchHeader marker = story.batch(1, no_sequence, 1);
  marker.attributes |= kafka::RecordBatchHeader::control_bit;
  story.state.update(marker);
  ++story.next_offset;
  CHECK(story.sends(0, 3, 1) == ErrorCode::invalid_producer_epoch);
  CHECK(story.sends(1, 3, 1) == ErrorCode::out_of_order_sequence_number);
  CHECK(story.sends(1, 0, 1) == ErrorCode::none);
  CHECK(story.state.reaches(104));
  CHECK_FALSE(story.state.reaches(105));
}

}  // namespace brokerlab

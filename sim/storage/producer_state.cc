#include "sim/storage/producer_state.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {
namespace {

bool follows(int32_t last_sequence, int32_t next_sequence) {
  return next_sequence == (last_sequence == INT32_MAX ? 0 : last_sequence + 1);
}

}  // namespace

ProducerState::Verdict ProducerState::check(const kafka::RecordBatchHeader& batch) const {
  BROKERLAB_ASSERT(batch.producer_id != no_producer_id);
  const auto found = entries_.find(batch.producer_id);
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  if (batch.producer_epoch == entry.epoch)
    for (size_t i = 0; i < entry.count; ++i)
      if (entry.batches[i].base_sequence == batch.base_sequence &&
          entry.batches[i].last_sequence == batch.last_sequence())
        return {kafka::ErrorCode::none, &entry.batches[i]};

  if (batch.producer_epoch < entry.epoch) return {kafka::ErrorCode::invalid_producer_epoch, nullptr};
  const int32_t last_sequence =
      batch.producer_epoch == entry.epoch && entry.count > 0 ? entry.latest()->last_sequence : no_sequence;
  if (!follows(last_sequence, batch.base_sequence))
    return {kafka::ErrorCode::out_of_order_sequence_number, nullptr};
  return {};
}

void ProducerState::update(const kafka::RecordBatchHeader& batch) {
  BROKERLAB_ASSERT(batch.producer_id != no_producer_id);
  Entry& entry = entries_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.count = 0;
  }
  entry.last_offset = batch.last_offset();
  if (batch.is_control()) return;
  if (entry.count == batches_remembered) {
    std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    --entry.count;
  }
  entry.batches[entry.count++] = {batch.base_sequence, batch.last_sequence(), batch.last_offset(),
                                  batch.last_offset_delta, batch.max_timestamp};
}

bool ProducerState::reaches(int64_t offset) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return entry.second.last_offset >= offset; });
}

}  // namespace brokerlab

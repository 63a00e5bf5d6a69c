#include "sim/storage/producer_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/crc32c.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/writer.h"

namespace brokerlab {
namespace {

constexpr int16_t snapshot_version = 1;
constexpr size_t crc_covers_from = 6;
constexpr size_t snapshot_header_bytes = 10;
constexpr size_t snapshot_entry_bytes = 46;

bool follows(int32_t last_sequence, int32_t next_sequence) {
  return next_sequence == (last_sequence == INT32_MAX ? 0 : last_sequence + 1);
}

/// The sequence number `count` before this one; numbers wrap from 0 to 2^31-1.
int32_t sequence_before(int32_t sequence, int32_t count) {
  return static_cast<int32_t>((static_cast<uint32_t>(sequence) - static_cast<uint32_t>(count)) & INT32_MAX);
}

}  // namespace

std::optional<TransactionMarker> marker_of(const kafka::RecordBatch& batch) {
  kafka::RecordReader records(batch);
  kafka::Record record;
  if (!records.next(record) || !record.key || !record.value) return std::nullopt;
  const Result<kafka::ControlRecordType> type = kafka::decode_control_record_key(*record.key);
  if (!type || (*type != kafka::ControlRecordType::abort && *type != kafka::ControlRecordType::commit))
    return std::nullopt;
  const Result<kafka::EndTxnMarker> marker = kafka::decode_framed<kafka::EndTxnMarker>(*record.value);
  if (!marker) return std::nullopt;
  return TransactionMarker{marker->coordinator_epoch, record.timestamp_ms};
}

ProducerState::Entry ProducerState::Entry::abridged() const {
  Entry entry = *this;
  entry.batches = {};
  entry.count = std::min<size_t>(count, 1);
  if (count > 0) entry.batches[0] = *latest();
  return entry;
}

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

/// The producer's entry, in the batch's epoch: a new one begins without batches.
ProducerState::Entry& ProducerState::entry_of(const kafka::RecordBatchHeader& batch) {
  BROKERLAB_ASSERT(batch.producer_id != no_producer_id);
  Entry& entry = entries_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.count = 0;
    entry.batches = {};
  }
  return entry;
}

void ProducerState::update(const kafka::RecordBatchHeader& batch) {
  BROKERLAB_ASSERT(!batch.is_control());
  Entry& entry = entry_of(batch);
  if (entry.count == batches_remembered) {
    std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    --entry.count;
  }
  entry.batches[entry.count++] = {batch.base_sequence, batch.last_sequence(), batch.last_offset(),
                                  batch.last_offset_delta, batch.max_timestamp};
  entry.last_timestamp_ms = batch.max_timestamp;
  if (batch.is_transactional() && !entry.transaction_start) entry.transaction_start = batch.base_offset;
}

void ProducerState::update(const kafka::RecordBatchHeader& batch, const TransactionMarker& marker) {
  BROKERLAB_ASSERT(batch.is_control());
  Entry& entry = entry_of(batch);
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp_ms = marker.timestamp_ms;
  entry.transaction_start.reset();
}

void ProducerState::expire(int64_t now_ms, int64_t expiration_ms) {
  BROKERLAB_ASSERT(expiration_ms >= 0);
  std::erase_if(entries_, [&](const auto& producer) {
    const Entry& entry = producer.second;
    return !entry.transaction_start && entry.last_timestamp_ms <= now_ms - expiration_ms;
  });
}

// version i16 | CRC-32C u32 of what follows | count i32 | entries: producer id i64, epoch i16, last sequence i32,
// last offset i64, last offset delta i32, timestamp i64, coordinator epoch i32, first offset of the transaction i64
Bytes ProducerState::to_snapshot() const {
  const size_t size = snapshot_header_bytes + entries_.size() * snapshot_entry_bytes;
  const auto encode = [&](uint32_t crc) {
    kafka::Writer writer(size);
    writer.int16(snapshot_version);
    writer.int32(static_cast<int32_t>(crc));
    writer.int32(static_cast<int32_t>(entries_.size()));
    for (const auto& [producer_id, entry] : entries_) {
      const Batch* latest = entry.latest();
      writer.int64(producer_id);
      writer.int16(entry.epoch);
      writer.int32(latest != nullptr ? latest->last_sequence : no_sequence);
      writer.int64(latest != nullptr ? latest->last_offset : -1);
      writer.int32(latest != nullptr ? latest->last_offset_delta : 0);
      writer.int64(entry.last_timestamp_ms);
      writer.int32(entry.coordinator_epoch);
      writer.int64(entry.transaction_start.value_or(-1));
    }
    const Slices slices = writer.take();
    BROKERLAB_ASSERT(slices.size() == 1);
    return std::get<Bytes>(slices.front());
  };
  return encode(kafka::crc32c(encode(0).span().subspan(crc_covers_from)));
}

Result<ProducerState> ProducerState::parse_snapshot(const Bytes& content) {
  const auto invalid = [](const char* why) { return Status::error(StatusCode::invalid, why); };
  kafka::Reader reader(content);
  if (reader.int16() != snapshot_version) return invalid("a producer snapshot of an unknown version");
  const auto crc = static_cast<uint32_t>(reader.int32());
  const int32_t count = reader.int32();
  if (!reader.ok() || count < 0 || reader.remaining() != static_cast<uint64_t>(count) * snapshot_entry_bytes)
    return invalid("a producer snapshot that is cut off");
  if (kafka::crc32c(content.span().subspan(crc_covers_from)) != crc)
    return invalid("a producer snapshot with a wrong CRC");
  ProducerState state;
  for (int32_t i = 0; i < count; ++i) {
    Entry& entry = state.entries_[reader.int64()];
    entry = {};
    entry.epoch = reader.int16();
    Batch batch;
    batch.last_sequence = reader.int32();
    batch.last_offset = reader.int64();
    batch.last_offset_delta = reader.int32();
    batch.timestamp_ms = entry.last_timestamp_ms = reader.int64();
    entry.coordinator_epoch = reader.int32();
    if (const int64_t start = reader.int64(); start >= 0) entry.transaction_start = start;
    if (batch.last_offset < 0) continue;
    if (batch.last_sequence < 0 || batch.last_offset_delta < 0)
      return invalid("a producer snapshot with an impossible batch");
    batch.base_sequence = sequence_before(batch.last_sequence, batch.last_offset_delta);
    entry.batches[entry.count++] = batch;
  }
  return state;
}

}  // namespace brokerlab

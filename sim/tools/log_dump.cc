#include "sim/tools/log_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "sim/clients/exception_name.h"
#include "sim/tools/coordinator_text.h"
#include "sim/tools/java_order.h"
#include "sim/tools/java_text.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/crc32c.h"
#include "sim/wire/kafka/metadata_records.h"
#include "sim/wire/kafka/reader.h"

namespace brokerlab {

namespace {

using kafka::ControlRecordType;
using kafka::RecordBatch;
using kafka::RecordBatchHeader;

constexpr std::string_view bootstrap_checkpoint = "bootstrap.checkpoint";
constexpr int64_t no_timestamp = -1;

Status exception(std::string_view name, std::string_view message) {
  return Status::error(StatusCode::invalid, fmt::format("{}: {}", name, message));
}

Status exception_of(const kafka::RecordsError& error) {
  return exception(exception_name(error.code), error.message);
}

Status no_such_file(const std::string& path) { return exception("java.nio.file.NoSuchFileException", path); }

std::string_view name_in(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "00000000000000000112" of "orders-0/00000000000000000112.index".
std::string_view stem_of(std::string_view path) {
  path = name_in(path);
  return path.substr(0, path.find('.'));
}

std::string beside(const std::string& path, std::string_view suffix) {
  const std::string_view folder = std::string_view(path).substr(0, path.rfind('/') + 1);
  return fmt::format("{}{}{}", folder, stem_of(path), suffix);
}

std::optional<int64_t> number_in(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The offset that a file is named after.
Result<int64_t> base_offset_of(std::string_view path) {
  const std::string_view stem = stem_of(path);
  const std::optional<int64_t> offset = number_in(stem);
  if (!offset)
    return exception("java.lang.NumberFormatException", fmt::format("For input string: \"{}\"", stem));
  return *offset;
}

/// "00000000000000000222-0000000004.checkpoint": an offset of 20 digits, an epoch of 10.
Result<std::string> snapshot_title(std::string_view path) {
  constexpr size_t offset_digits = 20;
  constexpr size_t epoch_digits = 10;
  const std::string_view name = name_in(path);
  int64_t numbers[2] = {0, 0};
  size_t at = 0;
  for (size_t i = 0; i < std::size(numbers); ++i) {
    const size_t digits = i == 0 ? offset_digits : epoch_digits;
    if (name.size() < at + digits)
      return exception("java.lang.StringIndexOutOfBoundsException",
                       fmt::format("begin {}, end {}, length {}", at, at + digits, name.size()));
    const std::string_view text = name.substr(at, digits);
    const std::optional<int64_t> number = number_in(text);
    if (!number)
      return exception("java.lang.NumberFormatException", fmt::format("For input string: \"{}\"", text));
    numbers[i] = *number;
    at += digits + 1;
  }
  return fmt::format("Snapshot end offset: {}, epoch: {}", numbers[0], numbers[1]);
}

std::string optional_long(std::optional<int64_t> value) {
  return value ? fmt::format("OptionalLong[{}]", *value) : "OptionalLong.empty";
}

std::string_view name_of(kafka::TimestampType type) {
  return type == kafka::TimestampType::create_time ? "CreateTime" : "LogAppendTime";
}

std::string batch_line(const RecordBatch& batch, kafka::Compression codec, uint64_t position) {
  const RecordBatchHeader& header = batch.header;
  return fmt::format(
      "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} "
      "producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {} "
      "position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}",
      header.base_offset, header.last_offset(), header.record_count, header.base_sequence,
      header.last_sequence(), header.producer_id, header.producer_epoch, header.partition_leader_epoch,
      header.is_transactional(), header.is_control(), optional_long(header.delete_horizon_ms()), position,
      name_of(header.timestamp_type()), header.max_timestamp, header.size(), header.magic,
      kafka::name_of(codec), header.crc, kafka::has_right_crc(batch.bytes));
}

/// The JSON of a control record whose first field is the version that it is written in.
template <class Message>
Result<std::string> control_json(const Bytes& value) {
  const int16_t version = kafka::Reader(value).int16();
  const Result<Message> message = kafka::decode<Message>(value, version);
  if (!message.ok()) return message.status();
  return kafka::to_json(*message, version);
}

/// What a control record says, behind its metadata.
Result<std::string> control_text(const kafka::Record& record) {
  kafka::Reader key(record.key.value_or(Bytes()));
  key.int16();
  const int16_t type = key.int16();
  if (!key.ok())
    return exception("org.apache.kafka.common.InvalidRecordException",
                     fmt::format("Invalid value size found for end control record key. Must have at least 4 "
                                 "bytes, but found only {}",
                                 record.key ? record.key->size() : 0));
  const auto known = kafka::decode_control_record_key(*record.key);
  if (!known.ok()) return fmt::format("controlType: UNKNOWN({})", type);
  const Bytes value = record.value.value_or(Bytes());
  const auto titled = [](std::string_view title, const Result<std::string>& json) -> Result<std::string> {
    if (!json.ok()) return json;
    return fmt::format("{} {}", title, *json);
  };
  switch (*known) {
    case ControlRecordType::abort:
    case ControlRecordType::commit: {
      const Result<kafka::EndTxnMarker> marker = kafka::decode_framed<kafka::EndTxnMarker>(value);
      if (!marker.ok()) return marker.status();
      return fmt::format("endTxnMarker: {} coordinatorEpoch: {}", kafka::name_of(*known),
                         marker->coordinator_epoch);
    }
    case ControlRecordType::leader_change:
      return titled("LeaderChange:", control_json<kafka::LeaderChangeMessage>(value));
    case ControlRecordType::snapshot_header:
      return titled("SnapshotHeader", control_json<kafka::SnapshotHeaderRecord>(value));
    case ControlRecordType::snapshot_footer:
      return titled("SnapshotFooter", control_json<kafka::SnapshotFooterRecord>(value));
    case ControlRecordType::kraft_version:
      return titled("KRaftVersion", control_json<kafka::KRaftVersionRecord>(value));
    case ControlRecordType::kraft_voters:
      return titled("KRaftVoters", control_json<kafka::VotersRecord>(value));
  }
  return std::string();
}

/// NoOpRecord: NO_OP_RECORD.
std::string constant_name(std::string_view name) {
  std::string constant;
  for (const char c : name) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    if (is_capital && !constant.empty()) constant += '_';
    constant += is_capital ? c : static_cast<char>(c - 'a' + 'A');
  }
  return constant;
}

std::string metadata_json(const kafka::Record& record) {
  int16_t version = 0;
  const auto decoded = kafka::decode_metadata_record(record.value.value_or(Bytes()), &version);
  if (!decoded.ok()) return fmt::format("Error at {}, skipping. {}", record.offset, decoded.status().message);
  return fmt::format(R"({{"type":"{}","version":{},"data":{}}})", constant_name(kafka::name_of(*decoded)),
                     version, kafka::to_json(*decoded, version));
}

/// A part of a segment: as much of `size` bytes from `position` as there is. `path` is how Kafka names the
/// file.
Result<Bytes> slice_of(const Bytes& segment, const std::string& path, int64_t position, int64_t size) {
  const std::string records =
      fmt::format("FileRecords(size={}, file={}, start=0, end=2147483647)", segment.size(), path);
  const auto wrong = [&](const std::string& message) {
    return exception("java.lang.IllegalArgumentException", message);
  };
  if (position < 0) return wrong(fmt::format("Invalid position: {} in read from {}", position, records));
  if (std::cmp_greater(position, segment.size()))
    return wrong(fmt::format("Slice from position {} exceeds end position of {}", position, records));
  if (size < 0) return wrong(fmt::format("Invalid size: {} in read from {}", size, records));
  const auto begin = static_cast<size_t>(position);
  return segment.subview(begin, std::min(static_cast<size_t>(size), segment.size() - begin));
}

/// Why no batch came, of a file that Kafka names so; ok at the end.
Status reading_status(const kafka::BatchReader& batches, const std::string& path) {
  if (batches.error().ok()) return {};
  constexpr int32_t smallest_length = 14;
  kafka::Reader reader(batches.rest());
  reader.int64();
  const int32_t length = reader.int32();
  if (length >= smallest_length) return exception_of(batches.error());
  return exception(exception_name(kafka::ErrorCode::corrupt_message),
                   fmt::format("Found record size {} smaller than minimum record overhead ({}) in file {}.",
                               length, smallest_length, path));
}

struct OffsetEntry {
  static constexpr size_t bytes = 8;
  int64_t offset = 0;
  int32_t position = 0;
};
struct TimeEntry {
  static constexpr size_t bytes = 12;
  int64_t timestamp_ms = 0;
  int64_t offset = 0;
};

/// Whole entries; an index that was not closed has zeros behind those that were written.
std::vector<OffsetEntry> offset_entries(const Bytes& index, int64_t base_offset) {
  kafka::Reader reader(index);
  std::vector<OffsetEntry> entries(index.size() / OffsetEntry::bytes);
  for (OffsetEntry& entry : entries) {
    entry.offset = base_offset + reader.int32();
    entry.position = reader.int32();
  }
  return entries;
}
std::vector<TimeEntry> time_entries(const Bytes& index, int64_t base_offset) {
  kafka::Reader reader(index);
  std::vector<TimeEntry> entries(index.size() / TimeEntry::bytes);
  for (TimeEntry& entry : entries) {
    entry.timestamp_ms = reader.int64();
    entry.offset = base_offset + reader.int32();
  }
  return entries;
}

Status corrupt_index(std::string message) {
  return exception("org.apache.kafka.storage.internals.log.CorruptIndexException", message);
}

template <class Entry>
Status has_whole_entries(const Bytes& index, const std::string& path) {
  if (index.size() % Entry::bytes == 0) return {};
  return corrupt_index(fmt::format(
      "{} index file {} is corrupt, found {} bytes which is neither positive nor a multiple of {}",
      Entry::bytes == TimeEntry::bytes ? "Time" : "Offset", path, index.size(), Entry::bytes));
}

}  // namespace

Status LogDump::dump(std::string_view argument) {
  // As java.io.File writes it.
  std::string path;
  for (const char c : argument)
    if (c != '/' || !path.ends_with('/')) path += c;
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();

  end_.output("Dumping " + path);
  if (path.ends_with(".log") || path.ends_with(".checkpoint")) return dump_batches(path);
  if (path.ends_with(".index")) return dump_offset_index(path);
  if (path.ends_with(".timeindex")) return dump_time_index(path);
  if (path.ends_with(".snapshot")) return dump_producer_snapshot(path);
  if (path.ends_with(".txnindex")) return dump_transaction_index(path);
  end_.error("Ignoring unknown file " + path);
  return {};
}

void LogDump::print_findings() {
  print(wrong_offsets_, "Mismatches in :");
  print(wrong_timestamps_, "Found timestamp mismatch in :");
  print(out_of_order_, "Found out of order timestamp in :");
  print(not_in_log_, "The following indexed offsets are not found in :");
  print(not_consecutive_, "Non-consecutive offsets in ");
}

std::optional<Bytes> LogDump::read(const std::string& path) const {
  if (!read_file_) return std::nullopt;
  const Result<std::string> content = read_file_(path);
  if (!content.ok()) return std::nullopt;
  return Bytes::copy_of(std::string_view(*content));
}

Result<Bytes> LogDump::read_index(const std::string& path) const {
  std::optional<Bytes> content = read(path);
  if (!content) return exception("java.lang.IllegalArgumentException", "Invalid max index size: -1");
  return std::move(*content);
}

Result<Bytes> LogDump::read_segment_of(const std::string& index) const {
  const std::string path = beside(index, ".log");
  std::optional<Bytes> content = read(path);
  if (!content) return no_such_file(whole(path));
  return std::move(*content);
}

// ---- batches ----------------------------------------------------------------------------------------------

Status LogDump::dump_batches(const std::string& path) {
  if (path.ends_with(".log")) {
    const Result<int64_t> offset = base_offset_of(path);
    if (!offset.ok()) return offset.status();
    end_.output(fmt::format("Log starting offset: {}", *offset));
  } else if (name_in(path) == bootstrap_checkpoint) {
    end_.output("KRaft bootstrap snapshot");
  } else {
    const Result<std::string> title = snapshot_title(path);
    if (!title.ok()) return title.status();
    end_.output(*title);
  }
  const std::optional<Bytes> content = read(path);
  if (!content) return no_such_file(path);
  const Result<Bytes> bytes = slice_of(*content, path, 0, options_.max_bytes);
  if (!bytes.ok()) return bytes.status();
  kafka::BatchReader batches(*bytes);
  int64_t last_offset = -1;
  for (uint64_t position = 0; const std::optional<RecordBatch> batch = batches.next();) {
    const std::optional<kafka::Compression> codec = batch->header.compression();
    if (!codec)
      return exception("java.lang.IllegalArgumentException",
                       fmt::format("Unknown compression type id: {}",
                                   batch->header.attributes & RecordBatchHeader::compression_mask));
    end_.output(batch_line(*batch, *codec, position));
    const Status dumped = dump_records(path, *batch, last_offset);
    if (!dumped.ok()) return dumped;
    position += batch->header.size();
  }
  const Status read_to_end = reading_status(batches, path);
  const bool is_whole_file = options_.max_bytes == std::numeric_limits<int32_t>::max();
  if (read_to_end.ok() && !batches.rest().empty() && is_whole_file)
    end_.output(fmt::format("Found {} invalid bytes at the end of {}", batches.rest().size(), name_in(path)));
  return read_to_end;
}

Status LogDump::dump_records(const std::string& path, const RecordBatch& batch, int64_t& last_offset) {
  if (!options_.shows_records && !options_.shows_data) return {};
  kafka::RecordReader reader(batch);
  for (kafka::Record record; reader.next(record);) {
    if (record.offset != last_offset + 1)
      lines_about(path, not_consecutive_)
          .push_back(fmt::format("  {} is followed by {}", last_offset, record.offset));
    last_offset = record.offset;
    const Result<std::string> line = record_line(batch, record);
    if (!line.ok()) return line.status();
    end_.output(*line);
  }
  return reader.error().ok() ? Status{} : exception_of(reader.error());
}

/// "key: …" and "payload: …", as far as there are any.
Result<std::vector<std::string>> LogDump::data_text(const kafka::Record& record) const {
  std::vector<std::string> parts;
  switch (options_.decoder) {
    case DataDecoder::text:
      if (record.key) parts.push_back("key: " + java_text(record.key->text()));
      if (record.value) parts.push_back("payload: " + java_text(record.value->text()));
      break;
    case DataDecoder::metadata:
      parts.push_back("payload: " + metadata_json(record));
      break;
    case DataDecoder::groups:
    case DataDecoder::transactions: {
      if (!record.key)
        return exception("java.lang.RuntimeException",
                         fmt::format("Failed to decode message at offset {} using offset topic decoder "
                                     "(message had a missing key)",
                                     record.offset));
      const DecodedRecord decoded = options_.decoder == DataDecoder::groups
                                        ? decode_group_record(record)
                                        : decode_transaction_record(record);
      parts.push_back("key: " + decoded.key);
      if (decoded.payload) parts.push_back("payload: " + *decoded.payload);
      break;
    }
  }
  return parts;
}

Result<std::string> LogDump::record_line(const RecordBatch& batch, const kafka::Record& record) const {
  const auto size = [](const std::optional<Bytes>& bytes) {
    return bytes ? static_cast<int64_t>(bytes->size()) : -1;
  };
  std::vector<std::string> parts;
  if (!options_.skips_record_metadata) {
    std::vector<std::string> keys;
    for (const kafka::RecordHeader& header : record.headers()) keys.push_back(java_text(header.key));
    parts.push_back(fmt::format("offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
                                record.offset, name_of(batch.header.timestamp_type()), record.timestamp_ms,
                                size(record.key), size(record.value), record.sequence, fmt::join(keys, ",")));
    if (batch.header.is_control()) {
      Result<std::string> text = control_text(record);
      if (!text.ok()) return text.status();
      parts.push_back(std::move(*text));
    }
  }
  if (options_.shows_data && !batch.header.is_control()) {
    Result<std::vector<std::string>> data = data_text(record);
    if (!data.ok()) return data.status();
    parts.insert(parts.end(), data->begin(), data->end());
  }
  return parts.empty() ? std::string() : fmt::format("| {}", fmt::join(parts, " "));
}

// ---- indexes ----------------------------------------------------------------------------------------------

Status LogDump::passed_sanity_check(const std::string& path) {
  end_.output(path + " passed sanity check.");
  return {};
}

Status LogDump::dump_offset_index(const std::string& path) {
  const Result<int64_t> base = base_offset_of(path);
  if (!base.ok()) return base.status();
  const Result<Bytes> segment = read_segment_of(path);
  if (!segment.ok()) return segment.status();
  const Result<Bytes> index = read_index(path);
  if (!index.ok()) return index.status();
  const std::vector<OffsetEntry> entries = offset_entries(*index, *base);
  if (entries.empty()) {
    end_.output(path + " is empty.");
    return {};
  }
  if (options_.only_checks_sanity) {
    if (entries.back().offset < *base)
      return corrupt_index(
          fmt::format("Corrupt index found, index file ({}) has non-zero size but the last "
                      "offset is {} which is no greater than the base offset {}.",
                      whole(path), entries.back().offset, *base));
    const Status is_whole = has_whole_entries<OffsetEntry>(*index, whole(path));
    return is_whole.ok() ? passed_sanity_check(path) : is_whole;
  }
  const std::string segment_path = whole(beside(path, ".log"));
  for (size_t i = 0; i < entries.size(); ++i) {
    const OffsetEntry& entry = entries[i];
    if (entry.offset == *base && i > 0) break;  // zeros: room that was never used
    const Result<Bytes> slice = slice_of(*segment, segment_path, entry.position, options_.max_message_bytes);
    if (!slice.ok()) return slice.status();
    kafka::BatchReader batches(*slice);
    const std::optional<RecordBatch> batch = batches.next();
    if (const Status status = reading_status(batches, segment_path); !status.ok()) return status;
    if (!batch) return Status::error(StatusCode::invalid, "java.util.NoSuchElementException");
    if (batch->header.last_offset() != entry.offset) {
      std::vector<std::string>& newest_first = lines_about(path, wrong_offsets_);
      newest_first.insert(newest_first.begin(), fmt::format("  Index offset: {}, log offset: {}",
                                                            entry.offset, batch->header.last_offset()));
    }
    if (!options_.only_verifies_indexes)
      end_.output(fmt::format("offset: {} position: {}", entry.offset, entry.position));
  }
  return {};
}

Status LogDump::dump_time_index(const std::string& path) {
  const Result<int64_t> base = base_offset_of(path);
  if (!base.ok()) return base.status();
  const Result<Bytes> segment = read_segment_of(path);
  if (!segment.ok()) return segment.status();
  const Result<Bytes> offset_index = read_index(beside(path, ".index"));
  if (!offset_index.ok()) return offset_index.status();
  const Result<Bytes> index = read_index(path);
  if (!index.ok()) return index.status();
  const std::vector<TimeEntry> entries = time_entries(*index, *base);
  if (options_.only_checks_sanity) {
    const Status is_whole = has_whole_entries<TimeEntry>(*index, whole(path));
    if (!is_whole.ok()) return is_whole;
    if (!entries.empty() && entries.back().timestamp_ms < entries.front().timestamp_ms)
      return corrupt_index(
          fmt::format("Corrupt time index found, time index file ({}) has non-zero size but "
                      "the last timestamp is {} which is less than the first timestamp {}",
                      whole(path), entries.back().timestamp_ms, entries.front().timestamp_ms));
    return passed_sanity_check(path);
  }
  const std::vector<OffsetEntry> offsets = offset_entries(*offset_index, *base);
  const std::string segment_path = whole(beside(path, ".log"));
  int64_t last_timestamp_ms = no_timestamp;
  for (size_t i = 0; i < entries.size(); ++i) {
    const TimeEntry& entry = entries[i];
    if (entry.offset == *base && i > 0) break;
    int32_t position = 0;
    for (const OffsetEntry& candidate : offsets) {
      if (candidate.offset > entry.offset || candidate.position <= position) break;
      position = candidate.position;
    }
    const Result<Bytes> slice = slice_of(*segment, segment_path, position, int64_t(segment->size()));
    if (!slice.ok()) return slice.status();
    kafka::BatchReader batches(*slice);
    std::optional<RecordBatch> batch = batches.next();
    while (batch && batch->header.last_offset() < entry.offset) batch = batches.next();
    if (const Status status = reading_status(batches, segment_path); !status.ok()) return status;
    if (!batch || batch->header.last_offset() != entry.offset) {
      lines_about(path, not_in_log_)
          .push_back(fmt::format("Indexed offset: {}, found log offset: {}", entry.offset,
                                 batch ? batch->header.last_offset() : -1));
    } else {
      int64_t max_timestamp_ms = no_timestamp;
      kafka::RecordReader reader(*batch);
      for (kafka::Record record; reader.next(record);)
        max_timestamp_ms = std::max(max_timestamp_ms, record.timestamp_ms);
      if (!reader.error().ok()) return exception_of(reader.error());
      if (max_timestamp_ms != entry.timestamp_ms)
        lines_about(path, wrong_timestamps_)
            .push_back(fmt::format("  Index timestamp: {}, log timestamp: {}", entry.timestamp_ms,
                                   max_timestamp_ms));
      if (last_timestamp_ms >= entry.timestamp_ms)
        lines_about(path, out_of_order_)
            .push_back(fmt::format("  Index timestamp: {}, Previously indexed timestamp: {}",
                                   entry.timestamp_ms, last_timestamp_ms));
    }
    if (!options_.only_verifies_indexes)
      end_.output(fmt::format("timestamp: {} offset: {}", entry.timestamp_ms, entry.offset));
    last_timestamp_ms = entry.timestamp_ms;
  }
  return {};
}

// ---- producers and transactions ---------------------------------------------------------------------------

// version i16 | CRC-32C u32 of what follows | count i32 | entries: producer id i64, epoch i16,
// last sequence i32, last offset i64, offset delta i32, timestamp i64, coordinator epoch i32,
// first offset of the open transaction i64
Status LogDump::dump_producer_snapshot(const std::string& path) {
  constexpr int16_t newest_version = 1;
  constexpr size_t crc_covers_from = 6;
  constexpr size_t entry_bytes = 46;
  const std::optional<Bytes> content = read(path);
  if (!content) return no_such_file(path);
  kafka::Reader reader(*content);
  const int16_t version = reader.int16();
  const auto stored_crc = static_cast<uint32_t>(reader.int32());
  const int32_t count = reader.int32();
  std::string complaint;
  if (!reader.ok() || count < 0 || reader.remaining() / entry_bytes < static_cast<size_t>(count)) {
    complaint = "Snapshot failed schema validation: null";
  } else if (version != newest_version) {
    complaint = fmt::format(
        "Snapshot failed schema validation: Snapshot contained an unknown file version {}", version);
  } else if (const uint32_t crc = kafka::crc32c(content->span().subspan(crc_covers_from));
             crc != stored_crc) {
    complaint = fmt::format("Snapshot is corrupt (CRC is no longer valid). Stored crc: {}. Computed crc: {}",
                            stored_crc, crc);
  }
  if (!complaint.empty()) {
    end_.error(std::move(complaint));
    return {};
  }
  for (int32_t i = 0; i < count; ++i) {
    const int64_t producer_id = reader.int64();
    const int16_t epoch = reader.int16();
    const int32_t last_sequence = reader.int32();
    const int64_t last_offset = reader.int64();
    const int32_t offset_delta = reader.int32();
    const int64_t timestamp_ms = reader.int64();
    const int32_t coordinator_epoch = reader.int32();
    const int64_t transaction_begin = reader.int64();
    std::string line = fmt::format(
        "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} lastTimestamp: {}",
        producer_id, epoch, coordinator_epoch,
        optional_long(transaction_begin < 0 ? std::nullopt : std::optional(transaction_begin)), timestamp_ms);
    if (last_offset >= 0) {
      const uint32_t first_sequence =  // numbers wrap from 2^31-1 to 0
          (static_cast<uint32_t>(last_sequence) - static_cast<uint32_t>(offset_delta)) & INT32_MAX;
      line += fmt::format(" firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
                          first_sequence, last_sequence, last_offset, offset_delta, timestamp_ms);
    }
    end_.output(std::move(line));
  }
  return {};
}

Status LogDump::dump_transaction_index(const std::string& path) {
  constexpr size_t entry_bytes = 34;
  constexpr int16_t version = 0;
  kafka::Reader reader(read(path).value_or(Bytes()));
  while (reader.remaining() >= entry_bytes) {
    reader.int16();
    const int64_t producer_id = reader.int64();
    const int64_t first_offset = reader.int64();
    const int64_t last_offset = reader.int64();
    const int64_t last_stable_offset = reader.int64();
    end_.output(fmt::format("version: {} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
                            version, producer_id, first_offset, last_offset, last_stable_offset));
  }
  return {};
}

// ---- findings ---------------------------------------------------------------------------------------------

std::vector<std::string>& LogDump::lines_about(const std::string& path, Findings& findings) const {
  std::string file = whole(path);
  const auto found = std::ranges::find(findings, file, &FileFindings::path);
  if (found != findings.end()) return found->lines;
  return findings.emplace_back(FileFindings{std::move(file), {}}).lines;
}

void LogDump::print(const Findings& findings, std::string_view title) {
  // HashMap.computeIfAbsent puts the newest first into a bucket.
  std::vector<std::string> paths;
  for (auto file = findings.rbegin(); file != findings.rend(); ++file) paths.push_back(file->path);
  order_as_java_map(paths, false);
  for (const std::string& path : paths) {
    end_.error(fmt::format("{}{}", title, path));
    for (const std::string& line : std::ranges::find(findings, path, &FileFindings::path)->lines)
      end_.error(line);
  }
}

std::string LogDump::whole(const std::string& path) const {
  return path.starts_with('/') || folder_.empty() ? path : folder_ + "/" + path;
}

}  // namespace brokerlab

#include "sim/wire/kafka/record_batch.h"

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/wire/kafka/crc32c.h"
#include "sim/wire/kafka/writer.h"

namespace brokerlab::kafka {
namespace {

constexpr size_t magic_position = 16;
/// Of magic 0, whose records are the shortest: Kafka's bound for any length.
constexpr int32_t smallest_length = 14;
constexpr int32_t smallest_length_v2 =
    static_cast<int32_t>(RecordBatchHeader::bytes - RecordBatchHeader::bytes_before_length_counts);
/// Lengths of key and value, the deltas, the record's length and its header count, each as long as can be.
constexpr size_t largest_record_overhead = 1 + 10 + 5 + 5 + 5 + 5 + 5;
constexpr size_t largest_header_overhead = 5 + 5;

// Offsets and timestamps come from outside: a sum that overflows wraps, as in Java.
int64_t wrapping_sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

int32_t sequence_after(int32_t sequence, int32_t count) {
  return static_cast<int32_t>((uint32_t(sequence) + uint32_t(count)) & INT32_MAX);
}

void put_varlong(std::vector<uint8_t>& to, int64_t value) {
  uint64_t zigzag = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) to.push_back(static_cast<uint8_t>(zigzag | 0x80));
  to.push_back(static_cast<uint8_t>(zigzag));
}

size_t varlong_size(int64_t value) {
  uint64_t zigzag = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  size_t size = 1;
  for (; zigzag >= 0x80; zigzag >>= 7) ++size;
  return size;
}

}  // namespace

int32_t RecordBatchHeader::last_sequence() const {
  return base_sequence < 0 ? base_sequence : sequence_after(base_sequence, last_offset_delta);
}

std::optional<Compression> RecordBatchHeader::compression() const {
  const int id = attributes & compression_mask;
  if (id > static_cast<int>(Compression::zstd)) return std::nullopt;
  return static_cast<Compression>(id);
}

std::optional<int64_t> RecordBatchHeader::delete_horizon_ms() const {
  if ((attributes & delete_horizon_bit) == 0) return std::nullopt;
  return base_timestamp;
}

std::optional<RecordBatchHeader> parse_batch_header(std::span<const uint8_t> bytes) {
  if (bytes.size() < RecordBatchHeader::bytes) return std::nullopt;
  Reader reader(Bytes(nullptr, bytes.data(), bytes.size()));
  RecordBatchHeader header;
  header.base_offset = reader.int64();
  header.length = reader.int32();
  header.partition_leader_epoch = reader.int32();
  header.magic = reader.int8();
  header.crc = static_cast<uint32_t>(reader.int32());
  header.attributes = reader.int16();
  header.last_offset_delta = reader.int32();
  header.base_timestamp = reader.int64();
  header.max_timestamp = reader.int64();
  header.producer_id = reader.int64();
  header.producer_epoch = reader.int16();
  header.base_sequence = reader.int32();
  header.record_count = reader.int32();
  if (header.magic != RecordBatchHeader::current_magic || header.length < smallest_length_v2)
    return std::nullopt;
  // So that whoever counts on from the batch stays within what an offset can be.
  const int64_t delta = header.last_offset_delta;
  const bool has_next_offset =
      delta < 0 ? header.base_offset >= INT64_MIN - delta : header.base_offset < INT64_MAX - delta;
  if (!has_next_offset) return std::nullopt;
  return header;
}

std::array<uint8_t, RecordBatchHeader::bytes> encode_batch_header(const RecordBatchHeader& header) {
  std::array<uint8_t, RecordBatchHeader::bytes> bytes{};
  size_t position = 0;
  const auto put = [&](auto value) {
    for (size_t i = sizeof value; i-- > 0;) bytes[position++] = static_cast<uint8_t>(value >> (8 * i));
  };
  put(header.base_offset);
  put(header.length);
  put(header.partition_leader_epoch);
  put(header.magic);
  put(header.crc);
  put(header.attributes);
  put(header.last_offset_delta);
  put(header.base_timestamp);
  put(header.max_timestamp);
  put(header.producer_id);
  put(header.producer_epoch);
  put(header.base_sequence);
  put(header.record_count);
  return bytes;
}

bool has_right_crc(const Bytes& batch) {
  const auto header = parse_batch_header(batch.span());
  BROKERLAB_ASSERT(header.has_value() && header->size() == batch.size());
  return crc32c(batch.span().subspan(RecordBatchHeader::crc_covers_from)) == header->crc;
}

Slices rewrite_header(const Bytes& batch, RecordBatchHeader& header) {
  BROKERLAB_ASSERT(header.size() == batch.size());
  constexpr size_t covered = RecordBatchHeader::crc_covers_from;
  const Bytes records = batch.subview(RecordBatchHeader::bytes);
  auto bytes = encode_batch_header(header);
  if (!std::equal(bytes.begin() + covered, bytes.end(), batch.begin() + covered)) {
    header.crc = crc32c(records.span(), crc32c(std::span(bytes).subspan(covered)));
    bytes = encode_batch_header(header);
  }
  return {Bytes::copy_of(bytes), records};
}

std::optional<RecordBatch> BatchReader::fail(ErrorCode code, std::string message) {
  error_ = {code, std::move(message)};
  return std::nullopt;
}

std::optional<RecordBatch> BatchReader::next() {
  if (!error_.ok() || rest_.size() < RecordBatchHeader::bytes_before_length_counts) return std::nullopt;
  Reader reader(rest_);
  reader.int64();
  const int32_t length = reader.int32();
  if (length < smallest_length) {
    return fail(ErrorCode::corrupt_message, "Record size " + std::to_string(length) +
                                                " is less than the minimum record overhead (" +
                                                std::to_string(smallest_length) + ")");
  }
  if (rest_.size() <= magic_position) return std::nullopt;
  const auto magic = static_cast<int8_t>(rest_[magic_position]);
  if (magic < 0 || magic > RecordBatchHeader::current_magic)
    return fail(ErrorCode::corrupt_message, "Invalid magic found in record: " + std::to_string(magic));
  const uint64_t size = RecordBatchHeader::bytes_before_length_counts + static_cast<uint64_t>(length);
  if (size > INT32_MAX)
    return fail(ErrorCode::unknown_server_error, "a batch of " + std::to_string(size) + " bytes");
  if (rest_.size() < size) return std::nullopt;
  if (magic != RecordBatchHeader::current_magic)
    return fail(ErrorCode::invalid_record,
                "records of magic " + std::to_string(magic) + " are not supported");
  const auto header = parse_batch_header(rest_.span());
  if (!header)
    return fail(ErrorCode::corrupt_message,
                "a batch of " + std::to_string(size) + " bytes has no possible header");
  RecordBatch batch{*header, rest_.subview(0, size)};
  rest_ = rest_.subview(size);
  return batch;
}

std::vector<RecordHeader> Record::headers() const {
  Reader reader(raw_headers);
  std::vector<RecordHeader> headers;
  for (int32_t i = 0; i < header_count; ++i) {
    RecordHeader header;
    header.key = reader.view(static_cast<uint64_t>(reader.varint())).text();
    const int32_t length = reader.varint();
    if (length >= 0) header.value = reader.view(static_cast<uint64_t>(length)).text();
    headers.push_back(header);
  }
  BROKERLAB_ASSERT(reader.ok());  // the record reader has looked at them
  return headers;
}

RecordReader::RecordReader(const RecordBatch& batch, const DecompressionLimits& limits)
    : header_(batch.header), reader_(Bytes()) {
  const auto compression = header_.compression();
  if (!compression) {
    fail(ErrorCode::unknown_server_error,
         "unknown compression type " +
             std::to_string(header_.attributes & RecordBatchHeader::compression_mask));
    return;
  }
  if (header_.record_count < 0) {
    fail(ErrorCode::invalid_record, "invalid record count " + std::to_string(header_.record_count));
    return;
  }
  if (header_.record_count == 0) return;  // a compacted batch keeps its header alone, whatever its codec
  auto records = decompress(*compression, batch.bytes.subview(RecordBatchHeader::bytes), limits);
  if (records.ok()) {
    reader_ = Reader(*records);
  } else {
    fail(records.status().code == StatusCode::limit ? ErrorCode::message_too_large
                                                    : ErrorCode::unknown_server_error,
         records.status().message);
  }
}

bool RecordReader::fail(ErrorCode code, std::string message) {
  error_ = {code, std::move(message)};
  return false;
}

// As Kafka: any negative length is a null.
std::optional<Bytes> RecordReader::read_nullable_bytes() {
  const int32_t length = reader_.varint();
  if (length < 0) return std::nullopt;
  return reader_.view(static_cast<uint64_t>(length));
}

bool RecordReader::next(Record& record) {
  if (!error_.ok()) return false;
  if (read_ == header_.record_count) {
    if (reader_.remaining() > 0)
      return fail(ErrorCode::invalid_record, "there are bytes after the last record");
    return false;
  }
  const int32_t length = reader_.varint();
  const size_t start = reader_.position();
  if (reader_.ok() && (length < 0 || static_cast<size_t>(length) > reader_.remaining()))
    return fail(ErrorCode::invalid_record,
                "a record of " + std::to_string(length) + " bytes in " + std::to_string(reader_.remaining()));
  reader_.int8();  // attributes: none are defined
  const int64_t timestamp_delta = reader_.varlong();
  const int32_t offset_delta = reader_.varint();
  record.key = read_nullable_bytes();
  record.value = read_nullable_bytes();
  record.header_count = reader_.varint();
  const size_t headers_start = reader_.position();
  for (int32_t i = 0; i < record.header_count && reader_.ok(); ++i) {
    if (!read_nullable_bytes()) return fail(ErrorCode::invalid_record, "a record header has no key");
    read_nullable_bytes();
  }
  if (!reader_.ok()) {
    const bool is_overlong = reader_.status().code == StatusCode::limit;
    return fail(is_overlong ? ErrorCode::unknown_server_error : ErrorCode::invalid_record,
                reader_.status().message);
  }
  if (record.header_count < 0 || reader_.position() - start != static_cast<size_t>(length))
    return fail(ErrorCode::invalid_record, "a record of " + std::to_string(length) + " bytes has " +
                                               std::to_string(reader_.position() - start));
  record.raw_headers = reader_.since(headers_start);
  record.offset = wrapping_sum(header_.base_offset, offset_delta);
  record.timestamp_ms = header_.timestamp_type() == TimestampType::log_append_time
                            ? header_.max_timestamp
                            : wrapping_sum(header_.base_timestamp, timestamp_delta);
  record.sequence = header_.base_sequence < 0 ? -1 : sequence_after(header_.base_sequence, offset_delta);
  ++read_;
  return true;
}

RecordBatchBuilder::RecordBatchBuilder(const Options& options) : buffer_(RecordBatchHeader::bytes) {
  header_.base_offset = options.base_offset;
  header_.partition_leader_epoch = options.partition_leader_epoch;
  header_.producer_id = options.producer_id;
  header_.producer_epoch = options.producer_epoch;
  header_.base_sequence = options.base_sequence;
  header_.attributes = static_cast<int16_t>(options.compression);
  if (options.is_transactional) header_.attributes |= RecordBatchHeader::transactional_bit;
  if (options.is_control) header_.attributes |= RecordBatchHeader::control_bit;
}

void put_record(std::vector<uint8_t>& to, int64_t timestamp_delta, int32_t offset_delta, RecordData key,
                RecordData value, std::span<const RecordHeader> headers) {
  const auto data_size = [](const RecordData& data) {
    return data ? varlong_size(static_cast<int64_t>(data->size())) + data->size() : varlong_size(-1);
  };
  const auto put_data = [&to](const RecordData& data) {
    put_varlong(to, data ? static_cast<int64_t>(data->size()) : -1);
    if (data) to.insert(to.end(), data->begin(), data->end());
  };
  const auto header_value = [](const RecordHeader& header) {
    return header.value ? RecordData(bytes_of(*header.value)) : RecordData();
  };
  constexpr size_t attributes_size = 1;
  size_t size = attributes_size + varlong_size(timestamp_delta) + varlong_size(offset_delta) +
                data_size(key) + data_size(value) + varlong_size(static_cast<int64_t>(headers.size()));
  for (const RecordHeader& header : headers)
    size += data_size(bytes_of(header.key)) + data_size(header_value(header));

  put_varlong(to, static_cast<int64_t>(size));
  to.push_back(0);
  put_varlong(to, timestamp_delta);
  put_varlong(to, offset_delta);
  put_data(key);
  put_data(value);
  put_varlong(to, static_cast<int64_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    put_data(bytes_of(header.key));
    put_data(header_value(header));
  }
}

Bytes encode_batch(RecordBatchHeader header, std::vector<uint8_t> room_and_records) {
  std::vector<uint8_t>& batch = room_and_records;
  BROKERLAB_ASSERT(batch.size() >= RecordBatchHeader::bytes && header.compression().has_value());
  if (*header.compression() != Compression::none) {
    const Bytes compressed =
        compress(*header.compression(), std::span<const uint8_t>(batch).subspan(RecordBatchHeader::bytes));
    batch.resize(RecordBatchHeader::bytes);
    batch.insert(batch.end(), compressed.begin(), compressed.end());
  }
  header.length = static_cast<int32_t>(batch.size() - RecordBatchHeader::bytes_before_length_counts);
  const auto put_header = [&] { std::ranges::copy(encode_batch_header(header), batch.begin()); };
  put_header();
  header.crc = crc32c(std::span<const uint8_t>(batch).subspan(RecordBatchHeader::crc_covers_from));
  put_header();
  return Bytes::adopt(std::move(batch));
}

void RecordBatchBuilder::append(int64_t timestamp_ms, Data key, Data value,
                                std::span<const RecordHeader> headers) {
  if (empty()) header_.base_timestamp = header_.max_timestamp = timestamp_ms;
  header_.max_timestamp = std::max(header_.max_timestamp, timestamp_ms);
  header_.last_offset_delta = header_.record_count++;
  put_record(buffer_, timestamp_ms - header_.base_timestamp, header_.last_offset_delta, key, value, headers);
}

size_t RecordBatchBuilder::largest_record_size(Data key, Data value, std::span<const RecordHeader> headers) {
  size_t size = largest_record_overhead + (key ? key->size() : 0) + (value ? value->size() : 0);
  for (const RecordHeader& header : headers)
    size += largest_header_overhead + header.key.size() + (header.value ? header.value->size() : 0);
  return size;
}

Bytes RecordBatchBuilder::build() {
  BROKERLAB_ASSERT(!empty());
  const RecordBatchHeader header = header_;
  header_.record_count = 0;
  header_.last_offset_delta = 0;
  return encode_batch(header, std::exchange(buffer_, std::vector<uint8_t>(RecordBatchHeader::bytes)));
}

}  // namespace brokerlab::kafka

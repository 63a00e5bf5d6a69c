#include "sim/storage/batch_scanner.h"

#include <algorithm>

namespace brokerlab {
namespace {

/// Enough for the batches between two entries of an index, little enough for one look.
constexpr uint64_t first_read_bytes = 8 * 1024;
constexpr uint64_t next_read_bytes = 64 * 1024;

}  // namespace

Result<Bytes> BatchScanner::bytes_at(uint64_t position, uint64_t length, uint64_t read_ahead) {
  if (position < buffer_position_ || position + length > buffer_position_ + buffer_.size()) {
    Result<Bytes> read =
        disk_->read(file_, position, std::min(std::max(length, read_ahead), end_ - position));
    if (!read) return read;
    buffer_ = std::move(read).value();
    buffer_position_ = position;
  }
  const uint64_t skip = position - buffer_position_;
  return buffer_.subview(skip, std::min<uint64_t>(length, buffer_.size() - skip));
}

Result<std::optional<kafka::RecordBatchHeader>> BatchScanner::peek() {
  if (next_ > end_ || end_ - next_ < kafka::RecordBatchHeader::bytes)
    return std::optional<kafka::RecordBatchHeader>();
  Result<Bytes> bytes =
      bytes_at(next_, kafka::RecordBatchHeader::bytes, buffer_.empty() ? first_read_bytes : next_read_bytes);
  if (!bytes) return bytes.status();
  std::optional<kafka::RecordBatchHeader> header = kafka::parse_batch_header(bytes->span());
  if (!header || header->size() > end_ - next_) return std::optional<kafka::RecordBatchHeader>();
  return header;
}

Result<std::optional<kafka::RecordBatchHeader>> BatchScanner::next() {
  Result<std::optional<kafka::RecordBatchHeader>> header = peek();
  if (!header || !*header) return header;
  position_ = next_;
  size_ = (*header)->size();
  next_ += size_;
  return header;
}

Result<Bytes> BatchScanner::read_batch() { return bytes_at(position_, size_, size_); }

}  // namespace brokerlab

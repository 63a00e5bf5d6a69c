#include "sim/storage/checked_bytes.h"

#include <vector>

#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

namespace {

struct Part {
  const DiskFile* file;
  uint64_t from = 0;
  uint64_t to = 0;
};

void add_checked_parts(const DiskFile& file, const ReadPart& read, std::vector<Part>& parts) {
  using Header = kafka::RecordBatchHeader;
  for (uint64_t batch = 0; batch + Header::bytes <= file.size;) {
    const Bytes start = read(file.path, batch, Header::bytes);
    const std::optional<Header> header = kafka::parse_batch_header(start);
    if (!header || batch + header->size() > file.size) return;
    parts.push_back({&file, batch + Header::crc_covers_from, batch + header->size()});
    batch += header->size();
  }
}

}  // namespace

std::optional<BitPlace> draw_checked_bit(std::span<const DiskFile> files, const ReadPart& read,
                                         Random& random) {
  std::vector<Part> parts;
  for (const DiskFile& file : files)
    if (file.path.ends_with(".log")) add_checked_parts(file, read, parts);
  uint64_t bytes = 0;
  for (const Part& part : parts) bytes += part.to - part.from;
  if (bytes == 0) return std::nullopt;
  uint64_t at = random.below(bytes);
  const auto mask = static_cast<uint8_t>(1u << random.below(8));
  for (const Part& part : parts) {
    const uint64_t size = part.to - part.from;
    if (at < size) return BitPlace{part.file->path, part.from + at, mask};
    at -= size;
  }
  return std::nullopt;
}

}  // namespace brokerlab

// Record batches, as producers send them and logs hold them. The first byte says whether CRCs are put right, as
// no fuzzer would by chance; the rest is parsed, verified, iterated, printed as JSON and read back, validated as
// by a broker, and taken for the compressed bytes of every codec.
#include "sim/brokers/record_validation.h"
#include "sim/wire/kafka/record_batch_json.h"
#include "tests/fuzz/fuzz.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;
using namespace brokerlab::kafka;

namespace {

/// Small enough for a fuzzer to meet them.
constexpr DecompressionLimits limits{.max_bytes = 1 << 20, .max_ratio = 100, .free_of_ratio_bytes = 64 << 10};
/// What a codec's library may hold beside the output: LZ4's frame header asks for blocks of up to 4 MiB, and the
/// library keeps two.
constexpr uint64_t codec_memory = 10 << 20;

/// At most half of it again is held while the output grows.
uint64_t output_memory(size_t input_bytes) {
  const uint64_t output =
      std::min(limits.max_bytes, std::max(limits.max_ratio * input_bytes, limits.free_of_ratio_bytes));
  return codec_memory + 2 * output;
}

void check_codecs(const Bytes& bytes) {
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const MemoryLimit memory(output_memory(bytes.size()));
    const Result<Bytes> raw = decompress(codec, bytes, limits);
    if (!raw) continue;
    FUZZ_CHECK(raw->size() <= limits.max_bytes);
    FUZZ_CHECK(raw->size() <=
               std::max<uint64_t>(limits.free_of_ratio_bytes, limits.max_ratio * bytes.size()));
  }
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const Result<Bytes> back = decompress(codec, compress(codec, bytes.span()));
    FUZZ_CHECK(back.ok() && *back == bytes);
  }
}

void check_records(const RecordBatch& batch) {
  RecordReader reader(batch, limits);
  Record record;
  int32_t count = 0;
  while (reader.next(record)) {
    ++count;
    FUZZ_CHECK(record.headers().size() == static_cast<size_t>(record.header_count));
  }
  if (reader.error().ok()) FUZZ_CHECK(count == batch.header.record_count);
}

/// What is printed is read back as a batch that is printed the same.
void check_json(const RecordBatch& batch) {
  const Result<std::string> json = to_json(batch);
  if (!json) return;
  const Result<Bytes> built = batch_from_json(*json);
  FUZZ_CHECK(built.ok());
  BatchReader again(*built);
  const std::optional<RecordBatch> read = again.next();
  FUZZ_CHECK(read.has_value());
  FUZZ_CHECK(to_json(*read).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t options = input.byte();
  const Bytes bytes = (options & 1) != 0 ? with_right_crcs(input.rest()) : input.rest();
  check_codecs(bytes);

  BatchReader batches(bytes);
  while (const std::optional<RecordBatch> batch = batches.next()) {
    FUZZ_CHECK(batch->header.size() == batch->bytes.size());
    FUZZ_CHECK(parse_batch_header(batch->bytes.span()) == batch->header);
    const bool is_intact = has_right_crc(batch->bytes);
    RecordBatchHeader moved = batch->header;
    moved.base_offset = 5000;
    moved.partition_leader_epoch = 7;
    const Slices rewritten = rewrite_header(batch->bytes, moved);
    FUZZ_CHECK(has_right_crc(joined(rewritten)) == is_intact);
    const MemoryLimit memory(output_memory(size) + 4096 * size);
    check_records(*batch);
    if (batch->header.compression() == Compression::none) check_json(*batch);
  }

  RecordRules rules;
  rules.topic_partition = "orders-0";
  rules.has_transactional_id = (options & 2) != 0;
  rules.is_compacted = (options & 4) != 0;
  rules.is_log_append_time = (options & 8) != 0;
  if ((options & 16) != 0) rules.compression = Compression::lz4;
  rules.decompression = limits;
  const MemoryLimit memory(2 * output_memory(size) + 4096 * size);
  const ValidatedRecords validated = validate_records(bytes, rules, 1'767'225'600'000);
  if (validated.error == ErrorCode::none) {
    const RecordBatch& batch = validated.batch;
    FUZZ_CHECK(batch.header.size() == batch.bytes.size());
    FUZZ_CHECK(has_right_crc(batch.bytes));
    RecordReader reader(batch, limits);
    Record record;
    while (reader.next(record)) {
    }
    FUZZ_CHECK(reader.error().ok());
  }
  return 0;
}

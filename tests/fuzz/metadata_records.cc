// Records of the metadata log, as another controller wrote them: pieces of the input, one after the other. Each
// is decoded, encoded again and replayed.
//
// What decodes encodes to the same record; an image that refuses a record is unchanged; two images that replay
// the same records are equal.
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/control_records.h"
#include "tests/fuzz/messages.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const MemoryLimit limit((uint64_t{1} << 20) + 2048 * size);
  MetadataImage image;
  MetadataImage other;
  while (!input.empty()) {
    const Bytes value = input.piece();
    int16_t version = 0;
    const Result<kafka::MetadataRecord> record = kafka::decode_metadata_record(value, &version);
    if (!record) continue;
    const Bytes encoded = kafka::encode_metadata_record(*record, version);
    const Result<kafka::MetadataRecord> again = kafka::decode_metadata_record(encoded);
    FUZZ_CHECK(again.ok());
    FUZZ_CHECK(kafka::encode_metadata_record(*again, version) == encoded);
    FUZZ_CHECK(!kafka::to_json(*record, version).empty());
    const MetadataImage before = image;
    MetadataDelta delta;
    // A transaction may have changed it before the record that is refused.
    const bool is_end = std::holds_alternative<kafka::EndTransactionRecord>(*record);
    if (!image.replay(*record, delta) && !is_end) FUZZ_CHECK(image == before);
    MetadataDelta other_delta;
    (void)other.replay(*again, other_delta);
    FUZZ_CHECK(image == other);
  }
  return 0;
}

// Recordings of sessions, as `brokerlab replay` reads them: blocks, entries, events, inputs. The nodes do nothing, so
// that all that is tested is what reads and plays the file. Each input is read as it is, and once more with right
// checksums, which no fuzzer finds by chance.
#include "sim/runtime/record_format.h"
#include "sim/runtime/replay.h"
#include "sim/wire/kafka/crc32c.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/inert_node.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

std::vector<uint8_t> with_right_checksums(const uint8_t* data, size_t size) {
  std::vector<uint8_t> file(data, data + size);
  size_t at = recording::file_header_bytes;
  while (at + recording::block_header_bytes <= file.size()) {
    const size_t left = file.size() - at - recording::block_header_bytes;
    const size_t payload = std::min<size_t>(recording::fixed(&file[at]), left);
    recording::put_fixed(&file[at], static_cast<uint32_t>(payload));
    const std::span<const uint8_t> bytes(file);
    const uint32_t crc = kafka::crc32c(bytes.subspan(at + recording::block_header_bytes, payload),
                                       kafka::crc32c(bytes.subspan(at, 4)));
    recording::put_fixed(&file[at + 4], crc);
    at += recording::block_header_bytes + payload;
  }
  return file;
}

void play(std::span<const uint8_t> file) {
  Result<std::unique_ptr<Replay>> replay = Replay::open(file, inert_makers());
  if (!replay) return;
  const Result<Replay::Outcome> outcome = (*replay)->play();
  FUZZ_CHECK(outcome.ok() || !outcome.status().message.empty());
  (void)(*replay)->view();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const MemoryLimit limit((uint64_t{4} << 20) + 1024 * size);
  play({data, size});
  if (size >= recording::file_header_bytes) play(with_right_checksums(data, size));
  return 0;
}

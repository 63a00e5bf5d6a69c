// Scenario files, as `brokerlab run` is given them: the transcript is read, its header makes the specification of
// a cluster, and its lines are compared with others. A transcript that was read is written as the same text's
// transcript again. Its commands are the command language's (command_language.cc).
#include "sim/shell/lab_config.h"
#include "sim/shell/transcript.h"
#include "tests/fuzz/fuzz.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  // A difference compares each line with each.
  const MemoryLimit limit((uint64_t{1} << 20) + 256 * size + 16 * size * size);
  const Result<Transcript> transcript = parse_transcript(input.rest().text());
  if (!transcript) return 0;
  const std::string text = to_string(*transcript);
  const Result<Transcript> again = parse_transcript(text);
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(to_string(*again) == text);
  FUZZ_CHECK(again->config == transcript->config && again->blocks.size() == transcript->blocks.size());

  LabConfig config;
  for (const auto& [name, value] : transcript->config) (void)config.set(name, value);
  for (const Driver driver : {Driver::sandbox, Driver::live}) {
    const ClusterSpec spec = config.cluster(driver, 9092);
    FUZZ_CHECK(spec.nodes.size() == static_cast<size_t>(config.brokers + config.controllers));
  }
  const std::vector<std::string>* previous = nullptr;
  for (const TranscriptBlock& block : transcript->blocks) {
    FUZZ_CHECK(difference(block.output, block.output).empty());
    if (previous != nullptr) (void)rewritten(*previous, block.output);
    previous = &block.output;
  }
  return 0;
}

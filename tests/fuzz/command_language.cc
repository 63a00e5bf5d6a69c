// What somebody types into the lab's terminal, or a lesson or scenario runs: lines of the command language, split,
// made a pipeline, and run in a lab of nodes that only show something.
//
// Words that were split join into a line that splits into the same words. A command ends, whatever it says.
#include <memory>

#include "sim/runtime/sandbox.h"
#include "sim/shell/expect.h"
#include "sim/shell/pipeline.h"
#include "sim/shell/shell.h"
#include "sim/shell/words.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/shell/puppet.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

/// A command makes nodes and waits for them in lab time; this much of it is enough for what was typed.
constexpr Duration patience = seconds(2);
constexpr size_t most_lines = 4;

const Variables variables{{"BOOTSTRAP", "127.0.0.1:9092"}, {"BROKER1", "127.0.0.1:9092"}};

void check_words(std::string_view line, Language language) {
  const Result<std::vector<Words>> stages = split_command(line, variables, language);
  (void)continues(line);
  if (!stages || stages->empty()) return;
  for (const Words& words : *stages) {
    const Result<std::vector<Words>> again = split_command(join_words(words), variables, language);
    FUZZ_CHECK(again.ok());
    FUZZ_CHECK(*again == std::vector<Words>{words});
  }
  (void)make_pipeline(*stages, language);
  const Result<Expectation> expectation = Expectation::parse(stages->front(), language);
  if (expectation) (void)expectation->to_string();
}

const Sandbox& puppets() {
  static const std::unique_ptr<Sandbox> lab = puppet_lab();
  return *lab;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const Language language = (input.byte() & 1) != 0 ? Language::korean : Language::english;
  const Sandbox& prepared = puppets();
  const MemoryLimit limit((uint64_t{64} << 20) + 4096 * size);
  const std::unique_ptr<Sandbox> lab = prepared.clone();
  Shell shell(*lab, language);
  std::string_view text = input.rest().text();
  for (size_t line = 0; line < most_lines && !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    check_words(text.substr(0, end), language);
    (void)shell.completions(text.substr(0, end));
    const std::unique_ptr<Job> job = shell.start(text.substr(0, end));
    job->end_standard_input();
    lab->run_until(
        [&] {
          job->poll();
          return job->done();
        },
        patience);
    if (!job->done()) job->interrupt();
    (void)lab->run_for(milliseconds(100));
    job->poll();
    (void)job->take_output();
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return 0;
}

// kafka-dump-log against what Kafka's printed: of the recorded folders (golden/logs), and of the log in
// golden/cli/kafka-dump-log.txt, which is made again here.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "sim/shell/transcript.h"
#include "sim/shell/words.h"
#include "sim/tools/java_text.h"
#include "sim/tools/tool.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/storage/golden_logs.h"

using namespace brokerlab;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Dumped {
  int status = -1;
  Lines output;
  Lines error;
};

using ReadFile = std::function<Result<std::string>(const std::string&)>;

Dumped dump_log(const Words& arguments, const ReadFile& read_file, const std::string& folder) {
  const auto tool =
      make_tool({}, "kafka-dump-log", arguments, {.read_file = read_file, .working_folder = folder});
  Effects effects(NodeId{1}, {}, 1, {}, nullptr);
  tool->step({}, input::Start{}, effects);
  Dumped dumped;
  std::string streams[2];
  for (const Event& event : effects.events)
    if (const auto* printed = std::get_if<event::Printed>(&event.payload))
      streams[printed->stream - 1] += printed->text;
  REQUIRE(effects.ended());
  dumped.status = effects.end_status();
  dumped.output = lines_of(streams[0]);
  dumped.error = lines_of(streams[1]);
  return dumped;
}

ReadFile files_in(const std::filesystem::path& folder) {
  return [folder](const std::string& path) -> Result<std::string> {
    if (!std::filesystem::exists(folder / path)) return Status::error(StatusCode::not_found, path);
    return golden::file(folder / path);
  };
}

/// Kafka's dump of some files of a folder: standard output, then standard error.
struct RecordedDump {
  std::string state;  ///< clean, unclean, recovered, dynamic-quorum
  std::string files;
  Lines output;
  Lines error;
  bool has(std::string_view word) const { return files.find(word) != std::string::npos; }
};

RecordedDump recorded_dump(const std::filesystem::path& path) {
  RecordedDump dump;
  const std::string name = path.filename().string();
  for (const char* state : {"clean", "unclean", "recovered", "dynamic-quorum"})
    if (name.starts_with(std::string(state) + "-")) dump.state = state;
  for (const std::string& line : lines_of(golden::file(path))) {
    constexpr std::string_view dumping = "Dumping ";
    const bool begins_error = line.starts_with("Non-consecutive") || line.starts_with("Found timestamp");
    if (line.starts_with(dumping))
      dump.files += (dump.files.empty() ? "" : ",") + line.substr(dumping.size());
    (begins_error || !dump.error.empty() ? dump.error : dump.output).push_back(line);
  }
  return dump;
}

/// The title of each finding and its lines, in any order: Kafka's follows the paths of the recording's
/// machine.
std::multiset<std::string> findings(const Lines& lines) {
  std::multiset<std::string> found;
  std::string title;
  for (const std::string& line : lines) {
    if (!line.starts_with("  ")) title = line;
    found.insert(title + line);
  }
  return found;
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// The log of the recording: two records of an idempotent producer, one in gzip with a header, one without a
/// key.
std::string recorded_log() {
  using kafka::RecordBatchBuilder;
  RecordBatchBuilder first(
      {.producer_id = 3, .producer_epoch = 0, .base_sequence = 0, .partition_leader_epoch = 0});
  first.append(1'700'000'000'000, bytes_of("k1"), bytes_of("v1"));
  first.append(1'700'000'000'000, bytes_of("k2"), bytes_of("v2"));
  RecordBatchBuilder second({.base_offset = 2,
                             .compression = kafka::Compression::gzip,
                             .producer_id = 4,
                             .producer_epoch = 0,
                             .base_sequence = 0,
                             .partition_leader_epoch = 0});
  const kafka::RecordHeader header{"h1", "x"};
  second.append(1'700'000'001'000, bytes_of("k3"), bytes_of("v3"), std::span(&header, 1));
  RecordBatchBuilder third({.base_offset = 3, .partition_leader_epoch = 0});
  third.append(1'700'000'002'000, std::nullopt, bytes_of("v4"));
  std::string log;
  for (RecordBatchBuilder* builder : {&first, &second, &third}) log += builder->build().text();
  return log;
}

}  // namespace

TEST_CASE("kafka-dump-log prints of every recorded folder what Kafka's printed") {
  std::map<std::string, int> files;  ///< by what their names end with
  int dumps = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden::logs())) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".txt" || name == "unclean-recovery-log.txt") continue;
    CAPTURE(name);
    const RecordedDump recorded = recorded_dump(entry.path());
    const bool is_metadata = recorded.has("__cluster_metadata") || recorded.has("bootstrap");
    Words arguments{"--files", recorded.files};
    if (name.find("-indexes") == std::string::npos)
      arguments.emplace_back(recorded.has("__consumer_offsets")    ? "--offsets-decoder"
                             : recorded.has("__transaction_state") ? "--transaction-log-decoder"
                             : is_metadata                         ? "--cluster-metadata-decoder"
                                                                   : "--print-data-log");
    const Dumped dumped = dump_log(arguments, files_in(golden::logs() / recorded.state), recorded.state);
    CHECK(dumped.status == 0);
    const Lines& expected = recorded.output;
    REQUIRE(dumped.output.size() == expected.size());
    for (size_t i = 0; i < expected.size(); ++i) REQUIRE(dumped.output[i] == expected[i]);
    CHECK(findings(dumped.error) == findings(recorded.error));
    ++dumps;
    for (const std::string& line : expected)
      if (line.starts_with("Dumping ")) ++files[line.substr(line.rfind('.'))];
  }
  CHECK(dumps == 53);
  CHECK(files == std::map<std::string, int>{{".checkpoint", 6},
                                            {".index", 85},
                                            {".log", 87},
                                            {".snapshot", 91},
                                            {".timeindex", 85},
                                            {".txnindex", 9}});
}

TEST_CASE("kafka-dump-log does what Kafka's does") {
  const std::map<std::string, std::string> files = {
      {"<DATA>/1/data/one-0/00000000000000000000.log", recorded_log()},
      // Of a segment that is still written: Kafka's room for entries, none used.
      {"<DATA>/1/data/one-0/00000000000000000000.index", std::string(80, '\0')},
      {"<DATA>/1/data/one-0/00000000000000000000.timeindex", std::string(120, '\0')}};
  const ReadFile read_file = [&](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Status::error(StatusCode::not_found, path);
    return found->second;
  };
  const Transcript transcript = parse_transcript(golden::file(std::filesystem::path(BROKERLAB_GOLDEN_DIR) /
                                                              "cli" / "kafka-dump-log.txt"))
                                    .value();
  int equal = 0, left_out = 0;
  for (const TranscriptBlock& block : transcript.blocks) {
    if (!block.command.starts_with("kafka-dump-log") || block.command.find('|') != std::string::npos) {
      ++left_out;  // other tools, and lists made by a POSIX shell
      continue;
    }
    INFO(block.command);
    Words words = split_command(block.command, {{"DATA", "<DATA>"}})->front();
    words.erase(words.begin());
    const Dumped dumped = dump_log(words, read_file, "");
    CHECK(dumped.status == block.status);
    std::string output, error;
    for (const std::string& line : dumped.output) output += line + "\n";
    for (const std::string& line : dumped.error)
      // Our option table stands for "[usage text]".
      if (!line.starts_with("-") && !line.starts_with(" ") && !line.starts_with("Option "))
        error += line + "\n";
    Lines expected;
    for (const std::string& line : block.output) {
      const bool is_of_java = line.starts_with("2> \tat ") || line.starts_with("2> [");
      const bool is_indented = line.starts_with("2>   ");
      if (!is_of_java && !is_indented) expected.push_back(line);
    }
    CHECK(difference(expected, output_lines(output, error)) == Lines{});
    ++equal;
  }
  CHECK(equal == 10);
  CHECK(left_out == 13);
}

TEST_CASE("A damaged log is shown as far as it goes, and where it fails") {
  const std::string name = "00000000000000000000.log";
  std::string log = recorded_log();
  const auto dump = [&](Words options) {
    options.insert(options.begin(), {"--files", name});
    return dump_log(
        options, [&](const std::string&) -> Result<std::string> { return log; }, "/data");
  };
  SUBCASE("a torn end is counted") {
    log.resize(log.size() - 1);
    CHECK(dump({}).output.back() == "Found 69 invalid bytes at the end of " + name);
    CHECK(dump({"--max-bytes", "180"}).output.size() == 4);
    CHECK(dump({"--max-bytes", "179"}).output.size() == 3);
  }
  SUBCASE("a wrong CRC is said") {
    log.back() ^= 1;
    CHECK(dump({}).output.back().ends_with("isvalid: false"));
    CHECK(dump({}).status == 0);
  }
  SUBCASE("an impossible length ends the dump") {
    log[8] = '\xff';
    const Dumped dumped = dump({});
    CHECK(dumped.status == 1);
    CHECK(dumped.error == Lines{"Exception in thread \"main\" "
                                "org.apache.kafka.common.errors.CorruptRecordException: Found "
                                "record size -16777145 smaller than minimum record overhead (14) in file " +
                                name + "."});
  }
  SUBCASE("offsets that do not follow each other are named with the whole path") {
    log.erase(83, 97);
    CHECK(dump({"--deep-iteration"}).error ==
          Lines{"Non-consecutive offsets in /data/" + name, "  1 is followed by 3"});
    CHECK(dump({}).error.empty());
  }
}

TEST_CASE("Indexes that do not fit their log are found out") {
  std::map<std::string, std::string> files{{"00000000000000000000.log", recorded_log()}};
  const auto dump = [&](Words options) {
    return dump_log(
        options,
        [&](const std::string& path) -> Result<std::string> {
          if (!files.contains(path)) return Status::error(StatusCode::not_found, path);
          return files.at(path);
        },
        "/data");
  };
  const auto bytes = [](std::string_view hex) {
    const std::vector<uint8_t> raw = from_hex(hex);
    return std::string(raw.begin(), raw.end());
  };
  std::string& index = files["00000000000000000000.index"] = bytes(
      "0000000200000053"
      "00000003000000b4");
  std::string& times = files["00000000000000000000.timeindex"] = bytes(
      "0000018bcfe56be800000002"
      "0000018bcfe56fd000000003");
  const std::string both = "00000000000000000000.index,00000000000000000000.timeindex";
  CHECK(dump({"--files", both}).error.empty());
  CHECK(dump({"--files", both, "--verify-index-only"}).output.size() == 2);
  index[3] = 1;
  times[7] = '\xe7';
  times[19] = '\0';
  const Dumped dumped = dump({"--files", both, "--verify-index-only"});
  CHECK(dumped.status == 0);
  CHECK(dumped.error == Lines{"Mismatches in :/data/00000000000000000000.index",
                              "  Index offset: 1, log offset: 2",
                              "Found timestamp mismatch in :/data/00000000000000000000.timeindex",
                              "  Index timestamp: 1700000000999, log timestamp: 1700000001000",
                              "  Index timestamp: 1700000001792, log timestamp: 1700000002000"});
  index[11] = 2;  // the newest is named first
  CHECK(dump({"--files", "00000000000000000000.index"}).error ==
        Lines{"Mismatches in :/data/00000000000000000000.index", "  Index offset: 2, log offset: 3",
              "  Index offset: 1, log offset: 2"});
  index[6] = 1;
  CHECK(dump({"--files", "00000000000000000000.index"}).error ==
        Lines{"Exception in thread \"main\" java.lang.IllegalArgumentException: Slice from position 339 "
              "exceeds end position of FileRecords(size=250, file=/data/00000000000000000000.log, start=0, "
              "end=2147483647)"});
  index += "x";
  CHECK(dump({"--files", both, "--index-sanity-check"}).status == 1);
  files.erase("00000000000000000000.log");
  CHECK(
      dump({"--files", both}).error ==
      Lines{
          "Exception in thread \"main\" java.nio.file.NoSuchFileException: /data/00000000000000000000.log"});
}

TEST_CASE("A producer snapshot that is damaged is refused, in Kafka's words") {
  const std::string path = "orders-0/00000000000000000112.snapshot";
  std::string snapshot = golden::file(golden::logs() / "clean" / path);
  const auto dump = [&] {
    return dump_log(
        {"--files", path}, [&](const std::string&) -> Result<std::string> { return snapshot; }, "");
  };
  CHECK(dump().output.size() == 5);
  SUBCASE("cut") {
    snapshot.resize(100);
    CHECK(dump().error == Lines{"Snapshot failed schema validation: null"});
  }
  SUBCASE("changed") {
    snapshot[30] ^= 1;
    CHECK(dump().error.at(0).starts_with(
        "Snapshot is corrupt (CRC is no longer valid). Stored crc: 3570069209. Computed crc: "));
  }
  SUBCASE("of another version") {
    snapshot[1] = 7;
    CHECK(dump().error == Lines{"Snapshot failed schema validation: Snapshot contained an "
                                "unknown file version 7"});
  }
  SUBCASE("empty") {
    snapshot.clear();
    CHECK(dump().error == Lines{"Snapshot failed schema validation: null"});
  }
  CHECK(dump().status == 0);
}

TEST_CASE("Bytes that are no UTF-8 become what Java makes of them") {
  CHECK(java_text("주문 \xF0\x9F\x99\x82") == "주문 \xF0\x9F\x99\x82");
  CHECK(java_text("a\xFFz") == "a\uFFFDz");
  CHECK(java_text("\xC0\x80") == "\uFFFD\uFFFD");
  CHECK(java_text("\xE2\x82") == "\uFFFD");
  CHECK(java_text("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(java_text("\xF0\x9F\x99x") == "\uFFFDx");
}

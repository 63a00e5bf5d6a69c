// What kafka-dump-log prints of the files of a log: segments and metadata snapshots batch by batch, offset
// and time indexes beside the segment that they belong to, producer snapshots, the index of aborted
// transactions.
//
// Lines and their streams are those of DumpLogSegments of Apache Kafka 4.3.1. KIP-98 (batches v2, producer
// snapshot version 1, transaction index), KIP-595 and KIP-630 (control records and snapshots of the metadata
// log).
//
// Deviations: an exception is its one line, without the stack trace; batches of a magic other than 2 end the
// dump with one; a missing index is not made.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/tools/tool_output.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

/// What keys and values are read as.
enum class DataDecoder : uint8_t {
  text,          ///< --print-data-log alone
  metadata,      ///< --cluster-metadata-decoder
  groups,        ///< --offsets-decoder
  transactions,  ///< --transaction-log-decoder
};

struct LogDumpOptions {
  bool shows_records = false;          ///< --deep-iteration
  bool shows_data = false;             ///< --print-data-log: keys and values too
  bool skips_record_metadata = false;  ///< --skip-record-metadata
  DataDecoder decoder = DataDecoder::text;
  bool only_checks_sanity = false;     ///< --index-sanity-check
  bool only_verifies_indexes = false;  ///< --verify-index-only: entries are compared, not printed
  int32_t max_message_bytes = 5 << 20;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();  ///< of each segment
};

class LogDump {
 public:
  using ReadFile = std::function<Result<std::string>(const std::string& path)>;

  /// Lines go to `end`. `folder` is where relative paths begin: what is wrong with a file is said under its
  /// whole path.
  LogDump(const LogDumpOptions& options, ReadFile read_file, std::string folder, ToolEnd& end)
      : options_(options), read_file_(std::move(read_file)), folder_(std::move(folder)), end_(end) {}

  /// One file, by what its name ends with. An error is a Java exception with its message, which ends the tool:
  /// "java.nio.file.NoSuchFileException: …".
  Status dump(std::string_view path);
  /// What was wrong in the files, once they are all done.
  void print_findings();

 private:
  struct FileFindings {
    std::string path;  ///< whole
    std::vector<std::string> lines;
  };
  using Findings = std::vector<FileFindings>;

  std::optional<Bytes> read(const std::string& path) const;
  Result<Bytes> read_index(const std::string& path) const;
  Result<Bytes> read_segment_of(const std::string& index) const;
  Status dump_batches(const std::string& path);
  Status dump_records(const std::string& path, const kafka::RecordBatch& batch, int64_t& last_offset);
  Result<std::vector<std::string>> data_text(const kafka::Record& record) const;
  Result<std::string> record_line(const kafka::RecordBatch& batch, const kafka::Record& record) const;
  Status dump_offset_index(const std::string& path);
  Status dump_time_index(const std::string& path);
  Status dump_producer_snapshot(const std::string& path);
  Status dump_transaction_index(const std::string& path);
  Status passed_sanity_check(const std::string& path);

  std::vector<std::string>& lines_about(const std::string& path, Findings& findings) const;
  void print(const Findings& findings, std::string_view title);
  std::string whole(const std::string& path) const;

  LogDumpOptions options_;
  ReadFile read_file_;
  std::string folder_;
  ToolEnd& end_;
  Findings wrong_offsets_;
  Findings wrong_timestamps_;
  Findings out_of_order_;
  Findings not_in_log_;
  Findings not_consecutive_;
};

}  // namespace brokerlab

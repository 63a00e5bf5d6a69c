// The data folders that Apache Kafka 4.3.1 left, and what its own kafka-dump-log says of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/assert.h"
#include "sim/storage/disk.h"

namespace brokerlab::golden {

inline std::filesystem::path logs() { return std::filesystem::path(BROKERLAB_GOLDEN_DIR) / "logs"; }

inline std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  BROKERLAB_ASSERT_THAT(in.good(), path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Copies a recorded folder onto the disk. `keep` says which files, by name.
template <class Keep>
void copy_folder(const std::filesystem::path& from, Disk& disk, const std::string& to, Keep keep) {
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !keep(name)) continue;
    const Bytes content = Bytes::copy_of(file(entry.path()));
    BROKERLAB_ASSERT(
        disk.replace_file(to.empty() ? name : to + "/" + name, content, Durability::cached).ok());
  }
}
inline void copy_folder(const std::filesystem::path& from, Disk& disk, const std::string& to) {
  copy_folder(from, disk, to, [](const std::string&) { return true; });
}

/// A batch as kafka-dump-log prints it.
struct DumpedBatch {
  std::string file;  ///< 00000000000000000112.log
  std::map<std::string, std::string> fields;
  int64_t number(const std::string& name) const { return std::stoll(fields.at(name)); }
};

/// All batches of `logs/NAME.txt`, in order.
inline std::vector<DumpedBatch> dumped_batches(const std::string& name) {
  std::vector<DumpedBatch> batches;
  std::istringstream dump(file(logs() / (name + ".txt")));
  std::string current;
  for (std::string line; std::getline(dump, line);) {
    if (line.starts_with("Dumping ")) current = line.substr(line.rfind('/') + 1);
    if (!line.starts_with("baseOffset: ") || !current.ends_with(".log")) continue;
    DumpedBatch batch{current, {}};
    std::istringstream words(line);
    for (std::string key, value; words >> key >> value;) batch.fields[key.substr(0, key.size() - 1)] = value;
    batches.push_back(std::move(batch));
  }
  return batches;
}

/// The records of a dump's segments: offset and CreateTime.
struct DumpedRecord {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
};
inline std::vector<DumpedRecord> dumped_records(const std::string& name) {
  std::vector<DumpedRecord> records;
  std::istringstream dump(file(logs() / (name + ".txt")));
  bool is_in_segment = false;
  for (std::string line; std::getline(dump, line);) {
    if (line.starts_with("Dumping ")) is_in_segment = line.ends_with(".log");
    if (!is_in_segment || !line.starts_with("| offset: ")) continue;
    std::istringstream words(line);
    std::string bar, key, time_key;
    DumpedRecord record;
    words >> bar >> key >> record.offset >> time_key >> record.timestamp_ms;
    records.push_back(record);
  }
  return records;
}

}  // namespace brokerlab::golden

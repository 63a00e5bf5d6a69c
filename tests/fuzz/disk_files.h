// Bytes as the files of a node: each file is the number of its name in a table, and a piece.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "sim/storage/simulated_disk.h"
#include "tests/fuzz/fuzz.h"

namespace brokerlab::fuzz {

inline constexpr std::string_view log_folder = "orders-0";
/// Of the log's folder, but for the last ones.
inline constexpr std::array<std::string_view, 20> log_files = {"00000000000000000000.log",
                                                               "00000000000000000000.index",
                                                               "00000000000000000000.timeindex",
                                                               "00000000000000000000.txnindex",
                                                               "00000000000000000010.log",
                                                               "00000000000000000010.index",
                                                               "00000000000000000010.timeindex",
                                                               "00000000000000000010.snapshot",
                                                               "00000000000000000100.log",
                                                               "00000000000000000100.snapshot",
                                                               "00000000000000000010-0000000001.checkpoint",
                                                               "leader-epoch-checkpoint",
                                                               "partition.metadata",
                                                               "quorum-state",
                                                               "00000000000000000000.log.deleted",
                                                               "00000000000000000000.log.swap",
                                                               "../meta.properties",
                                                               "../replication-offset-checkpoint",
                                                               "../recovery-point-offset-checkpoint",
                                                               "../.kafka_cleanshutdown"};

inline std::string path_of(size_t name) {
  const std::string_view file = log_files[name % log_files.size()];
  if (file.starts_with("../")) return std::string(file.substr(3));
  return std::string(log_folder) + "/" + std::string(file);
}

/// The disk that the rest of the input describes.
inline SimulatedDisk disk_of(FuzzInput& input, bool rights_crcs) {
  SimulatedDisk disk;
  while (!input.empty()) {
    const std::string path = path_of(input.byte());
    Bytes content = input.piece();
    if (rights_crcs && path.ends_with(".log")) content = with_right_crcs(content);
    FUZZ_CHECK(disk.replace_file(path, content, Durability::synced).ok());
  }
  return disk;
}

}  // namespace brokerlab::fuzz

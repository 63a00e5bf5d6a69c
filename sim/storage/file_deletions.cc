#include "sim/storage/file_deletions.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {
namespace {

constexpr size_t longest_name = 255;

}  // namespace

Status FileDeletions::run(Disk& disk, Instant now) {
  for (int removed = 0; next_deadline() <= now && removed < removed_at_once; ++removed) {
    const std::string path = paths_.extract(paths_.begin()).mapped();
    const Status status =
        path.ends_with('/') ? disk.remove_folder(path.substr(0, path.size() - 1)) : disk.remove_file(path);
    if (!status && status.code != StatusCode::not_found) return status;
  }
  return {};
}

std::string retired_folder_name(Disk& disk, const TopicPartition& partition, Uuid topic_id,
                                std::string_view suffix) {
  for (;; ++topic_id.low) {
    const std::string end =
        fmt::format("-{}.{:016x}{:016x}{}", partition.partition, topic_id.high, topic_id.low, suffix);
    std::string name = partition.topic.substr(0, longest_name - end.size()) + end;
    if (!disk.exists(name)) return name;
  }
}

std::vector<std::string> folders_to_delete(Disk& disk) {
  std::vector<std::string> folders = disk.list("");
  std::erase_if(folders, [](const std::string& name) {
    return !name.ends_with('/') ||
           !std::string_view(name).substr(0, name.size() - 1).ends_with(deleted_folder_suffix);
  });
  return folders;
}

}  // namespace brokerlab

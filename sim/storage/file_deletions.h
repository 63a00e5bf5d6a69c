// Files and folders of a node that have been renamed out of the way and go when their time has come
// (file.delete.delay.ms): until then somebody can still look at what was deleted.
//
// A value. What a stop leaves is found again by its name: `.deleted` files of a log when it is opened
// (segment_files.h), `-delete` folders by `folders_to_delete`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/storage/disk.h"

namespace brokerlab {

class FileDeletions {
 public:
  /// A path that ends with '/' is a folder.
  void add(std::string path, Instant due) { paths_.emplace(due, std::move(path)); }
  Instant next_deadline() const { return paths_.empty() ? never : paths_.begin()->first; }
  /// Removes of what is due as many as a step may take the time for, the oldest first; what has gone meanwhile is no
  /// error.
  Status run(Disk& disk, Instant now);
  static constexpr int removed_at_once = 50;

 private:
  std::multimap<Instant, std::string> paths_;
};

/// What the folder of a log is called once it is no replica's any more, until it goes or somebody looks at it:
/// `TOPIC-PARTITION.UNIQUE-delete` or `-stray`, at most 255 characters. UNIQUE is the topic's id in hexadecimal, or the
/// first number after it that is free, where that log was here before (Kafka: a random one).
std::string retired_folder_name(Disk& disk, const TopicPartition& partition, Uuid topic_id,
                                std::string_view suffix);
inline constexpr std::string_view deleted_folder_suffix = "-delete";
inline constexpr std::string_view stray_folder_suffix = "-stray";
/// Those of earlier incarnations, each with '/' at its end.
std::vector<std::string> folders_to_delete(Disk& disk);

}  // namespace brokerlab

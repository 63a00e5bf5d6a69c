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

/// What the folder of a log is called until it goes: `TOPIC-PARTITION.UNIQUE-delete`, at most 255 characters, where
/// UNIQUE is the topic's id (Kafka: a random one) in hexadecimal.
std::string deleted_folder_name(const TopicPartition& partition, const Uuid& topic_id);
/// Those of earlier incarnations, each with '/' at its end.
std::vector<std::string> folders_to_delete(Disk& disk);

}  // namespace brokerlab

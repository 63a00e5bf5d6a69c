// What a stop in the middle of a change of segments leaves in a log's folder, and how the next start finishes it.
//
// A segment that is to go is renamed to `.deleted`, and removed later. Compaction writes `BASE.log.cleaned` and its
// indexes, renames them to `.swap` once they are whole and flushed, renames the segments that they replace to
// `.deleted`, and then drops the `.swap` (Kafka's LogLoader; KAFKA-6264). So
// - `.deleted` and `.cleaned` files are not needed any more, or not finished: they go;
// - a `.swap` file is finished: what lies in its range of offsets goes, and it takes its place. Unless a `.cleaned`
//   file with a lower or equal base is there: then it is one of several of which not all are finished, and goes too.
#pragma once

#include <string>

#include "sim/base/result.h"
#include "sim/storage/disk.h"

namespace brokerlab {

/// REQUIRES: no file of the folder is open.
Status finish_file_changes(Disk& disk, const std::string& folder);

}  // namespace brokerlab

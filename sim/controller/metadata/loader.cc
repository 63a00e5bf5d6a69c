#include "sim/controller/metadata/loader.h"

#include <fmt/format.h>

#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

Result<MetadataDelta> MetadataLoader::load(const std::vector<MetadataBatch>& batches) {
  MetadataDelta delta;
  for (const MetadataBatch& batch : batches) {
    // A log of this machine's disk, which may be damaged.
    if (batch.base_offset != next_offset() || batch.epoch < image_.epoch())
      return Status::error(
          StatusCode::invalid,
          fmt::format("the metadata log goes on at offset {} in epoch {} after offset {} in epoch {}",
                      batch.base_offset, batch.epoch, image_.offset(), image_.epoch()));
    for (const kafka::MetadataRecord& record : batch.records) {
      if (Status status = image_.replay(record, delta); !status.ok()) return status;
    }
    image_.advance_to(batch.last_offset, batch.epoch);
    last_append_time_ms_ = batch.append_time_ms;
  }
  return delta;
}

Result<MetadataDelta> MetadataLoader::load_snapshot(const std::vector<kafka::MetadataRecord>& records,
                                                    int64_t offset, int32_t epoch,
                                                    int64_t last_contained_log_ms) {
  BROKERLAB_ASSERT(offset > image_.offset());
  MetadataImage image;
  MetadataDelta ignored;  // what there is, not what is new
  for (const kafka::MetadataRecord& record : records) {
    if (Status status = image.replay(record, ignored); !status.ok()) return status;
  }
  if (image.is_in_transaction())
    return Status::error(StatusCode::invalid, "a snapshot ends inside a metadata transaction");
  image.advance_to(offset, epoch);
  MetadataDelta delta = difference(image_, image);
  image_ = std::move(image);
  last_append_time_ms_ = last_contained_log_ms;
  return delta;
}

}  // namespace brokerlab

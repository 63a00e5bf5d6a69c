#include "sim/controller/metadata/loader.h"

#include <fmt/format.h>

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
  }
  return delta;
}

}  // namespace brokerlab

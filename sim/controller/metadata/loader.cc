#include "sim/controller/metadata/loader.h"

#include "sim/base/assert.h"

namespace brokerlab {

Result<MetadataDelta> MetadataLoader::load(const std::vector<MetadataBatch>& batches) {
  MetadataDelta delta;
  for (const MetadataBatch& batch : batches) {
    BROKERLAB_ASSERT(batch.base_offset == next_offset());
    for (const kafka::MetadataRecord& record : batch.records) {
      if (Status status = image_.replay(record, delta); !status.ok()) return status;
    }
    image_.advance_to(batch.last_offset, batch.epoch);
  }
  return delta;
}

}  // namespace brokerlab

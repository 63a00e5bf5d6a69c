// How a topic's settings become those of its logs.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/settings.h"
#include "sim/controller/metadata/effective_config.h"
#include "sim/controller/metadata/image.h"
#include "sim/storage/log.h"

namespace brokerlab {

LogConfig log_config(const MetadataImage& image, const Settings& settings, int32_t broker_id,
                     const std::string& topic);

}  // namespace brokerlab

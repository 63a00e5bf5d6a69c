// Settings of topics and brokers: what may be set while the cluster runs, and the records that set it
// (IncrementalAlterConfigs, KIP-339; AlterConfigs, KIP-133; a broker's and the whole cluster's, KIP-226).
//
// Only settings of the table in base/settings.h exist; all others are unknown, as a misspelt name is to
// Kafka. Of a broker's, those can change that are a default for its topics.
//
// Deviations: Kafka can change more settings of brokers (threads, listeners, ...), keeps
// names that it does not know, and takes a broker's setting only through that broker.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/33_alter_configs.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"

namespace brokerlab {

/// A topic setting by Kafka's rules and in its words; no failure when it may be set.
ApiError validate_topic_config(const std::string& name, const std::optional<std::string>& value);
/// What no setting shows alone: min.compaction.lag.ms is not above max.compaction.lag.ms. `configs` are the topic's
/// own, each of them valid; the others come from `settings`.
ApiError validate_topic_configs(const std::map<std::string, std::string>& configs, const Settings& settings);

/// `settings` are those that lists without a value of their own are extended from.
ControllerResult<kafka::IncrementalAlterConfigsResponse> alter_configs(
    const MetadataImage& image, const Settings& settings,
    const kafka::IncrementalAlterConfigsRequest& request);
ControllerResult<kafka::AlterConfigsResponse> alter_configs(const MetadataImage& image,
                                                            const Settings& settings,
                                                            const kafka::AlterConfigsRequest& request);

}  // namespace brokerlab

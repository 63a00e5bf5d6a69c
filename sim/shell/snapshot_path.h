// Paths into the snapshots of a lab: what `expect`, the texts of lessons and the answers of predictions read.
//
//   orders-1.leader                    a partition, as the active controller has it
//   orders-1.kafka2.high_watermark     one replica, as its own broker knows it
//   kafka2.state                       running, stopping, paused, stopped, killed; all else of a node by the
//   kafka2.quorum.epoch                names of its view (sim/base/views/node_view.h), lists by their keys:
//   kafka2.partitions.orders-1.isr     what kafka2 itself believes of a partition
//   controller.leader                  the active controller, as the newest quorum epoch has it; also
//   controller.epoch                   controller.voters, controller.high_watermark ...
//   brokers.alive                      how many brokers are registered and unfenced; brokers.unfenced,
//                                      brokers.fenced list their ids
//
//   cluster.problem                    the first thing that a healthy cluster would have and this one lacks, or none
//   reader.lag                         what a consumer has not read yet
//
// `.size` behind a list counts it. A number that is a broker's id also has that node's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"

namespace brokerlab {

struct PathValue {
  std::string text;  ///< a number, a word, or a list as "1,3"
  std::string name;  ///< of the broker that the number means, "none" for -1; empty when it means none
  /// As a person says it: the name when there is one.
  const std::string& shown() const { return name.empty() ? text : name; }
};

/// The value at `path`. When there is none, a reason in words that names what is known there.
Result<PathValue> value_at_path(const LabView& view, std::string_view path, Language language);

/// What the cluster as a whole believes: the living node with the newest quorum epoch, among those the one that
/// leads, then the one whose metadata is newest. Null when no Kafka node lives.
const KafkaView* best_informed(const LabView& view);

/// `no such node "kafka4". Nodes: kafka1, kafka2, kafka3`
std::string no_such_node(const LabView& view, std::string_view name, Language language);

}  // namespace brokerlab

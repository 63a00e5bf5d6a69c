// What a scenario's header, a lesson's ```config block and the options of `brokerlab` say of a cluster, as
// `name: value` pairs:
//
//   preset: three-brokers | one-broker     or brokers: 1 to 9
//   driver: sandbox live                   where it may be played, the first one unless another is asked for
//   seed: 42
//   timers: lab | kafka
//   latency: 300us [jitter 200us]          of a frame between two nodes
//   speed: 0.1x                            of the window's clock
//   set: NAME=VALUE                        a broker's setting by Kafka's name; may be repeated
//   bug: kip-101-hw-truncation             a defect built in on purpose (sim/base/bugs.h); may be repeated
//   controller: kafka2                     which node is the active controller when it begins. Elections are left to
//                                          chance, so clusters are made, with one seed after the other, until one
//                                          begins like that
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/bugs.h"
#include "sim/base/result.h"
#include "sim/base/settings.h"
#include "sim/runtime/cluster_spec.h"
#include "sim/shell/text.h"

namespace brokerlab {

class LabConfig {
 public:
  /// Errors name what is known, in the language.
  Status set(std::string_view name, std::string_view value, Language language = Language::english);

  std::vector<Driver> drivers{Driver::sandbox};
  int brokers = 3;
  uint64_t seed = 1;
  Speed speed;
  Timers timers = Timers::lab;
  std::optional<LatencyModel> latency;  ///< nothing: the driver's own
  std::vector<std::pair<std::string, std::string>> settings;
  Bugs bugs;
  std::string controller;  ///< empty: whoever it is

  bool plays_on(Driver driver) const;
  /// A cluster of it. Live: EXTERNAL ports from `port_base`, 0 for free ones.
  ClusterSpec cluster(Driver driver, int port_base) const;
};

/// "no bug kip-101. Did you mean ...? brokerlab sim --bugs lists them"
Text no_such_bug(std::string_view name);

/// What a frame between two nodes of the sandbox takes unless something else is said: a switched network's
/// order of magnitude, never nothing, so that things have an order.
inline constexpr LatencyModel sandbox_latency{microseconds(300), microseconds(200)};

}  // namespace brokerlab

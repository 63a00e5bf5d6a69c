// What `producer` and `consumer` have in common: clients that live in the lab under a name, until they are
// stopped.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/address.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

/// `--name value` pairs and the words between them.
struct Flags {
  std::map<std::string, std::string, std::less<>> values;
  Words words;

  std::string value(std::string_view name, std::string_view otherwise) const;
};
/// Nothing, with a complaint, when an option is not among `known` (written with their dashes) or lacks its value.
std::optional<Flags> take_flags(std::span<const std::string> words, std::span<const std::string_view> known,
                                Job& job);
/// A whole number from `least` to `most`. Nothing, with a complaint, when it is none.
std::optional<int64_t> whole_number(std::string_view name, const std::string& text, int64_t least,
                                    int64_t most, Job& job);

/// Where clients of the lab find its brokers: their EXTERNAL listeners.
std::vector<Address> client_addresses(const ClusterSpec& spec);

/// Adds the client and prints its name. One of the same name that has ended makes way.
int add_client(NodeSpec spec, Job& job);
/// SIGTERM, and waits for the end.
Started stop_client(const std::string& name, Job& job);
/// The running client of that name. Nothing, with a complaint, when there is none.
std::optional<NodeId> running_client(const std::string& name, Job& job);

}  // namespace brokerlab

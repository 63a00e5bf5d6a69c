// The scenarios of the recorded failures against what Apache Kafka 4.3.1 did: order and kind of the changes of
// leaders, leader epochs, in-sync sets and eligible leaders, partition by partition.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "sim/shell/text_file.h"

using namespace brokerlab;

namespace {

/// The changes of each partition, "leader 2 epoch +1 isr 2,3", without those that repeat the one before. Epochs count
/// from the first, because the recordings go on from one failure to the next; in-sync sets are sorted, because
/// Kafka sorts one once a replica came back.
using Changes = std::map<std::string, std::vector<std::string>>;

std::string sorted(std::string list) {
  std::vector<std::string> ids;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    ids.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(ids.begin(), ids.end());
  return fmt::format("{}", fmt::join(ids, ","));
}

/// Out of a recording (`state:` lines) or a scenario (the output of `changes`). What a recording says before the
/// fault (negative times), and a scenario before the remark that the recording begins there, is only where it begins;
/// `until` is the command with which what is compared ends.
Changes changes_in(const std::string& path, const std::string& until) {
  const Result<std::string> text = read_text_file(path);
  REQUIRE_MESSAGE(text.ok(), text.status().message);
  const std::regex state(
      "([a-z0-9-]+-[0-9]+) Leader: ([0-9]+|none) epoch ([0-9]+) .*Isr: ([0-9,]*)( Elr: ([0-9,]*))?( "
      "*LastKnownElr: ([0-9,]*))?");
  Changes changes;
  std::map<std::string, int> first_epochs;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const bool is_before =
        line.starts_with("t ") && line.find(" -") != std::string::npos && line.find(" -") < line.find("s  ");
    if (!is_before && !until.empty() && line.find("$ " + until) != std::string::npos) break;
    if (line == "# the recording begins here") {
      changes.clear();
      first_epochs.clear();
    }
    std::smatch match;
    if (!std::regex_search(line, match, state)) continue;
    const std::string partition = match[1];
    const int epoch = std::stoi(match[3]);
    std::vector<std::string>& of_partition = changes[partition];
    if (is_before) {
      of_partition.clear();
      first_epochs.erase(partition);
    }
    const int first = first_epochs.try_emplace(partition, epoch).first->second;
    const std::string change = fmt::format("leader {} epoch +{} isr {} elr {} last {}", match[2].str(),
                                           epoch - first, sorted(match[4]), sorted(match[6]), match[8].str());
    if (of_partition.empty() || of_partition.back() != change) of_partition.push_back(change);
  }
  return changes;
}

/// Whether all that Kafka showed came in its order, from the same beginning to the same end.
bool is_seen_in(const std::vector<std::string>& recorded, const std::vector<std::string>& came) {
  size_t at = 0;
  for (const std::string& change : came)
    if (at < recorded.size() && recorded[at] == change) ++at;
  return at == recorded.size() && !came.empty() && came.front() == recorded.front() &&
         came.back() == recorded.back();
}

/// The recordings ask each 100 ms. Two brokers that stop at the same time leave the in-sync set within that; a scenario
/// stops one after the other.
enum class Sampled : uint8_t { all, not_all };

struct Failure {
  const char* name;
  std::vector<const char*> partitions;
  const char* until = "";
  Sampled sampled = Sampled::all;
};

}  // namespace

TEST_CASE("the failures play as they did in Apache Kafka") {
  const std::vector<const char*> all{"f-0", "min2-0", "orders-0", "orders-1", "orders-2"};
  const std::vector<const char*> both{"critical-data-0", "relaxed-0"};
  constexpr const char* election = "kafka-leader-election";
  for (const Failure& failure :
       {Failure{"leader-sigterm", all, election}, Failure{"leader-sigkill", all, election},
        Failure{"leader-paused", all, election}, Failure{"follower-sigterm", all, election},
        Failure{"controller-killed", all, election},
        Failure{"two-of-three-stopped", both, "", Sampled::not_all},
        Failure{"unclean-election-by-hand", both}, Failure{"all-killed-then-restarted", both},
        Failure{"unclean-election-enabled", {"dirty-0"}}, Failure{"auto-rebalance", both}}) {
    const Changes lab = changes_in(
        fmt::format("{}/tests/scenarios/{}.txt", BROKERLAB_SOURCE_DIR, failure.name), failure.until);
    const Changes kafka =
        changes_in(fmt::format("{}/cli/failures/{}.txt", BROKERLAB_GOLDEN_DIR, failure.name), failure.until);
    for (const char* partition : failure.partitions) {
      REQUIRE(kafka.at(partition).size() >= 2);
      const bool is_as_recorded = failure.sampled == Sampled::all
                                      ? lab.at(partition) == kafka.at(partition)
                                      : is_seen_in(kafka.at(partition), lab.at(partition));
      CHECK_MESSAGE(is_as_recorded,
                    fmt::format("{} {}\nlab:   {}\nKafka: {}", failure.name, partition,
                                fmt::join(lab.at(partition), "; "), fmt::join(kafka.at(partition), "; ")));
    }
  }
}

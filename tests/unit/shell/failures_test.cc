// The scenarios of the five failures against what Apache Kafka 4.3.1 did: order and kind of the changes of
// leaders, leader epochs and in-sync sets, partition by partition.
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
/// fault (negative times) is only where it begins; it ends where Kafka was told to elect preferred leaders.
Changes changes_in(const std::string& path) {
  const Result<std::string> text = read_text_file(path);
  REQUIRE_MESSAGE(text.ok(), text.status().message);
  const std::regex state("([a-z0-9]+-[0-9]+) Leader: ([0-9]+|none) epoch ([0-9]+) .*Isr: ([0-9,]*)");
  Changes changes;
  std::map<std::string, int> first_epochs;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const bool is_before =
        line.starts_with("t ") && line.find(" -") != std::string::npos && line.find(" -") < line.find("s  ");
    if (!is_before && line.find("$ kafka-leader-election") != std::string::npos) break;
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
    const std::string change =
        fmt::format("leader {} epoch +{} isr {}", match[2].str(), epoch - first, sorted(match[4]));
    if (of_partition.empty() || of_partition.back() != change) of_partition.push_back(change);
  }
  return changes;
}

}  // namespace

TEST_CASE("the failures play as they did in Apache Kafka") {
  for (const char* failure :
       {"leader-sigterm", "leader-sigkill", "leader-paused", "follower-sigterm", "controller-killed"}) {
    const Changes lab = changes_in(fmt::format("{}/tests/scenarios/{}.txt", BROKERLAB_SOURCE_DIR, failure));
    const Changes kafka = changes_in(fmt::format("{}/cli/failures/{}.txt", BROKERLAB_GOLDEN_DIR, failure));
    for (const char* partition : {"f-0", "min2-0", "orders-0", "orders-1", "orders-2"}) {
      REQUIRE(kafka.at(partition).size() >= 3);  // where it begins, without the broker, and with it again
      CHECK_MESSAGE(lab.at(partition) == kafka.at(partition),
                    fmt::format("{} {}\nlab:   {}\nKafka: {}", failure, partition,
                                fmt::join(lab.at(partition), "; "), fmt::join(kafka.at(partition), "; ")));
    }
  }
}

// Where leader epochs start and end (KIP-101, KIP-279).
#include "sim/storage/leader_epoch_cache.h"

#include <doctest/doctest.h>

#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

LeaderEpochCache epochs(const std::vector<LeaderEpochCache::Entry>& entries) {
  LeaderEpochCache cache;
  for (const auto& [epoch, start_offset] : entries) cache.assign(epoch, start_offset);
  return cache;
}

std::vector<LeaderEpochCache::Entry> list(const LeaderEpochCache& cache) {
  return {cache.entries().begin(), cache.entries().end()};
}

}  // namespace

TEST_CASE("an epoch ends where the next one starts, the latest with the log") {
  const LeaderEpochCache cache = epochs({{2, 10}, {4, 30}, {5, 50}});
  CHECK(cache.end_offset_for(5, 77) == EpochEndOffset{5, 77});
  CHECK(cache.end_offset_for(4, 77) == EpochEndOffset{4, 50});
  // KIP-279: an epoch that this replica never saw is answered with the largest one below it.
  CHECK(cache.end_offset_for(3, 77) == EpochEndOffset{2, 30});
  CHECK(cache.end_offset_for(1, 77) == EpochEndOffset{1, 10});
  CHECK(cache.end_offset_for(6, 77).is_undefined());
  CHECK(cache.end_offset_for(no_epoch, 77).is_undefined());
  CHECK(LeaderEpochCache().end_offset_for(0, 77).is_undefined());
  CHECK(cache.epoch_of(9) == no_epoch);
  CHECK(cache.epoch_of(29) == 2);
  CHECK(cache.epoch_of(30) == 4);
}

TEST_CASE("a new epoch removes what contradicts it") {
  LeaderEpochCache cache = epochs({{2, 10}, {4, 30}, {5, 50}});
  CHECK_FALSE(cache.assign(5, 60));
  CHECK(cache.assign(6, 50));  // epoch 5 wrote nothing
  CHECK(list(cache) == std::vector<LeaderEpochCache::Entry>{{2, 10}, {4, 30}, {6, 50}});
  CHECK(cache.assign(3, 40));
  CHECK(list(cache) == std::vector<LeaderEpochCache::Entry>{{2, 10}, {3, 40}});
}

TEST_CASE("cutting the log cuts its epochs") {
  LeaderEpochCache cache = epochs({{2, 10}, {4, 30}, {5, 50}});
  CHECK_FALSE(cache.truncate_from_end(51));
  CHECK(cache.truncate_from_end(50));
  CHECK(cache.latest_epoch() == 4);
  CHECK_FALSE(cache.truncate_from_start(10));
  CHECK(cache.truncate_from_start(40));
  CHECK(list(cache) == std::vector<LeaderEpochCache::Entry>{{4, 40}});
  CHECK(cache.clear());
  CHECK_FALSE(cache.truncate_from_start(100));
  CHECK(cache.latest_epoch() == no_epoch);
}

TEST_CASE("leader-epoch-checkpoint is written as Kafka writes it") {
  for (const std::string folder : {"orders-0", "orders-2", "__cluster_metadata-0"}) {
    const std::string text = golden::file(golden::logs() / "clean" / folder / "leader-epoch-checkpoint");
    CHECK(LeaderEpochCache::parse(text).value().to_text() == text);
  }
  CHECK(LeaderEpochCache::parse("0\n2\n0 20\n1 165\n").ok());
  for (const std::string broken :
       {"", "0", "1\n0\n", "0\n1\n", "0\n1\n0 20\n1 30\n", "0\n1\n0\n", "0\n1\n0 x\n", "0\n1\n-1 5\n",
        "0\n2\n1 20\n0 30\n", "0\n2\n0 20\n1 20\n", "0\n99999999999\n", "0\n1\n3000000000 5\n"}) {
    CAPTURE(broken);
    CHECK(LeaderEpochCache::parse(broken).status().code == StatusCode::invalid);
  }
}

}  // namespace brokerlab

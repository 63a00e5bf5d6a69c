#include "sim/clients/partitioner.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace brokerlab;

namespace {

std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("murmur2 gives the values that Kafka's own tests expect") {
  CHECK(static_cast<int32_t>(murmur2(bytes("21"))) == -973932308);
  CHECK(static_cast<int32_t>(murmur2(bytes("foobar"))) == -790332482);
  CHECK(static_cast<int32_t>(murmur2(bytes("a-little-bit-long-string"))) == -985981536);
  CHECK(static_cast<int32_t>(murmur2(bytes("abc"))) == 479470107);
}

TEST_CASE("Keys go where Kafka's console producer put them") {
  // golden/cli/kafka-console-producer.txt: --partition of each key of a topic with three partitions.
  CHECK(partition_of_key(bytes("user_001"), 3) == 2);
  CHECK(partition_of_key(bytes("user_002"), 3) == 2);
  CHECK(partition_of_key(bytes("user_003"), 3) == 1);
  CHECK(partition_of_key(bytes("k"), 3) == 2);
  CHECK(partition_of_key(bytes("k1"), 3) == 2);
}

TEST_CASE("A sticky partition changes after its bytes, and when it lost its leader") {
  KeylessPartitioner partitioner(Random(1));
  const int32_t first = partitioner.stick("orders", {0, 1, 2, 3, 4, 5, 6, 7}, 60, 100);
  CHECK(partitioner.stick("orders", {0, 1, 2, 3, 4, 5, 6, 7}, 60, 100) == first);
  std::vector<int32_t> others;
  for (int32_t partition = 0; partition < 8; ++partition)
    if (partition != first) others.push_back(partition);
  CHECK(partitioner.stick("orders", others, 60, 1000) != first);
}

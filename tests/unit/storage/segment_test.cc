// The sparse indexes of a segment, in memory and in their files.
#include "sim/storage/segment.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/storage/disks.h"

namespace brokerlab {

TEST_CASE_TEMPLATE("a sealed segment finds offsets and times where it found them before", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  constexpr int64_t base_offset = 5'000'000'000;
  constexpr uint32_t index_interval_bytes = 200;
  for (const int batches : {0, 1, 3, 4, 5, 100}) {
    CAPTURE(batches);
    Machine machine;
    Segment segment = Segment::open(machine.disk, "orders-0", base_offset).value();
    kafka::RecordBatchHeader batch;
    batch.length = 100;
    batch.base_offset = base_offset;
    batch.last_offset_delta = 6;
    std::vector<int64_t> times;
    for (int i = 0; i < batches; ++i) {
      batch.max_timestamp = times.emplace_back(1000 + 10 * (i ^ 1));  // neighbours are out of order
      const Slices slices = {Bytes::copy_of(std::string(batch.size(), 'x'))};
      REQUIRE(segment.append(machine.disk, slices, {&batch, 1}, index_interval_bytes).ok());
      batch.base_offset += 7;
    }
    Segment sealed = segment;
    REQUIRE(sealed.seal(machine.disk, "orders-0").ok());
    for (int64_t offset = base_offset; offset < batch.base_offset + 3; ++offset) {
      const Segment::Position entry = segment.position_at_or_before(machine.disk, "orders-0", offset).value();
      CHECK(sealed.position_at_or_before(machine.disk, "orders-0", offset).value() == entry);
      const uint64_t position = entry.position;
      CHECK(entry.offset == base_offset + (position == 0 ? 0 : int64_t(position / batch.size()) * 7 + 6));
      const uint64_t exact = static_cast<uint64_t>(offset - base_offset) / 7 * batch.size();
      CHECK(position <= exact);
      CHECK(exact - position <= index_interval_bytes + 2 * batch.size());
    }
    for (int64_t wanted_ms = 990; wanted_ms < 2100; ++wanted_ms) {
      const auto first =
          std::find_if(times.begin(), times.end(), [&](int64_t at) { return at >= wanted_ms; });
      const int64_t exact = base_offset + 7 * (first - times.begin()) + 6;
      for (const Segment& either : {segment, sealed}) {
        const int64_t found = either.time_at_or_before(machine.disk, "orders-0", wanted_ms)->offset;
        CHECK(found <= exact);
        if (first != times.end()) CHECK(exact - found <= 7 * 6);
      }
    }
    CHECK(sealed.max_timestamp_ms() == (times.empty() ? -1 : *std::max_element(times.begin(), times.end())));
    REQUIRE(sealed.remove(machine.disk, "orders-0").ok());
    CHECK(machine.disk.list("orders-0").empty());
  }
}

}  // namespace brokerlab

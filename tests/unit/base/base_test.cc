#include <doctest/doctest.h>

#include "sim/base/event.h"
#include "sim/base/random.h"
#include "sim/base/settings.h"
#include "sim/observe/journal.h"

using namespace brokerlab;

TEST_CASE("the metadata topic's id prints as Kafka prints it") {
  CHECK(metadata_topic_id.to_string() == "AAAAAAAAAAAAAAAAAAAAAQ");
  CHECK(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ") == metadata_topic_id);
  Random random(7);
  const Uuid id = random.uuid();
  CHECK(Uuid::parse(id.to_string()) == id);
}

TEST_CASE("a copied random stream draws the same numbers") {
  Random original(42);
  original.next();
  Random copy = original;
  for (int i = 0; i < 100; ++i) CHECK(original.below(10) == copy.below(10));
}

TEST_CASE("an unknown setting names the nearest one") {
  Settings settings;
  const Status status = settings.set("num.partition", "4");
  CHECK(status.message == "the lab has no setting 'num.partition'. Did you mean num.partitions?");
  CHECK(settings.set("num.partitions", "4").ok());
  CHECK(settings.number("num.partitions") == 4);
  CHECK(settings.set("compression.type", "brotli").message ==
        "compression.type takes one of uncompressed, zstd, lz4, snappy, gzip, producer, not 'brotli'");
  CHECK(settings.set("compression.type", "producer").ok());
  CHECK(settings.set("num.partitions", "none").message == "num.partitions takes a whole number, not 'none'");
}

TEST_CASE("lists, ratios and numbers without end are taken as Kafka takes them") {
  Settings settings;
  CHECK(settings.set("log.cleanup.policy", "compact, delete").ok());
  CHECK(settings.set("log.cleanup.policy", "").ok());
  CHECK(settings.set("log.cleanup.policy", "compact,shred").message ==
        "log.cleanup.policy takes some of compact, delete, separated by commas, not 'compact,shred'");
  CHECK(split_list(" a ,b,, c") == std::vector<std::string>{"a", "b", "", "c"});
  CHECK(split_list("  ").empty());
  CHECK(parse_ratio_millionths("0.5") == 500'000);
  CHECK(parse_ratio_millionths(".25") == 250'000);
  CHECK(parse_ratio_millionths("1") == 1'000'000);
  CHECK(parse_ratio_millionths("1.0") == 1'000'000);
  CHECK(parse_ratio_millionths("0.1234567") == 123'456);
  for (const char* wrong : {"", ".", "1.1", "2", "-0.5", "0,5", "half", "0.5 ", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_ratio_millionths(wrong).has_value());
  }
  CHECK(settings.set("log.cleaner.min.cleanable.ratio", "1.5").message ==
        "log.cleaner.min.cleanable.ratio takes a number between 0 and 1, not '1.5'");
  CHECK(settings.set("log.retention.check.interval.ms", "9223372036854775807").ok());
  CHECK(Instant{} + seconds(1'000'000'000) + settings.duration("log.retention.check.interval.ms") < never);
}

TEST_CASE("the journal's hash does not depend on how nodes interleave, only on what each did") {
  auto event = [](uint32_t node, uint64_t sequence, std::string text) {
    return Event{{NodeId{node}, sequence}, {}, Instant{5}, event::Noted{std::move(text)}};
  };
  const Event a = event(1, 1, "a");
  const Event b = event(2, 1, "b");
  JournalHash one;
  JournalHash other;
  JournalHash changed;
  one.on_events(std::vector{a, b});
  other.on_events(std::vector{b, a});
  changed.on_events(std::vector{a, event(2, 1, "c")});
  CHECK(one.value() == other.value());
  CHECK(one.value() != changed.value());
}

TEST_CASE("an event describes itself in its declared fields") {
  const EventPayload payload = event::HighWatermarkAdvanced{{"orders", 1}, 2, 7, 3, true};
  CHECK(describe(payload) == "partition=orders-1 replica=2 offset=7 leader_epoch=3 as_leader=true");
  std::string value;
  CHECK(field_of(payload, "offset", value));
  CHECK(value == "7");
}

#include <doctest/doctest.h>

#include "sim/network/framer.h"
#include "sim/network/links.h"
#include "sim/network/name_table.h"
#include "sim/network/pipe.h"

using namespace brokerlab;

namespace {

using Verdict = FrameCut::Verdict;

FrameCut cut(Protocol protocol, std::string_view bytes, size_t max_size) {
  return cut_frame(protocol, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, max_size);
}

constexpr NodeId a{1};
constexpr NodeId b{2};
constexpr NodeId c{3};

constexpr Instant start{};

Links links_with(std::vector<LinkFault> faults) {
  Links links({milliseconds(1), {}}, 1);
  links.set_faults(std::move(faults));
  return links;
}

LinkFault cut_between(NodeId from, NodeId to, bool one_way = false) {
  return {LinkFault::Kind::cut, from, to, one_way};
}

Pipe::Item frame(uint64_t nth) {
  Pipe::Item item;
  item.nth = nth;
  return item;
}

}  // namespace

TEST_CASE("framer: a Kafka frame is complete with its last byte") {
  using namespace std::string_view_literals;
  CHECK(cut(Protocol::kafka, ""sv, 100).verdict == Verdict::need_more);
  CHECK(cut(Protocol::kafka, "\0\0\0"sv, 100).verdict == Verdict::need_more);
  CHECK(cut(Protocol::kafka, "\0\0\0\3ab"sv, 100).verdict == Verdict::need_more);
  CHECK(cut(Protocol::kafka, "\0\0\0\3ab"sv, 100).size == 7);
  const FrameCut whole = cut(Protocol::kafka, "\0\0\0\3abc\0\0"sv, 100);
  CHECK(whole.verdict == Verdict::frame);
  CHECK(whole.size == 7);
  CHECK(whole.body_offset == 4);
  CHECK(whole.body_size == 3);
  CHECK(cut(Protocol::kafka, "\0\0\0\0"sv, 100).verdict == Verdict::frame);
}

TEST_CASE("framer: a Kafka length that is negative or too long closes the connection") {
  using namespace std::string_view_literals;
  CHECK(cut(Protocol::kafka, "\xff\xff\xff\xff"sv, 100).verdict == Verdict::close);
  CHECK(cut(Protocol::kafka, "\x80\0\0\0"sv, SIZE_MAX).verdict == Verdict::close);
  CHECK(cut(Protocol::kafka, "\0\0\0\x65"sv, 100).verdict == Verdict::close);
  CHECK(cut(Protocol::kafka, "\0\0\0\x64"sv, 100).verdict == Verdict::need_more);
}

TEST_CASE("framer: a line ends with a line feed") {
  CHECK(cut(Protocol::line, "abc", 5).verdict == Verdict::need_more);
  const FrameCut whole = cut(Protocol::line, "abc\nde", 5);
  CHECK(whole.verdict == Verdict::frame);
  CHECK(whole.size == 4);
  CHECK(whole.body_size == 3);
  CHECK(cut(Protocol::line, "\n", 5).body_size == 0);
  CHECK(cut(Protocol::line, "abcdef", 5).verdict == Verdict::close);
  CHECK(cut(Protocol::line, "abcdef\n", 5).verdict == Verdict::close);
}

TEST_CASE("name table: port and host together name a listener") {
  NameTable names;
  names.add("kafka1", a, "EXTERNAL", 9092);
  names.add("kafka1", a, "INTERNAL", 29092);
  names.add("kafka2", b, "EXTERNAL", 9093);
  for (const char* host : {"localhost", "127.0.0.1", "kafka1", "kafka-1"}) {
    REQUIRE(names.resolve({host, 29092}));
    CHECK(names.resolve({host, 29092})->node == a);
    CHECK(names.resolve({host, 29092})->listener == "INTERNAL");
  }
  CHECK(names.resolve({"localhost", 9093})->node == b);
  CHECK_FALSE(names.resolve({"kafka2", 9092}));
  CHECK_FALSE(names.resolve({"example.org", 9092}));
  CHECK_FALSE(names.resolve({"localhost", 9094}));
  CHECK(names.is_local("kafka-2"));
  CHECK_FALSE(names.is_local("kafka3"));
  names.remove(a);
  CHECK_FALSE(names.resolve({"localhost", 9092}));
  CHECK(names.resolve({"localhost", 9093}));
}

TEST_CASE("links: which directions a cut holds") {
  CHECK(links_with({cut_between(a, b)}).is_cut(a, b, start));
  CHECK(links_with({cut_between(a, b)}).is_cut(b, a, start));
  CHECK_FALSE(links_with({cut_between(a, b)}).is_cut(a, c, start));
  CHECK(links_with({cut_between(a, b, true)}).is_cut(a, b, start));
  CHECK_FALSE(links_with({cut_between(a, b, true)}).is_cut(b, a, start));
  CHECK(links_with({cut_between(a, no_node)}).is_cut(c, a, start));
  CHECK(links_with({cut_between(a, no_node)}).is_cut(a, b, start));
  CHECK_FALSE(links_with({cut_between(a, no_node)}).is_cut(a, a, start));
  CHECK_FALSE(links_with({cut_between(a, no_node)}).is_cut(b, c, start));
  CHECK_FALSE(links_with({}).is_cut(a, b, start));
}

TEST_CASE("links: a link that flaps is cut for the first half of each period") {
  LinkFault flap = cut_between(a, b);
  flap.period = seconds(2);
  flap.since = start + seconds(10);
  const Links links = links_with({flap});
  for (const int period : {0, 1, 7}) {
    const Instant begin = flap.since + seconds(2) * period;
    CHECK(links.is_cut(a, b, begin));
    CHECK(links.is_cut(b, a, begin + milliseconds(999)));
    CHECK_FALSE(links.is_cut(a, b, begin + seconds(1)));
    CHECK_FALSE(links.is_cut(a, b, begin + milliseconds(1999)));
    CHECK(links.next_change(begin) == begin + seconds(1));
    CHECK(links.next_change(begin + milliseconds(1500)) == begin + seconds(2));
  }
  CHECK(links_with({cut_between(a, b)}).next_change(start) == never);
}

TEST_CASE("links: what is sent at once over a throttled link queues, each direction for itself") {
  LinkFault throttle{LinkFault::Kind::throttle, a, b};
  throttle.bytes_per_second = 1000;
  Links links = links_with({throttle});
  CHECK(links.transmission(a, b, 100, start) == milliseconds(100));
  CHECK(links.transmission(a, b, 100, start) == milliseconds(200));
  CHECK(links.transmission(b, a, 50, start) == milliseconds(50));
  CHECK(links.transmission(a, c, 100, start) == Duration{});
  // By then what was before it has left.
  CHECK(links.transmission(a, b, 100, start + seconds(1)) == milliseconds(100));
  CHECK(links.transmission(a, b, 5'000'000'000, start + seconds(2)) == seconds(5'000'000));
}

TEST_CASE("links: latency is the model's, the last slow fault's instead, none to oneself") {
  LinkFault slow{LinkFault::Kind::slow, a, b, true};
  slow.latency = {milliseconds(50), milliseconds(10)};
  Links links = links_with({slow});
  CHECK(links.draw_latency(b, a) == milliseconds(1));
  CHECK(links.draw_latency(a, a) == Duration{});
  bool varies = false;
  Duration first = links.draw_latency(a, b);
  for (int i = 0; i < 100; ++i) {
    const Duration latency = links.draw_latency(a, b);
    CHECK(latency >= milliseconds(50));
    CHECK(latency <= milliseconds(60));
    varies = varies || latency != first;
  }
  CHECK(varies);
}

TEST_CASE("links: what one link draws does not depend on the traffic of another") {
  Links quiet({milliseconds(1), milliseconds(9)}, 42);
  Links busy({milliseconds(1), milliseconds(9)}, 42);
  for (int i = 0; i < 10; ++i) {
    busy.draw_latency(b, c);
    CHECK(quiet.draw_latency(a, b) == busy.draw_latency(a, b));
  }
}

TEST_CASE("pipe: nothing overtakes, and what was held comes in order after the heal") {
  Pipe pipe;
  const Instant start{};
  CHECK(pipe.push(frame(0), start, milliseconds(5)) == start + milliseconds(5));
  CHECK(pipe.push(frame(1), start, milliseconds(1)) == start + milliseconds(5));
  CHECK(pipe.first(start + milliseconds(4)) == nullptr);
  CHECK(pipe.first(start + milliseconds(5))->nth == 0);
  pipe.hold(start + milliseconds(5));
  pipe.hold(start + milliseconds(6));
  CHECK(*pipe.held_since() == start + milliseconds(5));
  pipe.push(frame(2), start + milliseconds(7), milliseconds(1));
  pipe.release(start + milliseconds(100), milliseconds(2));
  CHECK_FALSE(pipe.held_since());
  CHECK(pipe.next_arrival() == start + milliseconds(102));
  CHECK(pipe.push(frame(3), start + milliseconds(100), {}) == start + milliseconds(102));
  for (uint64_t nth = 0; nth < 4; ++nth) CHECK(pipe.take_first().nth == nth);
  CHECK(pipe.next_arrival() == never);
}

TEST_CASE("a duration is a number, with or without a fraction, and its unit") {
  CHECK(*parse_duration("50ms") == milliseconds(50));
  CHECK(*parse_duration("2.5s") == milliseconds(2500));
  CHECK(*parse_duration("0.25ms") == microseconds(250));
  for (const char* wrong : {"", "5", "s", "2.s", "-1s", "1.5", "9223372036854775807s", "2,5s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).ok());
  }
}

// Jepsen's anomalies: a history without them, one with each, and what its allow-list lets pass.
#include <doctest/doctest.h>

#include <set>
#include <string_view>

#include "tests/unit/observe/history.h"

namespace brokerlab {

namespace {

/// Ten committed records; the first five were sent by a producer, with these hashes.
History with_records() {
  History history;
  history.create();
  history.elect(3, 1);
  history.position(-1, 0);
  history.commit(1, 0, 9);
  history.sent(0, {10, 11, 12, 13, 14});
  return history;
}

TEST_CASE("Everything acknowledged is read once and in order") {
  History history = with_records();
  history.polled(0, {10, 11, 12});
  history.pass(seconds(2));
  history.polled(3, {13, 14, 15, 16, 17, 18, 19});
  history.invariants.finish(true);
  CHECK(history.broken() == "none");
}

TEST_CASE("worst-realtime-lag: from the acknowledgement to the first that has read it") {
  History history = with_records();
  history.pass(seconds(3));
  history.polled(0, {10, 11, 12, 13, 14});
  CHECK(history.invariants.worst_realtime_lag().milliseconds() == 3001);
  history.pass(seconds(30));
  history.polled(0, {10, 11, 12, 13, 14}, {}, NodeId{12});  // another one reads it again
  CHECK(history.invariants.worst_realtime_lag().milliseconds() == 3001);
}

TEST_CASE("A flipped bit moves a batch's offset, which no CRC covers: its readers may skip, and no others") {
  constexpr int64_t far_away = int64_t{1} << 48;
  History history = with_records();
  history.polled(0, {10, 11});
  SUBCASE("past the end, from where the reader begins again") {
    history.damage(2, "bit-flip");
    history.polled(far_away + 2, {12});
    history.position(far_away + 3, 0);
    history.polled(0, {10, 11, 12, 13, 14});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
    CHECK(history.excused("a flipped bit moved a batch's offset") == 1);
  }
  SUBCASE("over one batch") {
    history.damage(2, "bit-flip");
    history.polled(3, {13, 14});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("without it the jump is a violation, however far") {
    history.polled(far_away + 2, {12});
    CHECK(history.broken() == "poll-skip, ConsistentRead");
  }
}

TEST_CASE(
    "A power loss takes where a log of deleted records had started: their offsets are given again, and lost "
    "again") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  for (int32_t broker = 1; broker <= 3; ++broker)
    history.say(History::node(broker),
                event::LogStartMoved{History::orders, broker, 0, 5, "client delete records request"});
  const auto lose_all = [&](int32_t epoch) {
    for (int32_t broker = 1; broker <= 3; ++broker) history.lose_log(broker);
    history.last_known = {1};
    history.registered(-1, epoch, {});
    history.last_known = {};
    history.registered(1, epoch + 1, {1}, "last_known_leader");
  };
  lose_all(1);
  history.commit(1, 0, 9, 2, {1});
  history.polled(0, {20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
  lose_all(3);
  history.commit(1, 0, 9, 4, {1});
  history.position(10, 0);
  history.polled(0, {30, 31, 32, 33, 34, 35, 36, 37, 38, 39});
  CHECK(history.broken() == "none");
}

TEST_CASE("poll-skip and nonmonotonic-poll, within a poll and between two") {
  History history = with_records();
  const EventRef answer{History::consumer, 1};
  history.polled(0, {10, 11}, answer);
  SUBCASE("forward, between") {
    history.polled(3, {13, 14});
    CHECK(history.broken() == "poll-skip");
  }
  SUBCASE("forward, within") {
    history.polled(3, {13, 14}, answer);
    CHECK(history.broken() == "int-poll-skip");
  }
  SUBCASE("back, between") {
    history.polled(1, {11, 12});
    CHECK(history.broken() == "nonmonotonic-poll");
  }
  SUBCASE("back, within") {
    history.polled(1, {11, 12}, answer);
    CHECK(history.broken() == "int-nonmonotonic-poll");
  }
  SUBCASE("allowed: its position is set anew") {
    history.position(2, 5);
    history.polled(5, {15, 16});
    CHECK(history.broken() == "none");
  }
  SUBCASE("allowed: compaction took what is between") {
    history.say(History::node(1), event::LogCompacted{History::orders, 1, 5});
    history.polled(4, {14});
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("lost-write: passed by and never seen, or replaced by another record") {
  History history = with_records();
  SUBCASE("passed by") {
    history.polled(0, {10, 11});
    history.polled(3, {13, 14});
    history.invariants.finish(false);
    CHECK(history.broken() == "poll-skip, lost-write");
  }
  SUBCASE("replaced") {
    history.polled(0, {10, 11, 99, 13, 14});
    history.invariants.finish(false);
    CHECK(history.broken() == "lost-write");
  }
  SUBCASE("not promised: acks=1") {
    history.sent(5, {15, 16}, 1, false);
    history.polled(0, {10, 11, 12, 13, 14, 98, 99});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("excused: an unclean election") {
    history.become_controller(true);
    history.registered(1, 0, {1});
    history.commit(1, 10, 11, 0, {1});
    history.sent(10, {20, 21});
    history.registered(2, 1, {2}, "unclean");
    history.commit(2, 10, 11, 1, {2});
    history.polled(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 30, 31});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
    CHECK(history.excused("unclean election") == 2);
  }
}

TEST_CASE("After an excused loss its offsets are held to every promise again") {
  History history = with_records();
  history.become_controller(true);
  history.registered(1, 0, {1});
  history.commit(1, 10, 11, 0, {1});
  history.acknowledge(1, 10, 11);
  history.sent(10, {20, 21});
  history.polled(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21});
  history.registered(2, 1, {2}, "unclean");
  history.commit(2, 10, 12, 1, {2});
  const auto acknowledge_again = [&] {
    history.acknowledge(2, 10, 12, -1, 1);
    history.sent(10, {30, 31, 32});
  };
  const NodeId other{12};
  SUBCASE("kept") {
    acknowledge_again();
    history.polled(10, {30, 31, 32}, {}, other);
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("kept, and read only before the loss") {
    acknowledge_again();
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("an answer from before the loss comes late") {
    acknowledge_again();
    history.sent(10, {20, 21});
    history.polled(10, {30, 31, 32}, {}, other);
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("lost-write: a third record stands there") {
    acknowledge_again();
    history.polled(10, {40, 31, 32}, {}, other);
    history.invariants.finish(false);
    CHECK(history.broken() == "inconsistent-offsets, lost-write");
  }
  SUBCASE("inconsistent-offsets: three readers, three records") {
    history.polled(10, {30}, {}, other);
    CHECK(history.broken() == "none");
    history.polled(10, {40}, {}, NodeId{13});
    CHECK(history.broken() == "inconsistent-offsets");
  }
  SUBCASE("inconsistent-offsets: acknowledged for a third record") {
    acknowledge_again();
    history.sent(10, {50});
    CHECK(history.broken() == "inconsistent-offsets");
  }
  SUBCASE("duplicate") {
    history.acknowledge(2, 10, 12, -1, 1);
    history.sent(10, {30, 31, 30});
    history.polled(10, {30, 31, 30}, {}, other);
    history.invariants.finish(false);
    CHECK(history.broken() == "none");  // sent twice
    history.polled(13, {31}, {}, other);
    history.invariants.finish(false);
    CHECK(history.broken() == "ConsistentRead, duplicate");
  }
}

TEST_CASE("After an excused loss: a later record still comes behind an earlier one, and is read") {
  History history = with_records();
  history.become_controller(true);
  history.registered(1, 0, {1});
  history.commit(1, 10, 14, 0, {1});
  history.acknowledge(1, 10, 14);
  history.sent(10, {20, 21, 22, 23, 24});
  history.registered(2, 1, {2}, "unclean");
  history.commit(2, 10, 14, 1, {2});
  history.acknowledge(2, 12, 14, -1, 1);
  history.sent(12, {32, 33, 34});  // the log was cut
  CHECK(history.broken() == "none");
  SUBCASE("nonmonotonic-send") {
    history.acknowledge(2, 10, 11, -1, 1);
    history.sent(10, {30, 31});
    CHECK(history.broken() == "nonmonotonic-send");
  }
  SUBCASE("unseen") {
    history.polled(5, {15, 16, 17, 18, 19});
    history.invariants.finish(true);
    CHECK(history.broken().find("unseen") != std::string::npos);
  }
}

TEST_CASE("inconsistent-offsets: two consumers, two records") {
  History history = with_records();
  history.polled(5, {15}, {}, NodeId{12});
  history.polled(5, {16}, {}, NodeId{13});
  CHECK(history.broken() == "inconsistent-offsets");
}

TEST_CASE("duplicate: a record of an idempotent producer at two offsets") {
  History history = with_records();
  SUBCASE("idempotent") {
    history.polled(0, {10, 11, 12, 13, 14, 12});
    history.invariants.finish(false);
    CHECK(history.broken() == "duplicate");
  }
  SUBCASE("not promised: without idempotence") {
    history.sent(5, {15}, -1, false);
    history.polled(0, {10, 11, 12, 13, 14, 15, 15});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("two equal records were sent") {
    history.sent(5, {12});
    history.polled(0, {10, 11, 12, 13, 14, 12});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("nonmonotonic-send: a later record of an idempotent producer comes before an earlier one") {
  History history = with_records();
  history.sent(7, {17});
  CHECK(history.broken() == "none");
  history.sent(5, {15});
  CHECK(history.broken() == "nonmonotonic-send");
}

TEST_CASE("unseen: still not read once all is healed and quiet") {
  History history = with_records();
  history.polled(0, {10, 11, 12});
  SUBCASE("quiet") {
    history.invariants.finish(true);
    CHECK(history.broken() == "unseen");
  }
  SUBCASE("in the middle of it") {
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("ConsistentRead: a consumer has records from behind the high watermark") {
  History history = with_records();
  history.append(1, 10, 11);
  history.polled(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  CHECK(history.broken() == "ConsistentRead");
}

TEST_CASE("Every invariant has one name and says in two languages what it asks") {
  std::set<std::string_view> names;
  for (const InvariantDescription& description : invariant_list()) {
    CHECK(names.insert(description.name).second);
    CHECK_FALSE(description.english.empty());
    CHECK_FALSE(description.korean.empty());
  }
  CHECK(names.contains("NoCommittedRecordLostGlobally"));
}

}  // namespace

}  // namespace brokerlab

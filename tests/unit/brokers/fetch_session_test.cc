// The leader's side of fetch sessions (KIP-227): which partitions an answer has to look at, and what a session knows of
// followers that have nothing to ask for.
#include "sim/brokers/fetch_session.h"

#include <doctest/doctest.h>

#include <string>

using namespace brokerlab;
using kafka::ErrorCode;

namespace {

constexpr Uuid orders{1, 1};
constexpr int32_t follower = 2;

FetchPartition at(int32_t partition, int64_t fetch_offset) {
  FetchPartition wanted;
  wanted.topic = "orders";
  wanted.topic_id = orders;
  wanted.partition = partition;
  wanted.fetch_offset = fetch_offset;
  return wanted;
}

struct Leader {
  FetchSessions sessions;
  Random random{1};
  Instant now{};
  int32_t session_id = 0;
  int32_t epoch = 0;
  int64_t broker_epoch = 7;
  bool uses_topic_ids = true;

  FetchSessions::Context fetch(std::vector<FetchPartition> named,
                               std::vector<FetchPartition> forgotten = {}) {
    const FetchSessions::Context context = sessions.open({.session_id = session_id,
                                                          .session_epoch = epoch,
                                                          .uses_topic_ids = uses_topic_ids,
                                                          .replica_id = follower,
                                                          .broker_epoch = broker_epoch,
                                                          .partitions = std::move(named),
                                                          .forgotten = std::move(forgotten)},
                                                         now, random);
    REQUIRE(context.error == ErrorCode::none);
    session_id = context.session_id;
    epoch = session_id == 0 ? 0 : fetch_session_epoch_after(epoch);
    return context;
  }
  /// Everything was read and said; nothing is left.
  void answer(const FetchSessions::Context& context) {
    for (const FetchPartition& partition : context.partitions) sessions.settle(context, partition, 5, 0);
  }
  void touch(int32_t partition) { sessions.touch({orders, partition}); }
  /// "0@5 1@3": partitions and the offsets they are read from.
  static std::string text(const std::vector<FetchPartition>& partitions) {
    std::string text;
    for (const FetchPartition& wanted : partitions)
      text += (text.empty() ? "" : " ") + std::to_string(wanted.partition) + "@" +
              std::to_string(wanted.fetch_offset);
    return text;
  }
  /// "0 until 3s": partitions that a follower is known to have had until then.
  std::string seen() {
    std::string text;
    for (const FetchSessions::Seen& seen : sessions.take_seen()) {
      CHECK(seen.replica_id == follower);
      text += (text.empty() ? "" : " ") + std::to_string(seen.key.partition) + " until " +
              std::to_string((seen.last_fetch - Instant{}).milliseconds() / 1000) + "s";
    }
    return text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Leader,
                  "After its first answer a session is read only where something moved, or is named") {
  const auto first = fetch({at(0, 5), at(1, 0), at(2, 9)});
  CHECK_FALSE(first.is_incremental);
  CHECK(text(first.partitions) == "0@5 1@0 2@9");
  answer(first);
  const auto second = fetch({});
  CHECK(second.is_incremental);
  CHECK_FALSE(second.is_empty());
  CHECK(text(second.partitions).empty());
  touch(1);
  CHECK(text(sessions.with_news(session_id)) == "1@0");
  CHECK(text(sessions.without_news(session_id)) == "0@5 2@9");
  touch(7);  // nobody has it
  const auto third = fetch({at(2, 10)});
  CHECK(text(third.partitions) == "1@0 2@10");
  answer(third);
  CHECK(text(fetch({}).partitions).empty());
}

TEST_CASE_FIXTURE(Leader, "What moves after it was read is news to the next answer") {
  answer(fetch({at(0, 5), at(1, 0)}));
  const auto context = fetch({at(0, 6)});
  answer(context);
  touch(0);  // this very fetch moved the high watermark
  CHECK(text(fetch({}).partitions) == "0@6");
}

TEST_CASE_FIXTURE(Leader,
                  "A partition that is named anew before its answer leaves is not settled by that answer") {
  answer(fetch({at(0, 5)}));
  const auto slow = fetch({at(0, 6)});
  const auto quick = fetch({at(0, 7)});
  answer(slow);
  CHECK(text(sessions.with_news(session_id)) == "0@7");
  answer(quick);
  CHECK(text(sessions.with_news(session_id)).empty());
}

TEST_CASE_FIXTURE(Leader, "An answer that was held back for a quota leaves its partitions with news") {
  answer(fetch({at(0, 5), at(1, 0)}));
  touch(1);
  const auto context = fetch({});
  answer(context);
  sessions.unsettle(context);
  CHECK(text(fetch({}).partitions) == "1@0");
}

TEST_CASE_FIXTURE(Leader, "A follower without news has fetched until the session was last used") {
  now = Instant{} + seconds(1);
  answer(fetch({at(0, 5), at(1, 0), at(2, 9)}));
  CHECK(seen().empty());
  now = Instant{} + seconds(3);
  answer(fetch({}));
  now = Instant{} + seconds(60);
  SUBCASE("something moves") {
    touch(1);
    touch(1);
    CHECK(seen() == "1 until 3s");
  }
  SUBCASE("it asks for more") {
    fetch({at(0, 6)});
    CHECK(seen() == "0 until 3s");
  }
  SUBCASE("it forgets one") {
    fetch({}, {at(2, 9)});
    CHECK(seen() == "2 until 3s");
    touch(2);
    CHECK(seen().empty());
  }
  SUBCASE("it begins anew") {
    epoch = 0;
    fetch({at(0, 5)});
    CHECK(seen() == "0 until 3s 1 until 3s 2 until 3s");
    CHECK(sessions.size() == 1);
    touch(1);
    CHECK(seen().empty());
  }
  SUBCASE("it comes back in another life") {
    broker_epoch = 8;
    CHECK(text(fetch({}).partitions) == "0@5 1@0 2@9");
    CHECK(seen() == "0 until 3s 1 until 3s 2 until 3s");
  }
}

TEST_CASE_FIXTURE(Leader, "Topics that nobody knows may share a partition number in a session by names") {
  FetchPartition apples = at(0, 0);
  FetchPartition pears = at(0, 0);
  apples.topic = "apples";
  pears.topic = "pears";
  apples.topic_id = pears.topic_id = Uuid{};
  uses_topic_ids = false;
  fetch({apples, pears});
  touch(0);
  SUBCASE("they are known later") {
    pears.topic_id = orders;
    fetch({pears});
    CHECK(sessions.sessions_of({orders, 0}) == std::vector<int32_t>{session_id});
  }
  SUBCASE("both are forgotten") { CHECK(fetch({}, {apples, pears}).is_empty()); }
  SUBCASE("the session ends") {
    sessions.close(session_id);
    CHECK(sessions.take_closed() == std::vector<int32_t>{session_id});
  }
  CHECK(sessions.sessions_of({Uuid{}, 0}).size() <= 1);
}

TEST_CASE_FIXTURE(Leader,
                  "What was said of a settled partition is known; a request that came later is the latest") {
  const auto first = fetch({at(0, 5)});
  answer(first);
  const auto second = fetch({});
  CHECK(sessions.knows(second, at(0, 5), 5, 0));
  CHECK_FALSE(sessions.knows(second, at(0, 5), 6, 0));
  CHECK_FALSE(sessions.knows(first, at(0, 5), 5, 0));  // a full answer speaks of all
  CHECK(sessions.is_latest(second));
  const auto third = fetch({});
  CHECK_FALSE(sessions.is_latest(second));
  sessions.close(session_id);
  CHECK_FALSE(sessions.is_latest(third));
}

TEST_CASE_FIXTURE(Leader, "A session that forgets all it had is no more, and nothing waits for it") {
  answer(fetch({at(0, 5)}));
  const auto context = fetch({}, {at(0, 5)});
  CHECK(context.is_empty());
  CHECK(sessions.size() == 0);
  CHECK(sessions.sessions_of({orders, 0}).empty());
}

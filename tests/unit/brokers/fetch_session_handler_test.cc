// The follower's side of fetch sessions: what a request has to name, and what ends a session (KIP-227).
#include "sim/brokers/fetch_session_handler.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "sim/wire/kafka/errors.h"

using namespace brokerlab;
using kafka::ErrorCode;

namespace {

constexpr Uuid orders{1, 1};
constexpr Uuid payments{2, 2};

struct Follower {
  FetchSessionHandler session;
  std::map<PartitionKey, FetchSessionHandler::Asked> wanted;
  std::set<PartitionKey> told;

  void want(const PartitionKey& key, int64_t fetch_offset, int32_t leader_epoch = 0) {
    wanted[key] = {.fetch_offset = fetch_offset, .leader_epoch = leader_epoch};
  }
  /// "session 7 epoch 1: 1-0 forgets 2-0": topics by the first half of their ids.
  std::string request() {
    kafka::FetchRequest request;
    if (session.begin(request)) told.clear();
    std::string text = "session " + std::to_string(request.session_id) + " epoch " +
                       std::to_string(request.session_epoch) + ":";
    for (const auto& [key, asked] : wanted)
      if (session.asks(key, asked)) text += " " + name(key.topic_id, key.partition);
    for (const PartitionKey& key : told)
      if (!wanted.contains(key)) session.forget(key, request);
    for (const auto& [key, asked] : wanted) told.insert(key);
    if (!request.forgotten_topics_data.empty()) text += " forgets";
    for (const auto& topic : request.forgotten_topics_data)
      for (const int32_t partition : topic.partitions) text += " " + name(topic.topic_id, partition);
    return text;
  }
  bool answer(int32_t session_id, ErrorCode error = ErrorCode::none) {
    kafka::FetchResponse response;
    response.session_id = session_id;
    response.error_code = to_int16(error);
    return session.handle(response);
  }
  static std::string name(Uuid topic_id, int32_t partition) {
    return std::to_string(topic_id.high) + "-" + std::to_string(partition);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Follower, "A session begins with everything; then only what changed is named") {
  want({orders, 0}, 5);
  want({orders, 1}, 0);
  want({payments, 0}, 9);
  CHECK(request() == "session 0 epoch 0: 1-0 1-1 2-0");
  CHECK(answer(7));
  CHECK(request() == "session 7 epoch 1:");
  CHECK(answer(7));
  want({orders, 1}, 3);
  CHECK(request() == "session 7 epoch 2: 1-1");
  CHECK(session.asked({orders, 1})->fetch_offset == 3);
  CHECK(session.asked({orders, 0})->fetch_offset == 5);
  CHECK(answer(7));
  want({orders, 0}, 5, 1);  // another leader epoch, the same offset
  wanted.erase({payments, 0});
  CHECK(request() == "session 7 epoch 3: 1-0 forgets 2-0");
  CHECK(session.asked({payments, 0}) == nullptr);
  CHECK(answer(7));
  want({payments, 0}, 9);
  CHECK(request() == "session 7 epoch 4: 2-0");
}

TEST_CASE_FIXTURE(Follower, "What ends a session, and what the next request says then") {
  want({orders, 0}, 5);
  CHECK(request() == "session 0 epoch 0: 1-0");
  SUBCASE("the leader makes none") {
    CHECK(answer(0));
    CHECK(request() == "session 0 epoch 0: 1-0");
  }
  SUBCASE("the leader forgot it") {
    CHECK(answer(7));
    CHECK(request() == "session 7 epoch 1:");
    CHECK_FALSE(answer(0, ErrorCode::fetch_session_id_not_found));
    CHECK(request() == "session 0 epoch 0: 1-0");
  }
  SUBCASE("the leader is at another epoch: the old one is closed") {
    CHECK(answer(7));
    CHECK(request() == "session 7 epoch 1:");
    CHECK_FALSE(answer(0, ErrorCode::invalid_fetch_session_epoch));
    CHECK(request() == "session 7 epoch 0: 1-0");
    CHECK(answer(8));
    CHECK(request() == "session 8 epoch 1:");
  }
  SUBCASE("no answer: the leader may have heard the request or not") {
    CHECK(answer(7));
    want({orders, 0}, 6);
    CHECK(request() == "session 7 epoch 1: 1-0");
    session.failed();
    CHECK(request() == "session 7 epoch 0: 1-0");
  }
}

#include "sim/clients/network_client.h"

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/60_describe_cluster.h"
#include "sim/wire/kafka/errors.h"
#include "tests/unit/clients/fake_broker.h"

using namespace brokerlab;
using namespace brokerlab::testing;

namespace {

constexpr kafka::Versions metadata_versions{1, 13};

/// A client with the broker 7 at kafka1:29092.
struct Story {
  explicit Story(bool negotiate_versions = false)
      : client({.client_id = "story",
                .request_timeout = seconds(30),
                .timer_kind = 9,
                .negotiate_versions = negotiate_versions,
                .log_context = "[Story clientId=story] "}) {
    client.set_address(7, {"kafka1", 29092});
  }

  void send(uint64_t token) {
    wires.call([&](const Now& now, Effects& effects) {
      client.send(now, effects, ids, 7, kafka::MetadataRequest{}, metadata_versions, token);
    });
  }
  /// "token outcome" of everything that completed since the last call.
  std::vector<std::string> take_completions() {
    std::vector<std::string> lines;
    for (const Completion& completion : completions)
      lines.push_back(std::to_string(completion.token) + " " + std::string(to_string(completion.outcome)));
    completions.clear();
    return lines;
  }
  void answer_versions(int16_t key, int16_t lowest, int16_t highest) {
    kafka::ApiVersionsResponse response;
    response.api_keys.push_back({key, lowest, highest, {}});
    wires.answer(wires.take(), response);
  }

  NetworkClient client;
  OutgoingConnectionIds ids{0};
  std::vector<Completion> completions;
  Wires wires{[this](const Now& now, const Input& input, Effects& effects) {
    if (!client.owns(input)) return;
    for (Completion& completion : client.handle(now, effects, ids, input))
      completions.push_back(std::move(completion));
  }};
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("Requests wait for the connection, leave in order and are answered in order") {
  Story story;
  story.send(1);
  story.send(2);
  CHECK(story.wires.opens.size() == 1);
  CHECK(story.wires.last_open().to == Address{"kafka1", 29092});
  CHECK(story.wires.requests.empty());
  story.wires.accept();
  const SentRequest first = story.wires.take();
  const SentRequest second = story.wires.take();
  CHECK(first.header.api_version == 13);
  CHECK(first.header.client_id == "story");
  CHECK(second.header.correlation_id == first.header.correlation_id + 1);
  story.wires.answer(first, kafka::MetadataResponse{.controller_id = 3});
  story.wires.answer(second, kafka::MetadataResponse{});
  REQUIRE(story.completions.size() == 2);
  const Completion& completion = story.completions[0];
  CHECK(kafka::decode<kafka::MetadataResponse>(completion.body, completion.version)->controller_id == 3);
  CHECK_FALSE(completion.request.is_none());
  CHECK(story.take_completions() == Lines{"1 answered", "2 answered"});
}

TEST_CASE("A connection that cannot be made fails what waits, and the next one waits for the backoff") {
  Story story;
  story.send(1);
  story.wires.refuse(story.wires.last_open().connection);
  CHECK(story.take_completions() == Lines{"1 unreachable"});
  const auto& noted = std::get<event::Noted>(story.wires.events.back().payload);
  CHECK(noted.text ==
        "WARN [Story clientId=story] Connection to node 7 (kafka1:29092) could not be established. Node may "
        "not be available. (org.apache.kafka.clients.NetworkClient)");

  story.send(2);
  CHECK(story.wires.opens.size() == 1);
  story.wires.wait(milliseconds(49));
  CHECK(story.wires.opens.size() == 1);
  story.wires.wait(milliseconds(1));
  CHECK(story.wires.opens.size() == 2);
  story.wires.refuse(story.wires.last_open().connection);
  story.take_completions();

  SUBCASE("the backoff doubles up to its maximum") {
    for (int i = 0; i < 10; ++i) {
      story.send(3);
      story.wires.wait(seconds(1));
      story.wires.refuse(story.wires.last_open().connection);
    }
    story.send(4);
    const size_t opens = story.wires.opens.size();
    story.wires.wait(milliseconds(999));
    CHECK(story.wires.opens.size() == opens);
    story.wires.wait(milliseconds(1));
    CHECK(story.wires.opens.size() == opens + 1);
  }
  SUBCASE("a connection that was made begins the backoff anew") {
    story.send(3);
    story.wires.wait(milliseconds(100));
    story.wires.accept();
    story.wires.hang_up(story.wires.last_open().connection);
    CHECK(story.take_completions() == Lines{"3 disconnected"});
    story.send(4);
    story.wires.wait(milliseconds(50));
    CHECK(story.wires.opens.size() == 4);
  }
}

TEST_CASE("A request without an answer closes the connection; the next request opens another") {
  Story story;
  story.send(1);
  story.wires.accept();
  story.wires.wait(seconds(10));
  story.send(2);
  story.wires.wait(seconds(20));
  CHECK(story.take_completions() == Lines{"1 timed_out", "2 disconnected"});
  CHECK(story.wires.closes == std::vector{story.wires.last_open().connection});
  story.send(3);
  story.wires.wait(milliseconds(50));
  CHECK(story.wires.opens.size() == 2);
  story.wires.accept();
  story.wires.requests.erase(story.wires.requests.begin(), story.wires.requests.begin() + 2);
  story.wires.answer(story.wires.take(), kafka::MetadataResponse{});
  CHECK(story.take_completions() == Lines{"3 answered"});
}

TEST_CASE("An answer to nothing, or to another request, closes the connection") {
  Story story;
  story.send(1);
  story.wires.accept();
  const SentRequest request = story.wires.take();
  story.wires.deliver(request.connection,
                      kafka::response_frame(kafka::MetadataResponse{}, request.header.api_version,
                                            request.header.correlation_id + 1));
  CHECK(story.take_completions() == Lines{"1 disconnected"});
  CHECK(story.wires.closes.size() == 1);
}

TEST_CASE("Produce with acks=0 is done when it has left") {
  Story story;
  story.wires.call([&](const Now& now, Effects& effects) {
    story.client.send(now, effects, story.ids, 7, kafka::ProduceRequest{.acks = 0}, {3, 12}, 1);
  });
  story.wires.accept();
  CHECK(story.take_completions() == Lines{"1 sent"});
  story.wires.call([&](const Now& now, Effects& effects) {
    story.client.send(now, effects, story.ids, 7, kafka::ProduceRequest{.acks = 0}, {3, 12}, 2);
  });
  story.wires.wait({});
  CHECK(story.take_completions() == Lines{"2 sent"});
  CHECK(story.client.pending(7) == 0);
}

TEST_CASE("With negotiation a request takes the highest version that both sides know") {
  Story story(true);
  story.send(1);
  story.wires.accept();
  CHECK(story.wires.requests.size() == 1);
  const auto question = story.wires.requests.front().as<kafka::ApiVersionsRequest>();
  CHECK(story.wires.requests.front().header.api_version == 4);
  CHECK(question.client_software_name == "brokerlab");
  story.answer_versions(kafka::MetadataRequest::api_key, 0, 9);
  CHECK(story.wires.take().header.api_version == 9);

  SUBCASE("one that the broker does not offer is not sent") {
    story.wires.call([&](const Now& now, Effects& effects) {
      story.client.send(now, effects, story.ids, 7, kafka::DescribeClusterRequest{}, {0, 2}, 2);
    });
    story.wires.wait({});
    CHECK(story.take_completions() == Lines{"2 unsupported"});
    CHECK(story.wires.requests.empty());
  }
}

TEST_CASE("A broker that does not know our ApiVersions is asked again in version 0") {
  Story story(true);
  story.send(1);
  story.wires.accept();
  SentRequest question = story.wires.take();
  question.header.api_version = 0;  // its answer is in version 0
  kafka::ApiVersionsResponse refusal;
  refusal.error_code = kafka::to_int16(kafka::ErrorCode::unsupported_version);
  refusal.api_keys.push_back({18, 0, 3, {}});
  story.wires.answer(question, refusal);
  CHECK(story.wires.requests.front().header.api_version == 0);
  story.answer_versions(kafka::MetadataRequest::api_key, 0, 5);
  CHECK(story.wires.take().header.api_version == 5);
}

TEST_CASE("A broker that says to stay away hears nothing before that, and nothing times out meanwhile") {
  Story story;
  story.send(1);
  story.wires.accept();
  story.wires.answer(story.wires.take(), kafka::MetadataResponse{});
  CHECK(story.take_completions() == Lines{"1 answered"});
  story.wires.call(
      [&](const Now& now, Effects& effects) { story.client.stay_away(now, effects, 7, 45'000); });
  story.send(2);
  CHECK(story.wires.requests.empty());
  story.wires.wait(milliseconds(44'900));  // longer than the request timeout
  CHECK(story.wires.requests.empty());
  CHECK(story.take_completions().empty());
  story.wires.wait(milliseconds(200));
  REQUIRE(story.wires.requests.size() == 1);
  story.wires.answer(story.wires.take(), kafka::MetadataResponse{});
  CHECK(story.take_completions() == Lines{"2 answered"});
}

TEST_CASE("A clone goes on as the original does") {
  Story story;
  story.send(1);
  NetworkClient copy = story.client;
  story.wires.accept();
  story.wires.answer(story.wires.take(), kafka::MetadataResponse{});
  CHECK(story.take_completions() == Lines{"1 answered"});
  story.client = copy;
  story.wires.accept();
  CHECK(story.wires.requests.size() == 1);
  story.wires.answer(story.wires.take(), kafka::MetadataResponse{});
  CHECK(story.take_completions() == Lines{"1 answered"});
}

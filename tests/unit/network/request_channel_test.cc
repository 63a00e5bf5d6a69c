#include "sim/network/request_channel.h"

#include <doctest/doctest.h>

#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/52_vote.h"
#include "sim/wire/kafka/codec.h"

using namespace brokerlab;

namespace {

Bytes flat(const Slices& slices) {
  std::string all;
  for (const Slice& slice : slices) all += std::get<Bytes>(slice).text();
  return Bytes::copy_of(std::string_view(all));
}

/// One connection of a client, and the node's side of it in the hands of the test.
class ChannelStory {
 public:
  static constexpr ConnectionId connection{1};

  explicit ChannelStory(std::string listener = "EXTERNAL") {
    input::ConnectionOpened opened;
    opened.connection = connection;
    opened.listener = std::move(listener);
    channel.connection_opened(opened);
  }
  template <class M>
  static Bytes frame(const M& message, int16_t version, int32_t correlation) {
    return flat(kafka::request_frame(message, version, correlation, "story")).subview(4);
  }
  void receive(std::vector<Bytes> frames) { channel.receive({connection, std::move(frames)}, effects); }
  /// Every request that may be processed now.
  std::vector<Request> processed() {
    std::vector<Request> requests;
    while (std::optional<Request> request = channel.next(effects)) requests.push_back(std::move(*request));
    return requests;
  }
  void answer(const Request& request) {
    if (request.context.header.api_key == kafka::ProduceRequest::api_key)
      channel.respond(request.context, kafka::ProduceResponse{}, {}, effects);
    else
      channel.respond(request.context, kafka::MetadataResponse{}, {}, effects);
  }
  /// The correlation ids of what has left, in order.
  std::vector<int32_t> sent() const {
    std::vector<int32_t> ids;
    for (const Effects::Send& send : effects.sends) {
      const Bytes bytes = flat(send.slices);
      ids.push_back(bytes[4] << 24 | bytes[5] << 16 | bytes[6] << 8 | bytes[7]);
    }
    return ids;
  }
  bool is_closed() const { return effects.closes == std::vector<ConnectionId>{connection}; }

  SimulatedDisk disk;
  Effects effects{NodeId{1}, Instant{}, 1, EventRef{}, &disk};
  RequestChannel channel{"CONTROLLER"};
};

kafka::MetadataRequest metadata() { return {}; }
kafka::ProduceRequest produce() { return {}; }

}  // namespace

TEST_CASE("A connection is muted until its request is answered") {
  ChannelStory story;
  story.receive({ChannelStory::frame(metadata(), 9, 1), ChannelStory::frame(metadata(), 9, 2)});
  const auto first = story.processed();
  REQUIRE(first.size() == 1);
  CHECK(first[0].context.header.correlation_id == 1);
  CHECK(first[0].context.header.client_id == "story");
  CHECK(story.processed().empty());
  story.answer(first[0]);
  const auto second = story.processed();
  REQUIRE(second.size() == 1);
  CHECK(second[0].context.header.correlation_id == 2);
}

TEST_CASE(
    "Produces follow each other unanswered, their answers keep the order, and another request waits for "
    "them") {
  ChannelStory story;
  story.receive({ChannelStory::frame(produce(), 9, 1), ChannelStory::frame(produce(), 9, 2),
                 ChannelStory::frame(metadata(), 9, 3)});
  const auto requests = story.processed();
  REQUIRE(requests.size() == 2);
  story.answer(requests[1]);
  CHECK(story.sent().empty());
  CHECK(story.processed().empty());
  story.answer(requests[0]);
  CHECK(story.sent() == std::vector<int32_t>{1, 2});
  CHECK(story.processed().size() == 1);
}

TEST_CASE("A request without an answer (acks=0) lets the next one through") {
  ChannelStory story;
  story.receive({ChannelStory::frame(produce(), 9, 1), ChannelStory::frame(metadata(), 9, 2)});
  const auto first = story.processed();
  REQUIRE(first.size() == 1);
  story.channel.no_response(first[0].context, story.effects);
  CHECK(story.sent().empty());
  CHECK(story.processed().size() == 1);
}

TEST_CASE(
    "Unknown keys, versions out of range, controller keys of clients and broken headers close the "
    "connection") {
  const auto closes = [](Bytes frame, std::string listener = "EXTERNAL") {
    ChannelStory story(std::move(listener));
    story.receive({std::move(frame)});
    return story.processed().empty() && story.is_closed() && story.effects.sends.empty();
  };
  CHECK(closes(Bytes::adopt({0x27, 0x0F, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF})));  // key 9999
  CHECK(closes(Bytes::adopt({0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF})));       // Metadata v99
  CHECK(closes(Bytes::adopt({0, 0, 0, 2, 0, 0, 0, 1, 0xFF, 0xFF})));  // Produce v2: offered, but not known
  CHECK(closes(Bytes::adopt({0, 3, 0, 1})));
  CHECK(closes(Bytes::adopt({0, 3, 0, 1, 0, 0, 0, 1, 0, 50, 'x'})));  // client id beyond the frame
  CHECK(closes(ChannelStory::frame(kafka::VoteRequest{}, 2, 1)));
  CHECK_FALSE(closes(ChannelStory::frame(kafka::VoteRequest{}, 2, 1), "CONTROLLER"));
  CHECK(closes(ChannelStory::frame(metadata(), 9, 1), "CONTROLLER"));
}

TEST_CASE("ApiVersions of an unknown version is answered in version 0 with the range of its own key alone") {
  ChannelStory story;
  story.receive({Bytes::adopt({0, 18, 0, 5, 0, 0, 0, 7, 0xFF, 0xFF})});
  CHECK(story.processed().empty());
  REQUIRE(story.effects.sends.size() == 1);
  Bytes body;
  REQUIRE(kafka::decode_response_header(flat(story.effects.sends[0].slices).subview(4), 18, 0, body));
  const auto response = kafka::decode<kafka::ApiVersionsResponse>(body, 0);
  REQUIRE(response);
  CHECK(response->error_code == 35);
  REQUIRE(response->api_keys.size() == 1);
  CHECK(response->api_keys[0].api_key == 18);
  CHECK(response->api_keys[0].max_version == 4);
}

TEST_CASE("A muted connection is answered, but not heard before its time is over") {
  ChannelStory story;
  const auto frame = [](int32_t correlation) { return ChannelStory::frame(produce(), 9, correlation); };
  story.receive({frame(1)});
  const Request request = story.processed().at(0);
  const Instant until = Instant{} + seconds(3);
  story.channel.mute(request.context, until, story.effects);
  story.answer(request);
  CHECK(story.sent() == std::vector<int32_t>{1});
  story.receive({frame(2)});
  CHECK(story.processed().empty());
  REQUIRE(story.effects.timers.size() == 1);
  CHECK(story.effects.timers[0].deadline == until);
  // A shorter time does not end a longer one.
  story.channel.mute(request.context, Instant{} + seconds(1), story.effects);
  story.channel.unmute(Instant{} + seconds(2), story.effects);
  CHECK(story.processed().empty());
  story.channel.unmute(until, story.effects);
  CHECK(story.processed().size() == 1);
}

TEST_CASE("Answers to a client that is gone are dropped") {
  ChannelStory story;
  story.receive({ChannelStory::frame(metadata(), 9, 1)});
  const auto requests = story.processed();
  story.channel.connection_closed(ChannelStory::connection);
  story.answer(requests.at(0));
  CHECK(story.effects.sends.empty());
}

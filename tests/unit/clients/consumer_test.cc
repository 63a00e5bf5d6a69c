#include "sim/clients/consumer.h"

#include "tests/unit/clients/fake_cluster.h"

using namespace brokerlab;
using namespace brokerlab::testing;

namespace {

constexpr Uuid orders_id{7, 7};
const TopicPartition orders_0{"orders", 0};

kafka::RecordBatchBuilder::Data as_data(std::string_view text) {
  return std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

Bytes batch_of(int64_t base_offset, const std::vector<std::string>& values,
               kafka::RecordBatchBuilder::Options options = {}) {
  options.base_offset = base_offset;
  kafka::RecordBatchBuilder builder(options);
  for (const std::string& value : values) builder.append(1000, std::nullopt, as_data(value));
  return builder.build();
}

/// A consumer and a cluster with the topic "orders": partition n is led by broker n + 1.
struct Story {
  explicit Story(ConsumerConfig config = {}) : consumer(with_bootstrap(std::move(config))) {
    cluster.topics["orders"] = {orders_id, {{1, 4}, {2, 0}, {3, 0}}};
  }
  static ConsumerConfig with_bootstrap(ConsumerConfig config) {
    config.bootstrap = FakeCluster::bootstrap();
    config.timer_kind = 5;
    return config;
  }

  void read(const TopicPartition& partition, StartAt start) {
    wires.call([&](const Now& now, Effects& effects) {
      consumer.assign(partition, start);
      consumer.run(now, effects, ids);
    });
    cluster.serve();
  }
  void read_topic(StartAt start) {
    wires.call([&](const Now& now, Effects& effects) {
      consumer.assign_topic("orders", start);
      consumer.run(now, effects, ids);
    });
    cluster.serve();
  }
  kafka::FetchRequest::FetchPartition fetched(const SentRequest& request) {
    return request.as<kafka::FetchRequest>().topics.at(0).partitions.at(0);
  }
  void answer_offset(const SentRequest& request, int64_t offset) {
    kafka::ListOffsetsResponse response;
    for (const auto& topic : request.as<kafka::ListOffsetsRequest>().topics) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic.name;
      for (const auto& partition : topic.partitions) {
        auto& one = answered.partitions.emplace_back();
        one.partition_index = partition.partition_index;
        one.offset = offset;
      }
    }
    cluster.answer(request, response);
  }
  using Aborted = kafka::FetchResponse::AbortedTransaction;
  void answer_records(const SentRequest& request, const Slices& batches, std::vector<Aborted> aborted = {}) {
    kafka::FetchResponse response = empty_answer(request);
    response.responses[0].partitions[0].records = batches;
    response.responses[0].partitions[0].aborted_transactions = std::move(aborted);
    cluster.answer(request, response);
  }
  void refuse(const SentRequest& request, kafka::ErrorCode error) {
    kafka::FetchResponse response = empty_answer(request);
    response.responses[0].partitions[0].error_code = kafka::to_int16(error);
    cluster.answer(request, response);
  }
  kafka::FetchResponse empty_answer(const SentRequest& request) {
    kafka::FetchResponse response;
    const auto topics = request.as<kafka::FetchRequest>().topics;
    auto& topic = response.responses.emplace_back();
    topic.topic = topics.at(0).topic;
    topic.topic_id = topics.at(0).topic_id;
    topic.partitions.emplace_back().partition_index = topics.at(0).partitions.at(0).partition;
    return response;
  }
  /// "offset value" of what was read since the last call.
  std::vector<std::string> take() {
    std::vector<std::string> lines;
    for (const ConsumedRecord& record : consumer.take_records())
      lines.push_back(std::to_string(record.record.offset) + " " + std::string(record.record.value->text()));
    return lines;
  }

  Consumer consumer;
  OutgoingConnectionIds ids{0};
  Wires wires{[this](const Now& now, const Input& input, Effects& effects) {
    if (consumer.owns(input)) consumer.handle(now, effects, ids, input);
  }};
  FakeCluster cluster{wires};
};

using Lines = std::vector<std::string>;
constexpr StartAt from_beginning{StartAt::Kind::earliest, 0};

}  // namespace

TEST_CASE("A consumer looks the beginning up, then fetches on from what it has read") {
  Story story;
  story.read(orders_0, from_beginning);
  const SentRequest lookup = story.cluster.take(1);
  const auto asked = lookup.as<kafka::ListOffsetsRequest>().topics.at(0).partitions.at(0);
  CHECK(asked.timestamp == -2);
  CHECK(asked.current_leader_epoch == 4);
  story.answer_offset(lookup, 5);
  CHECK(story.consumer.position(orders_0) == 5);
  const SentRequest first = story.cluster.take(1);
  CHECK(first.header.api_version == 17);
  CHECK(first.as<kafka::FetchRequest>().topics.at(0).topic_id == orders_id);
  CHECK(first.as<kafka::FetchRequest>().session_epoch == -1);
  CHECK(story.fetched(first).fetch_offset == 5);
  CHECK(story.fetched(first).current_leader_epoch == 4);
  story.answer_records(first, {batch_of(5, {"a", "b"}), batch_of(7, {"c"})});
  CHECK(story.take() == Lines{"5 a", "6 b", "7 c"});
  CHECK(story.fetched(story.cluster.take(1)).fetch_offset == 8);
}

TEST_CASE("A batch that begins before the position gives only the records from there on") {
  Story story;
  story.read(orders_0, {StartAt::Kind::offset, 6});
  const Bytes whole = batch_of(5, {"a", "b", "c"});
  const Bytes cut = batch_of(8, {"d"}).subview(0, 40);
  story.answer_records(story.cluster.take(1), {whole, cut});
  CHECK(story.take() == Lines{"6 b", "7 c"});
  CHECK(story.consumer.position(orders_0) == 8);
}

TEST_CASE("A consumer starts at the end, or at a time, or at the end when no record is that young") {
  Story story;
  story.read(orders_0, {StartAt::Kind::timestamp, 1'700'000'000'000});
  const SentRequest lookup = story.cluster.take(1);
  CHECK(lookup.as<kafka::ListOffsetsRequest>().topics[0].partitions[0].timestamp == 1'700'000'000'000);
  story.answer_offset(lookup, -1);
  const SentRequest end = story.cluster.take(1);
  CHECK(end.as<kafka::ListOffsetsRequest>().topics[0].partitions[0].timestamp == -1);
  story.answer_offset(end, 10);
  CHECK(story.fetched(story.cluster.take(1)).fetch_offset == 10);
}

TEST_CASE("A consumer follows the leader and reads nothing twice") {
  Story story;
  story.read(orders_0, {StartAt::Kind::offset, 0});
  story.answer_records(story.cluster.take(1), {batch_of(0, {"a"})});
  SUBCASE("the old leader refuses") {
    const SentRequest request = story.cluster.take(1);
    story.cluster.topics["orders"].partitions[0] = {2, 5};
    story.refuse(request, kafka::ErrorCode::not_leader_or_follower);
    story.cluster.serve_for(milliseconds(100));
    // Asked once more before the metadata came.
    if (story.cluster.has_request(1))
      story.refuse(story.cluster.take(1), kafka::ErrorCode::not_leader_or_follower);
  }
  SUBCASE("the old leader is gone") {
    story.cluster.topics["orders"].partitions[0] = {2, 5};
    story.cluster.kill(1);
  }
  story.cluster.serve_for(seconds(2));
  const SentRequest request = story.cluster.take(2);
  CHECK(story.fetched(request).fetch_offset == 1);
  CHECK(story.fetched(request).current_leader_epoch == 5);
  story.answer_records(request, {batch_of(1, {"b"})});
  CHECK(story.take() == Lines{"0 a", "1 b"});
}

TEST_CASE("An offset out of range resets the position, or fails when nothing is to be done") {
  SUBCASE("to the end") {
    Story story;
    story.read(orders_0, {StartAt::Kind::offset, 100});
    story.refuse(story.cluster.take(1), kafka::ErrorCode::offset_out_of_range);
    story.answer_offset(story.cluster.take(1), 10);
    CHECK(story.fetched(story.cluster.take(1)).fetch_offset == 10);
  }
  SUBCASE("not at all") {
    Story story({.offset_reset = std::nullopt});
    story.read(orders_0, {StartAt::Kind::offset, 100});
    story.refuse(story.cluster.take(1), kafka::ErrorCode::offset_out_of_range);
    REQUIRE(story.consumer.failure());
    CHECK(story.consumer.failure()->error == kafka::ErrorCode::offset_out_of_range);
  }
}

TEST_CASE("Control records are never delivered; aborted ones not to read_committed") {
  const auto read = [](bool read_committed) {
    Story story({.read_committed = read_committed});
    story.read(orders_0, {StartAt::Kind::offset, 0});
    constexpr int64_t aborting = 9;
    constexpr int64_t committing = 8;
    kafka::RecordBatchBuilder marker(
        {.base_offset = 4, .producer_id = aborting, .is_transactional = true, .is_control = true});
    marker.append(1000, as_data(std::string_view("\0\0\0\0", 4)),
                  as_data(std::string_view("\0\0\0\0\0\0", 6)));
    const auto transactional = [](int64_t producer) {
      return kafka::RecordBatchBuilder::Options{.producer_id = producer, .is_transactional = true};
    };
    story.answer_records(story.cluster.take(1),
                         {batch_of(0, {"plain"}), batch_of(1, {"undone", "undone"}, transactional(aborting)),
                          batch_of(3, {"kept"}, transactional(committing)), marker.build(),
                          batch_of(5, {"again"}, transactional(aborting))},
                         {{.producer_id = aborting, .first_offset = 1}});
    CHECK(story.consumer.position(orders_0) == 6);
    return story.take();
  };
  CHECK(read(true) == Lines{"0 plain", "3 kept", "5 again"});
  CHECK(read(false) == Lines{"0 plain", "1 undone", "2 undone", "3 kept", "5 again"});
}

TEST_CASE("Offsets that cannot be stop the consumer") {
  Story story;
  story.read(orders_0, {StartAt::Kind::offset, 0});
  story.answer_records(story.cluster.take(1), {batch_of(INT64_MAX, {"a"})});
  REQUIRE(story.consumer.failure());
  CHECK(story.take().empty());
}

TEST_CASE("A damaged batch stops the consumer") {
  Story story;
  story.read(orders_0, {StartAt::Kind::offset, 0});
  const Bytes good = batch_of(0, {"a"});
  std::vector<uint8_t> bad(good.begin(), good.end());
  bad.back() ^= 1;
  story.answer_records(story.cluster.take(1), {Bytes::adopt(bad)});
  REQUIRE(story.consumer.failure());
  CHECK(story.consumer.failure()->error == kafka::ErrorCode::corrupt_message);
}

TEST_CASE("A whole topic is read partition by partition, and new partitions from their beginning") {
  Story story({.metadata_max_age = seconds(10)});
  story.read_topic({StartAt::Kind::latest, 0});
  CHECK(story.consumer.assignment().size() == 3);
  story.cluster.topics["orders"].partitions.push_back({1, 0});
  std::map<int32_t, int64_t> starts;
  for (int step = 0; step < 24; ++step) {
    story.cluster.serve_for(milliseconds(500), milliseconds(500));
    for (int32_t broker = 1; broker <= 3; ++broker) {
      if (!story.cluster.has_request(broker)) continue;
      const SentRequest request = story.cluster.take(broker);
      if (request.header.api_key == kafka::FetchRequest::api_key) {
        story.answer_records(request, {});
        continue;
      }
      const auto lookup = request.as<kafka::ListOffsetsRequest>();
      for (const auto& partition : lookup.topics.at(0).partitions)
        starts[partition.partition_index] = partition.timestamp;
      story.answer_offset(request, 10);
    }
  }
  CHECK(starts == std::map<int32_t, int64_t>{{0, -1}, {1, -1}, {2, -1}, {3, -2}});
}

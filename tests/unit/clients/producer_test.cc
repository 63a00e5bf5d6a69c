#include "sim/clients/producer.h"

#include "tests/unit/clients/fake_cluster.h"

using namespace brokerlab;
using namespace brokerlab::testing;

namespace {

constexpr Uuid orders_id{7, 7};

/// A producer and a cluster with the topic "orders": partition n is led by broker n + 1.
struct Story {
  explicit Story(ProducerConfig config = {}) : producer(with_bootstrap(std::move(config)), Random(1)) {
    cluster.topics["orders"] = {orders_id, {{1, 0}, {2, 0}, {3, 0}}};
  }
  static ProducerConfig with_bootstrap(ProducerConfig config) {
    config.bootstrap = FakeCluster::bootstrap();
    config.log_context = "[Producer clientId=story] ";
    config.timer_kind = 5;
    return config;
  }

  void send(int32_t partition, const std::string& value) {
    ProducerRecord record;
    record.topic = "orders";
    record.partition = partition;
    record.value = Bytes::copy_of(std::string_view(value));
    send(std::move(record));
  }
  void send(ProducerRecord record) {
    wires.call([&](const Now& now, Effects& effects) {
      record.timestamp_ms = now.wall_ms;
      producer.send(now, std::move(record), next_token++, effects.cause());
      producer.run(now, effects, ids);
    });
    cluster.serve();
  }

  /// The batches of a request: partition -> (header, values).
  struct Produced {
    kafka::RecordBatchHeader header;
    std::vector<std::string> values;
  };
  std::map<int32_t, Produced> batches_of(const SentRequest& request) {
    std::map<int32_t, Produced> batches;
    for (const auto& topic : request.as<kafka::ProduceRequest>().topic_data)
      for (const auto& partition : topic.partition_data) {
        kafka::BatchReader reader(joined(*partition.records));
        const auto batch = reader.next();
        REQUIRE(batch);
        CHECK(kafka::has_right_crc(batch->bytes));
        kafka::RecordReader records(*batch);
        kafka::Record record;
        Produced& produced = batches[partition.index];
        produced.header = batch->header;
        while (records.next(record)) produced.values.emplace_back(record.value->text());
      }
    return batches;
  }
  void answer(const SentRequest& request, kafka::ErrorCode error, int64_t base_offset = -1) {
    kafka::ProduceResponse response;
    for (const auto& topic : request.as<kafka::ProduceRequest>().topic_data) {
      auto& answered = response.responses.emplace_back();
      answered.name = topic.name;
      answered.topic_id = topic.topic_id;
      for (const auto& partition : topic.partition_data) {
        auto& one = answered.partition_responses.emplace_back();
        one.index = partition.index;
        one.error_code = kafka::to_int16(error);
        one.base_offset = base_offset;
      }
    }
    cluster.answer(request, response);
  }
  std::vector<std::string> values(int32_t broker, int32_t partition) {
    return batches_of(cluster.take(broker)).at(partition).values;
  }

  Producer producer;
  OutgoingConnectionIds ids{0};
  uint64_t next_token = 1;
  Wires wires{[this](const Now& now, const Input& input, Effects& effects) {
    if (producer.owns(input)) producer.handle(now, effects, ids, input);
  }};
  FakeCluster cluster{wires};
};

using Tokens = std::vector<uint64_t>;
using Values = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "A record goes to the leader of its partition, by topic id, and its acknowledgement names its offset") {
  Story story;
  story.send(1, "order 1");
  const SentRequest request = story.cluster.take(2);
  CHECK(request.header.api_version == 13);
  const auto produce = request.as<kafka::ProduceRequest>();
  CHECK(produce.acks == -1);
  CHECK(produce.topic_data.front().topic_id == orders_id);
  CHECK(story.batches_of(request).at(1).values == Values{"order 1"});
  CHECK(story.producer.pending() == 1);
  story.answer(request, kafka::ErrorCode::none, 42);
  const std::vector<Delivery> deliveries = story.producer.take_deliveries();
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].partition == TopicPartition{"orders", 1});
  CHECK(deliveries[0].first_offset == 42);
  CHECK(deliveries[0].error == kafka::ErrorCode::none);
  CHECK(deliveries[0].records == Tokens{1});
  CHECK(story.producer.pending() == 0);
}

TEST_CASE("Records linger to share a batch, and a full batch leaves at once") {
  Story story({.linger = milliseconds(100), .batch_size = 300});
  story.send(0, "first");
  story.cluster.serve_for(milliseconds(50));
  story.send(0, "second");
  CHECK_FALSE(story.cluster.has_request());
  story.cluster.serve_for(milliseconds(50));
  const SentRequest request = story.cluster.take(1);
  CHECK(story.batches_of(request).at(0).values == Values{"first", "second"});
  story.answer(request, kafka::ErrorCode::none, 0);

  story.send(0, std::string(250, 'x'));
  CHECK(story.cluster.has_request(1));
}

TEST_CASE("One request is under way for each partition, so retries keep the order") {
  Story story;
  story.send(0, "a");
  const SentRequest first = story.cluster.take(1);
  story.send(0, "b");
  story.send(0, "c");
  CHECK_FALSE(story.cluster.has_request(1));
  story.answer(first, kafka::ErrorCode::not_enough_replicas);
  CHECK_FALSE(story.cluster.has_request(1));  // the backoff
  story.cluster.serve_for(milliseconds(100));
  const SentRequest again = story.cluster.take(1);
  CHECK(story.batches_of(again).at(0).values == Values{"a"});
  story.answer(again, kafka::ErrorCode::none, 0);
  CHECK(story.values(1, 0) == Values{"b", "c"});
}

TEST_CASE("An idempotent retry repeats producer id and sequence; the next batch goes on from there") {
  Story story;
  story.send(0, "a");
  const SentRequest first = story.cluster.take(1);
  const kafka::RecordBatchHeader sent = story.batches_of(first).at(0).header;
  CHECK(sent.producer_id == 4000);
  CHECK(sent.base_sequence == 0);
  story.answer(first, kafka::ErrorCode::request_timed_out);
  story.send(0, "b");
  story.cluster.serve_for(milliseconds(100));
  const SentRequest again = story.cluster.take(1);
  CHECK(story.batches_of(again).at(0).header.base_sequence == 0);
  CHECK(story.batches_of(again).at(0).header.producer_id == 4000);
  story.answer(again, kafka::ErrorCode::duplicate_sequence_number, 17);
  CHECK(story.producer.take_deliveries().at(0).error == kafka::ErrorCode::none);
  CHECK(story.batches_of(story.cluster.take(1)).at(0).header.base_sequence == 1);
}

TEST_CASE("After a failure whose outcome is unknown the sequences begin anew, in a higher epoch (KIP-360)") {
  Story story({.request_timeout = seconds(1), .delivery_timeout = seconds(2)});
  story.send(0, "a");
  story.cluster.serve_for(seconds(5));
  const std::vector<Delivery> deliveries = story.producer.take_deliveries();
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].error == kafka::ErrorCode::request_timed_out);
  CHECK(deliveries[0].attempts == 2);
  while (story.cluster.has_request(1)) story.cluster.take(1);
  story.send(0, "b");
  const auto header = story.batches_of(story.cluster.take(1)).at(0).header;
  CHECK(header.producer_id == 4000);
  CHECK(header.producer_epoch == 1);
  CHECK(header.base_sequence == 0);
}

TEST_CASE(
    "A batch behind a gap, after the leader lost what came before it, is sent again as the first of a higher "
    "epoch") {
  Story story;
  story.send(0, "a");
  story.answer(story.cluster.take(1), kafka::ErrorCode::none, 0);
  story.send(0, "b");
  const SentRequest refused = story.cluster.take(1);
  CHECK(story.batches_of(refused).at(0).header.base_sequence == 1);
  story.answer(refused, kafka::ErrorCode::out_of_order_sequence_number);
  story.cluster.serve_for(milliseconds(100));
  const SentRequest again = story.cluster.take(1);
  CHECK(story.batches_of(again).at(0).values == Values{"b"});
  const auto header = story.batches_of(again).at(0).header;
  CHECK(header.producer_id == 4000);
  CHECK(header.producer_epoch == 1);
  CHECK(header.base_sequence == 0);
  story.answer(again, kafka::ErrorCode::none, 0);
  CHECK(story.producer.take_deliveries().back().error == kafka::ErrorCode::none);
}

TEST_CASE("A producer follows the leader over a failover and loses nothing") {
  Story story;
  story.send(1, "before");
  story.answer(story.cluster.take(2), kafka::ErrorCode::none, 0);
  story.send(1, "during");
  story.cluster.kill(2);  // with the request under way
  story.cluster.serve_for(seconds(1));
  CHECK_FALSE(story.cluster.has_request());
  story.cluster.topics["orders"].partitions[1] = {3, 1};
  story.cluster.serve_for(seconds(2));
  const SentRequest request = story.cluster.take(3);
  CHECK(story.batches_of(request).at(1).values == Values{"during"});
  story.answer(request, kafka::ErrorCode::none, 1);
  story.producer.take_deliveries();
  CHECK(story.producer.pending() == 0);
}

TEST_CASE("A leader that cannot be reached uses up no retries") {
  Story story({.retries = 1});
  story.send(1, "a");
  story.cluster.still_lists_dead = true;
  story.cluster.kill(2);  // the one attempt
  story.cluster.serve_for(seconds(10));
  CHECK(story.producer.pending() == 1);
  story.cluster.topics["orders"].partitions[1] = {3, 1};
  story.cluster.serve_for(seconds(2));
  story.answer(story.cluster.take(3), kafka::ErrorCode::none, 0);
  const auto deliveries = story.producer.take_deliveries();
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].error == kafka::ErrorCode::none);
  CHECK(deliveries[0].attempts == 2);
}

TEST_CASE("The new leader that a refusal names is used without asking for metadata (KIP-951)") {
  Story story;
  story.send(1, "a");
  const SentRequest request = story.cluster.take(2);
  const int asked = story.cluster.metadata_requests;
  kafka::ProduceResponse refusal;
  auto& topic = refusal.responses.emplace_back();
  topic.topic_id = orders_id;
  auto& partition = topic.partition_responses.emplace_back();
  partition.index = 1;
  partition.error_code = kafka::to_int16(kafka::ErrorCode::not_leader_or_follower);
  partition.current_leader = {3, 5, {}};
  refusal.node_endpoints.push_back({3, "kafka3", 9092, {}, {}});
  story.cluster.answer(request, refusal);
  // What the metadata answers is older, and must not undo it.
  story.cluster.serve_for(milliseconds(200));
  CHECK(story.cluster.metadata_requests > asked);
  CHECK(story.values(3, 1) == Values{"a"});
}

TEST_CASE("Without answers a record fails when its time is over, in Kafka's words") {
  SUBCASE("the topic never appears") {
    Story story({.max_block = seconds(3)});
    story.cluster.topics.clear();
    story.send(0, "a");
    story.cluster.serve_for(seconds(4));
    const auto deliveries = story.producer.take_deliveries();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].message == "Topic orders not present in metadata after 3000 ms.");
  }
  SUBCASE("the partition has no leader") {
    Story story({.delivery_timeout = seconds(5)});
    story.cluster.topics["orders"].partitions[0].leader = -1;
    story.send(0, "a");
    story.cluster.serve_for(seconds(6));
    const auto deliveries = story.producer.take_deliveries();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].message ==
          "Expiring 1 record(s) for orders-0:5000 ms has passed since batch creation");
  }
  SUBCASE("the retries are used up") {
    Story story({.retries = 2});
    story.send(0, "a");
    for (int attempt = 0; attempt < 3; ++attempt) {
      story.answer(story.cluster.take(1), kafka::ErrorCode::not_enough_replicas);
      story.cluster.serve_for(seconds(1));
    }
    const auto deliveries = story.producer.take_deliveries();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].error == kafka::ErrorCode::not_enough_replicas);
    CHECK(deliveries[0].attempts == 3);
  }
  SUBCASE("the record is too large for any request") {
    Story story;
    story.send(0, std::string(1'100'000, 'x'));
    const auto deliveries = story.producer.take_deliveries();
    REQUIRE(deliveries.size() == 1);
    // The figure of golden/cli/kafka-console-producer.txt.
    CHECK(deliveries[0].message ==
          "The message is 1100088 bytes when serialized which is larger than 1048576, which is the value of "
          "the "
          "max.request.size configuration.");
  }
}

TEST_CASE("acks=0 is delivered when it has left, without an offset") {
  Story story({.acks = 0, .is_idempotent = false});
  story.send(0, "a");
  CHECK(story.cluster.take(1).as<kafka::ProduceRequest>().acks == 0);
  const auto deliveries = story.producer.take_deliveries();
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].first_offset == -1);
}

TEST_CASE("A broker without topic ids gets names") {
  Story story;
  story.cluster.highest_version[kafka::ProduceRequest::api_key] = 9;
  story.send(0, "a");
  const SentRequest request = story.cluster.take(1);
  CHECK(request.header.api_version == 9);
  CHECK(request.as<kafka::ProduceRequest>().topic_data.front().name == "orders");
}

TEST_CASE("Records without a key take the partitions in turn, or stick to one") {
  const auto partitions_of = [](ProducerConfig config) {
    Story story(std::move(config));
    std::vector<int32_t> partitions;
    for (int i = 0; i < 6; ++i) {
      story.send({.topic = "orders", .value = Bytes::copy_of(std::string_view("x"))});
      for (int32_t broker = 1; broker <= 3; ++broker) {
        if (!story.cluster.has_request(broker)) continue;
        partitions.push_back(broker - 1);
        story.answer(story.cluster.take(broker), kafka::ErrorCode::none, 0);
      }
    }
    return partitions;
  };
  CHECK(partitions_of({.rotates_partitions = true}) == std::vector<int32_t>{0, 1, 2, 0, 1, 2});
  const std::vector<int32_t> sticky = partitions_of({});
  CHECK(sticky == std::vector<int32_t>(6, sticky.front()));
}

TEST_CASE("buffer.memory is what waits to be delivered; one record always has room") {
  ProducerConfig config;
  config.buffer_memory = 1;
  Story story(config);
  CHECK(story.producer.has_room());
  story.send(1, "order 1");
  CHECK_FALSE(story.producer.has_room());
  SUBCASE("an acknowledgement makes room") {
    story.answer(story.cluster.take(2), kafka::ErrorCode::none, 42);
  }
  SUBCASE("so does a failure") {
    story.answer(story.cluster.take(2), kafka::ErrorCode::topic_authorization_failed);
  }
  CHECK(story.producer.has_room());
}

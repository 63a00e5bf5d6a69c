// Producer and consumer nodes against the lab's brokers, in the sandbox.
#include <doctest/doctest.h>

#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"
#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"
#include "sim/tools/tool.h"

using namespace brokerlab;

namespace {

const std::vector<Address> bootstrap{{"kafka1", 9092}, {"kafka2", 9093}, {"kafka3", 9094}};

/// Three brokers and the topic "orders": partition n is led by kafka<n + 1>.
class Story {
 public:
  Story() : lab_(spec()) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      lab_.run_for(milliseconds(200));
      const NodeId tool = add("create-orders", [](const Boot& boot) {
        return make_tool(boot, "kafka-topics",
                         {"--bootstrap-server", "kafka1:9092", "--create", "--if-not-exists", "--topic",
                          "orders", "--replica-assignment", "1:2:3,2:3:1,3:1:2"});
      });
      lab_.run_until([&] { return status(tool).state == NodeState::stopped; }, seconds(70));
      const int exit_status = status(tool).exit_status;
      REQUIRE(lab_.remove(tool, {}).ok());
      if (exit_status == 0) return;
    }
    FAIL("the brokers did not come up");
  }

  using Make = std::function<std::unique_ptr<Node>(const Boot&)>;
  NodeId add(const std::string& name, Make make) {
    NodeSpec spec;
    spec.name = name;
    spec.factory = [make = std::move(make)](const Boot& boot, const ClusterSpec&) { return make(boot); };
    return lab_.add(std::move(spec), {}).value();
  }
  NodeId produce(const std::string& name, int16_t acks, int64_t rate, int64_t keys = 0) {
    ProducerNodeConfig config{bootstrap, "orders", acks, rate};
    config.keys = keys;
    return add(name, [config](const Boot& boot) { return make_producer_node(boot, config); });
  }
  NodeId consume(const std::string& name) {
    return add(name, [](const Boot& boot) {
      return make_consumer_node(boot, {bootstrap, "orders", {}, true});
    });
  }
  void stop(NodeId node) {
    REQUIRE(lab_.stop(node, {}).ok());
    CHECK(lab_.run_until([&] { return status(node).state == NodeState::stopped; }, seconds(10)) ==
          WaitResult::reached);
  }
  NodeStatus status(NodeId node) {
    for (const NodeStatus& status : lab_.view().nodes)
      if (status.id == node) return status;
    return {};
  }
  ClientView view(NodeId node) {
    const NodeStatus now = status(node);
    REQUIRE(now.snapshot);
    return std::get<ClientView>(now.snapshot->view);
  }
  template <class Payload>
  std::vector<Payload> events_of(NodeId node) {
    std::vector<Payload> payloads;
    uint64_t position = 0;
    for (const Event& event : lab_.ring().since(position))
      if (event.ref.node == node)
        if (const auto* payload = std::get_if<Payload>(&event.payload)) payloads.push_back(*payload);
    return payloads;
  }
  Sandbox& lab() { return lab_; }

 private:
  static ClusterSpec spec() {
    const KafkaClusterOptions three_brokers;
    ClusterSpec spec = kafka_cluster(three_brokers);
    spec.driver = Driver::sandbox;
    return spec;
  }
  Sandbox lab_;
};

}  // namespace

TEST_CASE("A command sends one record to the partition that it names, and tells its offset") {
  Story story;
  const NodeId shop = story.produce("shop", -1, 0);
  story.lab().run_for(seconds(1));
  CHECK(story.view(shop).records == 0);
  REQUIRE(story.lab().command(shop, {"send", {"--partition", "1", "order 1"}}, {}).ok());
  story.lab().run_for(seconds(1));
  const auto sent = story.events_of<event::RecordsSent>(shop);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].partition == TopicPartition{"orders", 1});
  CHECK(sent[0].first_offset == 0);
  CHECK(sent[0].error_code == 0);
  CHECK(story.view(shop).records == 1);
  story.stop(shop);
  CHECK(story.status(shop).exit_status == 0);
}

TEST_CASE("A rate fills all partitions in turn, and keys keep to theirs") {
  Story story;
  const NodeId shop = story.produce("shop", -1, 100);
  story.lab().run_for(seconds(3));
  story.stop(shop);
  const ClientView view = story.view(shop);
  CHECK(view.records >= 290);
  CHECK(view.records <= 310);
  REQUIRE(view.positions.size() == 3);
  int64_t records = 0;
  for (const ClientPositionView& position : view.positions) {
    CHECK(position.offset >= 95);
    records += position.offset + 1;
  }
  CHECK(records == view.records);

  const NodeId keyed = story.produce("keyed", 1, 50, 1);
  story.lab().run_for(seconds(1));
  story.stop(keyed);
  CHECK(story.view(keyed).positions.size() == 1);
}

TEST_CASE("A rate waits while buffer.memory is full of what a dead cluster does not take") {
  Story story;
  for (const uint32_t broker : {1u, 2u, 3u}) REQUIRE(story.lab().kill(NodeId{broker}, {}).ok());
  ProducerNodeConfig config{bootstrap, "orders", -1, 2'000};
  config.value_size = 10'000;
  const NodeId shop =
      story.add("shop", [config](const Boot& boot) { return make_producer_node(boot, config); });
  story.lab().run_for(seconds(5));
  constexpr int64_t buffer_memory = 33'554'432;
  CHECK(story.view(shop).in_flight > 1'000);
  CHECK(story.view(shop).in_flight <= buffer_memory / 10'000 + 1);
}

TEST_CASE("acks=all through the stop and the death of leaders: all is read, once and in order") {
  Story story;
  const NodeId shop = story.produce("shop", -1, 100);
  const NodeId reader = story.consume("reader");
  story.lab().run_for(seconds(2));
  SUBCASE("a leader is stopped and started again") {
    REQUIRE(story.lab().stop(NodeId{2}, {}).ok());
    story.lab().run_for(seconds(3));
    REQUIRE(story.lab().start(NodeId{2}, {}).ok());
  }
  SUBCASE("a leader is killed and started again") {
    REQUIRE(story.lab().kill(NodeId{3}, {}).ok());
    story.lab().run_for(seconds(5));
    REQUIRE(story.lab().start(NodeId{3}, {}).ok());
  }
  story.lab().run_for(seconds(5));
  story.stop(shop);
  story.lab().run_for(seconds(2));
  const ClientView produced = story.view(shop);
  CHECK(produced.failed == 0);
  CHECK(produced.records >= 900);
  CHECK(story.view(reader).records == produced.records);
  std::map<TopicPartition, int64_t> next;
  for (const event::RecordsConsumed& consumed : story.events_of<event::RecordsConsumed>(reader)) {
    // The ring of events no longer has the first of them.
    if (next.contains(consumed.partition)) CHECK(consumed.first_offset == next[consumed.partition]);
    next[consumed.partition] = consumed.last_offset + 1;
  }
  CHECK(next.size() == 3);
}

TEST_CASE("A paused producer does not send what it missed") {
  Story story;
  const NodeId shop = story.produce("shop", -1, 10);
  story.lab().run_for(seconds(1));
  REQUIRE(story.lab().pause(shop, {}).ok());
  story.lab().run_for(seconds(20));
  REQUIRE(story.lab().resume(shop, {}).ok());
  story.lab().run_for(seconds(1));
  CHECK(story.view(shop).records >= 15);
  CHECK(story.view(shop).records <= 35);
}

TEST_CASE("The clone of a lab with clients goes on exactly as the original") {
  Story story;
  story.produce("shop", -1, 100);
  story.produce("hasty", 1, 100, 5);
  story.consume("reader");
  story.lab().run_for(seconds(2));
  const std::unique_ptr<Sandbox> copy = story.lab().clone();
  REQUIRE(story.lab().kill(NodeId{2}, {}).ok());
  REQUIRE(copy->kill(NodeId{2}, {}).ok());
  story.lab().run_for(seconds(5));
  copy->run_for(seconds(5));
  CHECK(copy->hash() == story.lab().hash());
}

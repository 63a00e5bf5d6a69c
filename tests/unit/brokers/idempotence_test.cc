// Idempotent producers through failover (KIP-98, KIP-360): nothing acknowledged is lost, nothing is written twice,
// and what a leader knows of its producers survives it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/clients/producer_node.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;

namespace {

NodeId node(int broker) { return NodeId{static_cast<uint32_t>(broker)}; }

constexpr int64_t producer_id = 4000;

/// One batch of `count` records of the producer, sent to that broker with acks=all.
kafka::ProduceResponse::PartitionProduceResponse send(ClusterUnderTest& cluster, int broker, int16_t epoch,
                                                      int32_t sequence, int count = 1) {
  kafka::RecordBatchBuilder::Options options;
  options.producer_id = producer_id;
  options.producer_epoch = epoch;
  options.base_sequence = sequence;
  kafka::RecordBatchBuilder builder(options);
  const std::string value = "v";
  for (int i = 0; i < count; ++i)
    builder.append(cluster.lab().now().wall_ms, std::nullopt,
                   std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = "orders";
  data.partition_data.emplace_back().index = 0;
  data.partition_data.back().records = Slices{builder.build()};
  return cluster.ask(broker, request, 9).responses.at(0).partition_responses.at(0);
}

ErrorCode error_of(const kafka::ProduceResponse::PartitionProduceResponse& answer) {
  return kafka::error_from(answer.error_code);
}

}  // namespace

TEST_CASE(
    "What a leader knows of its producers survives it: the last five batches, the sequence, the epoch") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  // An unknown producer may begin with any sequence number.
  for (int32_t batch = 0; batch < 6; ++batch)
    REQUIRE(send(cluster, 1, 0, 100 + 2 * batch, 2).base_offset == 2 * batch);
  REQUIRE(cluster.lab().kill(node(1), {}));
  REQUIRE(cluster.run_until([&] {
    const auto view = cluster.view_of(2);
    return view && !view->partitions.empty() && view->partitions[0].leader == 2;
  }));

  // Retries of what it remembers are answered as the first time, and written once.
  CHECK(error_of(send(cluster, 2, 0, 110, 2)) == ErrorCode::none);
  CHECK(send(cluster, 2, 0, 110, 2).base_offset == 10);
  CHECK(send(cluster, 2, 0, 102, 2).base_offset == 2);
  CHECK(error_of(send(cluster, 2, 0, 100, 2)) == ErrorCode::out_of_order_sequence_number);  // the sixth
  CHECK(error_of(send(cluster, 2, 0, 114, 2)) == ErrorCode::out_of_order_sequence_number);  // a gap
  CHECK(cluster.replica(2, "orders", 0).log_end_offset == 12);
  CHECK(send(cluster, 2, 0, 112, 1).base_offset == 12);
  CHECK(error_of(send(cluster, 2, 1, 113, 1)) == ErrorCode::out_of_order_sequence_number);  // a new epoch
  CHECK(send(cluster, 2, 1, 0, 1).base_offset == 13);                                       // begins at 0
  CHECK(error_of(send(cluster, 2, 0, 113, 1)) == ErrorCode::invalid_producer_epoch);

  // The one that was away learns it from the log, also when it was not closed.
  REQUIRE(cluster.lab().start(node(1), {}));
  REQUIRE(cluster.run_until([&] { return cluster.view_of(2)->partitions[0].isr.size() == 3; }));
  REQUIRE(cluster.lab().stop(node(2), {}));
  REQUIRE(cluster.run_until([&] { return cluster.view_of(1)->partitions[0].leader == 1; }));
  CHECK(error_of(send(cluster, 1, 0, 113, 1)) == ErrorCode::invalid_producer_epoch);
  CHECK(send(cluster, 1, 1, 0, 1).base_offset == 13);
  CHECK(send(cluster, 1, 1, 1, 1).base_offset == 14);
}

TEST_CASE("Idempotent producers lose and duplicate nothing through failovers, whatever the seed") {
  constexpr uint64_t seeds = 40;
  int64_t records = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Settings settings;
    REQUIRE(settings.set("min.insync.replicas", "2").ok());
    ClusterUnderTest cluster(seed, settings);
    Random random(seed);
    cluster.wait_until_running();
    cluster.create_topic("orders", {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}});
    NodeSpec spec;
    spec.name = "shop";
    spec.factory = [](const Boot& boot, const ClusterSpec&) {
      ProducerNodeConfig config{
          {{"127.0.0.1", 9092}, {"127.0.0.1", 9093}, {"127.0.0.1", 9094}}, "orders", -1, 100};
      return make_producer_node(boot, config);
    };
    const NodeId shop = cluster.lab().add(std::move(spec), {}).value();
    const auto status = [&] { return *cluster.lab().view().find("shop"); };
    for (int fault = 0; fault < 4; ++fault) {
      const int broker = 1 + static_cast<int>(random.below(3));
      cluster.run_for(milliseconds(static_cast<int64_t>(random.below(500))));
      const uint64_t kind = random.below(3);
      if (kind == 0) REQUIRE(cluster.lab().kill(node(broker), {}));
      if (kind == 1) REQUIRE(cluster.lab().stop(node(broker), {}));
      if (kind == 2) REQUIRE(cluster.lab().pause(node(broker), {}));
      cluster.run_for(milliseconds(static_cast<int64_t>(500 + random.below(3000))));
      if (kind == 1)
        REQUIRE(cluster.run_until(
            [&] { return cluster.lab().view().find(broker_name(broker))->state == NodeState::stopped; }));
      if (kind == 2)
        REQUIRE(cluster.lab().resume(node(broker), {}));
      else
        REQUIRE(cluster.lab().start(node(broker), {}));
      // The next fault finds every replica in sync: this story is about acknowledged records, not about how many
      // copies a cluster can lose.
      REQUIRE(cluster.run_until([&] {
        for (int id = 1; id <= 3; ++id) {
          const auto view = cluster.view_of(id);
          if (!view || view->partitions.size() != 3) return false;
          for (const PartitionView& partition : view->partitions)
            if (partition.leader < 0 || partition.isr.size() != 3) return false;
        }
        return true;
      }));
    }
    REQUIRE(cluster.lab().stop(shop, {}).ok());
    REQUIRE(cluster.run_until([&] { return status().state == NodeState::stopped; }, seconds(150)));
    const auto view = std::get<ClientView>(status().snapshot->view);
    CHECK(view.failed == 0);
    cluster.run_for(seconds(2));
    for (int id = 1; id <= 3; ++id) {
      int64_t written = 0;
      for (int32_t partition = 0; partition < 3; ++partition)
        written += cluster.replica(id, "orders", partition).log_end_offset;
      CHECK(written == view.records);
    }
    records += view.records;
  }
  CHECK(records > static_cast<int64_t>(seeds) * 500);
}

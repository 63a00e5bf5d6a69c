// What the way of records between socket, log and socket costs the brokers, counted over real sockets and files:
// allocations, and bytes of allocated memory. Bytes cannot be copied to where no memory was taken for them, so what
// arrived may have been copied only as far as more memory was taken than arrived.
//
// Every `operator new` of this program is counted. Other threads of the lab allocate too, now and then (heartbeats, timers), so
// each cost is the least of many tries.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "sim/runtime/live.h"
#include "sim/runtime/presets.h"
#include "sim/shell/readiness.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/live/counted_memory.h"
#include "tests/tcp/broker_connection.h"

using namespace brokerlab;
using test::BrokerConnection;
using test::count_allocated_bytes;
using test::count_allocations;

namespace {

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 12;

struct Cost {
  uint64_t allocations = UINT64_MAX;
  uint64_t bytes = UINT64_MAX;
};

/// The least that `work` costs.
template <class Work>
Cost cost_of(Work work) {
  constexpr int tries = 40;
  Cost least;
  for (int i = 0; i < tries; ++i) {
    const uint64_t allocations_before = count_allocations();
    const uint64_t bytes_before = count_allocated_bytes();
    work();
    least.allocations = std::min(least.allocations, count_allocations() - allocations_before);
    least.bytes = std::min(least.bytes, count_allocated_bytes() - bytes_before);
  }
  return least;
}

Slices in_one_piece(const Slices& frame) { return {joined(frame)}; }

/// A live cluster, and a client of its first broker.
class LiveCluster {
 public:
  explicit LiveCluster(int brokers) {
    KafkaClusterOptions options;
    options.brokers = brokers;
    options.port_base = 0;
    ClusterSpec spec = kafka_cluster(options);
    spec.driver = Driver::live;
    Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
    REQUIRE_MESSAGE(lab.ok(), lab.status().message);
    lab_ = std::move(lab).value();
    const Status ready = wait_until_ready(*lab_);
    REQUIRE_MESSAGE(ready.ok(), ready.message);
    brokers_ = brokers;
    client_ = std::make_unique<BrokerConnection>("127.0.0.1", lab_->spec().port_of("kafka1", "EXTERNAL"));
  }

  BrokerConnection& client() { return *client_; }

  /// A topic whose leader is the first broker and whose followers are all others.
  void create_topic(const std::string& name) {
    kafka::CreateTopicsRequest request;
    request.timeout_ms = 10'000;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    auto& assignment = topic.assignments.emplace_back();
    for (int32_t broker = 1; broker <= brokers_; ++broker) assignment.broker_ids.push_back(broker);
    const auto response = client_->ask(request, 7);
    REQUIRE(response.topics.at(0).error_code == 0);
    const auto is_led = [&] { return try_produce(name) == 0; };
    REQUIRE(lab_->run_until(is_led, seconds(20)) == WaitResult::reached);
  }

  /// A request with one batch: so many records with values of so many bytes; acks=all.
  static Slices produce_request(const std::string& topic, int records, size_t value_bytes) {
    const std::vector<uint8_t> value(value_bytes, 'x');
    kafka::RecordBatchBuilder builder({});
    constexpr int64_t long_ago_ms = 1'700'000'000'000;
    for (int i = 0; i < records; ++i) builder.append(long_ago_ms, std::nullopt, value);
    kafka::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 10'000;
    request.topic_data.emplace_back().name = topic;
    request.topic_data.back().partition_data.emplace_back().records = Slices{builder.build()};
    return in_one_piece(kafka::request_frame(request, produce_version, 1, "test"));
  }
  static Slices fetch_request(const std::string& topic, int64_t offset) {
    kafka::FetchRequest request;
    request.min_bytes = 1;
    request.max_wait_ms = 10'000;
    request.max_bytes = 50 << 20;
    request.topics.emplace_back().topic = topic;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.fetch_offset = offset;
    partition.partition_max_bytes = 1;  // the first batch comes whole
    return in_one_piece(kafka::request_frame(request, fetch_version, 1, "test"));
  }
  static int16_t error_of(const Bytes& produce_answer) {
    const auto response = BrokerConnection::decode<kafka::ProduceRequest>(produce_answer, produce_version);
    return response.responses.at(0).partition_responses.at(0).error_code;
  }

  Cost produce_cost(const std::string& topic, int records, size_t value_bytes) {
    const Slices request = produce_request(topic, records, value_bytes);
    REQUIRE(error_of(client_->ask(request)) == 0);
    return cost_of([&] { client_->ask(request); });
  }
  /// Of fetching the batch that was produced last.
  Cost fetch_cost(const std::string& topic, int records, size_t value_bytes) {
    const auto response = BrokerConnection::decode<kafka::ProduceRequest>(
        client_->ask(produce_request(topic, records, value_bytes)), produce_version);
    const int64_t offset = response.responses.at(0).partition_responses.at(0).base_offset;
    const Slices request = fetch_request(topic, offset);
    CHECK(client_->ask(request).size() > static_cast<size_t>(records) * value_bytes);
    return cost_of([&] { client_->ask(request); });
  }

 private:
  int16_t try_produce(const std::string& topic) {
    return error_of(client_->ask(produce_request(topic, 1, 1)));
  }

  std::unique_ptr<Lab> lab_;
  std::unique_ptr<BrokerConnection> client_;
  int32_t brokers_ = 0;
};

constexpr size_t large_value_bytes = 800'000;
/// What else differs between two requests: a socket that takes an answer in several pieces, a number with one digit more.
/// A thousand records would be far beyond it, and so would a copy of the large value.
constexpr uint64_t few_allocations = 20;
constexpr uint64_t few_bytes = 16'000;

}  // namespace

TEST_CASE("produce: no allocation per record, and no copy of records, at the leader and at its followers") {
  for (const uint64_t brokers : {1, 3}) {
    CAPTURE(brokers);
    LiveCluster cluster(static_cast<int>(brokers));
    cluster.create_topic("orders");
    const Cost one_record = cluster.produce_cost("orders", 1, 100 * 1000);
    const Cost thousand_records = cluster.produce_cost("orders", 1000, 100);
    CHECK(thousand_records.allocations <= one_record.allocations + few_allocations);
    const Cost small = cluster.produce_cost("orders", 1, 100);
    const Cost large = cluster.produce_cost("orders", 1, large_value_bytes);
    // Each broker received it once, into memory that was taken for it.
    CHECK(large.bytes <= small.bytes + brokers * (large_value_bytes + few_bytes));
  }
}

TEST_CASE("produce: of large requests that follow each other each byte is read to where it stays") {
  LiveCluster cluster(1);
  cluster.create_topic("orders");
  BrokerConnection& client = cluster.client();
  const Slices request = LiveCluster::produce_request("orders", 1, large_value_bytes);
  REQUIRE(LiveCluster::error_of(client.ask(request)) == 0);
  constexpr uint64_t requests = 16;
  const Cost cost = cost_of([&] {
    for (uint64_t i = 0; i < requests; ++i) client.send(request);
    for (uint64_t i = 0; i < requests; ++i) client.receive();
  });
  // One buffer is ready for a request that has not come.
  CHECK(cost.bytes <= (requests + 1) * (size_of(request) + few_bytes));
}

TEST_CASE("fetch: no allocation per record, and no copy of records") {
  LiveCluster cluster(1);
  cluster.create_topic("orders");
  const Cost one_record = cluster.fetch_cost("orders", 1, 100 * 1000);
  const Cost thousand_records = cluster.fetch_cost("orders", 1000, 100);
  CHECK(thousand_records.allocations <= one_record.allocations + few_allocations);
  const Cost small = cluster.fetch_cost("orders", 1, 100);
  const Cost large = cluster.fetch_cost("orders", 1, large_value_bytes);
  CHECK(large.bytes <= small.bytes + few_bytes);
}

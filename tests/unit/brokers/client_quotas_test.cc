// Byte-rate quotas: how a rate is taken, whose quota counts, and how a broker throttles.
#include "sim/brokers/client_quotas.h"

#include <doctest/doctest.h>

#include "sim/wire/kafka/48_describe_client_quotas.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

MetadataImage image_with(const std::vector<std::pair<QuotaEntity, double>>& quotas, const char* key) {
  MetadataImage image;
  MetadataDelta delta;
  for (const auto& [entity, value] : quotas) {
    kafka::ClientQuotaRecord record;
    for (const auto& [type, name] : entity)
      record.entity.push_back({.entity_type = type, .entity_name = name, .unknown_tags = {}});
    record.key = key;
    record.value = value;
    REQUIRE(image.replay(record, delta).ok());
  }
  return image;
}

kafka::AlterClientQuotasRequest quota_of_client(std::optional<std::string> name, const char* key,
                                                double value) {
  kafka::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  entry.entity.push_back({.entity_type = "client-id", .entity_name = std::move(name), .unknown_tags = {}});
  entry.ops.push_back({.key = key, .value = value, .remove = false, .unknown_tags = {}});
  return request;
}

/// Sends one record of so many bytes, and returns what the answer says of staying away.
int32_t produce(ClusterUnderTest& cluster, int broker, size_t bytes) {
  const std::vector<uint8_t> value(bytes, 'x');
  kafka::RecordBatchBuilder builder({});
  builder.append(cluster.lab().now().wall_ms, std::nullopt, std::span<const uint8_t>(value));
  kafka::ProduceRequest request;
  request.acks = 1;
  request.timeout_ms = 1'000;
  auto& data = request.topic_data.emplace_back();
  data.name = "orders";
  data.partition_data.emplace_back().records = Slices{builder.build()};
  return cluster.ask(broker, request, 9).throttle_time_ms;
}

kafka::FetchResponse fetch(ClusterUnderTest& cluster) {
  kafka::FetchRequest request;
  request.session_epoch = -1;
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  topic.partitions.emplace_back().partition_max_bytes = 4'000;
  return cluster.ask(1, request, 11);
}

uint64_t bytes_of(const kafka::FetchResponse& response) {
  return response.responses.empty() ? 0 : size_of(*response.responses[0].partitions[0].records);
}

}  // namespace

TEST_CASE("A rate over its quota says how long it takes to come back to it") {
  SampledRate rate;
  rate.record(50'000, 0);
  CHECK(rate.excess_ms(5'000, 0) == 0);  // ten seconds' worth at once, in a window of at least ten
  rate.record(5'000, 0);
  CHECK(rate.excess_ms(5'000, 0) == 1'000);
  CHECK(rate.excess_ms(5'000, 600) == 400);      // the window has grown
  CHECK(rate.excess_ms(5'000, 1'000) == 1'000);  // and counts as ten full seconds again
  CHECK_FALSE(rate.is_over(10'999));
  CHECK(rate.is_over(11'000));
  CHECK(rate.excess_ms(5'000, 11'000) == 0);
}

TEST_CASE("Old samples fall out of the window one by one") {
  SampledRate rate;
  for (int64_t second = 0; second < 20; ++second) rate.record(1'000, second * 1'000);
  // Eleven samples back to the tenth second: 1,000 a second.
  CHECK(rate.excess_ms(1'000, 19'999) <= 1'000);
  CHECK(rate.excess_ms(1'200, 19'999) == 0);
  CHECK(rate.excess_ms(500, 19'999) > 5'000);
}

TEST_CASE("The most specific quota counts, and names come before defaults") {
  const auto most = [](const std::vector<std::pair<QuotaEntity, double>>& quotas, std::string_view client) {
    ClientQuotas table;
    table.apply(image_with(quotas, "producer_byte_rate"));
    const auto bytes = table.most_bytes(QuotaKind::produce, client);
    return bytes ? static_cast<int64_t>(*bytes / 10) : -1;
  };
  std::vector<std::pair<QuotaEntity, double>> quotas;
  CHECK(most(quotas, "app") == -1);
  const auto add = [&](QuotaEntity entity, double value) { quotas.push_back({std::move(entity), value}); };
  add({{"client-id", std::nullopt}}, 1);
  CHECK(most(quotas, "app") == 1);
  add({{"client-id", "app"}}, 2);
  CHECK(most(quotas, "app") == 2);
  CHECK(most(quotas, "other") == 1);
  add({{"user", std::nullopt}}, 3);
  CHECK(most(quotas, "app") == 3);
  add({{"user", std::nullopt}, {"client-id", std::nullopt}}, 4);
  CHECK(most(quotas, "app") == 4);
  add({{"user", std::nullopt}, {"client-id", "app"}}, 5);
  CHECK(most(quotas, "app") == 5);
  add({{"user", "ANONYMOUS"}}, 6);
  CHECK(most(quotas, "app") == 6);
  add({{"user", "ANONYMOUS"}, {"client-id", std::nullopt}}, 7);
  CHECK(most(quotas, "app") == 7);
  add({{"user", "ANONYMOUS"}, {"client-id", "app"}}, 8);
  CHECK(most(quotas, "app") == 8);
  add({{"user", "somebody"}, {"client-id", "app"}}, 9);
  CHECK(most(quotas, "app") == 8);
}

TEST_CASE("Clients under one user's quota share it; each client id under a default one has its own") {
  const Instant now = Instant{} + seconds(100);
  ClientQuotas shared;
  shared.apply(image_with({{{{"user", "ANONYMOUS"}}, 100}}, "consumer_byte_rate"));
  CHECK(shared.record(QuotaKind::fetch, "a", 1'000, now) == Duration{});
  CHECK(shared.record(QuotaKind::fetch, "b", 100, now) == seconds(1));
  shared.take_back(QuotaKind::fetch, "b", 100, now);
  CHECK(shared.record(QuotaKind::fetch, "b", 50, now) == milliseconds(500));
  CHECK(shared.record(QuotaKind::produce, "b", 1'000'000, now) == Duration{});

  ClientQuotas own;
  own.apply(image_with({{{{"client-id", std::nullopt}}, 100}}, "consumer_byte_rate"));
  CHECK(own.record(QuotaKind::fetch, "a", 1'000, now) == Duration{});
  CHECK(own.record(QuotaKind::fetch, "b", 1'000, now) == Duration{});
  CHECK(own.record(QuotaKind::fetch, "b", 100, now) == seconds(1));
}

TEST_CASE("A producer over its quota is answered at once, told to stay away, and not heard until then") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  const auto altered = cluster.ask(2, quota_of_client("test", "producer_byte_rate", 1'000), 1);
  REQUIRE(altered.entries.size() == 1);
  CHECK(altered.entries[0].error_code == 0);
  cluster.run_for(seconds(1));
  CHECK(produce(cluster, 1, 9'000) == 0);
  const int32_t throttled_ms = produce(cluster, 1, 3'000);
  CHECK(throttled_ms > 1'000);
  CHECK(throttled_ms < 4'000);
  const Instant asked = cluster.lab().now().monotonic;
  cluster.ask(1, kafka::DescribeClientQuotasRequest{}, 1);
  const Duration waited = cluster.lab().now().monotonic - asked;
  CHECK(waited > milliseconds(throttled_ms - 100));
  CHECK(waited < milliseconds(throttled_ms + 500));
  // On another broker nothing was used.
  CHECK(produce(cluster, 2, 100) == 0);
}

TEST_CASE("A consumer over its quota gets the time to stay away and no records, and then the records") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  for (int i = 0; i < 12; ++i) CHECK(produce(cluster, 1, 1'000) == 0);
  REQUIRE(cluster.ask(1, quota_of_client(std::nullopt, "consumer_byte_rate", 500), 1).entries[0].error_code ==
          0);
  cluster.run_for(seconds(1));
  const auto first = fetch(cluster);
  CHECK(first.throttle_time_ms == 0);
  CHECK(bytes_of(first) > 3'000);
  const auto second = fetch(cluster);
  CHECK(second.throttle_time_ms >
        4'000);  // what came and would have come is more than ten seconds of the quota
  CHECK(second.responses.empty());
  const Instant asked = cluster.lab().now().monotonic;
  kafka::FetchResponse later = fetch(cluster);
  CHECK(cluster.lab().now().monotonic - asked > milliseconds(second.throttle_time_ms - 100));
  // The first answer counts until its sample has left the window.
  for (int tries = 0; tries < 3 && later.throttle_time_ms > 0; ++tries) later = fetch(cluster);
  CHECK(later.throttle_time_ms == 0);
  CHECK(bytes_of(later) > 3'000);
  CHECK(cluster.lab().now().monotonic - asked > seconds(9));
}

TEST_CASE("Quotas are described by their entities, and outlive a restart") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  REQUIRE(cluster.ask(1, quota_of_client("app", "producer_byte_rate", 1'024), 0).entries[0].error_code == 0);
  REQUIRE(
      cluster.ask(3, quota_of_client(std::nullopt, "consumer_byte_rate", 2'048), 1).entries[0].error_code ==
      0);
  kafka::DescribeClientQuotasRequest all;
  kafka::DescribeClientQuotasRequest of_app;
  of_app.strict = true;
  of_app.components.push_back(
      {.entity_type = "client-id", .match_type = 0, .match = "app", .unknown_tags = {}});
  for (const bool restarts : {false, true}) {
    if (restarts) {
      REQUIRE(cluster.lab().kill(NodeId{2}, {}).ok());
      REQUIRE(cluster.lab().start(NodeId{2}, {}).ok());
    }
    cluster.run_for(seconds(5));
    const auto described = cluster.ask(2, all, 1);
    CHECK(described.error_code == 0);
    REQUIRE(described.entries->size() == 2);
    const auto app = cluster.ask(2, of_app, 0);
    REQUIRE(app.entries->size() == 1);
    const auto& entry = app.entries->front();
    CHECK(entry.entity.front().entity_name == "app");
    CHECK(entry.values.front().key == "producer_byte_rate");
    CHECK(entry.values.front().value == 1'024);
  }
  kafka::DescribeClientQuotasRequest wrong;
  wrong.components.push_back({.entity_type = "group", .match_type = 0, .match = "x", .unknown_tags = {}});
  const auto refused = cluster.ask(1, wrong, 1);
  CHECK(refused.error_code == 35);
  CHECK(refused.error_message == "Unsupported entity type group");
  CHECK_FALSE(refused.entries.has_value());
}

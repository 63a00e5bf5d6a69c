// Stories of three Kafka nodes together: what clients see of replication, and that the same inputs give the
// same history.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "sim/brokers/handlers/handlers.h"
#include "sim/brokers/replica_manager.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/10_find_coordinator.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/22_init_producer_id.h"
#include "sim/wire/kafka/23_offset_for_leader_epoch.h"
#include "sim/wire/kafka/32_describe_configs.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/46_list_partition_reassignments.h"
#include "sim/wire/kafka/55_describe_quorum.h"
#include "sim/wire/kafka/60_describe_cluster.h"
#include "sim/wire/kafka/75_describe_topic_partitions.h"
#include "sim/wire/kafka/api_table.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;

namespace {

NodeId node(int broker) { return NodeId{static_cast<uint32_t>(broker)}; }

template <class Payload, class Predicate>
std::vector<const Event*> find_events(const std::vector<Event>& events, Predicate predicate) {
  std::vector<const Event*> found;
  for (const Event& event : events)
    if (const auto* payload = std::get_if<Payload>(&event.payload); payload && predicate(*payload))
      found.push_back(&event);
  return found;
}

kafka::FetchRequest fetch_request(const std::string& topic, int64_t offset, int32_t max_wait_ms) {
  kafka::FetchRequest request;
  request.max_wait_ms = max_wait_ms;
  request.min_bytes = 1;
  auto& wanted = request.topics.emplace_back();
  wanted.topic = topic;
  wanted.partitions.emplace_back().fetch_offset = offset;
  wanted.partitions.back().partition_max_bytes = 1 << 20;
  return request;
}

int64_t latest_offset(ClusterUnderTest& cluster, int broker, const std::string& topic) {
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic;
  wanted.partitions.emplace_back().timestamp = -1;
  const auto answer = cluster.ask(broker, request, 5).topics.at(0).partitions.at(0);
  CHECK(answer.error_code == 0);
  return answer.offset;
}

}  // namespace

TEST_CASE("FindCoordinator v0 is offered, for librdkafka has no LZ4 without it, and finds none") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  kafka::FindCoordinatorRequest request;
  request.key = "group";
  const auto answer = cluster.ask(1, request, 0);
  CHECK(answer.error_code == static_cast<int16_t>(ErrorCode::coordinator_not_available));
  const auto offered = cluster.ask(1, kafka::ApiVersionsRequest{}, 0).api_keys;
  const auto row = std::ranges::find(offered, kafka::FindCoordinatorRequest::api_key,
                                     &kafka::ApiVersionsResponse::ApiVersion::api_key);
  REQUIRE(row != offered.end());
  CHECK(row->min_version == 0);
  CHECK(row->max_version == 0);
}

TEST_CASE(
    "acks=all: leader, followers, high watermark, acknowledgement; followers learn the high watermark "
    "later") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.run_for(seconds(1));
  cluster.events.clear();
  const auto answer = cluster.produce(1, "orders", 0, 3, -1);
  CHECK(answer.error_code == 0);
  CHECK(answer.base_offset == 0);
  // Only the leader knows by now that it is committed.
  CHECK(cluster.replica(1, "orders", 0).high_watermark == 3);
  CHECK(cluster.replica(2, "orders", 0).log_end_offset == 3);
  CHECK(cluster.replica(2, "orders", 0).high_watermark == 0);
  cluster.run_for(seconds(1));
  CHECK(cluster.replica(2, "orders", 0).high_watermark == 3);
  CHECK(cluster.replica(3, "orders", 0).high_watermark == 3);

  const auto is_ours = [](const auto& event) { return event.partition.topic == "orders"; };
  const auto appended = find_events<event::LogAppended>(cluster.events, is_ours);
  REQUIRE(appended.size() == 3);
  CHECK(std::get<event::LogAppended>(appended[0]->payload).as_leader);
  CHECK(appended[0]->ref.node == node(1));
  const auto advanced = find_events<event::HighWatermarkAdvanced>(cluster.events, is_ours);
  REQUIRE(advanced.size() == 3);
  CHECK(advanced[0]->ref.node == node(1));
  const auto acknowledged =
      find_events<event::Acknowledged>(cluster.events, [](const auto&) { return true; });
  REQUIRE(acknowledged.size() == 1);
  CHECK(appended[2]->at < acknowledged[0]->at);
  CHECK(advanced[0]->at <= acknowledged[0]->at);
  CHECK(advanced[1]->at > acknowledged[0]->at);
  // The same batch everywhere.
  std::set<uint32_t> crcs;
  for (const Event* event : appended) crcs.insert(std::get<event::LogAppended>(event->payload).crc);
  CHECK(crcs.size() == 1);
}

TEST_CASE(
    "The logs of a large topic are opened over many steps, so that no node is missed in the quorum "
    "meanwhile") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.events.clear();
  cluster.create_topic("orders", std::vector<std::vector<int32_t>>(150, {1, 2, 3}));
  std::map<EventRef, size_t> opened;  // by the step's input
  for (const Event* loaded : find_events<event::LogLoaded>(
           cluster.events, [](const auto& log) { return log.partition.topic == "orders"; }))
    ++opened[loaded->cause];
  size_t all = 0;
  for (const auto& [input, logs] : opened) {
    CHECK(logs <= ReplicaManager::logs_opened_at_once);
    all += logs;
  }
  CHECK(all == 3 * 150);
  CHECK(cluster.produce(1, "orders", 149, 1, -1).error_code == 0);
}

TEST_CASE(
    "acks=all with followers that stand still: the request times out, and the record is in the log all the "
    "same") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.run_for(seconds(1));
  REQUIRE(cluster.lab().pause(node(2), {}));
  REQUIRE(cluster.lab().pause(node(3), {}));
  CHECK(cluster.produce(1, "orders", 0, 1, -1, milliseconds(500)).error_code ==
        to_int16(ErrorCode::request_timed_out));
  CHECK(cluster.replica(1, "orders", 0).log_end_offset == 1);
  CHECK(cluster.replica(1, "orders", 0).high_watermark == 0);
  CHECK(cluster.produce(1, "orders", 0, 1, 1).error_code == 0);
}

TEST_CASE(
    "min.insync.replicas: acks=all is refused while too few are in sync, and taken again when they are "
    "back") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}}, {{"min.insync.replicas", "3"}});
  cluster.run_for(seconds(1));
  REQUIRE(cluster.lab().stop(node(3), {}));
  REQUIRE(cluster.run_until([&] { return cluster.lab().view().nodes[2].state == NodeState::stopped; }));
  cluster.run_for(seconds(1));
  CHECK(cluster.produce(1, "orders", 0, 1, -1).error_code == to_int16(ErrorCode::not_enough_replicas));
  REQUIRE(cluster.lab().start(node(3), {}));
  cluster.run_for(seconds(3));
  CHECK(cluster.produce(1, "orders", 0, 1, -1).error_code == 0);
}

TEST_CASE("A producer that asks the wrong broker is told who leads, and where") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  kafka::ProduceRequest request;
  request.acks = 1;
  auto& data = request.topic_data.emplace_back();
  data.name = "orders";
  data.partition_data.emplace_back().records = Slices{};
  const auto response = cluster.ask(2, request, 12);
  const auto& answer = response.responses.at(0).partition_responses.at(0);
  CHECK(answer.error_code == to_int16(ErrorCode::not_leader_or_follower));
  CHECK(answer.current_leader.leader_id == 1);
  REQUIRE(response.node_endpoints.size() == 1);
  CHECK(response.node_endpoints[0].node_id == 1);
  CHECK(response.node_endpoints[0].port == ClusterUnderTest::port_base);
}

TEST_CASE("A fetch at the end waits for max wait, or for the next record") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.run_for(seconds(1));
  const Instant before = cluster.lab().now().monotonic;
  CHECK(cluster.ask(1, fetch_request("orders", 0, 700), 11).responses.at(0).partitions.at(0).error_code == 0);
  CHECK(cluster.lab().now().monotonic - before >= milliseconds(700));
  CHECK(cluster.lab().now().monotonic - before < milliseconds(800));

  // A second client's record ends the wait of the first, once it is committed.
  const Instant asked = cluster.lab().now().monotonic;
  const std::string frame =
      to_hex(flat(kafka::request_frame(fetch_request("orders", 0, 20'000), 11, 7, "test")).span());
  cluster.send(1, {frame}, 1, milliseconds(300));
  NodeSpec other;
  other.name = "other";
  other.factory = [](const Boot& boot, const ClusterSpec&) { return std::make_unique<Caller>(boot); };
  const NodeId second = cluster.lab().add(std::move(other), {}).value();
  kafka::RecordBatchBuilder builder({});
  builder.append(1, std::nullopt, std::nullopt);
  kafka::ProduceRequest produce;
  produce.acks = -1;
  produce.timeout_ms = 1000;
  produce.topic_data.emplace_back().name = "orders";
  produce.topic_data.back().partition_data.emplace_back().records = Slices{builder.build()};
  const std::string record = to_hex(flat(kafka::request_frame(produce, 9, 1, "other")).span());
  REQUIRE(cluster.lab().command(
      second, {"send", {"127.0.0.1", std::to_string(ClusterUnderTest::port_base), record}}, {}));
  const auto answers = cluster.send(3, {}, 1, seconds(19));
  CHECK(answers.size() == 1);
  CHECK(cluster.lab().now().monotonic - asked < seconds(2));
}

TEST_CASE("A fetch session answers only what is new, and ends with its last partition or with epoch -1") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 5, -1);
  kafka::FetchRequest request = fetch_request("orders", 5, 300);
  request.session_epoch = 0;
  auto response = cluster.ask(1, request, 11);
  const int32_t session = response.session_id;
  CHECK(session != 0);
  REQUIRE(response.responses.size() == 1);

  kafka::FetchRequest next;
  next.max_wait_ms = 300;
  next.min_bytes = 1;
  next.session_id = session;
  next.session_epoch = 1;
  const Instant before = cluster.lab().now().monotonic;
  response = cluster.ask(1, next, 11);
  CHECK(response.session_id == session);
  CHECK(response.responses.empty());
  CHECK(cluster.lab().now().monotonic - before >= milliseconds(300));

  cluster.produce(1, "orders", 0, 1, -1);
  next.session_epoch = 2;
  response = cluster.ask(1, next, 11);
  REQUIRE(response.responses.size() == 1);
  CHECK(response.responses[0].partitions.at(0).high_watermark == 6);

  next.session_epoch = 9;
  CHECK(cluster.ask(1, next, 11).error_code == to_int16(ErrorCode::invalid_fetch_session_epoch));
  next.session_epoch = 3;
  auto& forgotten = next.forgotten_topics_data.emplace_back();
  forgotten.topic = "orders";
  forgotten.partitions.push_back(0);
  response = cluster.ask(1, next, 11);
  CHECK(response.error_code == 0);
  CHECK(response.session_id == 0);
  CHECK(response.responses.empty());
  next.session_epoch = 4;
  CHECK(cluster.ask(1, next, 11).error_code == to_int16(ErrorCode::fetch_session_id_not_found));
}

TEST_CASE("A record acknowledged by all survives SIGKILL of all three nodes at once") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  for (int i = 0; i < 20; ++i) REQUIRE(cluster.produce(1, "orders", 0, 10, -1).error_code == 0);
  for (int broker = 1; broker <= 3; ++broker) REQUIRE(cluster.lab().kill(node(broker), {}));
  cluster.run_for(seconds(1));
  for (int broker = 1; broker <= 3; ++broker) REQUIRE(cluster.lab().start(node(broker), {}));
  cluster.wait_until_running();
  cluster.run_for(seconds(3));
  const int leader = cluster.view_of(1)->partitions.at(0).leader;
  REQUIRE(leader > 0);
  CHECK(latest_offset(cluster, leader, "orders") == 200);
  CHECK(cluster.produce(leader, "orders", 0, 1, -1).base_offset == 200);
}

TEST_CASE("A follower that was away truncates nothing and copies what it missed, byte for byte") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 1, -1);
  REQUIRE(cluster.lab().kill(node(2), {}));
  for (int i = 0; i < 50; ++i) cluster.produce(1, "orders", 0, 7, 1);
  REQUIRE(cluster.lab().start(node(2), {}));
  cluster.run_for(seconds(4));
  CHECK(cluster.replica(2, "orders", 0).log_end_offset == 351);
  CHECK(find_events<event::LogTruncated>(cluster.events, [](const auto&) { return true; }).empty());
}

TEST_CASE(
    "An acks=1 record that nobody else has is cut from the old leader when it comes back as a follower") {
  ClusterUnderTest cluster(1);
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 2, -1);
  cluster.run_for(seconds(1));
  // Followers stand still while the leader takes two more; then it dies and they lead without them.
  REQUIRE(cluster.lab().pause(node(2), {}));
  REQUIRE(cluster.lab().pause(node(3), {}));
  REQUIRE(cluster.produce(1, "orders", 0, 2, 1).base_offset == 2);
  REQUIRE(cluster.lab().kill(node(1), {}));
  REQUIRE(cluster.lab().resume(node(2), {}));
  REQUIRE(cluster.lab().resume(node(3), {}));
  REQUIRE(cluster.run_until([&] {
    const auto view = cluster.view_of(2);
    return view && !view->partitions.empty() && view->partitions[0].leader > 1;
  }));
  const int leader = cluster.view_of(2)->partitions[0].leader;
  cluster.run_for(seconds(1));
  CHECK(cluster.produce(leader, "orders", 0, 1, -1).base_offset == 2);
  REQUIRE(cluster.lab().start(node(1), {}));
  cluster.run_for(seconds(4));
  CHECK(cluster.replica(1, "orders", 0).log_end_offset ==
        cluster.replica(leader, "orders", 0).log_end_offset);
  const auto truncated =
      find_events<event::LogTruncated>(cluster.events, [](const auto& event) { return event.replica == 1; });
  CHECK(truncated.size() == 1);
}

TEST_CASE("Deleted topics go away, and one made anew under the name starts empty") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 5, -1);
  kafka::DeleteTopicsRequest request;
  request.topics.emplace_back().name = "orders";
  CHECK(cluster.ask(2, request, 6).responses.at(0).error_code == 0);
  cluster.run_for(seconds(1));
  CHECK(cluster.view_of(1)->replicas.empty());
  cluster.create_topic("orders", {{2, 1, 3}});
  CHECK(cluster.produce(2, "orders", 0, 1, -1).base_offset == 0);
}

TEST_CASE("Metadata creates a topic when both sides allow it; the first answer is that it is unknown") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  kafka::MetadataRequest request;
  request.topics.emplace().emplace_back().name = "orders";
  request.allow_auto_topic_creation = false;
  CHECK(cluster.ask(1, request, 9).topics.at(0).error_code ==
        to_int16(ErrorCode::unknown_topic_or_partition));
  cluster.run_for(seconds(1));
  CHECK(cluster.view_of(1)->partitions.empty());
  request.allow_auto_topic_creation = true;
  CHECK(cluster.ask(1, request, 9).topics.at(0).error_code ==
        to_int16(ErrorCode::unknown_topic_or_partition));
  cluster.run_for(seconds(1));
  const auto response = cluster.ask(1, request, 12);
  CHECK(response.topics.at(0).error_code == 0);
  CHECK(response.topics.at(0).partitions.size() == 3);
  CHECK(response.topics.at(0).partitions[0].replica_nodes.size() == 3);
  REQUIRE(response.brokers.size() == 3);
  CHECK(response.brokers[1].host == "127.0.0.1");
  CHECK(response.brokers[1].port == ClusterUnderTest::port_base + 1);
}

TEST_CASE("Producer ids are never given twice, whichever broker is asked") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  std::set<int64_t> ids;
  for (int i = 0; i < 3; ++i)
    for (int broker = 1; broker <= 3; ++broker) {
      kafka::InitProducerIdRequest request;
      request.transactional_id.reset();
      const auto response = cluster.ask(broker, request, 4);
      CHECK(response.error_code == 0);
      CHECK(ids.insert(response.producer_id).second);
    }
  CHECK(ids.size() == 9);
}

TEST_CASE("Every offered key has a handler on its listeners, and no other has one") {
  for (const kafka::Api& api : kafka::all_apis()) {
    CAPTURE(api.name);
    const ApiHandlers* row = find_handlers(api.key);
    CHECK((row != nullptr) == !api.offered.empty());
    if (row == nullptr) continue;
    CHECK((row->on_broker != nullptr) == kafka::includes(api.listeners, kafka::Listeners::broker));
    CHECK((row->on_controller != nullptr) == kafka::includes(api.listeners, kafka::Listeners::controller));
  }
}

TEST_CASE(
    "A record from the future is refused with its number, unless the topic lets the broker's clock count") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.create_topic("stamped", {{1, 2, 3}}, {{"message.timestamp.type", "LogAppendTime"}});
  cluster.create_topic("patient", {{1, 2, 3}}, {{"message.timestamp.after.max.ms", "9000000"}});
  const int64_t in_two_hours = cluster.lab().now().wall_ms + 2 * 3600 * 1000;
  const auto refused = cluster.produce(1, "orders", 0, 2, -1, seconds(30), in_two_hours);
  CHECK(refused.error_code == to_int16(ErrorCode::invalid_timestamp));
  CHECK(refused.record_errors.size() == 2);
  CHECK(refused.log_start_offset == 0);
  const auto stamped = cluster.produce(1, "stamped", 0, 2, -1, seconds(30), in_two_hours);
  CHECK(stamped.error_code == 0);
  CHECK(stamped.log_append_time_ms < in_two_hours);
  CHECK(cluster.produce(1, "patient", 0, 2, -1, seconds(30), in_two_hours).error_code == 0);
}

TEST_CASE("compression.type of a topic decides how its batches are stored") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1}});
  cluster.create_topic("packed", {{1}}, {{"compression.type", "gzip"}});
  cluster.produce(1, "orders", 0, 500, -1);
  cluster.produce(1, "packed", 0, 500, -1);
  cluster.run_for(milliseconds(100));
  CHECK(cluster.replica(1, "packed", 0).log_end_offset == 500);
  CHECK(cluster.replica(1, "packed", 0).size_bytes < cluster.replica(1, "orders", 0).size_bytes / 2);
}

TEST_CASE("A broker's setting that is changed while it runs counts for its topics at once") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}, {2, 3, 1}});
  kafka::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = ConfigResource::broker;
  resource.resource_name = "1";
  resource.configs.push_back({.name = "message.max.bytes", .config_operation = 0, .value = "100"});
  REQUIRE(cluster.ask(1, request, 1).responses.at(0).error_code == 0);
  cluster.run_for(seconds(1));
  CHECK(cluster.produce(1, "orders", 0, 50, -1).error_code == to_int16(ErrorCode::message_too_large));
  CHECK(cluster.produce(2, "orders", 1, 50, -1).error_code == 0);
}

TEST_CASE("Settings of a topic say where they come from") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}}, {{"min.insync.replicas", "2"}});
  kafka::DescribeConfigsRequest request;
  request.include_synonyms = true;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "orders";
  resource.configuration_keys.reset();
  const auto result = cluster.ask(2, request, 4).results.at(0);
  CHECK(result.error_code == 0);
  const auto find = [&](const std::string& name) {
    const auto it = std::find_if(result.configs.begin(), result.configs.end(),
                                 [&](const auto& config) { return config.name == name; });
    REQUIRE(it != result.configs.end());
    return *it;
  };
  CHECK(find("min.insync.replicas").value == "2");
  CHECK(find("min.insync.replicas").config_source == 1);
  CHECK(find("min.insync.replicas").synonyms.size() == 3);
  CHECK(find("segment.bytes").config_source == 5);
  resource.resource_name = "nowhere";
  CHECK(cluster.ask(2, request, 4).results.at(0).error_code ==
        to_int16(ErrorCode::unknown_topic_or_partition));
}

TEST_CASE("The cluster describes itself: brokers, quorum, partitions page by page, no reassignment") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}});
  const auto brokers = cluster.ask(3, kafka::DescribeClusterRequest{}, 2);
  CHECK(brokers.brokers.size() == 3);
  CHECK(brokers.cluster_id.size() == 22);

  kafka::DescribeQuorumRequest quorum;
  quorum.topics.emplace_back().topic_name = "__cluster_metadata";
  quorum.topics.back().partitions.emplace_back();
  const auto described = cluster.ask(3, quorum, 2);
  REQUIRE(described.topics.size() == 1);
  CHECK(described.topics[0].partitions.at(0).leader_id == cluster.quorum_leader());
  CHECK(described.topics[0].partitions.at(0).current_voters.size() == 3);

  kafka::DescribeTopicPartitionsRequest page;
  page.response_partition_limit = 2;
  auto first = cluster.ask(1, page, 0);
  REQUIRE(first.topics.size() == 1);
  CHECK(first.topics[0].partitions.size() == 2);
  REQUIRE(first.next_cursor);
  CHECK(first.next_cursor->partition_index == 2);
  page.cursor = {first.next_cursor->topic_name, first.next_cursor->partition_index};
  const auto second = cluster.ask(1, page, 0);
  CHECK(second.topics.at(0).partitions.size() == 1);
  CHECK_FALSE(second.next_cursor.has_value());

  kafka::ListPartitionReassignmentsRequest moves;
  CHECK(cluster.ask(1, moves, 0).topics.empty());
}

TEST_CASE("The end of an epoch is told by its leader") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 4, -1);
  kafka::OffsetForLeaderEpochRequest request;
  request.replica_id = -1;
  request.topics.emplace_back().topic = "orders";
  request.topics.back().partitions.emplace_back().leader_epoch = 0;
  auto answer = cluster.ask(1, request, 4).topics.at(0).partitions.at(0);
  CHECK(answer.leader_epoch == 0);
  CHECK(answer.end_offset == 4);
  CHECK(cluster.ask(2, request, 4).topics.at(0).partitions.at(0).error_code ==
        to_int16(ErrorCode::not_leader_or_follower));
}

TEST_CASE(
    "The same seed gives the same journal, and a clone in the middle of a failure goes on as the original") {
  const auto play = [](ClusterUnderTest& cluster) {
    cluster.wait_until_running();
    cluster.create_topic("orders", {{1, 2, 3}, {2, 3, 1}});
    for (int i = 0; i < 5; ++i) cluster.produce(1, "orders", 0, 3, -1);
    REQUIRE(cluster.lab().kill(node(2), {}));
    cluster.run_for(milliseconds(700));
  };
  ClusterUnderTest first(5);
  ClusterUnderTest second(5);
  play(first);
  play(second);
  CHECK(first.lab().hash() == second.lab().hash());
  const auto clone = first.lab().clone();
  first.run_for(seconds(5));
  clone->run_for(seconds(5));
  CHECK(clone->hash() == first.lab().hash());
  ClusterUnderTest other(6);
  play(other);
  CHECK(other.lab().hash() != second.lab().hash());
}

TEST_CASE("A follower whose fetch waited is not in sync for as long as the leader let it wait") {
  Settings settings;
  REQUIRE(settings.set("replica.fetch.wait.max.ms", "20000"));
  REQUIRE(settings.set("broker.session.timeout.ms", "60000"));  // or the controller would take it out
  ClusterUnderTest cluster(1, settings);
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2}});
  cluster.produce(1, "orders", 0, 1, -1);
  cluster.run_for(seconds(1));
  REQUIRE(cluster.lab().pause(node(2), {}));
  cluster.run_for(seconds(20));  // its fetch was answered with nothing by now
  cluster.produce(1, "orders", 0, 1, 1);
  cluster.run_for(milliseconds(1600));  // half of replica.lag.time.max.ms, and a little
  CHECK(cluster.view_of(1)->partitions.at(0).isr == std::vector<int32_t>{1});
}

TEST_CASE("A broker that stops takes no records any more once it flushes its logs") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  // So many logs that flushing them takes longer than a record takes to the leader and on to here.
  cluster.create_topic("orders", std::vector<std::vector<int32_t>>(60, {1, 2}));
  for (int32_t partition = 0; partition < 60; ++partition) cluster.produce(1, "orders", partition, 1, -1);
  const auto is_ready_to_stop = [&] {
    return !find_events<event::Noted>(cluster.events, [](const auto& event) {
              return event.text.find("asked us to exit controlled shutdown") != std::string::npos;
            }).empty();
  };
  REQUIRE(cluster.lab().stop(node(2), {}));
  REQUIRE(cluster.run_until(is_ready_to_stop));
  cluster.events.clear();
  cluster.produce(1, "orders", 0, 1, 1);
  cluster.run_for(seconds(1));
  CHECK(find_events<event::LogAppended>(cluster.events, [](const auto& event) {
          return event.partition.topic == "orders" && event.replica == 2;
        }).empty());
  CHECK_FALSE(find_events<event::NodeStopped>(cluster.events, [](const auto&) { return true; }).empty());
}

TEST_CASE("A broker that ends before it had opened its logs leaves the marks of the last stop as they were") {
  const auto play = [](SimulatedDisk& disk) {
    const Boot boot{NodeId{1}, "kafka1", 1, 1};
    KafkaNodeConfig config;
    config.node_id = 1;
    config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qk";
    for (int32_t id = 1; id <= 3; ++id)  // the others do not answer: it never registers
      config.voters[id] = {"kafka" + std::to_string(id), static_cast<uint16_t>(39091 + id)};
    config.advertised = {{std::string(listener_external), {"127.0.0.1", 9092}},
                         {std::string(listener_controller), config.voters[1]}};
    const auto kafka1 = make_kafka_node(boot, config);
    Now now{Instant{} + seconds(1), 1'700'000'000'000};
    const auto step = [&](const Input& input) {
      Effects effects(boot.id, now.monotonic, 1, {}, &disk);
      kafka1->step(now, input, effects);
      now.monotonic = now.monotonic + seconds(6);  // past the next checkpoint of high watermarks
    };
    step(input::Start{});
    step(input::TimerFired{});
    step(input::Command{"close", {}});
  };
  const OffsetCheckpoint high_watermarks = {{{"orders", 0}, 7}};
  SimulatedDisk killed;
  REQUIRE(write_offset_checkpoint(killed, replication_offset_checkpoint, high_watermarks));
  play(killed);
  CHECK(read_clean_shutdown(killed).status().code == StatusCode::not_found);
  CHECK(read_offset_checkpoint(killed, replication_offset_checkpoint).value() == high_watermarks);
  SimulatedDisk stopped;
  REQUIRE(write_clean_shutdown(stopped, {5}));
  play(stopped);
  CHECK(read_clean_shutdown(stopped).value().broker_epoch == 5);
}

TEST_CASE("The end of the program marks a clean shutdown on all nodes at once") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 4, -1);
  cluster.events.clear();
  cluster.lab().close();
  const auto ended = find_events<event::NodeStopped>(cluster.events,
                                                     [](const auto& event) { return event.how == "exited"; });
  CHECK(ended.size() >= 3);
  for (const Event* event : ended) CHECK(std::get<event::NodeStopped>(event->payload).status == 0);
}

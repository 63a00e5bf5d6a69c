// When the controller acts, when it answers, and what it does when it no longer leads.
#include "sim/controller/kraft/quorum_controller.h"

#include <doctest/doctest.h>

#include "tests/unit/controller/controller_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

kafka::CreateTopicsRequest create(const std::string& name) {
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  return request;
}

/// A request as a broker forwards it for a client, in version `version`.
template <class M>
kafka::EnvelopeRequest envelope(const M& request, int16_t version) {
  kafka::EnvelopeRequest envelope;
  envelope.request_data = flat(kafka::request_frame(request, version, 77, "admin")).subview(4);
  return envelope;
}

constexpr int16_t create_topics = kafka::CreateTopicsRequest::api_key;

}  // namespace

TEST_CASE("controller: a new cluster begins with the bootstrap records, in one transaction") {
  // golden/logs/clean-__cluster_metadata-0.txt, offsets 1 to 9, without the features that the lab does not
  // have.
  ControllerUnderTest lab;
  CHECK(lab.is_active());
  const std::vector<std::string> expected = {
      R"(BeginTransactionRecord {"name":"Bootstrap records"})",
      R"(FeatureLevelRecord {"name":"metadata.version","featureLevel":30})",
      R"(FeatureLevelRecord {"name":"eligible.leader.replicas.version","featureLevel":1})",
      R"(ConfigRecord {"resourceType":4,"resourceName":"","name":"min.insync.replicas","value":"1"})",
      "EndTransactionRecord {}",
  };
  CHECK(lab.records() == expected);
  CHECK(lab.committed().feature("metadata.version") == 30);
  CHECK(lab.committed().offset() == 5);  // after LeaderChange at 0
}

TEST_CASE("controller: RegisterBrokerRecord is the recorded one, in version 4") {
  ControllerUnderTest lab;
  lab.ask_as(2, ControllerUnderTest::registration(2), 4);
  const std::string directory = Uuid{77, 2}.to_string();
  const std::string incarnation = Uuid{2, 1}.to_string();
  CHECK(
      lab.records().back() ==
      R"(RegisterBrokerRecord {"brokerId":2,"isMigratingZkBroker":false,"incarnationId":")" + incarnation +
          R"(","brokerEpoch":6,"endPoints":[{"name":"PLAINTEXT","host":"127.0.0.1","port":21093,)"
          R"("securityProtocol":0}],"features":[{"name":"metadata.version","minSupportedVersion":7,)"
          R"("maxSupportedVersion":30}],"rack":null,"fenced":true,"inControlledShutdown":false,"logDirs":[")" +
          directory + R"("]})");
}

TEST_CASE("controller: it registers itself with the active one, after each start") {
  // golden/wire/inter-broker.jsonl, line 100; the record is that of golden/logs/clean, offset 14.
  ControllerUnderTest lab;
  const auto request = lab.asks<kafka::ControllerRegistrationRequest>(1);
  REQUIRE(request);
  CHECK(request->controller_id == 1);
  CHECK(request->listeners.at(0).name == "CONTROLLER");
  lab.ask_as(1, *request, 0);
  CHECK(lab.committed().controllers().at(1).incarnation_id == request->incarnation_id);
  CHECK(lab.records().back() ==
        R"(RegisterControllerRecord {"controllerId":1,"incarnationId":")" +
            request->incarnation_id.to_string() +
            R"(","zkMigrationReady":false,"endPoints":[{"name":"CONTROLLER","host":"kafka1","port":9093,)"
            R"("securityProtocol":0}],"features":[{"name":"metadata.version","minSupportedVersion":7,)"
            R"("maxSupportedVersion":30},{"name":"eligible.leader.replicas.version",)"
            R"("minSupportedVersion":0,"maxSupportedVersion":1}]})");
}

TEST_CASE("controller: an answer leaves when its records are committed, not before") {
  ControllerUnderTest lab;
  lab.start_broker(1);
  lab.flushes_by_itself = false;
  CHECK_FALSE(lab.ask_as(1, create("orders"), 7));
  CHECK(lab.committed().topic("orders") == nullptr);
  lab.finish_flushes();
  const auto response = lab.answer_to<kafka::CreateTopicsResponse>(1, create_topics, 7);
  REQUIRE(response);
  CHECK(response->topics[0].error_code == 0);
  CHECK(lab.committed().topic("orders") != nullptr);
}

TEST_CASE("controller: a decision sees what was decided before it, committed or not") {
  ControllerUnderTest lab;
  lab.start_broker(1);
  lab.flushes_by_itself = false;
  CHECK_FALSE(lab.ask_as(1, create("orders"), 7));
  // The refusal has no records of its own, but it was decided from what is not committed: it waits as well.
  CHECK_FALSE(lab.ask_as(2, create("orders"), 7));
  lab.finish_flushes();
  CHECK(lab.answer_to<kafka::CreateTopicsResponse>(1, create_topics, 7)->topics[0].error_code == 0);
  CHECK(lab.answer_to<kafka::CreateTopicsResponse>(2, create_topics, 7)->topics[0].error_code ==
        to_int16(ErrorCode::topic_already_exists));
}

TEST_CASE("controller: an idle one writes a NoOpRecord each metadata.max.idle.interval.ms") {
  ControllerUnderTest lab;
  lab.wait(milliseconds(499));
  CHECK(lab.records().size() == 5);
  lab.wait(milliseconds(1));
  CHECK(lab.records().back() == "NoOpRecord {}");
  lab.wait(milliseconds(1000));
  CHECK(lab.records().size() == 8);
}

TEST_CASE("controller: a broker whose heartbeats stop is fenced, and its partitions get other leaders") {
  ControllerUnderTest lab;
  lab.start_broker(1);
  lab.start_broker(2);
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  topic.assignments.push_back({.partition_index = 0, .broker_ids = {1, 2}});
  lab.ask_as(1, request, 7);
  lab.forget_events();
  for (int beat = 0; beat < 5; ++beat) {
    lab.wait(milliseconds(250));
    lab.heartbeat(2);
  }
  CHECK(lab.committed().partition("orders", 0)->leader == 1);
  lab.wait(milliseconds(250));
  CHECK(lab.committed().partition("orders", 0)->leader == 2);
  CHECK(lab.committed().partition("orders", 0)->isr == std::vector<int32_t>{2});
  CHECK(lab.committed().broker(1)->fenced);

  const auto partitions = lab.events<event::PartitionChanged>();
  REQUIRE(partitions.size() == 1);
  CHECK(partitions[0].decided);
  CHECK(partitions[0].reason == "broker_fenced");
  CHECK(partitions[0].leader == 2);
  const auto brokers = lab.events<event::BrokerStateChanged>();
  REQUIRE(brokers.size() == 1);
  CHECK(brokers[0].state == "fenced");
  CHECK(brokers[0].reason == "session timeout");
}

TEST_CASE("controller: producer ids come in blocks of a thousand, to registered brokers only") {
  ControllerUnderTest lab;
  lab.start_broker(1);
  kafka::AllocateProducerIdsRequest request;
  request.broker_id = 1;
  request.broker_epoch = lab.committed().broker(1)->epoch;
  auto answer = lab.ask_as(1, request, 0);
  REQUIRE(answer);
  CHECK(answer->producer_id_start == 0);
  CHECK(answer->producer_id_len == 1000);
  answer = lab.ask_as(1, request, 0);
  REQUIRE(answer);
  CHECK(answer->producer_id_start == 1000);
  CHECK(lab.committed().next_producer_id() == 2000);
  request.broker_epoch -= 1;
  const auto refused = lab.ask_as(1, request, 0);
  REQUIRE(refused);
  CHECK(refused->error_code == to_int16(ErrorCode::stale_broker_epoch));
}

TEST_CASE("controller: a request in an envelope is answered in one, under its own header") {
  ControllerUnderTest lab;
  lab.start_broker(1);
  const auto wrapped = lab.ask_as(1, envelope(create("orders"), 7), 0);
  REQUIRE(wrapped);
  CHECK(wrapped->error_code == 0);
  REQUIRE(wrapped->response_data);
  Bytes body;
  const auto correlation = kafka::decode_response_header(*wrapped->response_data, create_topics, 7, body);
  REQUIRE(correlation.ok());
  CHECK(*correlation == 77);
  const auto response = kafka::decode<kafka::CreateTopicsResponse>(body, 7);
  REQUIRE(response.ok());
  CHECK(response->topics[0].name == "orders");
  CHECK(response->topics[0].error_code == 0);
}

TEST_CASE("controller: an envelope around what clients may not send, or around nothing, is refused") {
  ControllerUnderTest lab;
  const auto inner = lab.ask_as(1, envelope(ControllerUnderTest::registration(1), 4), 0);
  REQUIRE(inner);
  CHECK(inner->error_code == to_int16(ErrorCode::invalid_request));
  const auto empty = lab.ask_as(2, kafka::EnvelopeRequest{}, 0);
  REQUIRE(empty);
  CHECK(empty->error_code == to_int16(ErrorCode::invalid_request));
}

TEST_CASE("controller: one that is not active says so, in an envelope as a whole") {
  // As recorded in golden/wire/inter-broker.jsonl: BrokerRegistration 41, Envelope {null, 41}.
  ControllerUnderTest lab(3);
  CHECK_FALSE(lab.is_active());
  const auto registration = lab.ask_as(1, ControllerUnderTest::registration(1), 4);
  REQUIRE(registration);
  CHECK(registration->error_code == to_int16(ErrorCode::not_controller));
  CHECK(registration->broker_epoch == -1);
  const auto create_answer = lab.ask_as(2, create("orders"), 7);
  REQUIRE(create_answer);
  CHECK(create_answer->topics[0].error_code == to_int16(ErrorCode::not_controller));
  CHECK(create_answer->topics[0].error_message == "No controller appears to be active.");
  const auto wrapped = lab.ask_as(3, envelope(create("orders"), 7), 0);
  REQUIRE(wrapped);
  CHECK_FALSE(wrapped->response_data);
  CHECK(wrapped->error_code == to_int16(ErrorCode::not_controller));
  const auto describe = lab.ask_as(
      4,
      envelope(about_quorum<kafka::DescribeQuorumRequest>(kafka::DescribeQuorumRequest::PartitionData{}), 2),
      0);
  REQUIRE(describe);
  CHECK(describe->error_code == to_int16(ErrorCode::not_controller));
}

TEST_CASE("controller: it is active once LeaderChange of its epoch is committed, not when it is elected") {
  ControllerUnderTest lab(3);
  lab.become_leader();
  CHECK_FALSE(lab.is_active());
  lab.fetch(2, 1, 1, 1, 0);
  CHECK(lab.is_active());
  CHECK(lab.raft().log_end_offset() == 6);  // the bootstrap records follow
}

TEST_CASE("controller: when leadership is lost, what waits fails, and what was not committed is forgotten") {
  ControllerUnderTest lab(3);
  lab.become_leader();
  lab.fetch(2, 1, 1, 1, 0);
  CHECK_FALSE(lab.ask_as(1, ControllerUnderTest::registration(1), 4));
  lab.fetch(2, 1, lab.raft().log_end_offset(), 1, 0);  // committed
  lab.look();
  const auto registered = lab.answer_to<kafka::BrokerRegistrationResponse>(1, 62, 4);
  REQUIRE(registered);
  CHECK(registered->error_code == 0);
  CHECK_FALSE(lab.ask_as(2, ControllerUnderTest::registration(2), 4));  // never committed

  lab.begin_epoch(3, 2);
  CHECK_FALSE(lab.is_active());
  const auto failed = lab.answer_to<kafka::BrokerRegistrationResponse>(2, 62, 4);
  REQUIRE(failed);
  CHECK(failed->error_code == to_int16(ErrorCode::not_controller));
  CHECK(failed->broker_epoch == -1);
  CHECK(lab.committed().broker(1) != nullptr);
  CHECK(lab.committed().broker(2) == nullptr);
}

TEST_CASE("controller: a standby replays to the image that the active one decided") {
  ControllerUnderTest leader(3);
  leader.become_leader();
  leader.fetch(2, 1, 1, 1, 0);
  for (const int32_t id : {1, 2, 3}) leader.ask_as(id, ControllerUnderTest::registration(id), 4);
  leader.ask_as(1, create("orders"), 7);
  const auto records = leader.fetch(2, 1, 0, 0, 0)->records;
  leader.fetch(2, 1, leader.raft().log_end_offset(), 1, 0);
  leader.look();

  ControllerUnderTest standby(3);
  standby.begin_epoch(2, 1);  // seen from there, voter 2 leads
  standby.reply_fetch(2, 1, {flat(*records)}, leader.raft().high_watermark());
  standby.look();
  CHECK(standby.committed() == leader.committed());
  CHECK(standby.committed().brokers().size() == 3);
}

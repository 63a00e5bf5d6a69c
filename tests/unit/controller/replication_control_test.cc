// Topics and partitions: creating them in Kafka's words, and every check of AlterPartition.
#include "sim/controller/kraft/replication_control.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "sim/controller/kraft/config_control.h"
#include "sim/controller/kraft/leader_election.h"
#include "sim/controller/kraft/replica_placer.h"
#include "tests/unit/controller/decided_cluster.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

struct Refused {
  ErrorCode code;
  std::string message;
  friend bool operator==(const Refused&, const Refused&) = default;
};

Refused refused(const kafka::CreateTopicsResponse::CreatableTopicResult& result) {
  return {kafka::error_from(result.error_code), result.error_message.value_or("(null)")};
}

DecidedCluster three_brokers() {
  DecidedCluster lab;
  lab.start_brokers(3);
  return lab;
}

/// Three brokers and the topic orders, whose only partition broker 1 leads, with all in sync.
DecidedCluster with_orders() {
  DecidedCluster lab = three_brokers();
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}}));
  return lab;
}

}  // namespace

TEST_CASE("create topics: the records are the recorded ones") {
  // golden/logs/clean-__cluster_metadata-0.txt, offsets 32 to 39.
  DecidedCluster lab = three_brokers();
  kafka::CreateTopicsRequest request;
  request.topics.push_back(DecidedCluster::assigned("orders", {{2, 3, 1}, {3, 1, 2}}));
  request.topics[0].configs.push_back({.name = "index.interval.bytes", .value = "512"});
  const auto result = lab.replication.create_topics(lab.image, request);
  REQUIRE(result.records.size() == 4);
  const Uuid id = result.response.topics[0].topic_id;
  const auto with_id = [&](std::string text) { return text.replace(text.find("ID"), 2, id.to_string()); };
  CHECK(kafka::to_json(result.records[0], 0) == with_id(R"({"name":"orders","topicId":"ID"})"));
  CHECK(kafka::to_json(result.records[1], 0) ==
        R"({"resourceType":2,"resourceName":"orders","name":"index.interval.bytes","value":"512"})");
  const std::string directories = R"("directories":[")" + directory_of(2).to_string() + R"(",")" +
                                  directory_of(3).to_string() + R"(",")" + directory_of(1).to_string() +
                                  R"("]})";
  CHECK(kafka::to_json(result.records[2], 2) ==
        with_id(R"({"partitionId":0,"topicId":"ID","replicas":[2,3,1],"isr":[2,3,1],"removingReplicas":[],)"
                R"("addingReplicas":[],"leader":2,"leaderEpoch":0,"partitionEpoch":0,)") +
            directories);
  CHECK(name_of(result.records[3]) == "PartitionRecord");
}

TEST_CASE("create topics: partitions are striped over the brokers from a random one on") {
  DecidedCluster lab = three_brokers();
  const auto result = lab.create(DecidedCluster::topic("orders", 3, 3));
  CHECK(result.num_partitions == 3);
  CHECK(result.replication_factor == 3);
  std::set<int32_t> leaders;
  for (int32_t number = 0; number < 3; ++number) {
    const PartitionRegistration& partition = lab.partition("orders", number);
    leaders.insert(partition.leader);
    // The next two of the circle 1, 2, 3.
    CHECK(partition.replicas[1] == partition.replicas[0] % 3 + 1);
    CHECK(partition.replicas[2] == partition.replicas[1] % 3 + 1);
    CHECK(partition.isr == partition.replicas);
    CHECK(partition.leader == partition.replicas[0]);
  }
  CHECK(leaders == std::set<int32_t>{1, 2, 3});
}

TEST_CASE("create topics: many partitions stay even, however the circle is shuffled") {
  DecidedCluster lab;
  lab.start_brokers(4);
  Random random(3);
  std::map<int32_t, int> leads;
  std::map<int32_t, int> holds;
  for (const Ids& replicas : place_replicas(lab.image, 40, 2, random)) {
    ++leads[replicas[0]];
    CHECK(replicas[0] != replicas[1]);
    for (const int32_t broker : replicas) ++holds[broker];
  }
  for (int32_t broker = 1; broker <= 4; ++broker) {
    CHECK(leads[broker] == 10);
    CHECK(holds[broker] >= 15);
    CHECK(holds[broker] <= 25);
  }
}

TEST_CASE("create topics: a fenced broker gets replicas, comes last, and is not in sync") {
  DecidedCluster lab = three_brokers();
  lab.fence(2);
  CHECK(lab.create(DecidedCluster::topic("orders", 6, 3)).error_code == 0);
  for (int32_t number = 0; number < 6; ++number) {
    CHECK(lab.partition("orders", number).replicas[2] == 2);
    CHECK(lab.partition("orders", number).isr.size() == 2);
  }
}

TEST_CASE("create topics: defaults are num.partitions and default.replication.factor") {
  DecidedCluster lab = three_brokers();
  const auto result = lab.create(DecidedCluster::topic("orders"));
  CHECK(result.num_partitions == 3);
  CHECK(result.replication_factor == 3);
}

TEST_CASE("create topics: what is refused, in Kafka's words") {
  DecidedCluster lab = with_orders();
  const auto create = [&](kafka::CreateTopicsRequest::CreatableTopic topic) {
    return refused(lab.create(topic));
  };
  CHECK(create(DecidedCluster::topic("orders")) ==
        Refused{ErrorCode::topic_already_exists, "Topic 'orders' already exists."});
  CHECK(create(DecidedCluster::topic("bad name!")) ==
        Refused{ErrorCode::invalid_topic_exception,
                "Topic name is invalid: 'bad name!' contains one or more characters other than ASCII "
                "alphanumerics, "
                "'.', '_' and '-'"});
  CHECK(create(DecidedCluster::topic("..")) ==
        Refused{ErrorCode::invalid_topic_exception, "Topic name is invalid: '..' is not allowed"});
  CHECK(
      create(DecidedCluster::topic("")) ==
      Refused{ErrorCode::invalid_topic_exception, "Topic name is invalid: the empty string is not allowed"});
  const std::string longest(250, 'x');
  CHECK(create(DecidedCluster::topic(longest)) ==
        Refused{ErrorCode::invalid_topic_exception, "Topic name is invalid: the length of '" + longest +
                                                        "' is longer than the max allowed length 249"});
  lab.create(DecidedCluster::topic("a.b", 1, 1));
  CHECK(create(DecidedCluster::topic("a_b")) ==
        Refused{ErrorCode::invalid_topic_exception, "Topic 'a_b' collides with existing topic: a.b"});
  CHECK(create(DecidedCluster::topic("x", 0)) ==
        Refused{ErrorCode::invalid_partitions,
                "Number of partitions was set to an invalid non-positive value."});
  CHECK(create(DecidedCluster::topic("x", 1, 0)) ==
        Refused{ErrorCode::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value."});
  CHECK(
      create(DecidedCluster::topic("x", 1, 9)) ==
      Refused{
          ErrorCode::invalid_replication_factor,
          "Unable to replicate the partition 9 time(s): The target replication factor of 9 cannot be reached "
          "because only 3 broker(s) are registered or some brokers have all their log directories "
          "cordoned."});
  CHECK(create(DecidedCluster::topic("x", 2'000'000'000, 1)).code == ErrorCode::policy_violation);
  CHECK(create(DecidedCluster::assigned("x", {{1, 9}})) ==
        Refused{ErrorCode::invalid_replica_assignment,
                "The manual partition assignment includes broker 9, but no such broker is registered."});
  CHECK(create(DecidedCluster::assigned("x", {{1, 1}})) ==
        Refused{ErrorCode::invalid_replica_assignment,
                "The manual partition assignment includes the broker 1 more than once."});
  CHECK(create(DecidedCluster::assigned("x", {{1, 2}, {3}})).code == ErrorCode::invalid_replica_assignment);
  auto with_config = DecidedCluster::topic("x", 1, 1);
  with_config.configs.push_back({.name = "no.such.config", .value = "1"});
  CHECK(create(with_config) ==
        Refused{ErrorCode::invalid_config, "Unknown topic config name: no.such.config"});
  with_config.configs[0] = {.name = "segment.bytes", .value = "16384"};
  CHECK(create(with_config) ==
        Refused{ErrorCode::invalid_config,
                "Invalid value 16384 for configuration segment.bytes: Value must be at least 1048576"});
  CHECK(create(DecidedCluster::topic("__cluster_metadata")).code == ErrorCode::topic_authorization_failed);
  CHECK(lab.image.topic("x") == nullptr);
}

TEST_CASE("create topics: the same name twice in a request is answered once") {
  DecidedCluster lab = three_brokers();
  kafka::CreateTopicsRequest request;
  request.topics = {DecidedCluster::topic("twice", 1, 1), DecidedCluster::topic("twice", 1, 1)};
  const auto result = lab.replication.create_topics(lab.image, request);
  REQUIRE(result.response.topics.size() == 1);
  CHECK(refused(result.response.topics[0]) == Refused{ErrorCode::invalid_request, "Duplicate topic name."});
  CHECK(result.records.empty());
}

TEST_CASE("create topics: validate only answers as if, and writes nothing") {
  DecidedCluster lab = three_brokers();
  kafka::CreateTopicsRequest request;
  request.topics = {DecidedCluster::topic("orders", 1, 1)};
  request.validate_only = true;
  const auto result = lab.replication.create_topics(lab.image, request);
  CHECK(result.response.topics[0].error_code == 0);
  CHECK_FALSE(result.response.topics[0].error_message);
  CHECK(result.records.empty());
}

TEST_CASE("create topics: without a living broker there is nowhere to go") {
  DecidedCluster lab = three_brokers();
  for (const int32_t id : {1, 2, 3}) lab.fence(id);
  CHECK(refused(lab.create(DecidedCluster::topic("x", 1, 1))) ==
        Refused{ErrorCode::invalid_replication_factor,
                "Unable to replicate the partition 1 time(s): All brokers are currently fenced."});
}

TEST_CASE("delete topics: by name and by id; its settings go with it") {
  DecidedCluster lab = three_brokers();
  auto topic = DecidedCluster::topic("orders", 1, 1);
  topic.configs.push_back({.name = "segment.bytes", .value = "1048576"});
  lab.create(topic);
  lab.create(DecidedCluster::topic("clicks", 1, 1));
  kafka::DeleteTopicsRequest request;
  request.topic_names = {"orders", "none"};
  const auto by_name = lab.apply(lab.replication.delete_topics(lab.image, request, 5));
  CHECK(by_name.responses[0].error_code == 0);
  CHECK(by_name.responses[1].error_code == to_int16(ErrorCode::unknown_topic_or_partition));
  CHECK(lab.image.topic("orders") == nullptr);
  CHECK(lab.image.config({ConfigResource::topic, "orders"}).empty());

  request = {};
  request.topics.resize(2);
  request.topics[0].topic_id = lab.image.topic("clicks")->id;
  request.topics[1].topic_id = Uuid{4, 4};
  const auto by_id = lab.apply(lab.replication.delete_topics(lab.image, request, 6));
  CHECK(by_id.responses[0].name == "clicks");
  CHECK(by_id.responses[0].error_code == 0);
  CHECK(by_id.responses[1].error_code == to_int16(ErrorCode::unknown_topic_id));
  CHECK(lab.image.topics().empty());
}

TEST_CASE("create partitions: more of them, never fewer, in Kafka's words") {
  DecidedCluster lab = three_brokers();
  lab.create(DecidedCluster::topic("orders", 6, 2));
  const auto grow = [&](const std::string& name, int32_t count) {
    kafka::CreatePartitionsRequest request;
    request.topics.push_back({.name = name, .count = count, .assignments = std::nullopt});
    return lab.apply(lab.replication.create_partitions(lab.image, request)).results.at(0);
  };
  CHECK(grow("orders", 6).error_message == "Topic already has 6 partition(s).");
  CHECK(grow("orders", 3).error_message ==
        "The topic orders currently has 6 partition(s); 3 would not be an increase.");
  CHECK(grow("none", 3).error_code == to_int16(ErrorCode::unknown_topic_or_partition));
  CHECK(grow("orders", 8).error_code == 0);
  CHECK(lab.image.topic("orders")->partitions.size() == 8);
  CHECK(lab.partition("orders", 7).replicas.size() == 2);
}

// ---- AlterPartition: one story for each check, in Kafka's order
// -------------------------------------------------

TEST_CASE("alter partition: the leader shrinks and expands the ISR; only the partition epoch grows") {
  DecidedCluster lab = with_orders();
  const auto shrunk = lab.alter(lab.isr_change("orders", {1, 2}));
  CHECK(shrunk.error_code == 0);
  CHECK(shrunk.isr == Ids{1, 2});
  CHECK(shrunk.partition_epoch == 1);
  CHECK(shrunk.leader_epoch == 0);
  CHECK(lab.partition("orders").isr == Ids{1, 2});
  const auto grown = lab.alter(lab.isr_change("orders", {1, 2, 3}));
  CHECK(grown.partition_epoch == 2);
  CHECK(lab.partition("orders").leader_epoch == 0);
  CHECK(lab.partition("orders").partition_epoch == 2);
}

TEST_CASE("alter partition: asking for what is already so changes nothing") {
  DecidedCluster lab = with_orders();
  const auto result = lab.replication.alter_partition(lab.image, lab.isr_change("orders", {1, 2, 3}), 3);
  CHECK(result.records.empty());
  CHECK(result.response.topics[0].partitions[0].error_code == 0);
  CHECK(result.response.topics[0].partitions[0].partition_epoch == 0);
}

TEST_CASE("alter partition: a sender with a stale broker epoch is refused as a whole: STALE_BROKER_EPOCH") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1, 2});
  request.broker_epoch -= 1;
  const auto result = lab.replication.alter_partition(lab.image, request, 3);
  CHECK(result.response.error_code == to_int16(ErrorCode::stale_broker_epoch));
  CHECK(result.response.topics.empty());
}

TEST_CASE("alter partition: an unknown topic id, an unknown partition") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1, 2});
  request.topics[0].partitions[0].partition_index = 7;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::unknown_topic_or_partition));
  request.topics[0].topic_id = Uuid{3, 3};
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::unknown_topic_id));
}

TEST_CASE(
    "alter partition: a sender that knows a later epoch talks to the wrong controller: NOT_CONTROLLER") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1, 2});
  request.topics[0].partitions[0].leader_epoch += 1;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::not_controller));
  request = lab.isr_change("orders", {1, 2});
  request.topics[0].partitions[0].partition_epoch += 1;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::not_controller));
}

TEST_CASE("alter partition: a sender with an old leader epoch: FENCED_LEADER_EPOCH") {
  DecidedCluster lab = with_orders();
  const auto request = lab.isr_change("orders", {1, 2});
  lab.fence(1);  // now 2 leads, in epoch 1
  lab.heartbeat(1);
  auto late = request;
  late.broker_epoch = lab.image.broker(1)->epoch;
  CHECK(lab.alter(late).error_code == to_int16(ErrorCode::fenced_leader_epoch));
}

TEST_CASE("alter partition: a sender that does not lead: INVALID_REQUEST") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1, 2});
  request.broker_id = 2;
  request.broker_epoch = lab.image.broker(2)->epoch;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::invalid_request));
}

TEST_CASE("alter partition: an old partition epoch: INVALID_UPDATE_VERSION") {
  DecidedCluster lab = with_orders();
  const auto request = lab.isr_change("orders", {1, 2});
  lab.alter(lab.isr_change("orders", {1, 3}));
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::invalid_update_version));
  CHECK(lab.partition("orders").isr == Ids{1, 3});
}

TEST_CASE(
    "alter partition: an ISR that is empty, repeats, leaves out the leader, or holds a stranger: "
    "INVALID_REQUEST") {
  DecidedCluster lab = with_orders();
  lab.register_broker(4);
  lab.heartbeat(4);
  for (const Ids& isr : {Ids{}, Ids{1, 1, 2}, Ids{2, 3}, Ids{1, 4}}) {
    CHECK(lab.alter(lab.isr_change("orders", isr)).error_code == to_int16(ErrorCode::invalid_request));
  }
}

TEST_CASE(
    "alter partition: recovering cannot be claimed, nor an ISR of several while recovering: "
    "INVALID_REQUEST") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1});
  request.topics[0].partitions[0].leader_recovery_state = 1;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::invalid_request));
  request = lab.isr_change("orders", {1, 2});
  request.topics[0].partitions[0].leader_recovery_state = 1;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::invalid_request));
}

TEST_CASE(
    "alter partition: a member that is fenced, shutting down, or another incarnation: INELIGIBLE_REPLICA") {
  DecidedCluster lab = with_orders();
  lab.alter(lab.isr_change("orders", {1, 2}));
  lab.fence(3);
  CHECK(lab.alter(lab.isr_change("orders", {1, 2, 3})).error_code == to_int16(ErrorCode::ineligible_replica));
  lab.heartbeat(3);
  auto request = lab.isr_change("orders", {1, 2, 3});
  request.topics[0].partitions[0].new_isr_with_epochs[2].broker_epoch -= 1;
  CHECK(lab.alter(request).error_code == to_int16(ErrorCode::ineligible_replica));
  request.topics[0].partitions[0].new_isr_with_epochs[2].broker_epoch = -1;  // the leader does not know it
  CHECK(lab.alter(request).error_code == 0);
}

TEST_CASE("alter partition: of several faults the first in Kafka's order is told") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {1, 3});
  lab.fence(1);
  lab.heartbeat(1);  // 2 leads in epoch 1 now
  request.broker_epoch = lab.image.broker(1)->epoch;
  auto& asked = request.topics[0].partitions[0];
  const auto error = [&] { return kafka::error_from(lab.alter(request).error_code); };
  asked.new_isr_with_epochs = {
      {.broker_id = 3, .broker_epoch = 1}};  // without the leader, another incarnation
  asked.partition_epoch += 9;
  CHECK(error() == ErrorCode::not_controller);
  asked.partition_epoch -= 9;
  CHECK(error() == ErrorCode::fenced_leader_epoch);
  asked.leader_epoch = lab.partition("orders").leader_epoch;
  CHECK(error() == ErrorCode::invalid_request);  // it does not lead
  request.broker_id = 2;
  request.broker_epoch = lab.image.broker(2)->epoch;
  CHECK(error() == ErrorCode::invalid_update_version);
  asked.partition_epoch = lab.partition("orders").partition_epoch;
  CHECK(error() == ErrorCode::invalid_request);  // the leader is left out
  asked.new_isr_with_epochs.push_back({.broker_id = 2, .broker_epoch = lab.image.broker(2)->epoch});
  CHECK(error() == ErrorCode::ineligible_replica);
}

TEST_CASE("alter partition: version 2 carries plain ids") {
  DecidedCluster lab = with_orders();
  auto request = lab.isr_change("orders", {});
  request.topics[0].partitions[0].new_isr = {1, 3};
  CHECK(lab.alter(request, 2).isr == Ids{1, 3});
}

TEST_CASE("alter partition: a recovered leader says so, and that is written") {
  DecidedCluster lab = three_brokers();
  auto topic = DecidedCluster::assigned("clicks", {{1, 2}});
  topic.configs.push_back({.name = "unclean.leader.election.enable", .value = "true"});
  lab.create(topic);
  lab.fence(2);
  lab.heartbeat(2);
  lab.fence(1);
  REQUIRE(lab.partition("clicks").leader == 2);
  REQUIRE(lab.partition("clicks").leader_recovery_state == LeaderRecoveryState::recovering);
  CHECK(lab.alter(lab.isr_change("clicks", {2})).error_code == 0);
  CHECK(lab.partition("clicks").leader_recovery_state == LeaderRecoveryState::recovered);
}

// ---- ElectLeaders -----------------------------------------------------------------------------------------

TEST_CASE("elect leaders: the preferred one, if it is in sync and alive") {
  DecidedCluster lab = with_orders();
  const auto elect = [&](int8_t type) {
    kafka::ElectLeadersRequest request;
    request.election_type = type;
    request.topic_partitions.emplace();
    request.topic_partitions->push_back({.topic = "orders", .partitions = {0}});
    const auto response = lab.apply(elect_leaders(lab.image, lab.settings, request));
    return kafka::error_from(response.replica_election_results.at(0).partition_result.at(0).error_code);
  };
  CHECK(elect(0) == ErrorCode::election_not_needed);
  lab.fence(1);
  CHECK(elect(0) == ErrorCode::preferred_leader_not_available);
  lab.heartbeat(1);
  CHECK(elect(0) == ErrorCode::preferred_leader_not_available);  // alive, but not in sync yet
  lab.alter(lab.isr_change("orders", {1, 2, 3}));
  CHECK(elect(0) == ErrorCode::none);
  CHECK(lab.partition("orders").leader == 1);
  CHECK(lab.partition("orders").leader_epoch == 2);
  CHECK(elect(1) == ErrorCode::election_not_needed);

  kafka::ElectLeadersRequest all;
  all.topic_partitions = std::nullopt;
  // Of all partitions only those are told that needed one.
  CHECK(elect_leaders(lab.image, lab.settings, all).response.replica_election_results.empty());
}

TEST_CASE("elect leaders: unclean brings a living replica back that was not in sync") {
  DecidedCluster lab = with_orders();
  for (const int32_t id : {2, 3, 1}) lab.fence(id);
  lab.heartbeat(3);
  REQUIRE(lab.partition("orders").leader == no_leader);
  kafka::ElectLeadersRequest request;
  request.election_type = 1;
  request.topic_partitions = std::nullopt;
  lab.apply(elect_leaders(lab.image, lab.settings, request));
  CHECK(lab.partition("orders").leader == 3);
  CHECK(lab.partition("orders").isr == Ids{3});
}

// ---- Settings of topics -----------------------------------------------------------------------------------

TEST_CASE("alter configs: set, remove, and refuse") {
  DecidedCluster lab = with_orders();
  const auto alter = [&](const std::string& name, int8_t operation, std::optional<std::string> value,
                         const std::string& topic = "orders") {
    kafka::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = ConfigResource::topic;
    resource.resource_name = topic;
    resource.configs.push_back({.name = name, .config_operation = operation, .value = std::move(value)});
    return lab.apply(alter_configs(lab.image, Settings{}, request)).responses.at(0);
  };
  CHECK(alter("min.insync.replicas", 0, "2").error_code == 0);
  CHECK(lab.image.config({ConfigResource::topic, "orders"}).at("min.insync.replicas") == "2");
  CHECK(alter("min.insync.replicas", 0, "0").error_message ==
        "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1");
  CHECK(alter("min.insync.replicas", 0, "two").error_message ==
        "Invalid value two for configuration min.insync.replicas: Not a number of type INT");
  CHECK(alter("no.such", 0, "1").error_message == "Unknown topic config name: no.such");
  CHECK(alter("min.insync.replicas", 0, "2", "none").error_code ==
        to_int16(ErrorCode::unknown_topic_or_partition));
  CHECK(alter("compression.type", 0, "zstd").error_code == 0);
  CHECK(alter("compression.type", 1, std::nullopt).error_code == 0);
  CHECK(alter("compression.type", 0, "brotli").error_message ==
        "Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, "
        "lz4, snappy, gzip, producer");
  CHECK(alter("min.insync.replicas", 1, std::nullopt).error_code == 0);
  CHECK(lab.image.config({ConfigResource::topic, "orders"}).empty());
}

TEST_CASE("alter configs: lists, numbers between 0 and 1, and words added to a list or taken out of it") {
  DecidedCluster lab = with_orders();
  const auto alter = [&](const std::string& name, int8_t operation, std::optional<std::string> value) {
    kafka::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = ConfigResource::topic;
    resource.resource_name = "orders";
    resource.configs.push_back({.name = name, .config_operation = operation, .value = std::move(value)});
    return lab.apply(alter_configs(lab.image, Settings{}, request)).responses.at(0);
  };
  const auto policy = [&] {
    return lab.image.config({ConfigResource::topic, "orders"}).at("cleanup.policy");
  };
  constexpr int8_t set = 0, append = 2, subtract = 3;
  CHECK(alter("cleanup.policy", append, "compact").error_code == 0);
  CHECK(policy() == "delete,compact");  // the default counts as what was there
  CHECK(alter("cleanup.policy", append, "compact").error_code == 0);
  CHECK(policy() == "delete,compact");
  CHECK(alter("cleanup.policy", subtract, "delete").error_code == 0);
  CHECK(policy() == "compact");
  CHECK(alter("cleanup.policy", set, "compact, delete").error_code == 0);
  CHECK(alter("cleanup.policy", append, "shred").error_message ==
        "Invalid value compact,delete,shred for configuration cleanup.policy: String must be one of: "
        "compact, delete");
  CHECK(alter("retention.ms", append, "1").error_message ==
        "Can't APPEND to key retention.ms because its type is not LIST.");
  CHECK(alter("min.cleanable.dirty.ratio", set, "0.25").error_code == 0);
  CHECK(alter("min.cleanable.dirty.ratio", set, "1.5").error_message ==
        "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1");
  CHECK(alter("min.cleanable.dirty.ratio", set, "-0.5").error_message ==
        "Invalid value -0.5 for configuration min.cleanable.dirty.ratio: Value must be at least 0");
  CHECK(alter("min.cleanable.dirty.ratio", set, "half").error_message ==
        "Invalid value half for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE");
  CHECK(alter("segment.bytes", set, "1048575").error_message ==
        "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576");
  CHECK(alter("internal.segment.bytes", set, "100").error_code == 0);
  CHECK(alter("max.compaction.lag.ms", set, "50").error_code == 0);
  CHECK(alter("min.compaction.lag.ms", set, "100").error_message ==
        "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (50)");
  CHECK(alter("min.compaction.lag.ms", set, "50").error_code == 0);
}

TEST_CASE("alter configs: of a broker and of all, what is a default for topics; the rest in Kafka's words") {
  DecidedCluster lab = with_orders();
  const auto alter = [&](const std::string& broker, const std::string& name, int8_t operation,
                         std::optional<std::string> value) {
    kafka::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = ConfigResource::broker;
    resource.resource_name = broker;
    resource.configs.push_back({.name = name, .config_operation = operation, .value = std::move(value)});
    return lab.apply(alter_configs(lab.image, Settings{}, request)).responses.at(0);
  };
  CHECK(alter("", "message.max.bytes", 0, "2000000").error_code == 0);
  CHECK(lab.image.config({ConfigResource::broker, ""}).at("message.max.bytes") == "2000000");
  CHECK(alter("1", "message.max.bytes", 0, "3000000").error_code == 0);
  CHECK(alter("", "message.max.bytes", 1, std::nullopt).error_code == 0);
  CHECK(lab.image.config({ConfigResource::broker, ""}).empty());
  CHECK(lab.image.config({ConfigResource::broker, "1"}).at("message.max.bytes") == "3000000");
  const auto fixed = alter("1", "num.partitions", 0, "9");
  CHECK(fixed.error_code == to_int16(ErrorCode::invalid_request));
  CHECK(fixed.error_message == "Cannot update these configs dynamically: [num.partitions]");
  CHECK(alter("9", "message.max.bytes", 0, "9").error_code == to_int16(ErrorCode::broker_id_not_registered));
  CHECK(alter("1", "message.max.bytes", 0, "-1").error_code == to_int16(ErrorCode::invalid_config));
}

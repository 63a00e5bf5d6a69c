// Names of topics become names of folders: none of them may lead out of a broker's data folder.
#include <algorithm>

#include "sim/wire/kafka/03_metadata.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

const std::vector<std::string> hostile_names = {"..",
                                                ".",
                                                "../orders",
                                                "../../etc/passwd",
                                                "/etc/passwd",
                                                "orders/../..",
                                                "a/b",
                                                "a\\b",
                                                "a\n",
                                                std::string("a\0b", 3),
                                                "",
                                                std::string(250, 'a'),
                                                "~",
                                                "$HOME",
                                                "a:b",
                                                "a b",
                                                "\xED\x86\xA0\xED\x94\xBD",
                                                "%2e%2e"};

/// The names of topics that some broker has a replica of.
std::vector<std::string> replicated_topics(ClusterUnderTest& cluster) {
  std::vector<std::string> topics;
  for (int broker = 1; broker <= 3; ++broker) {
    const std::optional<KafkaView> view = cluster.view_of(broker);
    REQUIRE(view);
    for (const ReplicaView& replica : view->replicas) topics.push_back(replica.topic);
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

}  // namespace

TEST_CASE("No name that leads out of the data folder becomes a topic, by creation or by asking for it") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  for (const std::string& name : hostile_names) {
    CAPTURE(name);
    kafka::CreateTopicsRequest create;
    auto& topic = create.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = 1;
    topic.replication_factor = 3;
    CHECK(cluster.ask(1, create, 7).topics.at(0).error_code ==
          to_int16(kafka::ErrorCode::invalid_topic_exception));
    kafka::MetadataRequest metadata;
    metadata.topics.emplace().emplace_back().name = name;
    metadata.allow_auto_topic_creation = true;
    CHECK(cluster.ask(2, metadata, 9).topics.at(0).error_code ==
          to_int16(kafka::ErrorCode::invalid_topic_exception));
  }
  cluster.create_topic("..orders", {{1, 2, 3}});
  cluster.create_topic(std::string(249, 'a'), {{1, 2, 3}});
  cluster.run_for(seconds(1));
  CHECK(replicated_topics(cluster) == std::vector<std::string>{"..orders", std::string(249, 'a')});
}

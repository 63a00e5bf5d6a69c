#include "tests/fuzz/clients.h"

#include <string>
#include <vector>

#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"
#include "sim/tools/tool.h"

namespace brokerlab::fuzz {

std::unique_ptr<Node> make_client(uint8_t which, const Boot& boot) {
  const std::vector<Address> bootstrap = {{"127.0.0.1", bootstrap_port}};
  const std::string server = "127.0.0.1:" + std::to_string(bootstrap_port);
  const auto tool = [&](std::string_view name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--bootstrap-server", server});
    return make_tool(boot, name, arguments);
  };
  switch (which % client_count) {
    case 0: {
      ProducerNodeConfig config;
      config.bootstrap = bootstrap;
      config.topic = "orders";
      config.records_per_second = 5;
      return make_producer_node(boot, config);
    }
    case 1: {
      ConsumerNodeConfig config;
      config.bootstrap = bootstrap;
      config.topic = "orders";
      config.from_beginning = true;
      return make_consumer_node(boot, config);
    }
    case 2:
      return tool("kafka-topics", {"--describe"});
    case 3:
      return tool("kafka-topics", {"--create", "--topic", "payments", "--partitions", "2"});
    case 4:
      return tool("kafka-topics", {"--list"});
    case 5:
      return tool("kafka-broker-api-versions", {});
    case 6:
      return tool("kafka-metadata-quorum", {"describe", "--status"});
    case 7:
      return tool("kafka-console-producer", {"--topic", "orders"});
    default:
      return tool("kafka-console-consumer",
                  {"--topic", "orders", "--partition", "0", "--offset", "earliest", "--max-messages", "3"});
  }
}

}  // namespace brokerlab::fuzz

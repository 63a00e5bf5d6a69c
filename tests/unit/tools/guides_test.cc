// The commands of the guides that use these tools, as the guides write them (names, .sh and addresses apart,
// which are the shell's).
#include <doctest/doctest.h>

#include "sim/shell/transcript.h"
#include "tests/unit/tools/stage.h"

using namespace brokerlab;
using brokerlab::testing::Stage;

namespace {

Stage::Ended run(Stage& stage, std::string_view command, const std::string& input = "") {
  return stage.run(split_command(command, {})->front(), input);
}

size_t lines_with(const std::string& text, std::string_view word) {
  size_t count = 0;
  for (const std::string& line : output_lines(text, ""))
    count += line.find(word) != std::string::npos ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("Topics of the guides are created, listed and described over each listener") {
  Stage stage;
  CHECK(run(stage,
            "kafka-topics --create --bootstrap-server kafka-1:29092 --topic tripclick-logs --partitions 3 "
            "--replication-factor 2")
            .output == "Created topic tripclick-logs.\n");
  CHECK(run(stage, "kafka-topics --bootstrap-server localhost:9092 --list").output == "tripclick-logs\n");
  const auto described =
      run(stage, "kafka-topics --bootstrap-server kafka2:29093 --describe --topic tripclick-logs");
  CHECK(described.status == 0);
  CHECK(lines_with(described.output, "Isr:") == 3);
  CHECK(described.output.find("PartitionCount: 3\tReplicationFactor: 2") != std::string::npos);
  CHECK(run(stage, "kafka-topics --bootstrap-server localhost:9092 --describe --under-replicated-partitions")
            .output.empty());
  const auto versions = run(stage, "kafka-broker-api-versions --bootstrap-server kafka-1:29092");
  CHECK(versions.status == 0);
  CHECK(lines_with(versions.output, "-> (") == 3);
}

TEST_CASE("What the console producer writes, the console consumer reads from a partition") {
  Stage stage;
  run(stage,
      "kafka-topics --bootstrap-server kafka1:29092 --create --topic orders --replica-assignment 1:2:3");
  CHECK(run(stage, "kafka-console-producer --bootstrap-server localhost:9092 --topic orders",
            "{\"order\": 1}\n{\"order\": 2}\n")
            .status == 0);
  const auto read = run(stage,
                        "kafka-console-consumer --bootstrap-server kafka1:29092 --topic orders --partition 0 "
                        "--from-beginning --max-messages 2");
  CHECK(read.output == "{\"order\": 1}\n{\"order\": 2}\n");
  CHECK(read.error == "Processed a total of 2 messages\n");
  SUBCASE("every codec is read back") {
    for (const std::string codec : {"gzip", "snappy", "lz4", "zstd"}) {
      CHECK(run(stage,
                "kafka-console-producer --bootstrap-server localhost:9092 --topic orders "
                "--compression-codec " +
                    codec,
                "x\ny\n")
                .status == 0);
    }
    CHECK(run(stage,
              "kafka-console-consumer --bootstrap-server localhost:9092 --topic orders --partition 0 "
              "--offset 2 "
              "--max-messages 8")
              .output == "x\ny\nx\ny\nx\ny\nx\ny\n");
  }
  SUBCASE("a topic keeps its batches in the codec that it was given") {
    for (const std::string codec : {"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"}) {
      const std::string topic = "in-" + codec;
      CHECK(run(stage, "kafka-topics --bootstrap-server kafka1:29092 --create --topic " + topic +
                           " --config compression.type=" + codec)
                .status == 0);
      CHECK(run(stage, "kafka-topics --bootstrap-server kafka1:29092 --describe --topic " + topic)
                .output.find("Configs: compression.type=" + codec) != std::string::npos);
      run(stage,
          "kafka-console-producer --bootstrap-server localhost:9092 --topic " + topic +
              " --compression-codec lz4",
          "x\ny\n");
      CHECK(run(stage, "kafka-console-consumer --bootstrap-server localhost:9092 --topic " + topic +
                           " --partition 0 --from-beginning --max-messages 2")
                .output == "x\ny\n");
    }
  }
  SUBCASE("a group is not there yet, and the tool says so") {
    const auto refused = run(
        stage, "kafka-console-consumer --bootstrap-server localhost:9092 --topic orders --from-beginning");
    CHECK(refused.status == 1);
    CHECK(lines_with(refused.error, "groups are not there yet") == 1);
  }
}

TEST_CASE("With two of three brokers stopped acks=all is refused, in the words of the recording") {
  // golden/cli/failures/two-of-three-stopped.txt
  Stage stage;
  run(stage,
      "kafka-topics --bootstrap-server kafka1:29092 --create --topic critical-data --replica-assignment "
      "1:2:3 "
      "--config min.insync.replicas=2");
  // kafka1 needs some producer ids of its own: without a quorum nobody gives it any.
  for (int i = 0; i < 8; ++i)
    run(stage, "kafka-console-producer --bootstrap-server localhost:9092 --topic critical-data", "x\n");
  stage.stop(2);
  stage.stop(3);
  const auto refused = run(stage,
                           "kafka-console-producer --bootstrap-server localhost:9092 --topic critical-data "
                           "--producer-property acks=all",
                           "x\n");
  CHECK(refused.status == 0);
  for (const std::string left : {"2", "1", "0"})
    CHECK(lines_with(refused.error, "on topic-partition critical-data-0, retrying (" + left +
                                        " attempts left). Error: NOT_ENOUGH_REPLICAS") == 1);
  CHECK(lines_with(
            refused.error,
            "org.apache.kafka.common.errors.NotEnoughReplicasException: Messages are rejected since there "
            "are fewer in-sync replicas than required.") == 1);
}

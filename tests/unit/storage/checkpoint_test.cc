// The small files of a node, against those that Kafka 4.3.1 left.
#include "sim/storage/checkpoint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "tests/unit/storage/disks.h"
#include "tests/unit/storage/golden_logs.h"

namespace brokerlab {
namespace {

std::string recorded(const std::string& path) { return golden::file(golden::logs() / path); }

void put(Disk& disk, const std::string& path, const std::string& text) {
  REQUIRE(disk.replace_file(path, Bytes::copy_of(text), Durability::cached).ok());
}

std::string sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin() + 2, lines.end());
  std::string sorted;
  for (const std::string& line : lines) sorted += line + '\n';
  return sorted;
}

}  // namespace

TEST_CASE("offset checkpoints have Kafka's lines") {
  for (const std::string_view file :
       {replication_offset_checkpoint, recovery_point_offset_checkpoint, log_start_offset_checkpoint}) {
    const std::string name(file);
    CAPTURE(name);
    SimulatedDisk disk;
    put(disk, name, recorded("clean/" + name));
    const OffsetCheckpoint offsets = read_offset_checkpoint(disk, name).value();
    CHECK(offsets.at({"orders", 2}) == (file == log_start_offset_checkpoint ? 20 : 199));
    REQUIRE(write_offset_checkpoint(disk, name, offsets).ok());
    CHECK(disk.read_file(name).value().text() == sorted_lines(recorded("clean/" + name)));
  }
  SimulatedDisk disk;
  CHECK(read_offset_checkpoint(disk, "missing").status().code == StatusCode::not_found);
  for (const std::string broken :
       {"", "0\n1\n", "0\n1\norders 0\n", "0\n1\norders x 5\n", "0\n1\norders 0 -\n", "0\n1\norders -1 5\n",
        "0\n2\norders 0 5\n", "1\n1\norders 0 5\n"}) {
    CAPTURE(broken);
    put(disk, "broken", broken);
    CHECK(read_offset_checkpoint(disk, "broken").status().code == StatusCode::invalid);
  }
}

TEST_CASE("meta.properties is Kafka's, byte by byte") {
  SimulatedDisk disk;
  put(disk, "meta.properties", recorded("clean/meta.properties"));
  const MetaProperties properties = read_meta_properties(disk).value();
  CHECK(properties.node_id == 1);
  CHECK(properties.cluster_id == "MkU3OEVBNTcwNTJENDM2Qk");
  CHECK(properties.directory_id.to_string() == "f7dYJs66juh5i2NFDz2moA");
  constexpr int64_t sat_nov_21_08_11_16_utc_2026 = 1795248676000;
  REQUIRE(write_meta_properties(disk, properties, sat_nov_21_08_11_16_utc_2026 + 999).ok());
  CHECK(disk.read_file("meta.properties").value().text() == recorded("clean/meta.properties"));

  REQUIRE(write_meta_properties(disk, properties, 951782400000).ok());
  CHECK(disk.read_file("meta.properties").value().text().starts_with("#\n#Tue Feb 29 00:00:00 UTC 2000\n"));
  REQUIRE(write_meta_properties(disk, properties, 0).ok());
  CHECK(disk.read_file("meta.properties").value().text().starts_with("#\n#Thu Jan 01 00:00:00 UTC 1970\n"));
  CHECK(read_meta_properties(disk).value() == properties);

  for (const std::string broken :
       {"", "version=0\nnode.id=1\ncluster.id=x\n", "version=1\ncluster.id=x\n", "version=1\nnode.id=1\n",
        "version=1\nnode.id=-1\ncluster.id=x\n", "version=1\nnode.id=1x\ncluster.id=x\n"}) {
    CAPTURE(broken);
    put(disk, "meta.properties", broken);
    CHECK(read_meta_properties(disk).status().code == StatusCode::invalid);
  }
}

TEST_CASE("the mark of a clean shutdown") {
  SimulatedDisk disk;
  CHECK(read_clean_shutdown(disk).status().code == StatusCode::not_found);
  REQUIRE(write_clean_shutdown(disk, {94}).ok());
  CHECK(disk.read_file(".kafka_cleanshutdown").value().text() == recorded("clean/.kafka_cleanshutdown"));
  CHECK(read_clean_shutdown(disk)->broker_epoch == 94);
  REQUIRE(remove_clean_shutdown(disk).ok());
  CHECK(read_clean_shutdown(disk).status().code == StatusCode::not_found);
  for (const std::string broken :
       {"", "{", "[]", "7", R"({"version":0})", R"({"version":1,"brokerEpoch":94})",
        R"({"version":0,"brokerEpoch":"94"})"}) {
    CAPTURE(broken);
    put(disk, ".kafka_cleanshutdown", broken);
    CHECK(read_clean_shutdown(disk).status().code == StatusCode::invalid);
  }
}

TEST_CASE("partition.metadata") {
  SimulatedDisk disk;
  put(disk, "orders-0/partition.metadata", recorded("clean/orders-0/partition.metadata"));
  const Uuid topic_id = read_partition_metadata(disk, "orders-0").value();
  CHECK(topic_id.to_string() == "QN22nRHkTAq0Eu_-dGapeA");
  REQUIRE(write_partition_metadata(disk, "orders-1", topic_id).ok());
  CHECK(disk.read_file("orders-1/partition.metadata").value().text() ==
        recorded("clean/orders-1/partition.metadata"));
  put(disk, "orders-0/partition.metadata", "version: 0\n");
  CHECK(read_partition_metadata(disk, "orders-0").status().code == StatusCode::invalid);
}

}  // namespace brokerlab

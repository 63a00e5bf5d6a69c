// Whole frames: recorded conversations of three nodes, and what must not be believed.
#include "sim/wire/kafka/frame.h"

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/any_message.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/codec.h"
#include "tests/wire/golden.h"

using namespace brokerlab;
using namespace brokerlab::kafka;
using namespace brokerlab::kafka::test;

namespace {

struct Counts {
  int declared = 0;
  int others = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Counts& counts) {
    return out << counts.declared << " declared, " << counts.others << " others";
  }
};

// Every frame of which the whole body was kept: header and body decode to what Kafka said, and back to the
// bytes.
Counts replay_conversation(const std::string& file) {
  Counts counts;
  const std::vector<Json> lines = golden_lines(file);
  for (const Json& line : lines) {
    const auto key = line.value("api", int16_t{-1});
    const auto version = line.value("version", int16_t{-1});
    const bool is_request = line["direction"] == "request";
    const auto body_version = line.value("body_version", version);
    const MessageSchema* schema =
        find_message(key, is_request ? MessageKind::request : MessageKind::response);
    if (schema == nullptr || !find_api(key)->declared().contains(body_version) ||
        !line.contains("body_hex") || line.contains("error")) {
      ++counts.others;
      continue;
    }
    ++counts.declared;
    CAPTURE(line["n"]);
    const std::string body_hex = line["body_hex"];
    const Bytes frame = bytes_of_hex(line["header_hex"].get<std::string>() + body_hex);
    Bytes body;
    if (is_request) {
      const auto header = decode_request_header(frame, body);
      REQUIRE(header.ok());
      CHECK(header->api_key == key);
      CHECK(header->api_version == version);
      CHECK(header->correlation_id == line["correlation_id"]);
      CHECK(header->client_id == line["client_id"].get<std::string>());
    } else {
      const auto correlation_id = decode_response_header(frame, key, version, body);
      REQUIRE(correlation_id.ok());
      CHECK(*correlation_id == line["correlation_id"]);
    }
    CHECK(to_hex(body.span()) == body_hex);
    const auto decoded = AnyMessage::decode(*schema, body_version, body);
    REQUIRE_MESSAGE(decoded.ok(), decoded.status().message);
    CHECK(body.size() - decoded->consumed() == line.value("left_over_bytes", size_t{0}));
    const Json& same = line.contains("json") ? line : lines.at(line["json_as_n"].get<size_t>() - 1);
    CHECK(Json::parse(decoded->to_json()) == same["json"]);
    CHECK(to_hex(decoded->encode().span()) == body_hex.substr(0, 2 * decoded->consumed()));
  }
  return counts;
}

Status decoded(int16_t key, int16_t version, const std::string& hex) {
  return AnyMessage::decode(*find_message(key, MessageKind::request), version, bytes_of_hex(hex)).status();
}

Bytes without_length(const Slices& frame) {
  const Bytes whole = joined(frame);
  return whole.subview(4);
}

}  // namespace

TEST_CASE("three nodes start, fail and recover: every frame reads as Kafka read it") {
  CHECK(replay_conversation("wire/inter-broker.jsonl") == Counts{872, 36});
}

TEST_CASE("eleven client libraries and Kafka's tools: every frame reads as Kafka read it") {
  const std::map<std::string, Counts> conversations = {
      {"aiokafka-0.14.0", {459, 4}},
      {"confluent-kafka-2.0.2", {585, 27}},
      {"confluent-kafka-2.16.1", {765, 29}},
      {"franz-go-1.22.2", {559, 60}},
      {"java-4.3.1", {800, 39}},
      {"java-share-group-4.3.1", {62, 39}},
      {"java-tools-4.3.1", {181, 15}},
      {"kafka-python-2.0.2", {398, 14}},
      {"kafka-python-3.0.12", {502, 14}},
      {"kafkajs-2.2.4", {592, 17}},
      {"kcat-1.7.1-librdkafka-2.0.2", {386, 11}},
      {"sarama-1.61.1", {424, 19}},
      {"segmentio-kafka-go-0.4.51", {360, 9}},
  };
  for (const auto& [client, counts] : conversations) {
    CAPTURE(client);
    CHECK(replay_conversation("wire/" + client + ".jsonl") == counts);
  }
}

TEST_CASE("a quorum gains and loses a voter: every frame reads as Kafka read it") {
  CHECK(replay_conversation("wire/inter-broker-dynamic-quorum.jsonl") == Counts{348, 0});
}

TEST_CASE("a request's frame is its length, its header and its body in one piece of memory") {
  // The opening of Java 4.3.1, as recorded in wire/inter-broker.jsonl.
  const ApiVersionsRequest request{.client_software_name = "apache-kafka-java",
                                   .client_software_version = "4.3.1"};
  const Slices frame = request_frame(request, 4, 10, "raft-client-2");
  CHECK(frame.size() == 1);
  const Bytes bytes = joined(frame);
  CHECK(to_hex(bytes.span()) ==
        "00000031"
        "001200040000000a000d726166742d636c69656e742d3200"
        "126170616368652d6b61666b612d6a61766106342e332e3100");
}

TEST_CASE("record batches are handed on as slices, in their place in the frame") {
  const Bytes batch = Bytes::copy_of(std::string_view("not looked at by the codec"));
  const FileSlice in_file{.file = FileId{3}, .offset = 4096, .length = 1000, .owner = nullptr};
  FetchResponse response;
  auto& partition = response.responses.emplace_back().partitions.emplace_back();
  partition.records = Slices{batch, in_file};
  const Slices frame = response_frame(response, 12, 77);
  REQUIRE(frame.size() == 4);  // before, memory, file, after
  CHECK(std::get<Bytes>(frame[1]).data() == batch.data());
  CHECK(std::get<FileSlice>(frame[2]) == in_file);
  const Bytes start = std::get<Bytes>(frame[0]);
  CHECK(std::get<Bytes>(frame[3]).owner() == start.owner());
  const uint32_t length = start[0] << 24 | start[1] << 16 | start[2] << 8 | start[3];
  CHECK(length + 4 == size_of(frame));
}

TEST_CASE("decoded records are views into the frame") {
  ProduceRequest request;
  auto& partition = request.topic_data.emplace_back().partition_data.emplace_back();
  partition.records = Slices{Bytes::copy_of(std::string_view("a batch"))};
  const Bytes frame = without_length(request_frame(request, 9, 1, "test"));
  Bytes body;
  REQUIRE(decode_request_header(frame, body).ok());
  const auto decoded = decode<ProduceRequest>(body, 9);
  REQUIRE(decoded.ok());
  const Bytes& records = std::get<Bytes>(decoded->topic_data[0].partition_data[0].records->front());
  CHECK(records.text() == "a batch");
  CHECK(records.owner() == frame.owner());
}

TEST_CASE("the header of a version that nobody knows still names its correlation id") {
  // franz-go 1.22.2 opens with ApiVersions v5, which 4.3.1 does not have.
  Bytes body;
  const auto header = decode_request_header(bytes_of_hex("0012000500000007000361626300"
                                                         "00"),
                                            body);
  REQUIRE(header.ok());
  CHECK(header->correlation_id == 7);
  CHECK(!decode<ApiVersionsRequest>(body, header->api_version).ok());
}

TEST_CASE("unknown keys and headers that end too early are errors") {
  Bytes body;
  CHECK(!decode_request_header(bytes_of_hex("005d0000000000070003616263"), body).ok());
  CHECK(!decode_request_header(bytes_of_hex("7fff0000000000070003616263"), body).ok());
  CHECK(!decode_request_header(bytes_of_hex("00120000000000070003"), body).ok());
  CHECK(!decode_request_header(bytes_of_hex("001200"), body).ok());
  CHECK(!decode_request_header({}, body).ok());
  CHECK(!decode_response_header(bytes_of_hex("000000"), 18, 4, body).ok());
}

TEST_CASE("an error names the message, its version and the field") {
  const std::string cut =
      "000000010003"
      "6f72";
  CHECK(decoded(3, 1, cut).message ==
        "MetadataRequest version 1: topics: name: a length is larger than what is left at byte 6");
  CHECK(decoded(3, 14, cut).message == "MetadataRequest version 14: there is no such version");
  // Inside a tagged field of Fetch v12, the cluster id: its length says 3 bytes, the field has 2.
  const std::string tagged =
      "ffffffff000000000000000000000000000000000000000000010101"
      "01"
      "00"
      "02"
      "0461";
  CHECK(decoded(1, 12, tagged).message ==
        "FetchRequest version 12: clusterId: a length is larger than what is left at byte 32");
}

TEST_CASE("a declared count or length is not believed") {
  // Metadata v1: an array of 2147483647 topics in a frame of four bytes.
  CHECK(!decoded(3, 1, "7fffffff").ok());
  // Fewer, but more than the bytes that are left could hold: every topic takes at least the length of its
  // name.
  CHECK(!decoded(3, 1, "00000004000000000000").ok());
  // Compact: 4294967294 elements, and a count that does not end within five bytes.
  CHECK(!decoded(3, 12, "ffffffff0f").ok());
  CHECK(!decoded(3, 12, "ffffffffff01").ok());
  // A client software name of 32768 bytes that are all there: Kafka reads no string longer than 32767.
  std::string hex = "818002";
  for (int i = 0; i < 32768; ++i) hex += "61";
  CHECK(!decoded(18, 3, hex + "0100").ok());
}

TEST_CASE("a string that no reader would take is cut between two characters") {
  ApiVersionsRequest request;
  for (int i = 0; i < 20'000; ++i) request.client_software_name += "한";
  const auto decoded = decode<ApiVersionsRequest>(joined(encode(request, 3)), 3);
  REQUIRE(decoded.ok());
  CHECK(decoded->client_software_name.size() == 32'766);
  CHECK(request.client_software_name.starts_with(decoded->client_software_name));
}

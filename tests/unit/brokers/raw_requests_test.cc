// Hand-made requests, most of them wrong, that were sent to a real broker (golden/wire/raw-requests.jsonl):
// ours must answer with the same error codes, close the same connections and be silent at the same times.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/22_init_producer_id.h"
#include "sim/wire/kafka/api_table.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using Json = nlohmann::json;

namespace {

constexpr Duration silence = seconds(3);
constexpr int64_t recorded_ms = 1'700'000'000'000;  ///< the timestamps of the recorded batches

std::string hex_of_api_versions(int32_t correlation) {
  return to_hex(flat(kafka::request_frame(kafka::ApiVersionsRequest{}, 0, correlation, "raw")).span());
}

/// The body of an answer as Kafka's JSON; null when we cannot read it.
Json json_of(const std::string& hex, int16_t api, int16_t version) {
  const auto read = [&](auto message) -> Json {
    using M = decltype(message);
    Bytes body;
    if (!kafka::decode_response_header(Bytes::adopt(from_hex(hex)), api, version, body)) return nullptr;
    const auto decoded = kafka::decode<M>(body, version);
    return decoded ? Json::parse(kafka::to_json(*decoded, version)) : Json();
  };
  switch (api) {
    case 0:
      return read(kafka::ProduceResponse{});
    case 1:
      return read(kafka::FetchResponse{});
    case 2:
      return read(kafka::ListOffsetsResponse{});
    case 3:
      return read(kafka::MetadataResponse{});
    case 18:
      return read(kafka::ApiVersionsResponse{});
    case 19:
      return read(kafka::CreateTopicsResponse{});
    case 20:
      return read(kafka::DeleteTopicsResponse{});
    case 22:
      return read(kafka::InitProducerIdResponse{});
    default:
      return nullptr;
  }
}

/// Everything in an answer that must be equal: error codes and messages, and how many bytes of records came,
/// as far as the logs are the same (some of the recording's batches were not kept).
void collect(const Json& json, std::vector<std::string>& facts) {
  constexpr int64_t same_bytes = 200;
  if (json.is_object())
    for (const auto& [name, value] : json.items()) {
      if (name == "errorCode" || name == "errorMessage") facts.push_back(name + " " + value.dump());
      if (name == "recordsSizeInBytes")
        facts.push_back(name + " " + std::to_string(std::min(value.get<int64_t>(), same_bytes)));
      collect(value, facts);
    }
  if (json.is_array())
    for (const Json& element : json) collect(element, facts);
}
std::string facts_of(const Json& json) {
  std::vector<std::string> facts;
  collect(json, facts);
  std::string text;
  for (const std::string& fact : facts) text += fact + "; ";
  return text;
}

std::vector<Json> read_lines(const std::string& file) {
  std::ifstream lines(BROKERLAB_GOLDEN_DIR "/" + file);
  REQUIRE(lines.is_open());
  std::vector<Json> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

/// How a row of the recording is played.
enum class Story {
  request,  ///< by itself
  session,  ///< with its neighbours: a fetch session, whose id is chance
  live,     ///< over a real socket (tests/live/hostile_test.cc): bytes that are no frame, or come one by one
  not_offered,  ///< its key is one that the lab does not offer yet
};
Story story_of(const Json& row) {
  static const std::set<std::string> bytes = {
      "frame of size 0", "frame of size -1", "frame of 200 MB announced (over socket.request.max.bytes)",
      "HTTP GET",        "TLS hello",        "one byte at a time"};
  const std::string name = row["case"];
  if (bytes.contains(name)) return Story::live;
  if (name.starts_with("Fetch v11 session ") || name == "Fetch new session") return Story::session;
  const bool is_refused = row["outcome"][0] == "connection closed by the broker";
  if (row["api"].is_null() || is_refused) return Story::request;
  const kafka::Api* api = kafka::find_api(row["api"].get<int16_t>());
  const bool has_coordinators = row["api"] != 10;  // FindCoordinator answers that there is none yet
  return api == nullptr || api->offered.empty() || !has_coordinators ? Story::not_offered : Story::request;
}

void produce_bytes(ClusterUnderTest& cluster, const std::string& topic, const std::string& hex) {
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = topic;
  data.partition_data.emplace_back().records = Slices{Bytes::adopt(from_hex(hex))};
  constexpr int16_t version = 9;
  const std::string frame = to_hex(flat(kafka::request_frame(request, version, 1, "raw")).span());
  const auto answers = cluster.send(1, {frame}, 1);
  REQUIRE(answers.size() == 1);
  CHECK(json_of(answers[0], 0, version)["responses"][0]["partitionResponses"][0]["errorCode"] == 0);
}

/// The codecs of the batches that an answer to a Fetch holds.
std::vector<std::string> codecs_in(const std::string& hex, int16_t version) {
  Bytes body;
  REQUIRE(kafka::decode_response_header(Bytes::adopt(from_hex(hex)), 1, version, body).ok());
  const auto response = kafka::decode<kafka::FetchResponse>(body, version);
  REQUIRE(response.ok());
  std::vector<std::string> codecs;
  kafka::BatchReader batches(flat(*response->responses.at(0).partitions.at(0).records));
  while (const auto batch = batches.next()) codecs.emplace_back(name_of(batch->header.compression().value()));
  return codecs;
}

/// The topics that the recording had. Node 1 leads what was asked of the leader.
void prepare(ClusterUnderTest& cluster) {
  cluster.wait_until_running();
  cluster.create_topic("raw-batches", {{1, 2, 3}});
  cluster.create_topic("raw-plain", {{1, 2, 3}});
  cluster.create_topic("raw-zstd", {{1, 2, 3}}, {{"compression.type", "zstd"}});
  // What stood in the log before: the same batches, as far as their bytes were kept.
  for (const Json& row : read_lines("record-batches-live.jsonl")) {
    if (row["topic"] != "raw-batches" || row["error_code"] != 0) continue;
    if (!row.contains("request_hex")) {
      REQUIRE(cluster.produce(1, "raw-batches", 0, 1000, 1, seconds(30), recorded_ms).error_code == 0);
      continue;
    }
    const std::string hex = row["request_hex"];
    REQUIRE(cluster.send(1, {hex}, 1).size() == 1);
  }
  std::map<std::string, std::string> batches;
  for (const Json& row : read_lines("record-batches.jsonl")) batches[row["case"]] = row["hex"];
  for (const std::string topic : {"raw-plain", "raw-zstd"})
    for (const char* batch : {"v2-none-1", "v2-zstd-1", "v2-none-3-nulls"})
      produce_bytes(cluster, topic, batches.at(batch));
  cluster.run_for(seconds(1));
}

}  // namespace

TEST_CASE("Raw requests are answered, refused and ignored as the real broker did") {
  Settings settings;
  REQUIRE(settings.set("log.retention.ms", "-1").ok());  // the recorded batches are older than a week
  ClusterUnderTest cluster(1, settings);
  prepare(cluster);
  int played = 0;
  for (const Json& row : read_lines("wire/raw-requests.jsonl")) {
    const std::string name = row["case"];
    if (story_of(row) != Story::request) continue;
    CAPTURE(name);
    ++played;
    const int broker = name.find("follower") != std::string::npos ? 2 : 1;
    const std::string hex = row["sent_hex"];
    // One sent_hex may hold several frames.
    std::vector<std::string> frames;
    for (size_t at = 0; at < hex.size();) {
      const auto prefix = from_hex(hex.substr(at, 8));
      const size_t size =
          (size_t{prefix[0]} << 24 | size_t{prefix[1]} << 16 | size_t{prefix[2]} << 8 | prefix[3]) * 2;
      frames.push_back(hex.substr(at, 8 + size));
      at += 8 + size;
    }
    const size_t expected = row["outcome"].size();
    const std::string outcome = row["outcome"][0];
    const bool is_silent = outcome.starts_with("silence");
    const auto answers =
        cluster.send(broker, frames, is_silent ? 1 : expected, is_silent ? silence : seconds(10));
    if (is_silent) {
      CHECK(answers.empty());
      const bool dies = row["after"].get<std::string>().starts_with("silence");
      CHECK(cluster.send(broker, {hex_of_api_versions(99)}, 1, silence).size() == (dies ? 0 : 1));
      if (dies) REQUIRE(cluster.lab().reset_connections("client", "", {}));
      cluster.run_for(milliseconds(100));
      continue;
    }
    REQUIRE(answers.size() == expected);
    if (outcome == "connection closed by the broker") {
      CHECK(answers[0] == "closed");
      continue;
    }
    CHECK(answers[0] != "closed");
    const auto api = row["api"].get<int16_t>();
    const auto version = row["version"].get<int16_t>();
    if (!row["json"][0].is_null() && api != 18) {
      const Json ours = json_of(answers[0], api, version);
      CHECK(facts_of(ours) == facts_of(row["json"][0]));
      if (name.find("compression.type") != std::string::npos)
        CHECK(codecs_in(answers[0], version) == codecs_in(row["response_hex"][0], version));
    }
    if (api == 18) CHECK(json_of(answers[0], api, version)["errorCode"] == row["json"][0]["errorCode"]);
  }
  CHECK(played == 152);
}

TEST_CASE("A fetch session goes step by step as with the real broker") {
  ClusterUnderTest cluster;
  prepare(cluster);
  std::map<std::string, std::string> batches;
  for (const Json& row : read_lines("record-batches.jsonl")) batches[row["case"]] = row["hex"];
  std::string recorded_id;  // in hexadecimal, as they stand in requests
  std::string own_id;
  int steps = 0;
  for (const Json& row : read_lines("wire/raw-requests.jsonl")) {
    if (story_of(row) != Story::session) continue;
    const std::string name = row["case"];
    CAPTURE(name);
    ++steps;
    if (name.find("data arrived") != std::string::npos)
      produce_bytes(cluster, "raw-plain", batches.at("v2-none-1"));
    std::string hex = row["sent_hex"];
    if (const size_t at = hex.find(recorded_id); !own_id.empty() && at != std::string::npos)
      hex.replace(at, own_id.size(), own_id);
    const Instant asked = cluster.lab().now().monotonic;
    const auto answers = cluster.send(1, {hex}, 1);
    const Duration took = cluster.lab().now().monotonic - asked;
    REQUIRE(answers.size() == 1);
    const Json ours = json_of(answers[0], 1, 11);
    const Json& theirs = row["json"][0];
    CHECK(facts_of(ours) == facts_of(theirs));
    CHECK(ours["responses"].size() == theirs["responses"].size());
    CHECK((ours["sessionId"] == 0) == (theirs["sessionId"] == 0));
    if (row.contains("waited_ms")) CHECK((took > milliseconds(250)) == (row["waited_ms"] > 250));
    const auto hex_of = [](const Json& id) {
      const auto number = id.get<uint32_t>();
      std::vector<uint8_t> bytes;
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<uint8_t>(number >> shift));
      return to_hex(bytes);
    };
    if (theirs["sessionId"] != 0) {
      recorded_id = hex_of(theirs["sessionId"]);
      own_id = hex_of(ours["sessionId"]);
    }
  }
  CHECK(steps == 9);
}

TEST_CASE("No recorded row about a key that the lab offers is left out") {
  std::map<Story, int> stories;
  for (const Json& row : read_lines("wire/raw-requests.jsonl")) ++stories[story_of(row)];
  CHECK(stories[Story::session] == 9);
  CHECK(stories[Story::live] == 6);
  // Groups, transactions' coordinators and SASL: keys 8 to 17 and 36.
  CHECK(stories[Story::not_offered] == 31);
}

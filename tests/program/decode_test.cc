// `brokerlab decode` and `encode` over everything that was recorded, each direction from its own half alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/program/process.h"

using namespace brokerlab::test;

namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

std::vector<Json> recorded(const std::filesystem::path& file) {
  std::ifstream in(file);
  REQUIRE_MESSAGE(in.good(), file.string());
  return lines_of({std::istreambuf_iterator<char>(in), {}});
}

// What the lab does not speak yet.
bool is_later(const Json& line) {
  const std::string name = line.value("class", line.value("name", ""));
  return name.find("Share") != std::string::npos || name.starts_with("Streams") ||
         name.ends_with("DelegationToken") || name.find("Telemetry") != std::string::npos;
}

// Runs the command over the lines without the fields, and returns them with what it filled in.
std::vector<Json> filled_in(const std::string& command, const std::vector<Json>& lines,
                            const std::vector<std::string>& without, int status = 0) {
  std::string input;
  for (Json line : lines) {
    for (const std::string& name : without) line.erase(name);
    input += line.dump() + "\n";
  }
  const Ended ended = run_program({command, "--jsonl"}, input);
  CHECK_MESSAGE(ended.status == status, ended.error.substr(0, 1000));
  const std::vector<Json> filled = lines_of(ended.output);
  REQUIRE(filled.size() == lines.size());
  return filled;
}

// Lines that carry both halves: requests, responses, headers and records.
std::vector<Json> vectors_in(const std::string& folder) {
  std::vector<Json> vectors;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(BROKERLAB_GOLDEN_DIR) / folder))
    for (const Json& line : recorded(file.path()))
      if (line.contains("json") && !is_later(line)) vectors.push_back(line);
  return vectors;
}

void check_vectors(const std::vector<Json>& vectors) {
  const std::vector<Json> decoded = filled_in("decode", vectors, {"json", "records"});
  for (size_t i = 0; i < vectors.size(); ++i) CHECK(decoded[i] == vectors[i]);
  std::vector<Json> complete;  // unknown tagged fields are in no JSON
  for (const Json& vector : vectors)
    if (!vector.contains("unknown_tags")) complete.push_back(vector);
  const std::vector<Json> encoded = filled_in("encode", complete, {"hex"});
  for (size_t i = 0; i < complete.size(); ++i) CHECK(encoded[i] == complete[i]);
}

// One message from the command line: output, one line of error, status.
void check_says(const std::vector<std::string>& arguments, int status, const std::string& output,
                const std::string& error, const std::string& input = {}) {
  const Ended ended = run_program(arguments, input);
  CAPTURE(arguments.back());
  CHECK(ended.status == status);
  CHECK(ended.output == output);
  CHECK(ended.error == error);
}

}  // namespace

TEST_CASE("decode and encode fill in the other half of every golden vector") {
  const std::vector<Json> vectors = vectors_in("messages");
  CHECK(vectors.size() == 2489);
  check_vectors(vectors);
}

TEST_CASE("and of every vector of what Kafka 4 has no more") {
  const std::vector<Json> vectors = vectors_in("messages-3.9");
  CHECK(vectors.size() == 388);
  check_vectors(vectors);
}

TEST_CASE("decode says of record batches what Kafka says, or what is wrong with them") {
  std::vector<Json> good;
  std::vector<Json> damaged;
  for (const Json& line : recorded(std::filesystem::path(BROKERLAB_GOLDEN_DIR) / "record-batches.jsonl")) {
    const std::string name = line["case"];
    // Kafka's reader does not look behind a count of 0; magic 0 and 1 are no more.
    if (name == "record-count-0-of-2" || name.starts_with("v0-") || name.starts_with("v1-")) continue;
    (line.contains("error") ? damaged : good).push_back({{"case", name}, {"hex", line["hex"]}});
    for (const char* half : {"valid_bytes", "decoded", "decoded_batches"})
      if (line.contains(half)) good.back()[half] = line[half];
  }
  const std::vector<Json> decoded = filled_in("decode", good, {"valid_bytes", "decoded", "decoded_batches"});
  for (size_t i = 0; i < good.size(); ++i) {
    CAPTURE(good[i]["case"]);
    Json found = decoded[i];
    if (good[i].contains("decoded")) {
      good[i]["decoded"].erase("records_sha256");
      if (!good[i]["decoded"].contains("records")) found["decoded"].erase("records");
    }
    CHECK(found == good[i]);
  }
  const std::vector<Json> refused = filled_in("decode", damaged, {}, 1);
  for (const Json& line : refused) CHECK_MESSAGE(line.contains("error"), line["case"]);

  std::vector<Json> plain;  // the JSON shows no bits that have no meaning, nor times before the append
  for (const Json& line : good) {
    const std::string name = line["case"];
    if (line.contains("decoded") && line["decoded"]["codec"] == "none" &&
        line["decoded"]["timestampType"] == "CreateTime" && !name.starts_with("unused-") &&
        name != "record-attributes-set")
      plain.push_back({{"case", name}, {"hex", line["hex"]}, {"decoded", line["decoded"]}});
  }
  const std::vector<Json> encoded = filled_in("encode", plain, {"hex"});
  for (size_t i = 0; i < plain.size(); ++i) CHECK(encoded[i] == plain[i]);
  CHECK(plain.size() == 32);
}

TEST_CASE("one message or batch, from the command line or standard input") {
  const std::vector<std::string> metadata = {"--api", "3", "--version", "1", "--kind", "request"};
  const auto with = [&](const char* command, const std::vector<std::string>& more) {
    std::vector<std::string> words = {command};
    words.insert(words.end(), metadata.begin(), metadata.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::string json = R"({"topics":[{"name":"orders"}]})"
                           "\n";
  check_says(with("decode", {"00000001 0006 6f7264657273"}), 0, json, "");
  check_says(with("decode", {}), 0, json, "", "00000001\n00066F72\n64657273\n");
  check_says(with("decode", {"0000000100066f7264657273ff"}), 0, json,
             "brokerlab: bytes after the end, ignored as Kafka does: 1\n");
  check_says(with("encode", {json}), 0, "0000000100066f7264657273\n", "");
  check_says(with("encode", {}), 0, "0000000100066f7264657273\n", "", json);

  check_says(
      with("decode", {"0000000100066f72"}), 1, "",
      "brokerlab: MetadataRequest version 1: topics: name: a length is larger than what is left at byte 6\n");
  check_says(with("decode", {"000g"}), 2, "", "brokerlab: character 4 is no hexadecimal digit\n");
  check_says(with("decode", {"000"}), 2, "",
             "brokerlab: 3 hexadecimal digits: the last byte is only half there\n");
  check_says(with("encode", {R"({"topics":[{"name":1}]})"}), 1, "",
             "brokerlab: MetadataRequest version 1: topics: name: a string was expected\n");
  check_says(with("encode", {"{"}), 2, "", "brokerlab: That is not JSON.\n");
  check_says({"decode", "--api", "3", "--version", "14", "--kind", "request", "00"}, 2, "",
             "brokerlab: Metadata (3) has versions 0 to 13, not 14.\n");
  check_says({"decode", "--api", "93", "--version", "0", "--kind", "request", "00"}, 2, "",
             "brokerlab: Kafka has no API with the key 93.\n");
  check_says({"decode", "--api", "78", "--version", "1", "--kind", "request", "00"}, 2, "",
             "brokerlab: ShareFetch (78) is not in the lab yet.\n");
  check_says({"decode", "--api", "3", "00"}, 2, "",
             "brokerlab: A message needs all of --api, --version and --kind.\n");
  check_says({"decode", "00"}, 2, "",
             "brokerlab: What is it? Give --api, --version and --kind, or --batch, or --jsonl.\n");
  check_says({"decode", "--jsonl", "00"}, 2, "", "brokerlab: --jsonl reads lines from standard input.\n");
  check_says({"decode", "--api", "93", "--version", "0", "--kind", "request", "--lang", "ko", "00"}, 2, "",
             "brokerlab: 키가 93인 API는 카프카에 없습니다.\n");
}

TEST_CASE("records are shown beside the JSON that has only their size, and given beside it") {
  const std::string batch =
      "000000000000000000000040ffffffff02db5e9cdd0000000000000000018bcfe568000000018bcfe56800ffffffffffffffff"
      "ffff"
      "ffffffff000000011c000000066b65790a76616c756500";
  const std::vector<std::string> produce = {"--api", "0", "--version", "9", "--kind", "request"};
  std::vector<std::string> words = {"encode"};
  words.insert(words.end(), produce.begin(), produce.end());
  const std::string json =
      R"({"transactionalId":null,"acks":-1,"timeoutMs":1000,"topicData":[{"name":"a","partitionData":)"
      R"([{"index":0,"recordsSizeInBytes":76}]}]})";
  words.insert(words.end(), {"--records", batch, json});
  const Ended encoded = run_program(words);
  CHECK_MESSAGE(encoded.status == 0, encoded.error);
  words = {"decode"};
  words.insert(words.end(), produce.begin(), produce.end());
  check_says(words, 0, json + "\n", "brokerlab: records, to be read with decode --batch: " + batch + "\n",
             encoded.output);

  const Ended decoded = run_program({"decode", "--batch", batch});
  CHECK(Json::parse(decoded.output)["records"][0]["value_hex"] == "76616c7565");
  check_says({"encode", "--batch"}, 0, batch + "\n", "", decoded.output);
  check_says({"decode", "--batch", batch + batch + "00"}, 0, decoded.output + decoded.output,
             "brokerlab: bytes after the end, ignored as Kafka does: 1\n");
  check_says({"decode", "--batch", batch.substr(0, 100)}, 1, "",
             "brokerlab: no whole record batch in these bytes: 50\n");
  std::string damaged = batch;
  damaged[damaged.size() - 3] = '0';
  check_says({"decode", "--batch", damaged}, 1, "",
             "brokerlab: CORRUPT_MESSAGE: the CRC does not match, in the batch at byte 0\n");
}

TEST_CASE("a line that cannot be read keeps its place, with what is wrong") {
  const Ended ended = run_program({"decode", "--jsonl"},
                                  "{\"api\":3,\"version\":1,\"kind\":\"request\",\"hex\":\"00\"}\n"
                                  "no JSON\n"
                                  "{\"api\":12,\"version\":0,\"kind\":\"response\",\"hex\":\"0000\"}\n");
  CHECK(ended.status == 1);
  const std::vector<Json> lines = lines_of(ended.output);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["error"] == "MetadataRequest version 1: topics: the bytes end too early at byte 0");
  CHECK(lines[1]["error"] == "not JSON");
  CHECK(lines[2]["json"]["errorCode"] == 0);
  CHECK(std::count(ended.error.begin(), ended.error.end(), '\n') == 2);
  CHECK(ended.error.starts_with("brokerlab: line 1: "));
}

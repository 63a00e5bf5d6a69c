// Every recorded vector of every declared message, in both directions and each from its own half alone.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/wire/kafka/any_message.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/metadata_records.h"
#include "sim/wire/kafka/quorum_state_data.h"
#include "tests/wire/golden.h"

using namespace brokerlab;
using namespace brokerlab::kafka;
using namespace brokerlab::kafka::test;

namespace {

// 01-fetch.jsonl, by the name that stands in the API table.
std::string vectors_file(const Api& api) {
  std::string dashed;
  for (const char c : api.name) {
    if (std::isupper(c) && !dashed.empty()) dashed += '-';
    dashed += static_cast<char>(std::tolower(c));
  }
  return fmt::format("{:02}-{}.jsonl", api.key, dashed);
}

int16_t version_of(const Json& vector) {
  return vector[vector.contains("version") ? "version" : "header_version"].get<int16_t>();
}

// What Kafka printed of the recorded bytes, and the way there and back.
void check_vector(const MessageSchema& schema, const Json& vector) {
  CAPTURE(vector["case"]);
  const int16_t version = version_of(vector);
  CAPTURE(version);
  const std::string hex = vector["hex"];
  std::vector<std::string> records;
  std::vector<Bytes> record_bytes;
  for (const Json& record : vector.value("records", Json::array())) {
    records.push_back(record);
    record_bytes.push_back(bytes_of_hex(record));
  }
  const auto decoded = AnyMessage::decode(schema, version, bytes_of_hex(hex));
  REQUIRE_MESSAGE(decoded.ok(), decoded.status().message);
  CHECK(Json::parse(decoded->to_json()) == vector["json"]);
  CHECK(to_hex(decoded->encode().span()) == hex);
  CHECK(decoded->consumed() == hex.size() / 2);
  std::vector<std::string> decoded_records;
  for (const Bytes& record : decoded->records()) decoded_records.push_back(to_hex(record.span()));
  CHECK(decoded_records == records);

  const auto encoded = AnyMessage::from_json(schema, version, vector["json"].dump(), record_bytes);
  REQUIRE_MESSAGE(encoded.ok(), encoded.status().message);
  if (!vector.contains("unknown_tags")) CHECK(to_hex(encoded->encode().span()) == hex);
}

// Cut anywhere, a message is an error: every byte of it is needed. A byte more is none: Kafka ignores what
// follows.
void check_cut(const MessageSchema& schema, const Json& vector) {
  const int16_t version = version_of(vector);
  const Bytes bytes = bytes_of_hex(vector["hex"]);
  for (size_t length = 0; length < bytes.size(); ++length)
    if (AnyMessage::decode(schema, version, Bytes::copy_of(bytes.span().first(length))).ok())
      FAIL_CHECK(vector["case"], " of ", length, " bytes was accepted");
  std::vector<uint8_t> longer(bytes.begin(), bytes.end());
  longer.push_back(0xFF);
  const auto decoded = AnyMessage::decode(schema, version, Bytes::adopt(longer));
  REQUIRE(decoded.ok());
  CHECK(decoded->encode() == bytes);
}

// Calls `check(schema, vector)` for the vectors of all declared requests and responses that lie in the
// folder; returns how many.
template <class Check>
int for_each_message_vector(const std::string& folder, const Check& check) {
  int vectors = 0;
  for (const Api& api : all_apis()) {
    if (find_message(api.key, MessageKind::request) == nullptr) continue;
    if ((folder == "messages" ? api.schema : api.removed).empty()) continue;
    CAPTURE(api.name);
    for (const Json& vector : golden_lines(folder + "/" + vectors_file(api))) {
      const bool is_request = vector["kind"] == "request";
      check(*find_message(api.key, is_request ? MessageKind::request : MessageKind::response), vector);
      ++vectors;
    }
  }
  return vectors;
}

// Both checks for the vectors of all declared records in the file, by the name of their class; returns how
// many.
int check_records(const std::string& file) {
  int vectors = 0;
  for (const Json& vector : golden_lines(file)) {
    const std::string name = vector.value("class", "");
    const MessageSchema* schema = find_message(name);
    if (schema == nullptr) continue;
    CAPTURE(name);
    check_vector(*schema, vector);
    check_cut(*schema, vector);
    ++vectors;
  }
  return vectors;
}

}  // namespace

TEST_CASE("every vector of every declared request and response passes in both directions") {
  CHECK(for_each_message_vector("messages", check_vector) == 2126);
}

TEST_CASE("so does every vector of the versions and messages that Kafka 4 has no more") {
  CHECK(for_each_message_vector("messages-3.9", check_vector) == 388);
}

TEST_CASE("only share groups, streams groups, delegation tokens and telemetry are not declared") {
  for (const Api& api : all_apis()) {
    CAPTURE(api.name);
    const bool is_later = api.name.find("Share") != std::string_view::npos ||
                          api.name.starts_with("Streams") || api.name.ends_with("DelegationToken") ||
                          api.name.find("Telemetry") != std::string_view::npos;
    CHECK((find_message(api.key, MessageKind::request) == nullptr) == is_later);
    CHECK((find_message(api.key, MessageKind::response) == nullptr) == is_later);
  }
  CHECK(find_message("NoSuchRequest") == nullptr);
  CHECK(find_message(93, MessageKind::request) == nullptr);
}

TEST_CASE("a body that ends too early is an error, bytes after it are ignored") {
  for_each_message_vector("messages", check_cut);
  for_each_message_vector("messages-3.9", check_cut);
}

TEST_CASE("every vector of the headers passes in both directions") {
  int vectors = 0;
  for (const Json& vector : golden_lines("messages/headers.jsonl")) {
    const auto* schema = find_message(vector["kind"] == "request" ? "RequestHeader" : "ResponseHeader");
    check_vector(*schema, vector);
    check_cut(*schema, vector);
    ++vectors;
  }
  CHECK(vectors == 30);
}

TEST_CASE("every vector of the records of the quorum and the coordinators passes in both directions") {
  CHECK(check_records("messages/metadata-records.jsonl") == 143);
  CHECK(check_records("messages/coordinator-records.jsonl") == 112);
  CHECK(check_records("messages/transaction-records.jsonl") == 12);
  CHECK(check_records("messages/consumer-protocol.jsonl") == 32);
  CHECK(check_records("messages/control-records.jsonl") == 34);
}

TEST_CASE("a metadata record of any type is read by the type that stands in it") {
  for (const Json& vector : golden_lines("messages/metadata-records.jsonl")) {
    CAPTURE(vector["class"]);
    const Bytes bytes = bytes_of_hex(vector["hex"]);
    int16_t version = -1;
    const auto record = decode_metadata_record(bytes, &version);
    REQUIRE_MESSAGE(record.ok(), record.status().message);
    CHECK(version == vector["version"]);
    CHECK(name_of(*record) == vector["class"].get<std::string>());
    CHECK(Json::parse(to_json(*record, version)) == vector["json"]);
    CHECK(encode_metadata_record(*record, version) == bytes);
  }
  CHECK(!decode_metadata_record(bytes_of_hex("020000")).ok());  // another frame
  CHECK(!decode_metadata_record(bytes_of_hex("016300")).ok());  // another type
  CHECK(!decode_metadata_record(bytes_of_hex("011463")).ok());  // a NoOpRecord of another version
  CHECK(!decode_metadata_record(bytes_of_hex("0114ffff7f")).ok());
}

TEST_CASE("the keys of the control records name their types") {
  int keys = 0;
  for (const Json& vector : golden_lines("messages/control-records.jsonl")) {
    if (vector["part"] != "key") continue;
    const Bytes bytes = bytes_of_hex(vector["hex"]);
    const auto type = decode_control_record_key(bytes);
    REQUIRE(type.ok());
    CHECK(static_cast<int>(*type) == vector["type"]);
    CHECK(name_of(*type) == vector["name"].get<std::string>());
    CHECK(encode_control_record_key(*type) == bytes);
    ++keys;
  }
  CHECK(keys == 7);
}

TEST_CASE("a record says of which type and version it is, and another is refused") {
  const MessageSchema& key = *find_message("OffsetCommitKey");
  CHECK(AnyMessage::decode(key, 0, bytes_of_hex("0002000167000174000000ff")).status().message ==
        "OffsetCommitKey: the record type is 2, not 1 at byte 2");
  const MessageSchema& value = *find_message("EndTxnMarker");
  CHECK(AnyMessage::decode(value, 1, bytes_of_hex("000000000000")).status().message ==
        "EndTxnMarker: the bytes are of version 0, not 1");
  CHECK(AnyMessage::decode(value, 1, bytes_of_hex("000100000000")).status().message ==
        "EndTxnMarker version 1: there is no such version");
  CHECK(AnyMessage::decode(value, 0, bytes_of_hex("00")).status().message ==
        "EndTxnMarker: the bytes end too early at byte 0");
}

TEST_CASE("the state of the quorum reads as Kafka wrote it") {
  const Json recorded = golden_lines("logs/clean/__cluster_metadata-0/quorum-state").at(0);
  const auto fixed = from_json<QuorumStateData>(recorded.dump(), recorded["data_version"]);
  REQUIRE(fixed.ok());
  CHECK(fixed->voted_id == 2);
  REQUIRE(fixed->current_voters->size() == 3);
  Json written = Json::parse(to_json(*fixed, 0));
  written["data_version"] = 0;
  CHECK(written == recorded);

  const Json dynamic = golden_lines("logs/dynamic-quorum/__cluster_metadata-0/quorum-state").at(0);
  const auto voted = from_json<QuorumStateData>(dynamic.dump(), dynamic["data_version"]);
  REQUIRE(voted.ok());
  CHECK(voted->voted_directory_id.to_string() == "LgWL39kOtoIMgwnfzTIxWQ");
  written = Json::parse(to_json(*voted, 1));
  written["data_version"] = 1;
  CHECK(written == dynamic);
}

TEST_CASE("the API table is that of Kafka 4.3.1") {
  const std::vector<Json> recorded = golden_lines("messages/apis.jsonl");
  const auto is_of_4 = [](const Api& api) { return !api.schema.empty(); };
  CHECK(static_cast<size_t>(std::count_if(all_apis().begin(), all_apis().end(), is_of_4)) == recorded.size());
  for (const Json& line : recorded) {
    const Api* api = find_api(line["api"].get<int16_t>());
    REQUIRE(api != nullptr);
    CAPTURE(api->name);
    CHECK(api->name == line["name"].get<std::string>());
    CHECK(api->schema == Versions{line["min"].get<int16_t>(), line["max"].get<int16_t>()});
    for (int16_t version = api->schema.first; version <= api->schema.last; ++version) {
      const auto index = static_cast<size_t>(version - api->schema.first);
      CHECK(request_header_version(*api, version) == line["request_header_versions"][index]);
      CHECK(response_header_version(*api, version) == line["response_header_versions"][index]);
    }
    const Json& listeners = line["listeners"];
    for (const auto& [listener, name] :
         {std::pair(Listeners::broker, "broker"), std::pair(Listeners::controller, "controller")})
      CHECK(includes(api->listeners, listener) ==
            (std::count(listeners.begin(), listeners.end(), name) == 1));
  }
  CHECK(find_api(-1) == nullptr);
  CHECK(find_api(93) == nullptr);
}

TEST_CASE("the headers of the versions that Kafka 4 has no more are those of Kafka 3.9") {
  for_each_message_vector("messages-3.9", [](const MessageSchema&, const Json& vector) {
    const Api& api = *find_api(vector["api"].get<int16_t>());
    CAPTURE(api.name);
    const int16_t version = version_of(vector);
    CHECK(api.removed.contains(version));
    CHECK(api.declared().contains(version));
    CHECK_FALSE(api.schema.contains(version));
    const bool is_request = vector["kind"] == "request";
    CHECK((is_request ? request_header_version(api, version) : response_header_version(api, version)) ==
          vector["header_version"]);
  });
}

TEST_CASE("the error codes are those of Kafka 4.3.1") {
  const std::vector<Json> recorded = golden_lines("messages/errors.jsonl");
  CHECK(recorded.size() == 135);
  for (const Json& line : recorded) {
    const ErrorCode error = error_from(line["code"].get<int16_t>());
    CHECK(to_int16(error) == line["code"]);
    CHECK(error_name(error) == line["name"].get<std::string>());
    CHECK(error_message(error) == line["message"].get<std::string>());
    CHECK(is_retriable(error) == line["retriable"].get<bool>());
  }
  CHECK(to_int16(ErrorCode::not_leader_or_follower) == 6);
  CHECK(error_from(134) == ErrorCode::unknown_server_error);
  CHECK(error_from(-2) == ErrorCode::unknown_server_error);
}

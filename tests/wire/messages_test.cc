// Every recorded vector of every declared message, in both directions and each from its own half alone.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/frame.h"
#include "sim/wire/kafka/metadata_records.h"
#include "tests/wire/golden.h"

using namespace brokerlab;
using namespace brokerlab::kafka;
using namespace brokerlab::kafka::test;

namespace {

// messages/01-fetch.jsonl, by the name that stands in the API table.
std::string vectors_file(const Api& api) {
  std::string dashed;
  for (const char c : api.name) {
    if (std::isupper(c) && !dashed.empty()) dashed += '-';
    dashed += static_cast<char>(std::tolower(c));
  }
  return fmt::format("messages/{:02}-{}.jsonl", api.key, dashed);
}

std::vector<Bytes> records_of(const Json& vector) {
  std::vector<Bytes> records;
  for (const Json& hex : vector.value("records", Json::array())) records.push_back(bytes_of_hex(hex));
  return records;
}

// Of one message kind: a recorded body, what Kafka printed of it, and the way there and back.
void check_vector(const Codec& codec, const Bytes& body, int16_t version, const Json& vector) {
  CAPTURE(codec.name);
  CAPTURE(version);
  CAPTURE(vector["case"]);
  const auto decoded = codec.decode(body, version);
  REQUIRE_MESSAGE(decoded.ok(), decoded.status().message);
  CHECK(decoded->json == vector["json"]);
  CHECK(to_hex(decoded->encoded.span()) == to_hex(body.span()));

  const std::vector<Bytes> records = records_of(vector);
  const auto encoded = codec.encode_json(vector["json"], version, records);
  REQUIRE_MESSAGE(encoded.ok(), encoded.status().message);
  if (!vector.contains("unknown_tags")) CHECK(to_hex(encoded->span()) == to_hex(body.span()));
}

// Cut anywhere, a body is an error: every byte of it is needed. A byte more is none: Kafka ignores what
// follows.
void check_cut(const Codec& codec, const Bytes& body, int16_t version) {
  for (size_t length = 0; length < body.size(); ++length) {
    const Bytes cut = Bytes::copy_of(body.span().first(length));
    if (codec.try_decode(cut, version).ok()) FAIL_CHECK(codec.name, " of ", length, " bytes was accepted");
  }
  std::vector<uint8_t> longer(body.begin(), body.end());
  longer.push_back(0xFF);
  const auto decoded = codec.decode(Bytes::adopt(longer), version);
  REQUIRE(decoded.ok());
  CHECK(decoded->encoded == body);
}

// Calls `check(codec, body, version, vector)` for the vectors of all declared messages; returns how many.
template <class Check>
int for_each_message_vector(const Check& check) {
  int vectors = 0;
  for (const Api& api : all_apis()) {
    if (!declared_messages().contains({api.key, Direction::request})) continue;
    for (const Json& vector : golden_lines(vectors_file(api))) {
      const auto direction = vector["kind"] == "request" ? Direction::request : Direction::response;
      check(declared_messages().at({api.key, direction}), bytes_of_hex(vector["hex"]),
            vector["version"].get<int16_t>(), vector);
      ++vectors;
    }
  }
  return vectors;
}

// A metadata record's frame stands before its body; the codec under test includes it.
Codec metadata_record_codec(const std::string& record_class) {
  return {record_class,
          [=](const Bytes& value, int16_t expected_version) -> Result<Decoded> {
            int16_t version = -1;
            const auto record = decode_metadata_record(value, &version);
            if (!record.ok()) return record.status();
            CHECK(version == expected_version);
            CHECK(name_of(*record) == record_class);
            return Decoded{Json::parse(to_json(*record, version)), encode_metadata_record(*record, version)};
          },
          [](const Bytes& value, int16_t) { return decode_metadata_record(value).status(); }, nullptr};
}

// Builds a metadata record of the class that is called so out of JSON.
template <size_t I = 0>
Result<MetadataRecord> metadata_record_from_json(const std::string& name, const Json& json, int16_t version) {
  if constexpr (I == std::variant_size_v<MetadataRecord>) {
    return Status::error(StatusCode::not_found, name);
  } else {
    using Record = std::variant_alternative_t<I, MetadataRecord>;
    if (name != Record::schema_name) return metadata_record_from_json<I + 1>(name, json, version);
    auto record = from_json<Record>(json.dump(), version);
    if (!record.ok()) return record.status();
    return MetadataRecord(*record);
  }
}

}  // namespace

TEST_CASE("every vector of every declared request and response passes in both directions") {
  CHECK(for_each_message_vector(check_vector) == 1015);
}

TEST_CASE("a body that ends too early is an error, bytes after it are ignored") {
  for_each_message_vector([](const Codec& codec, const Bytes& body, int16_t version, const Json&) {
    check_cut(codec, body, version);
  });
}

TEST_CASE("every vector of the headers passes in both directions") {
  int vectors = 0;
  for (const Json& vector : golden_lines("messages/headers.jsonl")) {
    const auto codec = vector["kind"] == "request" ? codec_of<RequestHeader>() : codec_of<ResponseHeader>();
    const auto version = vector["header_version"].get<int16_t>();
    check_vector(codec, bytes_of_hex(vector["hex"]), version, vector);
    check_cut(codec, bytes_of_hex(vector["hex"]), version);
    ++vectors;
  }
  CHECK(vectors == 30);
}

TEST_CASE("every vector of the metadata records passes in both directions") {
  int vectors = 0;
  for (const Json& vector : golden_lines("messages/metadata-records.jsonl")) {
    const auto version = vector["version"].get<int16_t>();
    const std::string record_class = vector["class"];
    Codec codec = metadata_record_codec(record_class);
    codec.encode_json = [&](const Json& json, int16_t, std::span<const Bytes>) -> Result<Bytes> {
      const auto record = metadata_record_from_json(record_class, json, version);
      if (!record.ok()) return record.status();
      return encode_metadata_record(*record, version);
    };
    check_vector(codec, bytes_of_hex(vector["hex"]), version, vector);
    check_cut(codec, bytes_of_hex(vector["hex"]), version);
    ++vectors;
  }
  CHECK(vectors == 143);
}

TEST_CASE("every vector of the control records passes in both directions") {
  const std::map<std::string, Codec> codecs = {
      {"LeaderChangeMessage", codec_of<LeaderChangeMessage>()},
      {"SnapshotHeaderRecord", codec_of<SnapshotHeaderRecord>()},
      {"SnapshotFooterRecord", codec_of<SnapshotFooterRecord>()},
      {"KRaftVersionRecord", codec_of<KRaftVersionRecord>()},
      {"VotersRecord", codec_of<VotersRecord>()},
      {"EndTxnMarker",
       {"EndTxnMarker",
        [](const Bytes& value, int16_t) -> Result<Decoded> {
          const auto marker = decode_end_txn_marker(value);
          if (!marker.ok()) return marker.status();
          return Decoded{Json::parse(to_json(*marker, 0)), encode_end_txn_marker(*marker)};
        },
        [](const Bytes& value, int16_t) { return decode_end_txn_marker(value).status(); },
        [](const Json& json, int16_t version, std::span<const Bytes>) -> Result<Bytes> {
          const auto marker = from_json<EndTxnMarker>(json.dump(), version);
          if (!marker.ok()) return marker.status();
          return encode_end_txn_marker(*marker);
        }}}};
  int keys = 0;
  int values = 0;
  for (const Json& vector : golden_lines("messages/control-records.jsonl")) {
    const Bytes bytes = bytes_of_hex(vector["hex"]);
    if (vector["part"] == "key") {
      const auto type = decode_control_record_key(bytes);
      REQUIRE(type.ok());
      CHECK(static_cast<int>(*type) == vector["type"]);
      CHECK(name_of(*type) == vector["name"].get<std::string>());
      CHECK(encode_control_record_key(*type) == bytes);
      ++keys;
    } else {
      const auto version = vector["version"].get<int16_t>();
      check_vector(codecs.at(vector["class"]), bytes, version, vector);
      check_cut(codecs.at(vector["class"]), bytes, version);
      ++values;
    }
  }
  CHECK(keys == 7);
  CHECK(values == 34);
}

TEST_CASE("the API table is that of Kafka 4.3.1") {
  const std::vector<Json> recorded = golden_lines("messages/apis.jsonl");
  CHECK(all_apis().size() == recorded.size());
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
  CHECK(find_api(4) == nullptr);
  CHECK(find_api(-1) == nullptr);
  CHECK(find_api(93) == nullptr);
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

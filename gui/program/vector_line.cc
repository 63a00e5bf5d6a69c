#include "gui/program/vector_line.h"

#include <fmt/format.h>

#include <cctype>
#include <nlohmann/json.hpp>

#include "sim/wire/kafka/any_message.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch_json.h"

namespace brokerlab {

namespace {

using Json = nlohmann::ordered_json;

Status wrong(std::string what) { return Status::error(StatusCode::invalid, std::move(what)); }

/// What a line names, or nothing for record batches.
struct Named {
  const kafka::MessageSchema* schema = nullptr;
  int16_t version = 0;
};

Result<int16_t> integer(const Json& line, const char* name) {
  const auto found = line.find(name);
  if (found == line.end() || !found->is_number_integer())
    return wrong(fmt::format("{}: a number is needed", name));
  const int64_t value = found->get<int64_t>();
  if (value < 0 || value > INT16_MAX) return wrong(fmt::format("{}: {} is out of range", name, value));
  return static_cast<int16_t>(value);
}

Result<std::string> text(const Json& line, const char* name) {
  const auto found = line.find(name);
  if (found == line.end() || !found->is_string()) return wrong(fmt::format("{}: a text is needed", name));
  return found->get<std::string>();
}

Result<kafka::MessageKind> kind_of(const Json& line) {
  const Result<std::string> kind = text(line, "kind");
  if (!kind.ok()) return kind.status();
  if (*kind == "request") return kafka::MessageKind::request;
  if (*kind == "response") return kafka::MessageKind::response;
  return wrong("kind: request or response is needed");
}

Result<Named> message_of(const Json& line) {
  Named named;
  const char* version_name = "version";
  if (line.contains("api")) {
    const Result<int16_t> key = integer(line, "api");
    if (!key.ok()) return key.status();
    const Result<kafka::MessageKind> kind = kind_of(line);
    if (!kind.ok()) return kind.status();
    named.schema = kafka::find_message(*key, *kind);
    if (named.schema == nullptr) return wrong(fmt::format("there is no API {} here", *key));
  } else if (line.contains("class")) {
    const Result<std::string> name = text(line, "class");
    if (!name.ok()) return name.status();
    named.schema = kafka::find_message(*name);
    if (named.schema == nullptr) return wrong(fmt::format("there is no {} here", *name));
  } else if (line.contains("kind")) {
    const Result<kafka::MessageKind> kind = kind_of(line);
    if (!kind.ok()) return kind.status();
    named.schema =
        kafka::find_message(*kind == kafka::MessageKind::request ? "RequestHeader" : "ResponseHeader");
    version_name = "header_version";
  } else if (line.contains("part")) {
    named.schema = kafka::find_message("ControlRecordTypeSchema");
    return named;
  } else {
    return named;
  }
  const Result<int16_t> version = integer(line, version_name);
  if (!version.ok()) return version.status();
  named.version = *version;
  return named;
}

/// The batches' JSON, as far as there are whole ones.
Status decode_batches(const Bytes& bytes, Json& line) {
  kafka::BatchReader reader(bytes);
  Json batches = Json::array();
  while (const auto batch = reader.next()) {
    const Result<std::string> json = kafka::to_json(*batch);
    if (!json.ok())
      return wrong(fmt::format("{}, in the batch at byte {}", json.status().message,
                               bytes.size() - reader.rest().size() - batch->bytes.size()));
    batches.push_back(Json::parse(*json));
  }
  const size_t valid_bytes = bytes.size() - reader.rest().size();
  if (!reader.error().ok())
    return wrong(fmt::format("{}: {}, at byte {}", error_name(reader.error().code), reader.error().message,
                             valid_bytes));
  line["valid_bytes"] = valid_bytes;
  if (batches.size() == 1) {
    line["decoded"] = std::move(batches.front());
  } else {
    line["decoded_batches"] = std::move(batches);
  }
  return {};
}

Result<Bytes> encode_batches(const Json& line) {
  Slices batches;
  const auto one = line.find("decoded");
  const auto several = line.find("decoded_batches");
  if (one == line.end() && several == line.end()) return wrong("decoded: a record batch is needed");
  for (const Json& batch : one != line.end() ? Json::array({*one}) : *several) {
    const Result<Bytes> bytes = kafka::batch_from_json(batch.dump());
    if (!bytes.ok()) return bytes.status();
    batches.emplace_back(*bytes);
  }
  return joined(batches);
}

Result<Bytes> encode_message(const Named& named, const Json& line) {
  const auto json = line.find("json");
  if (json == line.end()) return wrong("json: a message is needed");
  std::vector<Bytes> records;
  if (const auto hexes = line.find("records"); hexes != line.end()) {
    if (!hexes->is_array()) return wrong("records: an array is needed");
    for (const Json& hex : *hexes) {
      const Result<Bytes> bytes = parse_hex(hex.is_string() ? hex.get<std::string>() : "?");
      if (!bytes.ok()) return wrong("records: " + bytes.status().message);
      records.push_back(*bytes);
    }
  }
  const auto message = kafka::AnyMessage::from_json(*named.schema, named.version, json->dump(), records);
  if (!message.ok()) return message.status();
  return message->encode();
}

}  // namespace

Status decode_line(Json& line) {
  if (!line.is_object()) return wrong("a line is a JSON object");
  const Result<Named> named = message_of(line);
  if (!named.ok()) return named.status();
  const Result<std::string> hex = text(line, "hex");
  if (!hex.ok()) return hex.status();
  const Result<Bytes> bytes = parse_hex(*hex);
  if (!bytes.ok()) return wrong("hex: " + bytes.status().message);
  if (named->schema == nullptr) return decode_batches(*bytes, line);

  const auto message = kafka::AnyMessage::decode(*named->schema, named->version, *bytes);
  if (!message.ok()) return message.status();
  line["json"] = Json::parse(message->to_json());
  line.erase("records");
  for (const Bytes& record : message->records()) line["records"].push_back(to_hex(record.span()));
  if (message->consumed() < bytes->size()) line["left_over_bytes"] = bytes->size() - message->consumed();
  return {};
}

Status encode_line(Json& line) {
  if (!line.is_object()) return wrong("a line is a JSON object");
  const Result<Named> named = message_of(line);
  if (!named.ok()) return named.status();
  const Result<Bytes> bytes = named->schema == nullptr ? encode_batches(line) : encode_message(*named, line);
  if (!bytes.ok()) return bytes.status();
  line["hex"] = to_hex(bytes->span());
  return {};
}

Result<Bytes> parse_hex(std::string_view text) {
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (std::isspace(c)) continue;
    if (!std::isxdigit(c))
      return Status::error(StatusCode::invalid, fmt::format("character {} is no hexadecimal digit", i + 1),
                           fmt::format("{}번째 글자는 16진수가 아닙니다", i + 1));
    digits += text[i];
  }
  if (digits.size() % 2 != 0)
    return Status::error(
        StatusCode::invalid,
        fmt::format("{} hexadecimal digits: the last byte is only half there", digits.size()),
        fmt::format("16진수 {}자리: 마지막 바이트가 반쪽입니다(바이트마다 두 자리)", digits.size()));
  return Bytes::adopt(from_hex(digits));
}

}  // namespace brokerlab

// JSON of messages, in both directions: the shape of Kafka's generated JsonConverters.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::span<const uint8_t> bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? bytes[i + j] : 0u);
    const size_t digits = std::min<size_t>(bytes.size() - i, 3) + 1;
    for (size_t j = 0; j < 4; ++j) text += j < digits ? base64_digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::vector<uint8_t> bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) return Status::error(StatusCode::invalid, "not base64");
    group = group << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<uint8_t>(group >> bits));
  }
  return Bytes::adopt(std::move(bytes));
}

// Kafka prints of records only how many bytes they are, under this name.
std::string records_size_name(const Field& field) { return std::string(field.name) + "SizeInBytes"; }

bool is_in_version(const Field& field, int16_t version) { return field.versions.present.contains(version); }

// ---- print

Json json_of(const StructSchema& schema, const void* object, int16_t version);

Json json_of(const Type& type, const void* value, int16_t version) {
  switch (type.kind) {
    case Kind::boolean:
      return as<bool>(value);
    case Kind::int8:
      return as<int8_t>(value);
    case Kind::int16:
      return as<int16_t>(value);
    case Kind::uint16:
      return as<uint16_t>(value);
    case Kind::int32:
      return as<int32_t>(value);
    case Kind::int64:
      return as<int64_t>(value);
    case Kind::float64:
      return as<double>(value);
    case Kind::uuid:
      return as<Uuid>(value).to_string();
    case Kind::string:
      return as<std::string>(value);
    case Kind::bytes:
      return to_base64(as<Bytes>(value).span());
    case Kind::records:
      return size_of(as<Slices>(value));
    case Kind::structure:
      return json_of(*type.structure, value, version);
    case Kind::array: {
      Json array = Json::array();
      for (size_t i = 0; i < type.array->size(value); ++i)
        array.push_back(json_of(type.array->element, type.array->at(value, i), version));
      return array;
    }
  }
  return {};
}

/// Kafka prints tagged fields where they are declared, which is where the struct has them.
std::vector<const Field*> in_order_of_declaration(const StructSchema& schema) {
  std::vector<const Field*> fields;
  for (const Field& field : schema.fields) fields.push_back(&field);
  std::ranges::sort(fields, {}, &Field::offset);
  return fields;
}

Json json_of(const StructSchema& schema, const void* object, int16_t version) {
  Json json = Json::object();
  for (const Field* declared : in_order_of_declaration(schema)) {
    const Field& field = *declared;
    if (!is_in_version(field, version)) continue;
    if (field.versions.tag >= 0 && is_default(schema, field, object)) continue;
    const void* value = value_of(field, object);
    if (value == nullptr) {
      json[std::string(field.name)] = nullptr;
    } else if (field.type.kind == Kind::records) {
      json[records_size_name(field)] = json_of(field.type, value, version);
    } else {
      json[std::string(field.name)] = json_of(field.type, value, version);
    }
  }
  return json;
}

// ---- records

void collect_records(const StructSchema& schema, const void* object, int16_t version,
                     std::vector<Bytes>& found);

void collect_records(const Type& type, const void* value, int16_t version, std::vector<Bytes>& found) {
  if (type.kind == Kind::records) {
    found.push_back(joined(as<Slices>(value)));
  } else if (type.kind == Kind::structure) {
    collect_records(*type.structure, value, version, found);
  } else if (type.kind == Kind::array && type.array->element.kind == Kind::structure) {
    for (size_t i = 0; i < type.array->size(value); ++i)
      collect_records(type.array->element, type.array->at(value, i), version, found);
  }
}

void collect_records(const StructSchema& schema, const void* object, int16_t version,
                     std::vector<Bytes>& found) {
  for (const Field& field : schema.fields)
    if (const void* value = is_in_version(field, version) ? value_of(field, object) : nullptr)
      collect_records(field.type, value, version, found);
}

// ---- read

class JsonReader {
 public:
  JsonReader(int16_t version, std::span<const Bytes> records) : version_(version), records_(records) {}

  Status read(const StructSchema& schema, void* object, const Json& json) {
    if (!json.is_object()) return wrong("an object");
    for (const Field& field : schema.fields) {
      if (!is_in_version(field, version_)) continue;
      auto found = json.find(field.name);
      if (found == json.end() && field.type.kind == Kind::records)
        found = json.find(records_size_name(field));
      if (found == json.end()) continue;
      Status status = read(field, object, *found);
      if (!status.ok()) return Status::error(status.code, std::string(field.name) + ": " + status.message);
    }
    return {};
  }

 private:
  Status read(const Field& field, void* object, const Json& json) {
    void* member = field.in(object);
    if (field.type.optional == nullptr) return read(field.type, member, json);
    if (!json.is_null()) return read(field.type, field.type.optional->emplace(member), json);
    if (!field.versions.null.contains(version_)) return wrong("a value");
    field.type.optional->reset(member);
    return {};
  }

  Status read(const Type& type, void* value, const Json& json) {
    switch (type.kind) {
      case Kind::boolean:
        if (!json.is_boolean()) return wrong("true or false");
        as<bool>(value) = json.get<bool>();
        return {};
      case Kind::int8:
        return read_integer<int8_t>(value, json);
      case Kind::int16:
        return read_integer<int16_t>(value, json);
      case Kind::uint16:
        return read_integer<uint16_t>(value, json);
      case Kind::int32:
        return read_integer<int32_t>(value, json);
      case Kind::int64:
        return read_integer<int64_t>(value, json);
      case Kind::float64:
        if (!json.is_number()) return wrong("a number");
        as<double>(value) = json.get<double>();
        return {};
      case Kind::uuid: {
        if (!json.is_string()) return wrong("a UUID");
        const auto uuid = Uuid::parse(json.get_ref<const std::string&>());
        if (uuid.to_string() != json.get_ref<const std::string&>()) return wrong("a UUID");
        as<Uuid>(value) = uuid;
        return {};
      }
      case Kind::string:
        if (!json.is_string()) return wrong("a string");
        as<std::string>(value) = json.get<std::string>();
        return {};
      case Kind::bytes: {
        if (!json.is_string()) return wrong("base64");
        auto bytes = from_base64(json.get_ref<const std::string&>());
        if (!bytes.ok()) return bytes.status();
        as<Bytes>(value) = *bytes;
        return {};
      }
      case Kind::records: {
        if (records_.empty() || !json.is_number_integer() || json.get<uint64_t>() != records_.front().size())
          return wrong("the size of the records given");
        as<Slices>(value) = {records_.front()};
        records_ = records_.subspan(1);
        return {};
      }
      case Kind::structure:
        return read(*type.structure, value, json);
      case Kind::array: {
        if (!json.is_array()) return wrong("an array");
        type.array->clear(value);
        for (const Json& element : json) {
          Status status = read(type.array->element, type.array->append(value), element);
          if (!status.ok()) return status;
        }
        return {};
      }
    }
    return {};
  }

  template <class Integer>
  Status read_integer(void* value, const Json& json) {
    if (!json.is_number_integer() || !fits<Integer>(json)) return wrong("an integer in range");
    as<Integer>(value) = json.get<Integer>();
    return {};
  }
  template <class Integer>
  static bool fits(const Json& json) {
    return json.is_number_unsigned() ? std::in_range<Integer>(json.get<uint64_t>())
                                     : std::in_range<Integer>(json.get<int64_t>());
  }

  static Status wrong(const std::string& expected) {
    return Status::error(StatusCode::invalid, expected + " was expected");
  }

  int16_t version_;
  std::span<const Bytes> records_;
};

}  // namespace

namespace untyped {

std::string to_json(const void* message, const MessageSchema& schema, int16_t version) {
  BROKERLAB_ASSERT(schema.versions.contains(version));
  // Strings are the peer's bytes, which need not be UTF-8.
  return json_of(*schema.root, message, version).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Bytes> records_of(const void* message, const MessageSchema& schema, int16_t version) {
  BROKERLAB_ASSERT(schema.versions.contains(version));
  std::vector<Bytes> found;
  collect_records(*schema.root, message, version, found);
  return found;
}

Status from_json(void* message, const MessageSchema& schema, int16_t version, std::string_view json,
                 std::span<const Bytes> records) {
  const std::string where = std::string(schema.name) + " version " + std::to_string(version) + ": ";
  if (!schema.versions.contains(version))
    return Status::error(StatusCode::invalid, where + "there is no such version");
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return Status::error(StatusCode::invalid, where + "not JSON");
  Status status = JsonReader(version, records).read(*schema.root, message, parsed);
  return status.ok() ? status : Status::error(status.code, where + status.message);
}

}  // namespace untyped
}  // namespace brokerlab::kafka

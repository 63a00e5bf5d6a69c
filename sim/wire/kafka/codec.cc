#include "sim/wire/kafka/codec.h"

#include <algorithm>
#include <string>

#include "sim/base/assert.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {
namespace {

constexpr size_t longest_string = INT16_MAX;

struct Context {
  int16_t version;
  bool flexible;
};

// How lengths and counts are written: flexible versions use the length plus one as an unsigned varint, with 0
// for null; classic ones an int16 (strings) or int32, with -1 for null. A struct that can be null has 1 in
// front, and for null -1, or 0 where it is a tagged field.
enum class LengthEncoding : uint8_t { compact, classic_int16, classic_int32 };

LengthEncoding length_encoding(Kind kind, bool compact) {
  if (compact) return LengthEncoding::compact;
  return kind == Kind::string ? LengthEncoding::classic_int16 : LengthEncoding::classic_int32;
}

// ---- encode

void write_length(Writer& writer, LengthEncoding encoding, uint64_t length) {
  BROKERLAB_ASSERT(length < INT32_MAX);
  switch (encoding) {
    case LengthEncoding::compact:
      return writer.unsigned_varint(static_cast<uint32_t>(length) + 1);
    case LengthEncoding::classic_int16:
      return writer.int16(static_cast<int16_t>(length));
    case LengthEncoding::classic_int32:
      return writer.int32(static_cast<int32_t>(length));
  }
}

void write_null(Writer& writer, const Field& field, bool compact) {
  if (field.type.kind == Kind::structure) return writer.int8(field.versions.tag < 0 ? -1 : 0);
  switch (length_encoding(field.type.kind, compact)) {
    case LengthEncoding::compact:
      return writer.unsigned_varint(0);
    case LengthEncoding::classic_int16:
      return writer.int16(-1);
    case LengthEncoding::classic_int32:
      return writer.int32(-1);
  }
}

// At most the longest string that a reader takes, and not in the middle of a character.
std::string_view cut_to_longest(std::string_view text) {
  if (text.size() <= longest_string) return text;
  size_t length = longest_string;
  while (length > 0 && (static_cast<uint8_t>(text[length]) & 0xC0) == 0x80) --length;
  return text.substr(0, length);
}

void write_struct(Writer& writer, const StructSchema& schema, const void* object, Context context);

void write_value(Writer& writer, const Type& type, const void* value, Context context, bool compact) {
  const LengthEncoding encoding = length_encoding(type.kind, compact);
  switch (type.kind) {
    case Kind::boolean:
      return writer.int8(as<bool>(value) ? 1 : 0);
    case Kind::int8:
      return writer.int8(as<int8_t>(value));
    case Kind::int16:
      return writer.int16(as<int16_t>(value));
    case Kind::uint16:
      return writer.int16(static_cast<int16_t>(as<uint16_t>(value)));
    case Kind::int32:
      return writer.int32(as<int32_t>(value));
    case Kind::int64:
      return writer.int64(as<int64_t>(value));
    case Kind::float64:
      return writer.float64(as<double>(value));
    case Kind::uuid:
      return writer.uuid(as<Uuid>(value));
    case Kind::string: {
      const std::string_view text = cut_to_longest(as<std::string>(value));
      write_length(writer, encoding, text.size());
      return writer.raw(text);
    }
    case Kind::bytes: {
      const Bytes& bytes = as<Bytes>(value);
      write_length(writer, encoding, bytes.size());
      return writer.raw(bytes.span());
    }
    case Kind::records: {
      const Slices& slices = as<Slices>(value);
      write_length(writer, encoding, size_of(slices));
      return writer.slices(slices);
    }
    case Kind::structure:
      if (type.optional != nullptr) writer.int8(1);
      return write_struct(writer, *type.structure, value, context);
    case Kind::array: {
      const size_t count = type.array->size(value);
      write_length(writer, encoding, count);
      for (size_t i = 0; i < count; ++i)
        write_value(writer, type.array->element, type.array->at(value, i), context, compact);
      return;
    }
  }
}

void write_field(Writer& writer, const Field& field, const void* object, Context context) {
  const bool compact = context.flexible && field.versions.compact;
  if (const void* value = value_of(field, object)) {
    return write_value(writer, field.type, value, context, compact);
  }
  BROKERLAB_ASSERT_THAT(field.versions.null.contains(context.version),
                        std::string(field.name) + " is null in version " + std::to_string(context.version));
  write_null(writer, field, compact);
}

// The tagged field of this number in this version; null when there is none.
const Field* known_tag(const StructSchema& schema, uint32_t tag, Context context) {
  for (size_t i = schema.ordinary; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    if (static_cast<uint32_t>(field.versions.tag) == tag && field.versions.present.contains(context.version))
      return &field;
  }
  return nullptr;
}

void write_tag(Writer& writer, const Field& field, const void* object, Context context) {
  Writer counter;
  write_field(counter, field, object, context);
  writer.unsigned_varint(static_cast<uint32_t>(field.versions.tag));
  writer.unsigned_varint(static_cast<uint32_t>(counter.size()));
  write_field(writer, field, object, context);
}

void write_tag(Writer& writer, const UnknownTag& tag) {
  writer.unsigned_varint(tag.tag);
  writer.unsigned_varint(static_cast<uint32_t>(tag.data.size()));
  writer.raw(tag.data.span());
}

// Known tags that differ from their defaults, and unknown ones, together in the order of their numbers.
void write_tags(Writer& writer, const StructSchema& schema, const void* object, Context context) {
  std::vector<const Field*> known;
  for (size_t i = schema.ordinary; i < schema.fields.size(); ++i) {
    if (schema.fields[i].versions.present.contains(context.version) &&
        !is_default(schema, schema.fields[i], object))
      known.push_back(&schema.fields[i]);
  }
  std::vector<const UnknownTag*> unknown;
  for (const UnknownTag& tag : unknown_tags_of(schema, object)) {
    if (known_tag(schema, tag.tag, context) == nullptr) unknown.push_back(&tag);
  }
  std::stable_sort(unknown.begin(), unknown.end(),
                   [](const UnknownTag* a, const UnknownTag* b) { return a->tag < b->tag; });
  writer.unsigned_varint(static_cast<uint32_t>(known.size() + unknown.size()));
  auto next = unknown.begin();
  for (const Field* field : known) {
    for (; next != unknown.end() && (*next)->tag < static_cast<uint32_t>(field->versions.tag); ++next)
      write_tag(writer, **next);
    write_tag(writer, *field, object, context);
  }
  for (; next != unknown.end(); ++next) write_tag(writer, **next);
}

void write_struct(Writer& writer, const StructSchema& schema, const void* object, Context context) {
  for (size_t i = 0; i < schema.ordinary; ++i) {
    const Field& field = schema.fields[i];
    if (field.versions.present.contains(context.version)) write_field(writer, field, object, context);
  }
  if (context.flexible) write_tags(writer, schema, object, context);
}

// ---- decode

// A length that is at most what is left, so that nothing is allocated for bytes that are not there; -1 for
// null.
int64_t read_length(Reader& reader, LengthEncoding encoding) {
  int64_t length = 0;
  switch (encoding) {
    case LengthEncoding::compact:
      length = int64_t{reader.unsigned_varint()} - 1;
      break;
    case LengthEncoding::classic_int16:
      length = reader.int16();
      break;
    case LengthEncoding::classic_int32:
      length = reader.int32();
      break;
  }
  if (length > static_cast<int64_t>(reader.remaining())) reader.fail("a length is larger than what is left");
  return std::max<int64_t>(length, -1);
}

size_t smallest_size(const StructSchema& schema, Context context);

// The fewest bytes that a value takes, never 0: it bounds how many elements an array can have.
size_t smallest_size(const Type& type, Context context, bool compact) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::int8:
      return 1;
    case Kind::int16:
    case Kind::uint16:
      return 2;
    case Kind::int32:
      return 4;
    case Kind::int64:
    case Kind::float64:
      return 8;
    case Kind::uuid:
      return 16;
    case Kind::string:
      return compact ? 1 : 2;
    case Kind::bytes:
    case Kind::records:
    case Kind::array:
      return compact ? 1 : 4;
    case Kind::structure:
      return type.optional != nullptr ? 1 : smallest_size(*type.structure, context);
  }
  return 1;
}

size_t smallest_size(const StructSchema& schema, Context context) {
  size_t size = context.flexible ? 1 : 0;  // the number of tagged fields
  for (size_t i = 0; i < schema.ordinary; ++i) {
    const Field& field = schema.fields[i];
    if (!field.versions.present.contains(context.version)) continue;
    size += smallest_size(field.type, context, context.flexible && field.versions.compact);
  }
  return std::max<size_t>(size, 1);
}

void read_struct(Reader& reader, const StructSchema& schema, void* object, Context context);

// `length` is that of a string, bytes, records or an array, already checked.
void read_value(Reader& reader, const Type& type, void* value, uint64_t length, Context context,
                bool compact);

// `versions` are those of a field; null for an element of an array.
void read_member(Reader& reader, const Type& type, void* member, const FieldVersions* versions,
                 Context context, bool compact) {
  int64_t length = 0;
  switch (type.kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::records:
    case Kind::array:
      length = read_length(reader, length_encoding(type.kind, compact));
      break;
    case Kind::structure:
      if (type.optional != nullptr) length = reader.int8() - (versions->tag < 0 ? 0 : 1);
      break;
    default:
      break;
  }
  if (length < 0) {
    if (versions == nullptr || !versions->null.contains(context.version))
      return reader.fail("null where there must be a value");
    return type.optional->reset(member);
  }
  void* value = type.optional != nullptr ? type.optional->emplace(member) : member;
  read_value(reader, type, value, static_cast<uint64_t>(length), context, compact);
}

void read_value(Reader& reader, const Type& type, void* value, uint64_t length, Context context,
                bool compact) {
  switch (type.kind) {
    case Kind::boolean:
      as<bool>(value) = reader.int8() != 0;
      return;
    case Kind::int8:
      as<int8_t>(value) = reader.int8();
      return;
    case Kind::int16:
      as<int16_t>(value) = reader.int16();
      return;
    case Kind::uint16:
      as<uint16_t>(value) = static_cast<uint16_t>(reader.int16());
      return;
    case Kind::int32:
      as<int32_t>(value) = reader.int32();
      return;
    case Kind::int64:
      as<int64_t>(value) = reader.int64();
      return;
    case Kind::float64:
      as<double>(value) = reader.float64();
      return;
    case Kind::uuid:
      as<Uuid>(value) = reader.uuid();
      return;
    case Kind::string:
      if (length > longest_string) return reader.fail("a string is longer than 32767 bytes");
      as<std::string>(value) = reader.view(length).text();
      return;
    case Kind::bytes:
      as<Bytes>(value) = reader.view(length);
      return;
    case Kind::records:
      as<Slices>(value) = {reader.view(length)};
      return;
    case Kind::structure:
      return read_struct(reader, *type.structure, value, context);
    case Kind::array: {
      const ArrayType& array = *type.array;
      if (length > reader.remaining() / smallest_size(array.element, context, compact))
        return reader.fail("an array has more elements than bytes are left for");
      array.clear(value);
      for (uint64_t i = 0; i < length && reader.ok(); ++i)
        read_member(reader, array.element, array.append(value), nullptr, context, compact);
      return;
    }
  }
}

void read_field(Reader& reader, const Field& field, void* object, Context context) {
  read_member(reader, field.type, field.in(object), &field.versions, context,
              context.flexible && field.versions.compact);
  reader.name_error(field.name);
}

void read_tags(Reader& reader, const StructSchema& schema, void* object, Context context) {
  const uint32_t count = reader.unsigned_varint();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t tag = reader.unsigned_varint();
    const Bytes data = reader.view(reader.unsigned_varint());
    if (!reader.ok()) return;
    const Field* field = known_tag(schema, tag, context);
    if (field == nullptr) {
      unknown_tags_of(schema, object).push_back({tag, data});
      continue;
    }
    Reader inside(data);
    read_field(inside, *field, object, context);
    if (inside.remaining() > 0) inside.fail("a tagged field is longer than its value");
    if (!inside.ok())
      return reader.fail_at(reader.position() - data.size() + inside.position(), inside.status());
  }
}

void read_struct(Reader& reader, const StructSchema& schema, void* object, Context context) {
  for (size_t i = 0; i < schema.ordinary && reader.ok(); ++i) {
    const Field& field = schema.fields[i];
    if (field.versions.present.contains(context.version)) read_field(reader, field, object, context);
  }
  if (context.flexible) read_tags(reader, schema, object, context);
}

void write_framing(Writer& writer, const MessageSchema& schema, int16_t version) {
  switch (schema.framing) {
    case Framing::none:
      return;
    case Framing::version:
      return writer.int16(version);
    case Framing::record_type:
      return writer.int16(schema.record_type);
    case Framing::metadata:
      writer.unsigned_varint(metadata_frame_version);
      writer.unsigned_varint(static_cast<uint32_t>(schema.record_type));
      return writer.unsigned_varint(static_cast<uint32_t>(version));
  }
}

// The version of the body that follows.
int16_t read_framing(Reader& reader, const MessageSchema& schema) {
  const auto check_type = [&](int64_t type) {
    if (reader.ok() && type != schema.record_type)
      reader.fail("the record type is " + std::to_string(type) + ", not " +
                  std::to_string(schema.record_type));
  };
  switch (schema.framing) {
    case Framing::none:
      return 0;
    case Framing::version:
      return reader.int16();
    case Framing::record_type:
      check_type(reader.int16());
      return 0;
    case Framing::metadata: {
      if (reader.unsigned_varint() != metadata_frame_version) reader.fail("unknown metadata frame version");
      check_type(reader.unsigned_varint());
      const uint32_t version = reader.unsigned_varint();
      if (version > INT16_MAX) reader.fail("impossible record version " + std::to_string(version));
      return static_cast<int16_t>(version);
    }
  }
  return 0;
}

Context context_of(const MessageSchema& schema, int16_t version) {
  return {version, version >= schema.first_flexible};
}

Status decode_body(void* message, const MessageSchema& schema, int16_t version, Reader& reader,
                   size_t& consumed) {
  const auto error = [&](const std::string& what) {
    return Status::error(StatusCode::invalid,
                         std::string(schema.name) + " version " + std::to_string(version) + ": " + what);
  };
  if (!schema.versions.contains(version)) return error("there is no such version");
  read_struct(reader, *schema.root, message, context_of(schema, version));
  consumed = reader.position();
  if (reader.ok()) return {};
  return error(reader.status().message + " at byte " + std::to_string(reader.position()));
}

}  // namespace

namespace untyped {

void encode(const void* message, const MessageSchema& schema, int16_t version, Writer& writer) {
  BROKERLAB_ASSERT_THAT(schema.versions.contains(version),
                        std::string(schema.name) + " has no version " + std::to_string(version));
  write_struct(writer, *schema.root, message, context_of(schema, version));
}

Slices encode(const void* message, const MessageSchema& schema, int16_t version) {
  Writer counter;
  encode(message, schema, version, counter);
  Writer writer(counter.memory_size());
  encode(message, schema, version, writer);
  return writer.take();
}

Bytes encode_framed(const void* message, const MessageSchema& schema, int16_t version) {
  const auto write = [&](Writer& writer) {
    write_framing(writer, schema, version);
    encode(message, schema, version, writer);
  };
  Writer counter;
  write(counter);
  Writer writer(counter.size());
  write(writer);
  return joined(writer.take());
}

Status decode(void* message, const MessageSchema& schema, int16_t version, const Bytes& body,
              size_t& consumed) {
  Reader reader(body);
  return decode_body(message, schema, version, reader, consumed);
}

Result<int16_t> decode_framed(void* message, const MessageSchema& schema, const Bytes& bytes,
                              size_t& consumed) {
  Reader reader(bytes);
  const int16_t version = read_framing(reader, schema);
  if (!reader.ok())
    return Status::error(StatusCode::invalid, std::string(schema.name) + ": " + reader.status().message +
                                                  " at byte " + std::to_string(reader.position()));
  const Status status = decode_body(message, schema, version, reader, consumed);
  if (!status.ok()) return status;
  return version;
}

}  // namespace untyped
}  // namespace brokerlab::kafka

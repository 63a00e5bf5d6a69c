#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const void* value_of(const Field& field, const void* object) {
  const void* member = field.in(object);
  return field.type.optional != nullptr ? field.type.optional->get(member) : member;
}

const UnknownTags& unknown_tags_of(const StructSchema& schema, const void* object) {
  return *reinterpret_cast<const UnknownTags*>(static_cast<const char*>(object) +
                                               *schema.unknown_tags_offset);
}

UnknownTags& unknown_tags_of(const StructSchema& schema, void* object) {
  return *reinterpret_cast<UnknownTags*>(static_cast<char*>(object) + *schema.unknown_tags_offset);
}

namespace {

bool equal(const StructSchema& schema, const void* a, const void* b);

bool equal(const Type& type, const void* a, const void* b) {
  switch (type.kind) {
    case Kind::boolean:
      return as<bool>(a) == as<bool>(b);
    case Kind::int8:
      return as<int8_t>(a) == as<int8_t>(b);
    case Kind::int16:
      return as<int16_t>(a) == as<int16_t>(b);
    case Kind::uint16:
      return as<uint16_t>(a) == as<uint16_t>(b);
    case Kind::int32:
      return as<int32_t>(a) == as<int32_t>(b);
    case Kind::int64:
      return as<int64_t>(a) == as<int64_t>(b);
    case Kind::float64:
      return as<double>(a) == as<double>(b);
    case Kind::uuid:
      return as<Uuid>(a) == as<Uuid>(b);
    case Kind::string:
      return as<std::string>(a) == as<std::string>(b);
    case Kind::bytes:
      return as<Bytes>(a) == as<Bytes>(b);
    case Kind::records:
      return as<Slices>(a) == as<Slices>(b);
    case Kind::structure:
      return equal(*type.structure, a, b);
    case Kind::array: {
      const ArrayType& array = *type.array;
      if (array.size(a) != array.size(b)) return false;
      for (size_t i = 0; i < array.size(a); ++i)
        if (!equal(array.element, array.at(a, i), array.at(b, i))) return false;
      return true;
    }
  }
  return false;
}

bool equal_fields(const Field& field, const void* object_a, const void* object_b) {
  const void* a = value_of(field, object_a);
  const void* b = value_of(field, object_b);
  if (a == nullptr || b == nullptr) return a == b;
  return equal(field.type, a, b);
}

bool equal(const StructSchema& schema, const void* a, const void* b) {
  if (schema.unknown_tags_offset && unknown_tags_of(schema, a) != unknown_tags_of(schema, b)) return false;
  return std::all_of(schema.fields.begin(), schema.fields.end(),
                     [&](const Field& field) { return equal_fields(field, a, b); });
}

}  // namespace

bool is_default(const StructSchema& schema, const Field& field, const void* object) {
  return equal_fields(field, object, schema.defaults);
}

}  // namespace brokerlab::kafka

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const void* value_of(const Field& field, const void* object) {
  const void* member = field.in(object);
  return field.type.optional != nullptr ? field.type.optional->get(member) : member;
}

namespace {

bool equal_fields(const Field& field, const void* object_a, const void* object_b);

bool equal(const Type& type, const void* a, const void* b) {
  switch (type.kind) {
    case Kind::boolean:
      return *static_cast<const bool*>(a) == *static_cast<const bool*>(b);
    case Kind::int8:
      return *static_cast<const int8_t*>(a) == *static_cast<const int8_t*>(b);
    case Kind::int16:
      return *static_cast<const int16_t*>(a) == *static_cast<const int16_t*>(b);
    case Kind::uint16:
      return *static_cast<const uint16_t*>(a) == *static_cast<const uint16_t*>(b);
    case Kind::int32:
      return *static_cast<const int32_t*>(a) == *static_cast<const int32_t*>(b);
    case Kind::int64:
      return *static_cast<const int64_t*>(a) == *static_cast<const int64_t*>(b);
    case Kind::float64:
      return *static_cast<const double*>(a) == *static_cast<const double*>(b);
    case Kind::uuid:
      return *static_cast<const Uuid*>(a) == *static_cast<const Uuid*>(b);
    case Kind::string:
      return *static_cast<const std::string*>(a) == *static_cast<const std::string*>(b);
    case Kind::bytes:
      return *static_cast<const Bytes*>(a) == *static_cast<const Bytes*>(b);
    case Kind::records:
      return *static_cast<const Slices*>(a) == *static_cast<const Slices*>(b);
    case Kind::structure:
      return std::all_of(type.structure->fields.begin(), type.structure->fields.end(),
                         [&](const Field& field) { return equal_fields(field, a, b); });
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

}  // namespace

bool is_default(const StructSchema& schema, const Field& field, const void* object) {
  return equal_fields(field, object, schema.defaults);
}

}  // namespace brokerlab::kafka

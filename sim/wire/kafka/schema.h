// A message's list of fields (field.h) as a table that code walks: where each field lies in the struct, of
// which type, in which versions.
//
// `schema_of<M>()` makes it once, by visiting a default-constructed M. Only the .cc file of a message
// includes this header: the templates that name C++ types end here, and what encodes, decodes and prints is
// ordinary code.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/base/assert.h"
#include "sim/base/ids.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct StructSchema;
struct ArrayType;
struct OptionalType;

enum class Kind : uint8_t {
  boolean,
  int8,
  int16,
  uint16,
  int32,
  int64,
  float64,
  uuid,
  string,
  bytes,
  records,
  structure,
  array,
};

/// The type of a field or of an element of an array.
struct Type {
  Kind kind;
  const StructSchema* structure = nullptr;  ///< of Kind::structure
  const ArrayType* array = nullptr;         ///< of Kind::array
  const OptionalType* optional = nullptr;   ///< the member is a std::optional of what `kind` says
};

/// Access to a std::vector<T> behind a void pointer.
struct ArrayType {
  Type element;
  size_t (*size)(const void* array);
  const void* (*at)(const void* array, size_t index);
  void (*clear)(void* array);
  void* (*append)(void* array);
};

/// Access to a std::optional<T> behind a void pointer.
struct OptionalType {
  const void* (*get)(const void* optional);  ///< null when it has no value
  void* (*emplace)(void* optional);
  void (*reset)(void* optional);
};

struct Field {
  std::string_view name;
  FieldVersions versions;
  Type type;
  size_t offset;  ///< in the struct, in bytes

  const void* in(const void* object) const { return static_cast<const char*>(object) + offset; }
  void* in(void* object) const { return static_cast<char*>(object) + offset; }
};

struct StructSchema {
  std::vector<Field> fields;  ///< the ordinary ones in the order of the wire, then the tagged ones by tag
  size_t ordinary = 0;        ///< how many of `fields` are ordinary
  std::optional<size_t> unknown_tags_offset;  ///< none in structs without a flexible version
  const void* defaults = nullptr;             ///< a default-constructed struct
};

template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}
template <class T>
T& as(void* value) {
  return *static_cast<T*>(value);
}

/// The value of a field: what its std::optional holds, or the member itself. Null when it has none.
const void* value_of(const Field& field, const void* object);
/// REQUIRES: the struct keeps unknown tags, as every struct with a flexible version does.
const UnknownTags& unknown_tags_of(const StructSchema& schema, const void* object);
UnknownTags& unknown_tags_of(const StructSchema& schema, void* object);
/// Whether a tagged field holds its default, and so is absent from bytes and JSON. Unknown tags inside count.
bool is_default(const StructSchema& schema, const Field& field, const void* object);

struct MessageSchema {
  std::string_view name;
  Versions versions{};
  int16_t first_flexible = never_flexible;
  const StructSchema* root = nullptr;
  std::shared_ptr<void> (*make)() = nullptr;  ///< a default-constructed message
  Framing framing = Framing::none;
  int16_t record_type = 0;  ///< of records that are framed by type
};

template <class S>
const StructSchema* struct_schema();

template <class T>
Type type_of(const T*);
template <class T>
Type type_of(const std::vector<T>*);
template <class T>
Type type_of(const std::optional<T>*);
inline Type type_of(const Slices*) { return {.kind = Kind::records}; }

template <class T>
Type type_of(const T*) {
  if constexpr (std::is_same_v<T, bool>)
    return {.kind = Kind::boolean};
  else if constexpr (std::is_same_v<T, int8_t>)
    return {.kind = Kind::int8};
  else if constexpr (std::is_same_v<T, int16_t>)
    return {.kind = Kind::int16};
  else if constexpr (std::is_same_v<T, uint16_t>)
    return {.kind = Kind::uint16};
  else if constexpr (std::is_same_v<T, int32_t>)
    return {.kind = Kind::int32};
  else if constexpr (std::is_same_v<T, int64_t>)
    return {.kind = Kind::int64};
  else if constexpr (std::is_same_v<T, double>)
    return {.kind = Kind::float64};
  else if constexpr (std::is_same_v<T, Uuid>)
    return {.kind = Kind::uuid};
  else if constexpr (std::is_same_v<T, std::string>)
    return {.kind = Kind::string};
  else if constexpr (std::is_same_v<T, Bytes>)
    return {.kind = Kind::bytes};
  else
    return {.kind = Kind::structure, .structure = struct_schema<T>()};
}

template <class T>
Type type_of(const std::vector<T>*) {
  using Array = std::vector<T>;
  static const ArrayType array{
      .element = type_of(static_cast<const T*>(nullptr)),
      .size = [](const void* array) { return static_cast<const Array*>(array)->size(); },
      .at = [](const void* array, size_t index) -> const void* {
        return &(*static_cast<const Array*>(array))[index];
      },
      .clear = [](void* array) { static_cast<Array*>(array)->clear(); },
      .append = [](void* array) -> void* { return &static_cast<Array*>(array)->emplace_back(); },
  };
  return {.kind = Kind::array, .array = &array};
}

template <class T>
Type type_of(const std::optional<T>*) {
  using Optional = std::optional<T>;
  static const OptionalType optional{
      .get = [](const void* optional) -> const void* {
        const auto& value = *static_cast<const Optional*>(optional);
        return value.has_value() ? &*value : nullptr;
      },
      // Not emplace(): clang finds a nested T without a default constructor while its outer struct is incomplete.
      .emplace = [](void* optional) -> void* { return &static_cast<Optional*>(optional)->emplace(T()); },
      .reset = [](void* optional) { static_cast<Optional*>(optional)->reset(); },
  };
  Type type = type_of(static_cast<const T*>(nullptr));
  type.optional = &optional;
  return type;
}

template <class S>
const StructSchema* struct_schema() {
  static S defaults;
  static const StructSchema schema = [] {
    StructSchema made;
    const auto offset_of = [](const auto& member) {
      return static_cast<size_t>(reinterpret_cast<const char*>(&member) -
                                 reinterpret_cast<const char*>(&defaults));
    };
    defaults.fields([&](std::string_view name, auto& member, FieldVersions versions = always) {
      made.fields.push_back({name, versions, type_of(&member), offset_of(member)});
      BROKERLAB_ASSERT(versions.null.empty() || made.fields.back().type.optional != nullptr);
    });
    if constexpr (requires { defaults.unknown_tags; }) {
      made.unknown_tags_offset = offset_of(defaults.unknown_tags);
    }
    std::stable_sort(made.fields.begin(), made.fields.end(),
                     [](const Field& a, const Field& b) { return a.versions.tag < b.versions.tag; });
    made.ordinary = static_cast<size_t>(std::count_if(made.fields.begin(), made.fields.end(),
                                                      [](const Field& f) { return f.versions.tag < 0; }));
    made.defaults = &defaults;
    return made;
  }();
  return &schema;
}

/// Headers and records name their versions themselves; those of requests and responses stand in the API
/// table.
template <class M>
const MessageSchema& schema_of() {
  static const MessageSchema schema = [] {
    MessageSchema made{.name = M::schema_name, .root = struct_schema<M>()};
    made.make = []() -> std::shared_ptr<void> { return std::make_shared<M>(); };
    if constexpr (requires { M::versions; }) {
      made.versions = M::versions;
      made.first_flexible = M::first_flexible;
    } else {
      const Api* api = find_api(M::api_key);
      BROKERLAB_ASSERT(api != nullptr);
      made.versions = api->declared();
      made.first_flexible = api->first_flexible;
    }
    if constexpr (requires { M::framing; }) made.framing = M::framing;
    if constexpr (requires { M::record_type; }) made.record_type = M::record_type;
    return made;
  }();
  return schema;
}

}  // namespace brokerlab::kafka

#include "sim/runtime/record_format.h"

#include <algorithm>
#include <utility>

#include "sim/wire/kafka/crc32c.h"

namespace brokerlab::recording {

void put_fixed(uint8_t* to, uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(value >> 8 * i);
}

uint32_t fixed(const uint8_t* from) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= uint32_t{from[i]} << 8 * i;
  return value;
}

// ---- Output -----------------------------------------------------------------------------------------------

void Output::blob(const Bytes& value) {
  number(value.size());
  if (value.size() < least_part_bytes) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return;
  }
  parts_.push_back({bytes_.size(), value});
  frames_bytes_ += value.size();
}

void Output::append(Output& other) {
  for (Part& part : other.parts_) parts_.push_back({bytes_.size() + part.position, std::move(part.frame)});
  bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  frames_bytes_ += other.frames_bytes_;
  other.clear();
}

void Output::clear() {
  bytes_.clear();
  parts_.clear();
  frames_bytes_ = 0;
}

// ---- Input ------------------------------------------------------------------------------------------------

uint64_t Input::number() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    value |= uint64_t{rest_[i] & 0x7Fu} << 7 * i;
    if (rest_[i] < 0x80) {
      rest_ = rest_.subspan(i + 1);
      return value;
    }
  }
  fail();
  return 0;
}

std::span<const uint8_t> Input::span() {
  const uint64_t size = number();
  if (size > rest_.size()) fail();
  if (!ok_) return {};
  const std::span<const uint8_t> bytes = rest_.first(static_cast<size_t>(size));
  rest_ = rest_.subspan(bytes.size());
  return bytes;
}

// ---- what entries are made of -----------------------------------------------------------------------------

void put_status(Output& out, const Status& status) {
  out.number(static_cast<uint64_t>(status.code));
  if (status.ok()) return;
  out.text(status.message);
  out.text(status.korean);
}

Status take_status(Input& in) {
  const uint64_t code = in.number();
  if (code == static_cast<uint64_t>(StatusCode::ok)) return {};
  std::string message = in.text();
  std::string korean = in.text();
  if (code > static_cast<uint64_t>(StatusCode::limit)) {
    in.fail();
    return {};
  }
  return Status::error(static_cast<StatusCode>(code), std::move(message), std::move(korean));
}

void put_texts(Output& out, std::span<const std::string> texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> take_texts(Input& in) {
  std::vector<std::string> texts;
  for (size_t count = in.count(); count > 0 && in.ok(); --count) texts.push_back(in.text());
  return texts;
}

namespace {

struct FieldWriter {
  Output& out;
  template <class T>
  void operator()(std::string_view, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      out.text(value);
    } else if constexpr (std::is_enum_v<T>) {
      out.number(static_cast<uint64_t>(value));
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      out.signed_number(value);
    } else if constexpr (std::is_integral_v<T>) {
      out.number(value);
    } else if constexpr (is_vector<T>) {
      out.number(value.size());
      for (auto& item : value) (*this)({}, item);
    } else {
      visit_fields(value, *this);
    }
  }
  /// Most are `no_node` or small.
  void operator()(std::string_view, NodeId& node) { put_node(out, node); }
};

struct FieldReader {
  Input& in;
  template <class T>
  void operator()(std::string_view, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      value = in.text();
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(in.number());
    } else if constexpr (std::is_same_v<T, bool>) {
      value = in.number() != 0;
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      value = static_cast<T>(in.signed_number());
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(in.number());
    } else if constexpr (is_vector<T>) {
      for (size_t count = in.count(); count > 0 && in.ok(); --count) (*this)({}, value.emplace_back());
    } else {
      visit_fields(value, *this);
    }
  }
  void operator()(std::string_view, NodeId& node) { node = take_node(in); }
};

/// Kinds, names and types of all fields, in their order.
struct DeclarationHash {
  uint64_t state = 0xcbf29ce484222325u;
  void text(std::string_view value) {
    for (const char c : value) state = (state ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    state = (state ^ value.size()) * 0x100000001b3u;
  }
  template <class T>
  void operator()(std::string_view name, T& value) {
    text(name);
    if constexpr (std::is_same_v<T, std::string>) {
      text("text");
    } else if constexpr (std::is_enum_v<T>) {
      text("enum");
    } else if constexpr (std::is_integral_v<T>) {
      text(std::is_signed_v<T> ? "signed" : "unsigned");
    } else if constexpr (is_vector<T>) {
      typename T::value_type item{};
      (*this)("list", item);
    } else {
      visit_fields(value, *this);
    }
  }
};

template <size_t... Index>
EventPayload make_payload(size_t index, std::index_sequence<Index...>) {
  EventPayload payload;
  (void)((index == Index && (payload.emplace<Index>(), true)) || ...);
  return payload;
}

constexpr size_t payload_kinds = std::variant_size_v<EventPayload>;

}  // namespace

void put_payload(Output& out, const EventPayload& payload) {
  out.number(payload.index());
  std::visit(
      [&](const auto& value) {
        FieldWriter writer{out};
        visit_fields(const_cast<std::decay_t<decltype(value)>&>(value), writer);
      },
      payload);
}

EventPayload take_payload(Input& in) {
  const uint64_t index = in.number();
  if (index >= payload_kinds) {
    in.fail();
    return {};
  }
  EventPayload payload = make_payload(static_cast<size_t>(index), std::make_index_sequence<payload_kinds>{});
  FieldReader reader{in};
  std::visit([&](auto& value) { visit_fields(value, reader); }, payload);
  return payload;
}

uint64_t payload_declarations() {
  static const uint64_t hash = [] {
    DeclarationHash declarations;
    for (size_t index = 0; index < payload_kinds; ++index) {
      EventPayload payload = make_payload(index, std::make_index_sequence<payload_kinds>{});
      declarations.text(kind_of(payload));
      std::visit([&](auto& value) { visit_fields(value, declarations); }, payload);
    }
    return declarations.state;
  }();
  return hash;
}

// ---- blocks -----------------------------------------------------------------------------------------------

Result<BlockReader> BlockReader::open(std::span<const uint8_t> file) {
  if (file.size() < file_header_bytes || !std::equal(magic.begin(), magic.end(), file.begin()))
    return Status::error(StatusCode::invalid, "this is no recording of brokerlab",
                         "brokerlab의 기록 파일이 아닙니다");
  const uint32_t found = fixed(file.data() + magic.size());
  if (found != version) {
    const std::string number = std::to_string(found);
    return Status::error(StatusCode::invalid,
                         "this recording has version " + number +
                             " of the format, and this brokerlab reads " + std::to_string(version),
                         "기록 파일의 형식 버전은 " + number + "이고, 이 brokerlab이 읽는 버전은 " +
                             std::to_string(version) + "입니다");
  }
  return BlockReader(file);
}

BlockReader::Next BlockReader::next() {
  position_ = next_position_;
  payload_ = {};
  const std::span<const uint8_t> rest = file_.subspan(position_);
  if (rest.empty()) return Next::end;
  if (rest.size() < block_header_bytes) return Next::cut_off;
  const uint32_t size = fixed(rest.data());
  if (size > rest.size() - block_header_bytes) return Next::cut_off;
  if (size == 0 && std::all_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte == 0; }))
    return Next::cut_off;  // what fills up the last sector
  const std::span<const uint8_t> payload = rest.subspan(block_header_bytes, size);
  const uint32_t crc = kafka::crc32c(payload, kafka::crc32c(rest.first(4)));
  if (crc != fixed(rest.data() + 4)) {
    const bool is_last = rest.size() == block_header_bytes + size;
    return is_last ? Next::cut_off : Next::damaged;
  }
  payload_ = payload;
  next_position_ = position_ + block_header_bytes + size;
  return Next::block;
}

}  // namespace brokerlab::recording

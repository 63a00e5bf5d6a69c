#include "sim/base/event.h"

#include <fmt/format.h>

#include "sim/base/fields.h"

namespace brokerlab {

std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::produce:
      return "produce";
    case MessageKind::fetch:
      return "fetch";
    case MessageKind::replicate:
      return "replicate";
    case MessageKind::quorum:
      return "quorum";
    case MessageKind::control:
      return "control";
    case MessageKind::group:
      return "group";
    case MessageKind::cache:
      return "cache";
    case MessageKind::database:
      return "database";
  }
  return "?";
}

std::string_view kind_of(const EventPayload& payload) {
  return std::visit([](const auto& p) { return std::decay_t<decltype(p)>::kind; }, payload);
}

namespace {

template <class T>
std::string scalar_text(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, MessageKind>) {
    return std::string(to_string(value));
  } else if constexpr (std::is_same_v<T, TopicPartition> || std::is_same_v<T, Uuid>) {
    return value.to_string();
  } else if constexpr (std::is_same_v<T, NodeId>) {
    return value == no_node ? "-" : std::to_string(value.value);
  } else if constexpr (is_vector<T>) {
    return fmt::format("{}", fmt::join(value, ","));
  } else if constexpr (requires { value.value; }) {
    return std::to_string(value.value);
  } else {
    return fmt::format("{}", value);
  }
}

template <class T>
inline constexpr bool is_nested = std::is_same_v<T, MessageInfo> || std::is_same_v<T, FrameRef>;

/// Calls `sink(full name, text)` for each scalar field, nested ones as `message.topic`.
template <class Sink>
struct Texts {
  Sink& sink;
  std::string prefix;
  template <class T>
  void operator()(std::string_view name, T& value) {
    if constexpr (is_nested<T>) {
      Texts inner{sink, prefix + std::string(name) + "."};
      visit_fields(value, inner);
    } else {
      sink(prefix + std::string(name), scalar_text(value));
    }
  }
};

template <class Sink>
void visit_texts(const EventPayload& payload, Sink sink) {
  std::visit(
      [&](const auto& p) {
        Texts<Sink> texts{sink, {}};
        visit_fields(const_cast<std::decay_t<decltype(p)>&>(p), texts);
      },
      payload);
}

}  // namespace

std::string describe(const EventPayload& payload) {
  std::string line;
  visit_texts(payload, [&](const std::string& name, const std::string& value) {
    if (name.find('.') != std::string::npos && (value.empty() || value == "-1")) return;
    if (!line.empty()) line += ' ';
    line += name + '=' + value;
  });
  return line;
}

bool field_of(const EventPayload& payload, std::string_view wanted, std::string& found) {
  bool is_there = false;
  visit_texts(payload, [&](const std::string& name, const std::string& value) {
    if (name != wanted || is_there) return;
    found = value;
    is_there = true;
  });
  return is_there;
}

}  // namespace brokerlab

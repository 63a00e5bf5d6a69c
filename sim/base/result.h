// Results of operations that can fail outside our control: the operating system, a file, an argument.
//
// No exception crosses a node. A peer's error is not a Status: it is the protocol's error code in a message.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "sim/base/assert.h"

namespace brokerlab {

enum class StatusCode {
  ok,
  not_found,
  already_exists,
  invalid,  ///< bytes or arguments that cannot be understood
  io_error,
  disk_full,
  unavailable,  ///< a peer that cannot be reached, a port that is taken
  limit,        ///< a cap on size, count or ratio was reached
};

struct [[nodiscard]] Status {
  StatusCode code = StatusCode::ok;
  std::string message;
  std::string korean = {};  ///< the same in Korean, where a person may read it; else empty
  bool ok() const { return code == StatusCode::ok; }
  explicit operator bool() const { return ok(); }
  static Status error(StatusCode code, std::string message, std::string korean = {}) {
    return {code, std::move(message), std::move(korean)};
  }
  friend bool operator==(const Status&, const Status&) = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}        // NOLINT: implicit on purpose
  Result(Status status) : state_(std::move(status)) {  // NOLINT: implicit on purpose
    BROKERLAB_ASSERT(!std::get<Status>(state_).ok());
  }
  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  const T& value() const& {
    check();
    return std::get<T>(state_);
  }
  T& value() & {
    check();
    return std::get<T>(state_);
  }
  T&& value() && {
    check();
    return std::get<T>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  Status status() const { return ok() ? Status{} : std::get<Status>(state_); }

 private:
  void check() const { BROKERLAB_ASSERT_THAT(ok(), std::get<Status>(state_).message); }
  std::variant<T, Status> state_;
};

}  // namespace brokerlab

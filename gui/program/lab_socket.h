// The door of a running lab: a Unix socket, readable by its owner alone, in which `brokerlab shell` speaks the
// command language.
//
// Frames in both directions: one byte that says what it is, four bytes of length (big endian), the bytes.
// Client: l the language of its texts (en, ko), c a command, i the next piece of standard input, e its end,
// k Ctrl-C. Lab: o standard output, r standard error, w it wants the next piece of standard input, x the exit
// status in digits. One command at a time. A frame is at most 1 MiB; a longer one closes the connection.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"

namespace brokerlab {

struct LabFrame {
  char type = 0;
  std::string payload;
};
inline constexpr size_t most_frame_bytes = 1 << 20;
std::string encode_lab_frame(char type, std::string_view payload);
/// Takes the first whole frame out of `bytes`; nothing while it is incomplete, an error when it is too long.
Result<std::optional<LabFrame>> take_lab_frame(std::string& bytes);

/// Listens while it lives. All on the thread that runs `io`.
class LabSocketServer {
 public:
  /// Makes a socket of its own in the user's folder of labs. Errors in words.
  static Result<std::unique_ptr<LabSocketServer>> open(boost::asio::io_context& io, Lab& lab,
                                                       Language language);
  ~LabSocketServer();
  const std::string& path() const;

 private:
  class State;
  explicit LabSocketServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// The socket to join: `asked` when it is not empty, else $BROKERLAB_SOCKET, else that of the one lab of this user
/// that runs. Errors say what to do next.
Result<std::string> find_lab_socket(const std::string& asked, Language language);

}  // namespace brokerlab

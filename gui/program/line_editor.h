// The prompt of `brokerlab shell` on a terminal: a line that can be edited, and the lines before it (libedit).
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace brokerlab {

class LineEditor {
 public:
  LineEditor();
  ~LineEditor();

  /// The next line without its end; empty after a signal such as Ctrl-C, nothing after Ctrl-D.
  std::optional<std::string> read(const std::string& prompt);

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace brokerlab

// What stands before and behind a command in a pipe: `printf 'a\nb\n' |`, `echo a |` and `seq 10 |` as input,
// `| grep WORD` behind. Enough for the guides and the recordings; the lab is no POSIX shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/shell/text.h"
#include "sim/shell/words.h"

namespace brokerlab {

/// Lets the lines through that contain a word, as `grep -F` does.
class LineFilter {
 public:
  explicit LineFilter(std::string word) : word_(std::move(word)) {}
  /// The matching lines that `text` completes.
  std::string take(std::string_view text);
  /// The last line, when it has no newline and matches.
  std::string finish();
  bool has_matched() const { return has_matched_; }

 private:
  std::string word_;
  std::string unfinished_;
  bool has_matched_ = false;
};

struct Pipeline {
  Words words;                       ///< the command; never empty
  std::optional<std::string> input;  ///< all of its standard input
  std::optional<LineFilter> filter;
};

/// REQUIRES: at least one stage. Errors are words for the learner.
Result<Pipeline> make_pipeline(const std::vector<Words>& stages, Language language);

}  // namespace brokerlab

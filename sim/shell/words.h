// The first half of the command language: a line becomes stages of words.
//
//   kafka-topics --describe --topic 'my topic' | grep "Isr:"      # a comment
//
// Quotes '…' and "…", a backslash before one character or a line's end, `#` at the start of a word, `|`
// between stages, `&` at the end, and $NAME or ${NAME} from a table. As in a POSIX shell, nothing is expanded
// inside '…'. There is no redirection, `;` or `$(…)`: those characters are refused by name, so that nobody waits
// for what is not there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/shell/text.h"

namespace brokerlab {

using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

struct CommandLine {
  std::vector<Words> stages;   ///< empty for a blank line or a comment
  bool in_background = false;  ///< it ends in `&`
};
/// Errors are words for the learner.
Result<CommandLine> split_line(std::string_view line, const Variables& variables,
                               Language language = Language::english);
/// The stages of a line that waits for its command: `&` is refused.
Result<std::vector<Words>> split_command(std::string_view line, const Variables& variables,
                                         Language language = Language::english);

/// The words as one line that `split_command` reads back: what a button writes into the terminal.
std::string join_words(const Words& words);

/// Whether the line goes on in the next one (it ends in an unquoted backslash), as the guides write them.
bool continues(std::string_view line);

}  // namespace brokerlab

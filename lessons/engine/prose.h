// The prose of a lesson: paragraphs and list items of styled spans, out of Markdown (md4c), for the window and
// the terminal alike.
//
// `{PATH}` inside a text is a value of the cluster, in the paths of `expect` (sim/shell/README.md), and
// `{PATH:이/가}` the value with its Korean particle. They are filled when the text is shown, so that a lesson
// never writes down what the cluster decides. Braces with a colon but no pair of particles are the text's own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brokerlab {

struct Span {
  enum class Style { plain, strong, emphasis, code };
  Style style = Style::plain;
  std::string text;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Paragraph {
  enum class Kind { paragraph, list_item };
  Kind kind = Kind::paragraph;
  std::vector<Span> spans;
  friend bool operator==(const Paragraph&, const Paragraph&) = default;
};

using Prose = std::vector<Paragraph>;

/// The value at a path, or nothing when the cluster has none now.
using ValueAt = std::function<std::optional<std::string>(std::string_view path)>;

/// `text` with every `{PATH}` replaced; a path without a value becomes "?".
std::string fill_text(std::string_view text, const ValueAt& value_at);
Prose fill_prose(const Prose& prose, const ValueAt& value_at);

/// For a terminal: paragraphs separated by an empty line, broken at spaces after at most `width` columns
/// (Hangul takes two), `code` in backquotes.
std::string plain_text(const Prose& prose, size_t width);

}  // namespace brokerlab

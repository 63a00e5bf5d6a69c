// md4c's callbacks as one list of blocks: the part of Markdown that lessons use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lessons/engine/prose.h"
#include "sim/base/result.h"

namespace brokerlab {

struct MarkdownBlock {
  enum class Kind { heading, paragraph, list_item, quote, code };
  Kind kind = Kind::paragraph;
  int level = 0;            ///< of a heading
  std::string info;         ///< of a fence: what stands behind the ```
  std::string text;         ///< of code and headings
  std::vector<Span> spans;  ///< of paragraphs, list items and quotes
  int line = 0;             ///< of its first text, from 1
};

/// Refuses tables, images and raw HTML, which neither the window nor the terminal draws.
Result<std::vector<MarkdownBlock>> parse_markdown(std::string_view text);

}  // namespace brokerlab

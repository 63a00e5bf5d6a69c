#include "lessons/engine/prose.h"

#include "sim/shell/text.h"

namespace brokerlab {

namespace {

/// Columns of a terminal: two for Hangul, CJK and full-width forms, none for combining bytes of UTF-8.
size_t columns(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    const bool is_wide = byte >= 0xE1 && byte <= 0xED && byte != 0xE2;
    count += is_wide ? 2 : 1;
  }
  return count;
}

std::string line_of(const Paragraph& paragraph) {
  std::string line;
  for (const Span& span : paragraph.spans)
    line += span.style == Span::Style::code ? '`' + span.text + '`' : span.text;
  return line;
}

void append_wrapped(std::string& out, std::string_view line, std::string_view first, std::string_view rest,
                    size_t width) {
  size_t used = columns(first);
  out += first;
  bool at_start = true;
  while (!line.empty()) {
    size_t end = line.find(' ');
    if (end == std::string_view::npos) end = line.size();
    const std::string_view word = line.substr(0, end);
    if (!at_start && used + 1 + columns(word) > width) {
      out += '\n';
      out += rest;
      used = columns(rest);
      at_start = true;
    }
    if (!at_start) {
      out += ' ';
      ++used;
    }
    out += word;
    used += columns(word);
    at_start = false;
    line.remove_prefix(std::min(line.size(), end + 1));
  }
  out += '\n';
}

}  // namespace

std::string fill_text(std::string_view text, const ValueAt& value_at) {
  std::string filled;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    filled += text.substr(0, open);
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const size_t colon = inside.find(':');
    const bool has_pair = colon != std::string_view::npos;
    if (has_pair &&
        inside.find('/', colon) == std::string_view::npos) {  // no particles: braces of the text's own
      filled += text.substr(open, close + 1 - open);
    } else {
      const std::string value = value_at(inside.substr(0, colon)).value_or("?");
      filled += value;
      if (has_pair) filled += korean_particle(value, inside.substr(colon + 1));
    }
    text.remove_prefix(close + 1);
  }
  filled += text;
  return filled;
}

Prose fill_prose(const Prose& prose, const ValueAt& value_at) {
  Prose filled = prose;
  for (Paragraph& paragraph : filled)
    for (Span& span : paragraph.spans) span.text = fill_text(span.text, value_at);
  return filled;
}

std::string plain_text(const Prose& prose, size_t width) {
  std::string out;
  for (const Paragraph& paragraph : prose) {
    const bool is_item = paragraph.kind == Paragraph::Kind::list_item;
    if (!out.empty() && !is_item) out += '\n';
    append_wrapped(out, line_of(paragraph), is_item ? "- " : "", is_item ? "  " : "", width);
  }
  return out;
}

}  // namespace brokerlab

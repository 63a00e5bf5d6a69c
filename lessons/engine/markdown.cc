#include "lessons/engine/markdown.h"

#include <fmt/format.h>
#include <md4c.h>

#include <algorithm>

namespace brokerlab {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  Result<std::vector<MarkdownBlock>> read() {
    MD_PARSER parser{};
    parser.flags = MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_NOHTML;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      return static_cast<Reader*>(self)->enter_block(type, detail);
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      return static_cast<Reader*>(self)->leave_block(type);
    };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) {
      return static_cast<Reader*>(self)->enter_span(type);
    };
    parser.leave_span = [](MD_SPANTYPE, void*, void* self) {
      static_cast<Reader*>(self)->styles_.pop_back();
      return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      return static_cast<Reader*>(self)->text(type, std::string_view(text, size));
    };
    // md4c ends a document early when a callback refuses, but does not always say so in its result.
    const int result = md_parse(source_.data(), static_cast<MD_SIZE>(source_.size()), &parser, this);
    if (result != 0 || !problem_.empty())
      return Status::error(StatusCode::invalid, fmt::format("line {}: {}", line_, problem_));
    return std::move(blocks_);
  }

 private:
  int refuse(std::string problem) {
    problem_ = std::move(problem);
    return 1;
  }

  void begin(MarkdownBlock::Kind kind) {
    current_ = {};
    current_.kind = kind;
    is_open_ = true;
  }
  void finish() {
    if (!is_open_) return;
    is_open_ = false;
    if (current_.kind == MarkdownBlock::Kind::code && current_.line == 0) current_.line = line_ + 1;
    if (current_.line != 0) blocks_.push_back(std::move(current_));
  }

  int enter_block(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_H:
        begin(MarkdownBlock::Kind::heading);
        current_.level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        return 0;
      case MD_BLOCK_CODE: {
        begin(MarkdownBlock::Kind::code);
        const MD_ATTRIBUTE& info = static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->info;
        if (info.text != nullptr) current_.info.assign(info.text, info.size);
        return 0;
      }
      case MD_BLOCK_LI:
        finish();
        begin(MarkdownBlock::Kind::list_item);
        return 0;
      case MD_BLOCK_P:
        // A loose list puts a paragraph inside its item: they are one block here.
        if (is_open_ && current_.kind == MarkdownBlock::Kind::list_item && current_.spans.empty()) return 0;
        begin(in_quote_ ? MarkdownBlock::Kind::quote : MarkdownBlock::Kind::paragraph);
        return 0;
      case MD_BLOCK_QUOTE:
        in_quote_ = true;
        return 0;
      case MD_BLOCK_DOC:
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
        return 0;
      default:
        return refuse("a lesson has headings, paragraphs, lists, quotes and fences, nothing else");
    }
  }

  int leave_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_QUOTE:
        in_quote_ = false;
        return 0;
      case MD_BLOCK_H:
      case MD_BLOCK_CODE:
      case MD_BLOCK_LI:
      case MD_BLOCK_P:
        finish();
        return 0;
      default:
        return 0;
    }
  }

  int enter_span(MD_SPANTYPE type) {
    switch (type) {
      case MD_SPAN_EM:
        styles_.push_back(Span::Style::emphasis);
        return 0;
      case MD_SPAN_STRONG:
        styles_.push_back(Span::Style::strong);
        return 0;
      case MD_SPAN_CODE:
        styles_.push_back(Span::Style::code);
        return 0;
      case MD_SPAN_A:  // shown as its words
        styles_.push_back(styles_.back());
        return 0;
      default:
        return refuse("only emphasis, strong, code and links stand inside a lesson's text");
    }
  }

  int text(MD_TEXTTYPE type, std::string_view text) {
    note_line(text);
    if (current_.line == 0) current_.line = line_;
    switch (type) {
      case MD_TEXT_SOFTBR:
      case MD_TEXT_BR:
        text = " ";
        break;
      case MD_TEXT_ENTITY:
        return refuse(fmt::format("write the character itself instead of {}", text));
      default:
        break;
    }
    if (current_.kind == MarkdownBlock::Kind::code || current_.kind == MarkdownBlock::Kind::heading) {
      current_.text += text;
      return 0;
    }
    const Span::Style style = styles_.back();
    if (!current_.spans.empty() && current_.spans.back().style == style)
      current_.spans.back().text += text;
    else
      current_.spans.push_back({style, std::string(text)});
    return 0;
  }

  /// md4c hands out pieces of the source; their place there is the line.
  void note_line(std::string_view text) {
    const char* const begin = source_.data();
    if (text.data() < begin || text.data() >= begin + source_.size()) return;
    line_ = 1 + static_cast<int>(std::count(begin, text.data(), '\n'));
  }

  std::string_view source_;
  std::vector<MarkdownBlock> blocks_;
  MarkdownBlock current_;
  bool is_open_ = false;
  bool in_quote_ = false;
  std::vector<Span::Style> styles_{Span::Style::plain};
  int line_ = 1;
  std::string problem_;
};

}  // namespace

Result<std::vector<MarkdownBlock>> parse_markdown(std::string_view text) { return Reader(text).read(); }

}  // namespace brokerlab

#include "gui/widgets/line_break.h"

namespace brokerlab::gui {

std::vector<std::string> broken_lines(const Painter& paint, TextStyle style, std::string_view text,
                                      float room, std::string_view indent) {
  std::vector<std::string> lines{""};
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word(text.substr(begin, end - begin));
    const std::string longer = begin == 0 ? word : lines.back() + " " + word;
    if (begin == 0 || paint.width(style, longer) <= room) {
      lines.back() = longer;
    } else {
      lines.push_back(std::string(indent) + word);
    }
    begin = end + 1;
  }
  return lines;
}

}  // namespace brokerlab::gui

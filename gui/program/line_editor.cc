#include "gui/program/line_editor.h"

#include <histedit.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>

namespace brokerlab {

struct LineEditor::Parts {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string prompt;
};

namespace {

/// libedit takes what is typed apart as the locale says. A machine without one must still take Korean.
void use_a_locale_of_characters() {
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

LineEditor::LineEditor() : parts_(std::make_unique<Parts>()) {
  use_a_locale_of_characters();
  constexpr int most_lines = 1000;
  parts_->history = history_init();
  HistEvent event;
  history(parts_->history, &event, H_SETSIZE, most_lines);
  history(parts_->history, &event, H_SETUNIQUE, 1);
  parts_->editor = el_init("brokerlab", stdin, stdout, stderr);
  el_set(parts_->editor, EL_CLIENTDATA, parts_.get());
  el_set(
      parts_->editor, EL_PROMPT, +[](EditLine* editor) {
        Parts* parts = nullptr;
        el_get(editor, EL_CLIENTDATA, &parts);
        return parts->prompt.data();
      });
  el_set(parts_->editor, EL_EDITOR, "emacs");
  el_set(parts_->editor, EL_HIST, history, parts_->history);
}

LineEditor::~LineEditor() {
  el_end(parts_->editor);
  history_end(parts_->history);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  parts_->prompt = prompt;
  int count = 0;
  const char* text = el_gets(parts_->editor, &count);
  if (text == nullptr) {
    const bool is_signal = count < 0 && errno == EINTR;
    std::puts("");
    if (!is_signal) return std::nullopt;
    el_reset(parts_->editor);
    return std::string();
  }
  std::string line(text, static_cast<size_t>(count));
  while (line.ends_with('\n')) line.pop_back();
  HistEvent event;
  if (!line.empty()) history(parts_->history, &event, H_ENTER, line.c_str());
  return line;
}

}  // namespace brokerlab

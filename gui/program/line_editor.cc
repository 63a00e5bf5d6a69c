#include "gui/program/line_editor.h"

#include <histedit.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>

namespace brokerlab {

struct LineEditor::Parts {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string prompt;
  sigset_t signals_of_caller{};  ///< blocked, while a line is read
  bool was_interrupted = false;
};

namespace {

/// libedit takes what is typed apart as the locale says. A machine without one must still take Korean.
void use_a_locale_of_characters() {
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

LineEditor::Parts& parts_of(EditLine* editor) {
  LineEditor::Parts* parts = nullptr;
  el_get(editor, EL_CLIENTDATA, &parts);
  return *parts;
}

/// libedit's way to read: 1, 0 at the end, -1 after a signal. Signals come through while this waits and at no other
/// time, so that none is lost between two reads.
int read_character(EditLine* editor, wchar_t* character) {
  LineEditor::Parts& parts = parts_of(editor);
  std::mbstate_t state{};
  for (;;) {
    fd_set ready;
    FD_ZERO(&ready);
    FD_SET(STDIN_FILENO, &ready);
    parts.was_interrupted =
        pselect(STDIN_FILENO + 1, &ready, nullptr, nullptr, nullptr, &parts.signals_of_caller) < 0;
    if (parts.was_interrupted) return -1;
    char byte = 0;
    if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;
    constexpr auto incomplete = static_cast<size_t>(-2), invalid = static_cast<size_t>(-1);
    const size_t used = std::mbrtowc(character, &byte, 1, &state);
    if (used == invalid) state = {};
    if (used != incomplete && used != invalid) return 1;
  }
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
      parts_->editor, EL_PROMPT, +[](EditLine* editor) { return parts_of(editor).prompt.data(); });
  el_set(parts_->editor, EL_GETCFN, read_character);
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
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &parts_->signals_of_caller);
  el_resize(parts_->editor);
  el_set(parts_->editor, EL_PREP_TERM,
         1);  // before the prompt is seen, so that nothing typed at it comes too early
  const char* text = el_gets(parts_->editor, &count);
  sigprocmask(SIG_SETMASK, &parts_->signals_of_caller, nullptr);
  if (text == nullptr || count <= 0) {
    std::puts("");
    if (!parts_->was_interrupted) return std::nullopt;
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

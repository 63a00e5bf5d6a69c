// Plain state of the view: preferences, the one selection, what is typed and scrolled. Nothing of the lab.
#pragma once

#include <array>
#include <bitset>
#include <string>
#include <variant>
#include <vector>

#include "gui/window_model.h"
#include "sim/shell/text.h"

namespace brokerlab::gui {

struct NothingSelected {
  friend bool operator==(const NothingSelected&, const NothingSelected&) = default;
};
struct SelectedNode {
  NodeId node;
  friend bool operator==(const SelectedNode&, const SelectedNode&) = default;
};
struct SelectedPartition {
  TopicPartition partition;
  friend bool operator==(const SelectedPartition&, const SelectedPartition&) = default;
};
/// A message and its event are one thing: the event that sent it.
struct SelectedEvent {
  EventRef event;
  friend bool operator==(const SelectedEvent&, const SelectedEvent&) = default;
};
using Selection = std::variant<NothingSelected, SelectedNode, SelectedPartition, SelectedEvent>;

/// A Ctrl-key or a click asks a text field for the keyboard.
enum class FocusRequest : uint8_t { none, filter, terminal };

enum class TabPanel : uint8_t { lesson, cluster, partitions, events, terminal };

struct EventsView {
  std::array<char, 128> filter{};
  std::bitset<8> hidden_kinds;
  float scrolled_back = 0;  ///< rows above the newest
  EventRef newest;          ///< the last row of the frame before
};

struct TerminalView {
  std::array<char, 1024> input{};
  std::vector<std::string> history;
  int recalled = -1;  ///< index into history, -1: a new line
  int scrolled_back = 0;
};

struct MatrixView {
  float scroll = 0;
};

struct LessonView {
  int step = -1;   ///< what the rest is about
  float room = 0;  ///< height that the step had
  bool is_text_folded = false;
  bool is_text_open = false;
  bool is_hint_open = false;
  float scroll = 0;
};

/// Shares of the splitters as the learner dragged them; 0 means the layout's own.
struct Splits {
  float lesson_width = 0;
  float right_width = 0;
  float canvas_height = 0;
};

struct ViewData {
  Language language = Language::english;
  float ui_scale = 1;
  bool is_motion_reduced = false;
  Selection selection;
  Selection hovered;
  FocusRequest focus = FocusRequest::none;
  TabPanel tab = TabPanel::cluster;
  bool are_keys_open = false;
  bool is_sheet_open = false;  ///< the hidden view of all shapes (sheet 08)
  Splits splits;
  EventsView events;
  TerminalView terminal;
  MatrixView matrix;
  LessonView lesson;
};

}  // namespace brokerlab::gui

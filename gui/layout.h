// Where the panels stand, for a window of a logical size (window.md, section 2). Pure arithmetic.
//
// Panels touch, separated by 1 px lines. The broker is a column: kafka1, kafka2, kafka3 keep the same x in
// canvas and matrix.
#pragma once

#include <string>
#include <vector>

#include "gui/geometry.h"
#include "gui/view_data.h"

namespace brokerlab::gui {

enum class SizeClass : uint8_t { tiny, compact, small, normal, wide, very_wide };

SizeClass size_class(float width, float height);

/// The common columns of canvas and matrix.
struct Columns {
  float left = 0;  ///< of the first column
  float width = 0;
  float card_inset = 22;
  int count = 0;
  float tail_left = 0;  ///< of the ISR column
  bool has_tail = true;

  float left_of(int i) const { return left + width * static_cast<float>(i); }
  float centre_of(int i) const { return left_of(i) + width / 2; }
};

struct Layout {
  SizeClass size = SizeClass::normal;
  Box command_bar;
  Box lesson;
  Box canvas;
  Box matrix;
  Box events;
  Box terminal;
  Box tabs;  ///< the row of tabs; empty when there is none
  std::vector<TabPanel> tab_panels;
  Columns columns;
  bool is_dense = false;  ///< low rows without bars
  bool has_matrix_head = true;
  bool has_matrix_foot = true;
  float matrix_row = 48;
  /// The canvas is low: shorter cards, clients nearer to the top.
  bool is_low() const { return !is_compact() && canvas.height() < 360; }
  /// Little height: one line for each client, no words on the quorum's rail.
  bool is_brief() const { return is_compact() || is_low(); }
  bool is_compact() const { return size == SizeClass::compact || size == SizeClass::tiny; }
};

struct LayoutInput {
  float width = 1600;
  float height = 1000;
  int brokers = 3;
  int partitions = 3;
  bool has_lesson = true;
  TabPanel tab = TabPanel::cluster;
  Splits splits;
};

Layout arrange(const LayoutInput& input);

}  // namespace brokerlab::gui

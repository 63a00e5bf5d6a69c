#include "gui/layout.h"

#include "gui/theme.h"

namespace brokerlab::gui {
namespace {

constexpr float line = 1;
constexpr int most_high_rows = 8;  // beyond them rows are dense

float share_of(const Sizes::Share& share, float whole) {
  return std::round(std::clamp(whole * share.share, share.min, share.max));
}

float lesson_width(const LayoutInput& in, SizeClass size) {
  const Sizes& sizes = tokens().sizes;
  if (!in.has_lesson) return 0;
  if (size == SizeClass::compact) return share_of(sizes.compact_lesson, in.width);
  if (size == SizeClass::small) return sizes.lesson_width.min;
  const float own = size >= SizeClass::wide ? sizes.lesson_width.max : share_of(sizes.lesson_width, in.width);
  return in.splits.lesson_width > 0 ? std::clamp(in.splits.lesson_width, 280.0F, in.width * 0.4F) : own;
}

float right_width(const LayoutInput& in, SizeClass size) {
  const Sizes& sizes = tokens().sizes;
  const float own = size >= SizeClass::wide ? sizes.right_width.max : share_of(sizes.right_width, in.width);
  return in.splits.right_width > 0 ? std::clamp(in.splits.right_width, 260.0F, in.width * 0.4F) : own;
}

Columns columns_of(const Box& centre, int brokers, bool is_compact) {
  const Sizes& sizes = tokens().sizes;
  const bool is_narrow = centre.width() < 700;
  float gutter = is_narrow ? 104 : sizes.column_gutter;
  float tail = is_narrow ? 72 : sizes.column_tail;
  if (is_compact) {
    gutter = sizes.column_gutter_compact;
    tail = sizes.column_tail_compact;
  }
  Columns columns;
  columns.count = brokers;
  columns.left = centre.left + gutter;
  columns.has_tail = !is_compact;
  columns.card_inset = is_narrow || is_compact ? 12 : 22;
  if (brokers > 0) {
    columns.width =
        std::max((centre.width() - gutter - tail) / static_cast<float>(brokers), sizes.column_min);
  }
  columns.tail_left = columns.left + columns.width * static_cast<float>(brokers);
  return columns;
}

float matrix_height(Layout& layout, const LayoutInput& in) {
  const Sizes& sizes = tokens().sizes;
  layout.is_dense = in.partitions > most_high_rows;
  layout.has_matrix_foot = in.height >= 860;
  layout.matrix_row = layout.is_dense ? sizes.matrix_row_dense : in.height < 860 ? 40 : sizes.matrix_row;
  const auto rows = static_cast<float>(std::clamp(in.partitions, 1, layout.is_dense ? 9 : most_high_rows));
  return sizes.matrix_head + rows * layout.matrix_row + (layout.has_matrix_foot ? sizes.matrix_foot : 8);
}

/// Canvas over matrix over the rest.
void stack_centre(Layout& layout, const LayoutInput& in, const Box& centre) {
  const float whole = centre.height();
  const float most = in.splits.canvas_height > 0 ? in.splits.canvas_height : 560;
  float matrix = std::min(matrix_height(layout, in), whole * 0.45F);
  float canvas = std::clamp(0.73F * (whole - matrix), 330.0F, most);
  if (in.splits.canvas_height > 0) canvas = std::clamp(in.splits.canvas_height, 280.0F, whole - matrix - 60);
  canvas = std::round(std::min(canvas, whole - matrix));
  matrix = std::round(matrix);
  layout.canvas = {centre.left, centre.top, centre.right, centre.top + canvas};
  layout.matrix = {centre.left, layout.canvas.bottom, centre.right, layout.canvas.bottom + matrix};
}

void show_tab(Layout& layout, TabPanel tab, const Box& area) {
  switch (tab) {
    case TabPanel::lesson:
      layout.lesson = area;
      break;
    case TabPanel::cluster:
      layout.canvas = area;
      break;
    case TabPanel::partitions:
      layout.matrix = area;
      break;
    case TabPanel::events:
      layout.events = area;
      break;
    case TabPanel::terminal:
      layout.terminal = area;
      break;
  }
}

constexpr float tab_height = 34;

void arrange_compact(Layout& layout, const LayoutInput& in, Box body) {
  layout.tab_panels = {TabPanel::cluster, TabPanel::partitions, TabPanel::events, TabPanel::terminal};
  if (layout.size == SizeClass::tiny && in.has_lesson) {
    layout.tab_panels.insert(layout.tab_panels.begin(), TabPanel::lesson);
  } else if (in.has_lesson) {
    layout.lesson = {body.left, body.top, body.left + lesson_width(in, layout.size), body.bottom};
    body.left = layout.lesson.right + line;
  }
  layout.tabs = {body.left, body.top, body.right, body.top + tab_height};
  body.top += tab_height + line;
  const bool is_offered =
      std::find(layout.tab_panels.begin(), layout.tab_panels.end(), in.tab) != layout.tab_panels.end();
  const TabPanel tab = is_offered ? in.tab : TabPanel::cluster;
  matrix_height(layout, in);
  layout.has_matrix_foot = false;
  constexpr float lowest_canvas = 250;
  if (tab == TabPanel::cluster && body.height() > lowest_canvas + 3 * layout.matrix_row) {
    layout.has_matrix_head = false;  // the cards above name the columns
    const float rows = layout.matrix_row * static_cast<float>(std::max(in.partitions, 1));
    const float matrix = std::min(rows + 6, body.height() - lowest_canvas);
    layout.canvas = {body.left, body.top, body.right, body.bottom - matrix};
    layout.matrix = {body.left, body.bottom - matrix, body.right, body.bottom};
  } else {
    show_tab(layout, tab, body);
  }
  layout.columns = columns_of(body, in.brokers, true);
}

void arrange_small(Layout& layout, const LayoutInput& in, Box body) {
  if (in.has_lesson) {
    layout.lesson = {body.left, body.top, body.left + lesson_width(in, layout.size), body.bottom};
    body.left = layout.lesson.right + line;
  }
  constexpr float five_lines = 5 * 19 + 14;
  Box upper = body;
  upper.bottom = body.bottom - tab_height - five_lines;
  const float matrix = std::round(matrix_height(layout, in));
  const float canvas = std::min(upper.height() - matrix, 560.0F);
  layout.canvas = {body.left, body.top, body.right, body.top + canvas};
  layout.matrix = {body.left, layout.canvas.bottom, body.right, layout.canvas.bottom + matrix};
  layout.tab_panels = {TabPanel::events, TabPanel::terminal};
  layout.tabs = {body.left, layout.matrix.bottom + line, body.right,
                 layout.matrix.bottom + line + tab_height};
  const TabPanel tab = in.tab == TabPanel::events ? TabPanel::events : TabPanel::terminal;
  show_tab(layout, tab, {body.left, layout.tabs.bottom + line, body.right, body.bottom});
  layout.columns = columns_of(body, in.brokers, false);
}

void arrange_whole(Layout& layout, const LayoutInput& in, const Box& body) {
  const float lesson = lesson_width(in, layout.size);
  if (lesson > 0) layout.lesson = {body.left, body.top, lesson, body.bottom};
  const float right = right_width(in, layout.size);
  layout.events = {body.right - right, body.top, body.right, body.bottom};
  const Box centre{lesson > 0 ? lesson + line : 0, body.top, layout.events.left - line, body.bottom};
  stack_centre(layout, in, centre);
  layout.terminal = {centre.left, layout.matrix.bottom, centre.right, body.bottom};
  layout.columns = columns_of(centre, in.brokers, false);
}

}  // namespace

SizeClass size_class(float width, float height) {
  if (width < 720) return SizeClass::tiny;
  if (width < 960 || height < 620) return SizeClass::compact;
  if (width < 1280) return SizeClass::small;
  if (width < 1900) return SizeClass::normal;
  return width < 2200 ? SizeClass::wide : SizeClass::very_wide;
}

Layout arrange(const LayoutInput& in) {
  Layout layout;
  layout.size = size_class(in.width, in.height);
  const Sizes& sizes = tokens().sizes;
  const float bar = layout.is_compact() ? sizes.command_bar_compact : sizes.command_bar;
  layout.command_bar = {0, 0, in.width, bar};
  const Box body{0, bar + line, in.width, in.height};
  if (layout.is_compact()) {
    arrange_compact(layout, in, body);
  } else if (layout.size == SizeClass::small) {
    arrange_small(layout, in, body);
  } else {
    arrange_whole(layout, in, body);
  }
  return layout;
}

}  // namespace brokerlab::gui

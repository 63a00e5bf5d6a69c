#include "gui/panels/matrix.h"

#include <algorithm>

namespace brokerlab::gui {
namespace {

constexpr float cell_inset = 8;

class PartitionMatrix {
 public:
  PartitionMatrix(Ui& ui, const MatrixPanel& panel)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        view_(panel.view),
        layout_(panel.layout),
        columns_(panel.layout.columns),
        box_(panel.layout.matrix) {}

  void draw() {
    left_ = box_.left + (layout_.is_compact() ? 12 : tokens().sizes.panel_pad);
    right_ = box_.right - (layout_.is_compact() ? 8 : tokens().sizes.panel_pad);
    paint_.line({box_.left, box_.top}, {box_.right, box_.top}, theme_.line.soft);
    paint_.push_clip(box_);
    if (layout_.has_matrix_head) draw_head();
    draw_rows();
    if (layout_.has_matrix_foot) draw_foot();
    paint_.pop_clip();
  }

 private:
  /// From the first line of a row to the second.
  float line_step() const { return layout_.matrix_row < tokens().sizes.matrix_row ? 16 : 18; }
  float head_bottom() const { return box_.top + (layout_.has_matrix_head ? tokens().sizes.matrix_head : 3); }

  void draw_head() {
    const float y = box_.top + 19;
    ui_.label(TextStyle::caption_bold, {left_, y}, theme_.text.mid, ui_.say(Phrase::partitions_title),
              columns_.left - left_ + 20);
    for (size_t i = 0; i < model_.brokers.size(); ++i) {
      const NodeModel& broker = model_.brokers[i];
      const float name = paint_.width(TextStyle::caption_bold, broker.name);
      const float start = columns_.centre_of(static_cast<int>(i)) - (name + 16) / 2;
      draw_node_icon(paint_, theme_, broker.look, {start + 4, y}, 0.85F);
      paint_.text(TextStyle::caption_bold, {start + 16, y}, theme_.text.mid, broker.name);
    }
    if (columns_.has_tail) {
      paint_.text(TextStyle::caption_bold, {columns_.tail_left + 2, y}, theme_.text.mid,
                  ui_.say(Phrase::isr_title));
    }
    paint_.line({left_, head_bottom()}, {right_, head_bottom()}, theme_.line.soft);
  }

  void draw_rows() {
    const float bottom = box_.bottom - (layout_.has_matrix_foot ? tokens().sizes.matrix_foot : 0);
    const Box rows{box_.left, head_bottom(), box_.right, bottom};
    if (model_.partitions.empty()) {
      ui_.label(TextStyle::caption, {left_, rows.top + 24}, theme_.text.low, ui_.say(Phrase::no_topics),
                right_ - left_);
      return;
    }
    const float whole = layout_.matrix_row * static_cast<float>(model_.partitions.size());
    if (ImGui::IsMouseHoveringRect(paint_.to_screen({rows.left, rows.top}),
                                   paint_.to_screen({rows.right, rows.bottom}))) {
      view_.matrix.scroll -= ImGui::GetIO().MouseWheel * layout_.matrix_row;
    }
    view_.matrix.scroll = std::clamp(view_.matrix.scroll, 0.0F, std::max(0.0F, whole - rows.height()));
    paint_.push_clip(rows);
    float top = rows.top - std::round(view_.matrix.scroll);
    for (const PartitionModel& partition : model_.partitions) {
      if (top + layout_.matrix_row > rows.top && top < rows.bottom) draw_row(partition, top);
      top += layout_.matrix_row;
    }
    paint_.pop_clip();
  }

  void draw_row(const PartitionModel& partition, float top) {
    const Box row{left_ - 8, top, std::min(right_ + 8, box_.right - 9), top + layout_.matrix_row};
    const std::string name = "matrix." + partition.name();
    const bool is_whole = row.top >= head_bottom() - 1 && row.bottom <= box_.bottom + 1;
    if (is_whole) ui_.place(name, row);
    const Selection self = SelectedPartition{{partition.topic, partition.partition}};
    const bool is_selected = view_.selection == self;
    const float first = layout_.is_dense ? row.centre().y : top + layout_.matrix_row / 2 - 8;
    const float name_width = columns_.left - left_ - 4;
    paint_.elided(TextStyle::body_bold, {left_, first}, theme_.text.hi, partition.name(), name_width);
    if (!layout_.is_dense) {
      const std::string under = layout_.is_compact() ? isr_words(partition) : replicas_words(partition);
      paint_.elided(TextStyle::caption, {left_, first + line_step()}, theme_.text.low, under, name_width);
    }
    const int64_t longest = longest_log(partition);
    for (size_t i = 0; i < partition.cells.size(); ++i) draw_cell(partition, i, top, longest, name);
    if (columns_.has_tail) draw_isr(partition, first);
    const Touch touch = ui_.touch(name + ".name", {row.left, row.top, columns_.left, row.bottom});
    if (touch.is_clicked) view_.selection = self;
    if (touch.is_hovered) view_.hovered = self;
    if (is_selected || view_.hovered == self) {
      paint_.outline(row.inset(0, 2), is_selected ? theme_.chrome.select : theme_.line.strong,
                     is_selected ? 1.5F : 1, 5);
    } else {
      paint_.line({left_, row.bottom}, {right_, row.bottom}, theme_.line.soft);
    }
  }

  std::string joined(const std::vector<int32_t>& ids) const {
    std::string text;
    for (const int32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
    return text;
  }
  std::string replicas_words(const PartitionModel& partition) const {
    return ui_.say(Phrase::replicas_list, {{"ids", joined(partition.replicas)}});
  }
  std::string isr_words(const PartitionModel& partition) const { return "ISR " + joined(partition.isr); }

  static int64_t longest_log(const PartitionModel& partition) {
    int64_t longest = 1;
    for (const ReplicaModel& cell : partition.cells) longest = std::max(longest, cell.log_end_offset);
    return longest;
  }

  bool is_new_leader(const PartitionModel& partition) const {
    return partition.leader_epoch > 0 && partition.led_since &&
           model_.clock.now - *partition.led_since < milliseconds(1500);
  }

  void draw_cell(const PartitionModel& partition, size_t column, float top, int64_t longest,
                 const std::string& row) {
    const ReplicaModel& replica = partition.cells[column];
    if (replica.broker < 0) return;
    const float left = columns_.left_of(static_cast<int>(column));
    const Box cell{left + cell_inset, top + 5, left + columns_.width - cell_inset,
                   top + layout_.matrix_row - 5};
    const NodeModel& broker = model_.brokers[column];
    const Touch touch = ui_.touch(row + "." + broker.name, cell);
    if (touch.is_clicked) view_.selection = SelectedPartition{{partition.topic, partition.partition}};
    if (touch.is_hovered) view_.hovered = SelectedPartition{{partition.topic, partition.partition}};
    const RoleColours& colours = theme_[role_of(replica.state)];
    if (replica.state == ReplicaState::offline) {
      paint_.fill(cell, theme_.bg.panel, 4);
      paint_.hatch(cell, theme_.line.strong.faded(0.55F), 8);
    } else {
      paint_.fill(cell, colours.wash, 4);
    }
    const bool is_new = replica.state == ReplicaState::leader && is_new_leader(partition);
    if (is_new) paint_.outline(cell, colours.ink, 1.5F, 4);
    draw_cell_text(partition, replica, cell, is_new);
    if (!layout_.is_dense) draw_bar(replica, cell, longest);
  }

  static Phrase state_word(ReplicaState state) {
    switch (state) {
      case ReplicaState::leader:
        return Phrase::replica_leader;
      case ReplicaState::in_sync:
        return Phrase::replica_in_sync;
      case ReplicaState::out_of_sync:
        return Phrase::replica_out_of_sync;
      case ReplicaState::catching_up:
        return Phrase::replica_catching_up;
      case ReplicaState::offline:
        break;
    }
    return Phrase::replica_offline;
  }

  void draw_cell_text(const PartitionModel& partition, const ReplicaModel& replica, const Box& cell,
                      bool is_new) {
    const float y = layout_.is_dense ? cell.centre().y : cell.top + (cell.height() < 34 ? 9.5F : 11);
    const bool is_offline = replica.state == ReplicaState::offline;
    std::string words(ui_.say(state_word(replica.state)));
    std::string numbers;
    if (replica.log_end_offset >= 0 && !is_offline) {
      const std::string end = std::to_string(replica.log_end_offset);
      const float left_over = cell.width() - 29 - 14 - paint_.width(TextStyle::caption, words);
      numbers = replica.high_watermark == replica.log_end_offset
                    ? end
                    : ui_.fitting(TextStyle::mono_small, left_over,
                                  {std::to_string(replica.high_watermark) + " / " + end, end});
    }
    const float number_width = paint_.width(TextStyle::mono_small, numbers);
    const float room = cell.width() - 29 - 6 - number_width - (numbers.empty() ? 0 : 8);
    if (is_offline && replica.log_end_offset >= 0) {
      const std::string end = std::to_string(replica.log_end_offset);
      words = ui_.fitting(TextStyle::caption, room, {ui_.say(Phrase::stopped_at, {{"offset", end}}), end});
    }
    if (is_new) {
      const std::string longer =
          words + " · " + ui_.say(Phrase::epoch_n, {{"epoch", std::to_string(partition.leader_epoch)}});
      if (paint_.width(TextStyle::caption, longer) <= room) words = longer;
    }
    if (is_offline) {  // the hatch would make thin letters hard to read
      const float wide = paint_.width(TextStyle::caption, words);
      paint_.fill({cell.left + 6, y - 8, cell.left + 33 + wide, y + 8}, theme_.bg.panel);
    }
    draw_replica_icon(paint_, theme_, replica.state, {cell.left + 16, y}, is_offline ? 0.85F : 0.95F);
    const Colour ink = replica.state == ReplicaState::leader ? theme_[Role::leader].ink
                       : replica.state == ReplicaState::in_sync || is_offline
                           ? theme_.text.mid
                           : theme_[role_of(replica.state)].ink;
    ui_.label(TextStyle::caption, {cell.left + 29, y}, ink, words, room);
    paint_.text(TextStyle::mono_small, {cell.right - 10, y}, theme_.text.mid, numbers, Align::right);
  }

  /// Green up to the high watermark, a white tick there, yellow to the log end.
  void draw_bar(const ReplicaModel& replica, const Box& cell, int64_t longest) {
    if (replica.log_end_offset < 0) return;
    constexpr float filled_share = 0.83F;  // of the longest log: some room to grow stays in sight
    const float below = cell.height() < 34 ? 5 : 7;
    const Box bar{cell.left + 10, cell.bottom - below - 5, cell.right - 10, cell.bottom - below};
    const auto x_of = [&](int64_t offset) {
      return bar.left + bar.width() * filled_share * static_cast<float>(std::max<int64_t>(offset, 0)) /
                            static_cast<float>(longest);
    };
    const float end = x_of(replica.log_end_offset);
    const bool has_uncommitted = replica.high_watermark < replica.log_end_offset;
    const float committed = has_uncommitted ? std::min(x_of(replica.high_watermark), end - 4) : end;
    paint_.fill(bar, theme_.line.soft, 2);
    if (replica.state == ReplicaState::offline) {
      paint_.fill({bar.left, bar.top, end, bar.bottom}, theme_.line.strong, 2);
      return;
    }
    if (replica.log_end_offset == 0) return;
    if (has_uncommitted) paint_.fill({bar.left, bar.top, end, bar.bottom}, theme_[Role::candidate].fill, 2);
    paint_.fill({bar.left, bar.top, std::max(committed, bar.left + 1), bar.bottom}, theme_[Role::agree].fill,
                2);
    paint_.fill({committed - 1, bar.top - 2.5F, committed + 1, bar.bottom + 2.5F}, theme_.text.hi);
  }

  void draw_isr(const PartitionModel& partition, float y) {
    const bool is_narrow = box_.right - columns_.tail_left < 88;
    const float radius = is_narrow ? 8 : layout_.is_dense ? 9 : 10;
    const float step = is_narrow ? 19 : 26;
    const float left = columns_.tail_left + 2 + radius;
    for (size_t i = 0; i < std::min<size_t>(partition.replicas.size(), 3); ++i) {
      const int32_t id = partition.replicas[i];
      const Point at{left + step * static_cast<float>(i), y + (layout_.is_dense ? 0 : 1)};
      const bool is_in = std::find(partition.isr.begin(), partition.isr.end(), id) != partition.isr.end();
      if (is_in) {
        paint_.disc(at, radius, theme_[Role::agree].wash);
        paint_.ring(at, radius, theme_[Role::agree].ink, 1);
        paint_.text(TextStyle::caption, at, theme_[Role::agree].ink, std::to_string(id), Align::centre);
      } else {
        paint_.dashed_ring(at, radius, theme_[Role::lost].ink, 1, {3, 3});
        paint_.text(TextStyle::caption, at, theme_[Role::lost].ink, std::to_string(id), Align::centre);
        const float reach = radius * 0.6F;
        const Point strike[] = {at + Point{-reach, reach}, at + Point{reach, -reach}};
        paint_.polyline(strike, theme_[Role::lost].ink, 1.5F);
      }
    }
    if (layout_.is_dense) return;
    const float room = box_.right - columns_.tail_left - 4;
    if (partition.is_under_replicated()) {
      const auto missing = partition.replicas.size() - partition.isr.size();
      ui_.label(TextStyle::caption, {columns_.tail_left + 2, y + line_step() + 1}, theme_[Role::lost].ink,
                ui_.say(Phrase::short_by, {{"n", std::to_string(missing)}}), room);
    } else {
      ui_.label(TextStyle::caption, {columns_.tail_left + 2, y + line_step() + 1}, theme_.text.low,
                ui_.say(Phrase::n_of_n, {{"n", std::to_string(partition.isr.size())},
                                         {"all", std::to_string(partition.replicas.size())}}),
                room);
    }
  }

  void draw_foot() {
    const float y = box_.bottom - tokens().sizes.matrix_foot / 2;
    float room = right_ - left_;
    if (model_.hidden_partitions > 0) {
      const std::string hidden =
          ui_.say(Phrase::internal_hidden, {{"n", std::to_string(model_.hidden_partitions)}});
      room -= paint_.text(TextStyle::caption, {right_, y}, theme_.text.low, hidden, Align::right) + 16;
    }
    ui_.label(TextStyle::caption, {left_, y}, theme_.text.low, ui_.say(Phrase::matrix_legend), room);
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  const Layout& layout_;
  const Columns& columns_;
  Box box_;
  float left_ = 0;
  float right_ = 0;
};

}  // namespace

void matrix(Ui& ui, const MatrixPanel& panel) {
  ui.place("matrix", panel.layout.matrix);
  PartitionMatrix(ui, panel).draw();
}

}  // namespace brokerlab::gui

#include "gui/app.h"

#include <fmt/format.h>
#include <imgui.h>

#include "gui/imgui_compat.h"
#include "gui/panels/broker_menu.h"
#include "gui/panels/canvas.h"
#include "gui/panels/command_bar.h"
#include "gui/panels/events.h"
#include "gui/panels/keys_card.h"
#include "gui/panels/lesson_pane.h"
#include "gui/panels/matrix.h"
#include "gui/panels/shape_sheet.h"
#include "gui/panels/terminal.h"
#include "gui/view_actions.h"

namespace brokerlab::gui {
namespace {

Phrase tab_word(TabPanel tab) {
  switch (tab) {
    case TabPanel::lesson:
      return Phrase::tab_lesson;
    case TabPanel::cluster:
      return Phrase::tab_cluster;
    case TabPanel::partitions:
      return Phrase::tab_partitions;
    case TabPanel::events:
      return Phrase::tab_events;
    case TabPanel::terminal:
      break;
  }
  return Phrase::tab_terminal;
}

std::string_view tab_name(TabPanel tab) {
  constexpr std::string_view names[] = {"tab.lesson", "tab.cluster", "tab.partitions", "tab.events",
                                        "tab.terminal"};
  return names[static_cast<size_t>(tab)];
}

/// One borderless window over everything: the panels draw and touch inside it.
void begin_root(float width, float height) {
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0.0F);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0F);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::Begin("###root", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar(4);
}

}  // namespace

void prepare_style() {
  ImGui::StyleColorsDark();
  ImGuiStyle& style = ImGui::GetStyle();
  // Lines out of the atlas would need filtered texels, which neither renderer uses.
  style.AntiAliasedLinesUseTex = false;
  style.CircleTessellationMaxError = 0.1F;
  style.FrameRounding = 0;
}

FrameResult App::frame(const WindowModel& model, float width, float height, double real_ms) {
  FrameResult result;
  widgets_.clear();
  cuts_.clear();
  hover_.text.clear();
  view_.hovered = NothingSelected{};
  if (!fonts_.has_korean()) view_.language = Language::english;
  const float scale = view_.ui_scale;
  LayoutInput input{width / scale,
                    height / scale,
                    static_cast<int>(model.brokers.size()),
                    static_cast<int>(model.partitions.size()),
                    model.lesson.has_value(),
                    view_.tab,
                    view_.splits};
  const Layout layout = arrange(input);
  const Phrasebook say(view_.language);

  begin_root(width, height);
  Ui ui{Painter(ImGui::GetWindowDrawList(), fonts_, scale, fill_region_),
        tokens().dark,
        say,
        widgets_,
        cuts_,
        hover_,
        real_ms,
        result.is_animating};
  const ImGuiIO& io = ImGui::GetIO();
  if (io.KeyCtrl && io.KeyShift && compat::is_pressed(compat::letter('S')))
    view_.is_sheet_open = !view_.is_sheet_open;
  if (view_.is_sheet_open) {
    shape_sheet(ui, {0, 0, input.width, input.height});
  } else {
    take_keys(model, result.requests);
    draw_panels(ui, layout, model, result.requests);
    draw_spotlights(ui, model);
    keys_card(ui, {view_, input.width, input.height});
  }
  draw_tooltip(ui, input.width, input.height);
  ImGui::End();
  return result;
}

void App::draw_panels(Ui& ui, const Layout& layout, const WindowModel& model, Requests& requests) {
  const bool was_clicked = ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  NodeId menu_for = no_node;
  command_bar(ui, {model, view_, layout.command_bar, layout.is_compact()}, requests);
  if (!layout.canvas.is_empty()) menu_for = canvas(ui, {model, view_, layout});
  if (!layout.matrix.is_empty()) matrix(ui, {model, view_, layout});
  if (!layout.terminal.is_empty())
    terminal(ui, {model, view_, layout.terminal, layout.tabs.is_empty(), complete_}, requests);
  if (!layout.events.is_empty()) events(ui, {model, view_, layout.events});
  if (!layout.lesson.is_empty() && model.lesson)
    lesson_pane(ui, {model, view_, layout.lesson, layout.is_compact()}, requests);
  draw_tabs(ui, layout);
  if (layout.size >= SizeClass::normal) draw_splitters(ui, layout);
  if (menu_for != no_node) menu_node_ = menu_for;
  broker_menu(ui, {model, menu_node_, menu_for != no_node}, requests);
  // A click on nothing lets go of the selection.
  if (was_clicked && !ImGui::IsAnyItemHovered() && ImGui::IsWindowHovered())
    view_.selection = NothingSelected{};
}

void App::draw_tabs(Ui& ui, const Layout& layout) {
  if (layout.tabs.is_empty()) return;
  const Box& bar = layout.tabs;
  ui.paint.fill({bar.left, bar.top - 1, bar.right, bar.top}, ui.theme.line.soft);
  ui.paint.fill({bar.left, bar.bottom, bar.right, bar.bottom + 1}, ui.theme.line.soft);
  float x = bar.left + 14;
  const bool is_offered =
      std::find(layout.tab_panels.begin(), layout.tab_panels.end(), view_.tab) != layout.tab_panels.end();
  const TabPanel shown = is_offered            ? view_.tab
                         : layout.is_compact() ? TabPanel::cluster
                                               : TabPanel::terminal;
  for (const TabPanel tab : layout.tab_panels) {
    const bool is_open = tab == shown;
    const TextStyle style = is_open ? TextStyle::body_bold : TextStyle::body;
    const float wide = ui.paint.width(style, ui.say(tab_word(tab)));
    const Box box{x - 6, bar.top, x + wide + 6, bar.bottom};
    const Touch touch = ui.touch(tab_name(tab), box);
    ui.paint.text(style, {x, bar.centre().y},
                  is_open || touch.is_hovered ? ui.theme.text.hi : ui.theme.text.mid, ui.say(tab_word(tab)));
    if (is_open) ui.paint.fill({x, bar.bottom - 3, x + wide, bar.bottom}, ui.theme.chrome.primary);
    if (touch.is_clicked) view_.tab = tab;
    x += wide + 28;
  }
}

void App::draw_splitters(Ui& ui, const Layout& layout) {
  const float grip = tokens().sizes.splitter_grip / 2;
  const Point pointer{ImGui::GetIO().MousePos.x / view_.ui_scale, ImGui::GetIO().MousePos.y / view_.ui_scale};
  const auto drag = [&](std::string_view name, const Box& box, bool is_upright, float& split, float wanted) {
    const Touch touch = ui.touch(name, box);
    if (touch.is_hovered || touch.is_held) {
      ImGui::SetMouseCursor(is_upright ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
      ui.paint.fill(is_upright ? Box{box.centre().x - 1, box.top, box.centre().x + 1, box.bottom}
                               : Box{box.left, box.centre().y - 1, box.right, box.centre().y + 1},
                    ui.theme.line.strong);
    }
    if (touch.is_held) split = wanted;
    if (touch.is_double_clicked) split = 0;
  };
  if (!layout.lesson.is_empty()) {
    const Box box{layout.lesson.right - grip, layout.lesson.top, layout.lesson.right + grip,
                  layout.lesson.bottom};
    drag("splitter.lesson", box, true, view_.splits.lesson_width, pointer.x);
  }
  const Box& right = layout.events;
  ui.paint.line({right.left, right.top}, {right.left, right.bottom}, ui.theme.line.soft);
  drag("splitter.right", {right.left - grip, right.top, right.left + grip, right.bottom}, true,
       view_.splits.right_width, layout.command_bar.right - pointer.x);
  drag("splitter.canvas",
       {layout.canvas.left, layout.canvas.bottom - grip, layout.canvas.right, layout.canvas.bottom + grip},
       false, view_.splits.canvas_height, pointer.y - layout.canvas.top);
}

void App::draw_spotlights(Ui& ui, const WindowModel& model) {
  if (!model.lesson || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId)) return;
  int number = 0;
  for (const std::string& name : model.lesson->spotlight) {
    if (++number > 2) break;
    const Box* box = widgets_.find(name);
    if (box != nullptr)
      draw_spotlight(ui.paint, ui.theme, box->inset(name.starts_with("matrix.") ? 1.0F : -5.0F), number);
  }
}

void App::draw_tooltip(Ui& ui, float width, float height) {
  if (hover_.text.empty()) return;
  Painter paint = ui.paint.on(ImGui::GetForegroundDrawList());
  const float wide = paint.width(TextStyle::caption, hover_.text) + 16;
  const Point pointer{ImGui::GetIO().MousePos.x / view_.ui_scale, ImGui::GetIO().MousePos.y / view_.ui_scale};
  const float left = std::clamp(pointer.x + 10, 4.0F, std::max(4.0F, width - wide - 4));
  const float top = std::min(pointer.y + 20, height - 30);
  const Box box{left, top, left + wide, top + 26};
  paint.fill(box, ui.theme.bg.active, 4);
  paint.outline(box, ui.theme.line.strong, 1, 4);
  paint.text(TextStyle::caption, {box.left + 8, box.centre().y}, ui.theme.text.hi, hover_.text);
}

void App::take_keys(const WindowModel& model, Requests& requests) {
  using compat::is_pressed;
  using compat::Key;
  const ImGuiIO& io = ImGui::GetIO();
  if (io.KeyCtrl) {
    if (is_pressed(Key::equal)) scale_up(view_);
    if (is_pressed(Key::minus)) scale_down(view_);
    if (is_pressed(compat::letter('0'))) view_.ui_scale = 1;
    if (is_pressed(compat::letter('F'))) ask_focus(view_, FocusRequest::filter);
    if (is_pressed(Key::grave)) ask_focus(view_, FocusRequest::terminal);
    if (is_pressed(compat::letter('C')) && model.terminal.is_running)
      requests.push_back(request::Interrupt{});
    return;
  }
  // Single keys act only when no text field has the keyboard and no menu is open.
  if (io.WantTextInput || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId)) return;
  const ClockModel& clock = model.clock;
  if (io.KeyShift && is_pressed(Key::slash)) view_.are_keys_open = true;
  if (is_pressed(Key::escape)) view_.selection = NothingSelected{};
  if (is_pressed(Key::space) && (clock.is_paused || clock.held_because.empty())) {
    requests.push_back(request::RunCommand{clock.is_paused ? "clock play" : "clock pause"});
  }
  if (is_pressed(Key::period) && clock.is_paused) requests.push_back(request::RunCommand{"clock step"});
  const double factor = is_pressed(Key::right_bracket) ? 2 : is_pressed(Key::left_bracket) ? 0.5 : 1;
  if (factor != 1 && clock.held_because.empty()) {
    const double speed = std::clamp(clock.speed * factor, 0.01, 100.0);
    requests.push_back(request::RunCommand{fmt::format("clock speed {:.2g}", speed)});
  }
  if (const auto* node = std::get_if<SelectedNode>(&view_.selection);
      node != nullptr && is_pressed(compat::letter('S'))) {
    if (const NodeModel* selected = model.find(node->node)) {
      const bool is_dead = selected->look == NodeLook::dead;
      requests.push_back(request::RunCommand{(is_dead ? "docker start " : "docker stop ") + selected->name});
    }
  }
  if (model.lesson) take_lesson_keys(*model.lesson, requests);
}

void App::take_lesson_keys(const LessonModel& lesson, Requests& requests) {
  const bool is_entered = compat::is_pressed(compat::Key::enter);
  if (lesson.prediction && !lesson.prediction->is_committed) {
    for (int i = 0; i < static_cast<int>(lesson.prediction->choices.size()) && i < 9; ++i) {
      if (compat::is_pressed(compat::letter(static_cast<char>('1' + i))))
        requests.push_back(request::ChooseAnswer{i});
    }
    if (is_entered && lesson.prediction->chosen >= 0) requests.push_back(request::CommitPrediction{});
  } else if (is_entered && lesson.can_go_on && !lesson.is_last) {
    requests.push_back(request::NextStep{});
  }
}

void App::need_interface_glyphs() {
  for (const PhraseTexts& phrase : all_phrases) {
    fonts_.need(phrase.english);
    fonts_.need(phrase.korean);
  }
  fonts_.need("한국어×·…→≠");
  // The particles that `with_particle` can add.
  fonts_.need("이가을를은는과와으로아야");
}

}  // namespace brokerlab::gui

#include "gui/panels/main_menu.h"

#include "gui/view_actions.h"
#include "gui/widgets/menu.h"

namespace brokerlab::gui {
namespace {

struct Entry {
  MenuEntry menu;
  std::function<void(ViewData&)> change;  ///< of the view; empty when it is a command
};

std::vector<Entry> lab_entries(const Phrasebook& say) {
  const auto command = [&](Phrase words, std::string line, std::string shown, bool is_separated = false) {
    return Entry{{std::string(say(words)), std::move(line), std::move(shown), "", is_separated}, {}};
  };
  return {
      command(Phrase::menu_nodes, "docker ps", "docker ps"),
      command(Phrase::menu_partitions, "kafka-topics --bootstrap-server $BOOTSTRAP --describe",
              "kafka-topics"),
      command(Phrase::menu_quorum, "kafka-metadata-quorum --bootstrap-server $BOOTSTRAP describe --status",
              "kafka-metadata-quorum"),
      command(Phrase::menu_changes, "changes", "changes"),
      command(Phrase::menu_heal_all, "fault heal", "fault heal", true)};
}

std::vector<Entry> view_entries(const Phrasebook& say) {
  const auto change = [&](Phrase words, std::string key, std::function<void(ViewData&)> what,
                          bool is_separated = false) {
    return Entry{{std::string(say(words)), "", std::move(key), "", is_separated}, std::move(what)};
  };
  return {change(Phrase::menu_larger, "Ctrl +", [](ViewData& view) { scale_up(view); }),
          change(Phrase::menu_smaller, "Ctrl -", [](ViewData& view) { scale_down(view); }),
          change(Phrase::menu_full_size, "Ctrl 0", [](ViewData& view) { view.ui_scale = 1; }),
          change(
              Phrase::menu_find_events, "Ctrl F",
              [](ViewData& view) { ask_focus(view, FocusRequest::filter); }, true),
          change(Phrase::menu_type_command, "Ctrl `",
                 [](ViewData& view) { ask_focus(view, FocusRequest::terminal); })};
}

std::vector<Entry> help_entries(const Phrasebook& say) {
  return {Entry{{std::string(say(Phrase::menu_commands)), "help", "help", "", false}, {}},
          Entry{{std::string(say(Phrase::menu_keys)), "", "?", "", false},
                [](ViewData& view) { view.are_keys_open = true; }}};
}

/// A title of the bar and the menu under it.
void title(Ui& ui, const MainMenu& bar, std::string_view name, std::string_view words, Box box,
           std::vector<Entry> entries, Requests& requests) {
  const Touch touch = ui.touch("command.menu." + std::string(name), box);
  if (touch.is_hovered) ui.paint.fill(box, ui.theme.bg.active, 4);
  ui.paint.text(TextStyle::body, box.centre(), touch.is_hovered ? ui.theme.text.hi : ui.theme.text.mid, words,
                Align::centre);
  const std::string id = "###menu_" + std::string(name);
  MenuSpec spec;
  spec.id = id;
  spec.width = 320;
  spec.opens = touch.is_clicked;
  spec.is_at_pointer = false;
  spec.corner = {box.left, box.bottom + 4};
  std::vector<MenuEntry> rows;
  for (const Entry& entry : entries) rows.push_back(entry.menu);
  const int chosen = menu(ui, spec, rows);
  if (chosen < 0) return;
  const Entry& entry = entries[static_cast<size_t>(chosen)];
  if (entry.change) {
    entry.change(bar.view);
  } else {
    requests.push_back(request::RunCommand{entry.menu.command});
  }
}

}  // namespace

void main_menu(Ui& ui, const MainMenu& bar, Requests& requests) {
  const auto box_for = [&](float left, std::string_view words) {
    return Box{left, bar.y - 14, left + ui.paint.width(TextStyle::body, words) + 16, bar.y + 14};
  };
  if (bar.is_folded) {
    std::vector<Entry> all = lab_entries(ui.say);
    for (auto part : {view_entries(ui.say), help_entries(ui.say)}) {
      part.front().menu.is_separated = true;
      all.insert(all.end(), part.begin(), part.end());
    }
    const Box box = Box::around({bar.left + 14, bar.y}, 14, 14);
    title(ui, bar, "all", "", box, std::move(all), requests);
    for (const float y : {-5.0F, 0.0F, 5.0F}) {
      ui.paint.fill({box.centre().x - 7, bar.y + y - 1, box.centre().x + 7, bar.y + y + 1},
                    ui.theme.text.mid);
    }
    return;
  }
  ui.paint.line({bar.left - 4, bar.y - 8}, {bar.left - 4, bar.y + 8}, ui.theme.line.strong);
  Box box = box_for(bar.left + 4, ui.say(Phrase::menu_lab));
  title(ui, bar, "lab", ui.say(Phrase::menu_lab), box, lab_entries(ui.say), requests);
  box = box_for(box.right + 8, ui.say(Phrase::menu_view));
  title(ui, bar, "view", ui.say(Phrase::menu_view), box, view_entries(ui.say), requests);
  box = box_for(box.right + 8, ui.say(Phrase::menu_help));
  title(ui, bar, "help", ui.say(Phrase::menu_help), box, help_entries(ui.say), requests);
}

}  // namespace brokerlab::gui

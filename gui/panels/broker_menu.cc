#include "gui/panels/broker_menu.h"

#include <algorithm>

#include "sim/runtime/presets.h"

namespace brokerlab::gui {
namespace {

constexpr float head_height = 46;

std::string node_roles(const Phrasebook& say, const NodeModel& node) {
  const KafkaView* kafka = node.kafka();
  if (kafka == nullptr) return {};
  const std::string id = std::to_string(kafka->node_id);
  if (kafka->node_id >= first_controller_id) return say(Phrase::controller_only, {{"id", id}});
  return kafka->quorum.role.empty() ? say(Phrase::broker_only, {{"id", id}})
                                    : say(Phrase::broker_and_controller, {{"id", id}});
}

}  // namespace

std::vector<MenuEntry> broker_entries(const Phrasebook& say, const WindowModel& model,
                                      const NodeModel& node) {
  const bool is_dead = node.look == NodeLook::dead;
  const bool is_paused = node.look == NodeLook::paused;
  const std::string not_running = say(Phrase::node_not_running, {{"node", node.name}});
  const std::string reason = is_dead ? not_running : "";
  std::vector<MenuEntry> entries;
  if (is_dead) {
    entries.push_back(
        {std::string(say(Phrase::menu_start)), "docker start " + node.name, "docker start", "", false});
  } else {
    entries.push_back(
        {std::string(say(Phrase::menu_stop)), "docker stop " + node.name, "docker stop", "", false});
  }
  entries.push_back(
      {std::string(say(Phrase::menu_kill)), "docker kill " + node.name, "docker kill", reason, false});
  if (is_paused) {
    entries.push_back(
        {std::string(say(Phrase::menu_resume)), "docker unpause " + node.name, "docker unpause", "", false});
  } else {
    entries.push_back(
        {std::string(say(Phrase::menu_pause)), "docker pause " + node.name, "docker pause", reason, false});
  }
  bool is_first = true;
  for (const NodeModel& other : model.brokers) {
    if (other.id == node.id) continue;
    entries.push_back({say(Phrase::menu_cut_from, {{"node", other.name}}),
                       "fault cut " + node.name + " " + other.name, "fault cut", "", is_first});
    is_first = false;
  }
  entries.push_back(
      {std::string(say(Phrase::menu_cut_all)), "fault cut " + node.name, "fault cut", "", false});
  const bool is_faulty = std::any_of(model.faults.begin(), model.faults.end(), [&](const Fault& fault) {
    return fault.from == node.name || fault.to == node.name;
  });
  entries.push_back({std::string(say(Phrase::menu_heal)), "fault heal " + node.name, "fault heal",
                     is_faulty ? "" : std::string(say(Phrase::nothing_to_heal)), false});
  return entries;
}

void broker_menu(Ui& ui, const BrokerMenu& broker, Requests& requests) {
  const NodeModel* node = broker.model.find(broker.node);
  if (node == nullptr) return;
  const std::vector<MenuEntry> entries = broker_entries(ui.say, broker.model, *node);
  MenuSpec spec;
  spec.id = "###broker_menu";
  spec.head_height = head_height;
  spec.opens = broker.opens;
  spec.draw_head = [&](Painter& paint, const Box& head) {
    const float y = head.top + 21;
    draw_node_icon(paint, ui.theme, node->look, {head.left + 20, y});
    paint.text(TextStyle::body_bold, {head.left + 36, y}, ui.theme.text.hi, node->name);
    paint.text(TextStyle::caption, {head.right - 14, y}, ui.theme.text.low, node_roles(ui.say, *node),
               Align::right);
  };
  const int chosen = menu(ui, spec, entries);
  if (chosen >= 0) requests.push_back(request::RunCommand{entries[static_cast<size_t>(chosen)].command});
}

}  // namespace brokerlab::gui

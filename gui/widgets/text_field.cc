#include "gui/widgets/text_field.h"

#include <imgui.h>

#include <cstring>

#include "gui/imgui_compat.h"

namespace brokerlab::gui {

namespace {

int give_help(ImGuiInputTextCallbackData* data) {
  const auto& help = *static_cast<const TextFieldHelp*>(data->UserData);
  std::optional<std::string> text;
  if (data->EventFlag == ImGuiInputTextFlags_CallbackHistory && help.recall) {
    text = help.recall(data->EventKey == ImGuiKey_UpArrow ? 1 : -1);
  } else if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion && help.complete) {
    text = help.complete({data->Buf, static_cast<size_t>(data->BufTextLen)});
  }
  if (text) {
    data->DeleteChars(0, data->BufTextLen);
    data->InsertChars(0, text->c_str());
  }
  return 0;
}

}  // namespace

TextFieldResult text_field(Ui& ui, std::string_view name, const Box& box, TextStyle style,
                           std::span<char> buffer, bool takes_focus, const TextFieldHelp* help) {
  ui.place(name, box);
  Fonts& fonts = ui.paint.fonts();
  fonts.need(buffer.data());
  ImFont* font = fonts.font(style);
  const float scale = ui.paint.scale();
  const float size = compat::drawn_size(fonts.size(style) * scale);
  const float top =
      std::round(box.centre().y * scale + tokens().baseline_below_centre * Fonts::px(style) * scale -
                 compat::ascent(font, size));
  compat::push_font(font, size);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0.0F);
  ImGui::PushStyleColor(ImGuiCol_FrameBg, 0u);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.theme.text.hi.abgr);
  ImGui::PushStyleColor(ImGuiCol_TextSelectedBg, ui.theme.line.strong.abgr);
  ImGui::SetCursorScreenPos({ui.paint.snapped(box.left), top});
  ImGui::SetNextItemWidth(box.width() * scale);
  if (takes_focus) ImGui::SetKeyboardFocusHere();
  TextFieldResult result;
  const std::string before(buffer.data());
  const std::string id = "##" + std::string(name);
  ImGuiInputTextFlags flags = ImGuiInputTextFlags_EnterReturnsTrue;
  if (help != nullptr) flags |= ImGuiInputTextFlags_CallbackHistory | ImGuiInputTextFlags_CallbackCompletion;
  result.was_entered =
      ImGui::InputText(id.c_str(), buffer.data(), buffer.size(), flags,
                       help != nullptr ? &give_help : nullptr, const_cast<TextFieldHelp*>(help));
  result.has_focus = ImGui::IsItemActive();
  result.was_changed = before != buffer.data();
  result.was_escaped = ImGui::IsItemDeactivated() && compat::is_pressed(compat::Key::escape);
  ImGui::PopStyleColor(3);
  ImGui::PopStyleVar(2);
  ImGui::PopFont();
  return result;
}

void set_text(std::span<char> buffer, std::string_view text) {
  const size_t kept = std::min(text.size(), buffer.size() - 1);
  std::memcpy(buffer.data(), text.data(), kept);
  buffer[kept] = '\0';
}

}  // namespace brokerlab::gui

#include "gui/headless.h"

#include <imgui.h>

#include "sim/base/assert.h"

namespace brokerlab::gui {
namespace {

ImGuiContext* new_context() {
  IMGUI_CHECKVERSION();
  ImGuiContext* context = ImGui::CreateContext();
  ImGui::SetCurrentContext(context);
  return context;
}

}  // namespace

HeadlessWindow::HeadlessWindow(const HeadlessOptions& options)
    : options_(options), context_(new_context()), fonts_(options.fonts), app_(fonts_, &raster_region) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = {static_cast<float>(options_.width), static_cast<float>(options_.height)};
  compat::announce_pixel_renderer();
  compat::map_keys();
  prepare_style();
  app_.view().ui_scale = options_.ui_scale;
  app_.view().language = options_.language;
  app_.need_interface_glyphs();
}

HeadlessWindow::~HeadlessWindow() {
  enter();
  compat::release_atlas();
  ImGui::DestroyContext(context_);
}

FrameResult HeadlessWindow::frame(const WindowModel& model) {
  enter();
  constexpr float frame_seconds = 1.0F / 60;
  if (fonts_.needs_build(app_.view().ui_scale)) fonts_.build(app_.view().ui_scale);
  ImGui::GetIO().DeltaTime = frame_seconds;
  real_ms_ += 1000.0 / 60;
  ImGui::NewFrame();
  FrameResult result =
      app_.frame(model, static_cast<float>(options_.width), static_cast<float>(options_.height), real_ms_);
  ImGui::Render();
  compat::take_atlas(ImGui::GetDrawData());
  return result;
}

Picture HeadlessWindow::picture(const WindowModel& model) {
  frame(model);
  while (fonts_.needs_build(app_.view().ui_scale)) frame(model);
  frame(model);  // sizes that one frame measures are used by the next
  const compat::AtlasPixels atlas = compat::take_atlas(ImGui::GetDrawData());
  return rasterise(*ImGui::GetDrawData(), atlas, tokens().dark.bg.panel);
}

void HeadlessWindow::enter() const { ImGui::SetCurrentContext(context_); }

int HeadlessWindow::vertices() const {
  enter();
  return ImGui::GetDrawData()->TotalVtxCount;
}

void HeadlessWindow::point_at(Point logical) {
  enter();
  const float scale = options_.ui_scale;
  compat::send_mouse({logical.x * scale, logical.y * scale});
}

Point HeadlessWindow::middle_of(std::string_view widget) const {
  const Box* box = app_.widgets().find(widget);
  BROKERLAB_ASSERT_THAT(box != nullptr, "no widget named " + std::string(widget));
  return box->centre();
}

void HeadlessWindow::press(int button, bool is_down) {
  enter();
  compat::send_button(button, is_down);
}

void HeadlessWindow::key(compat::Key key, bool is_down) {
  enter();
  compat::send_key(key, is_down);
}

void HeadlessWindow::ctrl(bool is_down) {
  enter();
  compat::send_ctrl(is_down);
}

void HeadlessWindow::type(std::string_view ascii) {
  enter();
  for (const char c : ascii) ImGui::GetIO().AddInputCharacter(static_cast<unsigned char>(c));
}

}  // namespace brokerlab::gui

#include "gui/window.h"

#define GL_SILENCE_DEPRECATION
#include <GLFW/glfw3.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "gui/app.h"
#include "gui/imgui_backend_compat.h"
#include "gui/window_input.h"

namespace brokerlab::gui {
namespace {

constexpr double frame_seconds = 1.0 / 60;
constexpr double unfocused_frame_seconds = 1.0 / 10;
constexpr double idle_wait_seconds = 0.5;
/// How often the time is shown anew while nothing else changes.
constexpr double clock_seconds = 1.0 / 10;
/// What an input changes is seen one frame later, what that uncovers another one later.
constexpr int frames_after_input = 3;
/// Lab time does not catch up with a machine that stood still longer than this.
constexpr double longest_step_seconds = 0.1;
/// A new syllable is in the atlas at most this much later.
constexpr double rebuild_seconds = 0.25;

/// The Painter's region callback: a clear instead of blended pixels.
void clear_region(const ImDrawList*, const ImDrawCmd* command) {
  const ImDrawData* data = ImGui::GetDrawData();
  const ImVec2 scale = data->FramebufferScale;
  const float height = data->DisplaySize.y * scale.y;
  const ImVec4& clip = command->ClipRect;
  const Colour colour = *static_cast<const Colour*>(command->UserCallbackData);
  const int left = static_cast<int>((clip.x - data->DisplayPos.x) * scale.x);
  const int bottom = static_cast<int>(height - (clip.w - data->DisplayPos.y) * scale.y);
  glScissor(left, bottom, static_cast<int>((clip.z - clip.x) * scale.x),
            static_cast<int>((clip.w - clip.y) * scale.y));
  glClearColor(static_cast<float>(colour.red()) / 255, static_cast<float>(colour.green()) / 255,
               static_cast<float>(colour.blue()) / 255, 1);
  glClear(GL_COLOR_BUFFER_BIT);
}

/// The first Ctrl-C or SIGTERM closes the window; the second ends the process at once.
volatile std::sig_atomic_t is_interrupted = 0;

void close_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { is_interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

GLFWwindow* open_glfw_window(const WindowOptions& options) {
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  int width = options.width;
  int height = options.height;
  if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
    int x = 0;
    int y = 0;
    int most_width = 0;
    int most_height = 0;
    glfwGetMonitorWorkarea(monitor, &x, &y, &most_width, &most_height);
    if (most_width > 0) width = std::min(width, most_width);
    if (most_height > 0) height = std::min(height, most_height);
  }
  return glfwCreateWindow(width, height, "brokerlab", nullptr, nullptr);
}

class Window {
 public:
  Window(GLFWwindow* window, WindowInput& input, Session& session, const WindowOptions& options)
      : window_(window), input_(input), session_(session), fonts_(find_fonts()), app_(fonts_, &clear_region) {
    ViewData& view = app_.view();
    view.language = options.session.language;
    view.is_motion_reduced = options.is_motion_reduced;
    view.ui_scale = first_scale();
    app_.need_interface_glyphs();
    app_.set_completer([this](std::string_view line) { return session_.completions(line); });
  }

  void run() {
    double last = glfwGetTime();
    while (glfwWindowShouldClose(window_) == GLFW_FALSE && is_interrupted == 0) {
      wait(last);
      const double now = glfwGetTime();
      const double step = std::min(now - last, longest_step_seconds);
      last = now;
      session_.advance({static_cast<int64_t>(step * 1e9)}, now * 1000);
      if (input_.take()) frames_left_ = frames_after_input;
      const bool is_clock_due = is_playing() && now - drawn_at_ >= clock_seconds;
      if (frames_left_ == 0 && !is_animating_ && !has_changed() && !is_clock_due) continue;
      frames_left_ = std::max(0, frames_left_ - 1);
      draw(now);
    }
  }

 private:
  /// The monitor's content scale, in steps of a quarter, where the framebuffer does not have it already.
  float first_scale() const {
    float content = 1;
    glfwGetWindowContentScale(window_, &content, nullptr);
    return std::clamp(std::round(content / density() * 4) / 4, 0.75F, 2.5F);
  }

  float density() const {
    int width = 0;
    int pixels = 0;
    glfwGetWindowSize(window_, &width, nullptr);
    glfwGetFramebufferSize(window_, &pixels, nullptr);
    return width > 0 ? static_cast<float>(pixels) / static_cast<float>(width) : 1;
  }

  void wait(double last) {
    if (glfwGetWindowAttrib(window_, GLFW_ICONIFIED) != GLFW_FALSE) {
      glfwWaitEventsTimeout(unfocused_frame_seconds);
      return;
    }
    const bool moves = frames_left_ > 0 || is_animating_ || is_playing() || has_changed() ||
                       session_.model().terminal.is_running;
    const bool has_focus = glfwGetWindowAttrib(window_, GLFW_FOCUSED) != GLFW_FALSE;
    const double pause = !moves ? idle_wait_seconds : has_focus ? frame_seconds : unfocused_frame_seconds;
    const double left = last + pause - glfwGetTime();
    if (left > 0) {
      glfwWaitEventsTimeout(left);
    } else {
      glfwPollEvents();
    }
  }

  bool is_playing() const { return !session_.model().clock.is_paused; }
  bool has_changed() const { return session_.changes() != drawn_changes_; }

  void build_fonts(double now) {
    const float scale = app_.view().ui_scale * density();
    const bool is_new_scale = scale != built_scale_;
    if (!fonts_.needs_build(scale) || (!is_new_scale && now - built_at_ < rebuild_seconds)) return;
    fonts_.build(scale);
    compat::renew_font_texture();
    compat::set_raster_density(density());
    built_scale_ = scale;
    built_at_ = now;
  }

  void draw(double now) {
    build_fonts(now);
    int width = 0;
    int height = 0;
    glfwGetWindowSize(window_, &width, &height);
    int pixel_width = 0;
    int pixel_height = 0;
    glfwGetFramebufferSize(window_, &pixel_width, &pixel_height);
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    input_.short_presses().hold();
    ImGui::NewFrame();
    const FrameResult result =
        app_.frame(session_.model(), static_cast<float>(width), static_cast<float>(height), now * 1000);
    ImGui::Render();
    input_.short_presses().release();
    drawn_changes_ = session_.changes();
    drawn_at_ = now;
    is_animating_ = result.is_animating;
    const Colour clear = tokens().dark.bg.panel;
    glDisable(GL_SCISSOR_TEST);
    glViewport(0, 0, pixel_width, pixel_height);
    glClearColor(static_cast<float>(clear.red()) / 255, static_cast<float>(clear.green()) / 255,
                 static_cast<float>(clear.blue()) / 255, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window_);
    for (const Request& request : result.requests) session_.carry_out(request);
    session_.set_language(app_.view().language);
    if (!result.requests.empty()) frames_left_ = frames_after_input;
  }

  GLFWwindow* window_;
  WindowInput& input_;
  Session& session_;
  Fonts fonts_;
  App app_;
  int frames_left_ = frames_after_input;
  bool is_animating_ = false;
  uint64_t drawn_changes_ = 0;
  double drawn_at_ = 0;
  float built_scale_ = 0;
  double built_at_ = 0;
};

struct Glfw {
  bool is_there = glfwInit() == GLFW_TRUE;
  ~Glfw() {
    if (is_there) glfwTerminate();
  }
};

}  // namespace

Status run_window(const WindowOptions& options) {
  const Glfw glfw;
  GLFWwindow* window = glfw.is_there ? open_glfw_window(options) : nullptr;
  if (window == nullptr) {
    const char* reason = nullptr;
    glfwGetError(&reason);
    return Status::error(StatusCode::unavailable, reason != nullptr ? reason : "no window can be opened");
  }
  Result<std::unique_ptr<Session>> session = Session::open(options.session);
  if (!session.ok()) {
    glfwDestroyWindow(window);
    return session.status();
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  IMGUI_CHECKVERSION();
  ImGuiContext* context = ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;
  prepare_style();
  WindowInput input;
  input.watch(window);  // before the backend, which calls its callbacks too
  close_on_signals();
  ImGui_ImplGlfw_InitForOpenGL(window, true);
  ImGui_ImplOpenGL3_Init("#version 150");
  Window(window, input, **session, options).run();
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext(context);
  glfwDestroyWindow(window);
  return {};
}

}  // namespace brokerlab::gui

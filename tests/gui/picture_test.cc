// Whole frames through the software rasteriser: nothing is cut, nothing overlaps, the budget is kept, and the
// same frame gives the same picture. BROKERLAB_PICTURES=FOLDER also writes the pictures, to be looked at.
#include <doctest/doctest.h>

#include <cstdlib>

#include "gui/headless.h"
#include "gui/png.h"
#include "tests/gui/story.h"

using namespace brokerlab;
using namespace brokerlab::gui;

namespace {

struct Screen {
  int width;
  int height;
  float scale;
};
constexpr Screen screens[] = {{1600, 1000, 1}, {1280, 800, 1},      {960, 640, 1},      {1600, 1000, 2},
                              {2560, 1440, 1}, {1600, 1000, 0.75F}, {1600, 1000, 1.25F}};

void keep(const Picture& picture, const std::string& name) {
  const char* folder = std::getenv("BROKERLAB_PICTURES");
  if (folder != nullptr) CHECK(write_png(picture, std::string(folder) + "/" + name + ".png").ok());
}

std::string name_of(const Screen& screen, Language language) {
  return std::to_string(screen.width) + "x" + std::to_string(screen.height) + "-" +
         std::to_string(static_cast<int>(screen.scale * 100)) +
         (language == Language::korean ? "-ko" : "-en");
}

bool is_part_of_hangul(uint32_t code) { return code >= 0xAC00 && code <= 0xD7A3; }

}  // namespace

TEST_CASE("no text of the interface is cut, in either language, on any screen") {
  for (const Screen& screen : screens) {
    for (const Language language : {Language::english, Language::korean}) {
      CAPTURE(name_of(screen, language));
      HeadlessOptions options;
      options.width = screen.width;
      options.height = screen.height;
      options.ui_scale = screen.scale;
      options.language = language;
      HeadlessWindow window(options);
      for (const bool is_after : {false, true}) {
        const WindowModel model =
            is_after ? story::after_the_stop(language) : story::before_the_stop(language);
        keep(window.picture(model), std::string(is_after ? "after-" : "before-") + name_of(screen, language));
        for (const CutText& cut : window.app().cuts()) FAIL_CHECK(cut.text, " was cut to ", cut.shown);
        CHECK(window.vertices() <= 30'000);
      }
    }
  }
}

TEST_CASE("no word of a broker's state is cut") {
  for (const Language language : {Language::english, Language::korean}) {
    for (int look = 0; look <= static_cast<int>(NodeLook::dead); ++look) {
      CAPTURE(look);
      HeadlessOptions options;
      options.width = 1280;
      options.height = 800;
      options.language = language;
      HeadlessWindow window(options);
      WindowModel model = story::before_the_stop(language);
      model.brokers[1].look = static_cast<NodeLook>(look);
      window.frame(model);
      window.frame(model);
      for (const CutText& cut : window.app().cuts()) FAIL_CHECK(cut.text, " was cut to ", cut.shown);
    }
  }
}

TEST_CASE("panels and widgets stay inside the window and out of each other's way") {
  for (const Screen& screen : screens) {
    CAPTURE(name_of(screen, Language::english));
    HeadlessOptions options;
    options.width = screen.width;
    options.height = screen.height;
    options.ui_scale = screen.scale;
    HeadlessWindow window(options);
    for (int i = 0; i < 3; ++i) window.frame(story::before_the_stop(Language::english));
    const Register& widgets = window.app().widgets();
    const Box all{0, 0, static_cast<float>(screen.width) / screen.scale,
                  static_cast<float>(screen.height) / screen.scale};
    for (const char* name : {"canvas.kafka1", "canvas.kafka2", "canvas.kafka3", "canvas.shop-a",
                             "lesson.commit", "command.play"}) {
      CAPTURE(name);
      const Box* box = widgets.find(name);
      REQUIRE(box != nullptr);
      CHECK(box->left >= all.left);
      CHECK(box->right <= all.right);
      CHECK(box->bottom <= all.bottom);
      CHECK(box->height() >= 24);  // what can be hit
    }
    const Box* panels[] = {widgets.find("command"), widgets.find("lesson"), widgets.find("canvas"),
                           widgets.find("matrix"),  widgets.find("events"), widgets.find("terminal")};
    for (size_t i = 0; i < std::size(panels); ++i) {
      for (size_t j = i + 1; j < std::size(panels); ++j) {
        if (panels[i] != nullptr && panels[j] != nullptr)
          CHECK_FALSE(panels[i]->inset(1).overlaps(*panels[j]));
      }
    }
    CHECK_FALSE(widgets.find("canvas.kafka1")->overlaps(*widgets.find("canvas.shop-a")));
  }
}

TEST_CASE("a broker keeps its column in canvas and matrix") {
  HeadlessWindow window({});
  window.frame(story::before_the_stop(Language::english));
  const Register& widgets = window.app().widgets();
  for (const std::string broker : {"kafka1", "kafka2", "kafka3"}) {
    const float card = widgets.find("canvas." + broker)->centre().x;
    CHECK(widgets.find("matrix.orders-1." + broker)->centre().x == doctest::Approx(card));
  }
}

TEST_CASE("the same moment gives the same picture") {
  HeadlessWindow one({});
  const Picture first = one.picture(story::before_the_stop(Language::english));
  const Picture second = one.picture(story::before_the_stop(Language::english));
  CHECK(first.pixels == second.pixels);
}

TEST_CASE("a leader's star is orange, a dead broker is hatched, the rest of the panel has no hue") {
  HeadlessWindow window({});
  const Picture picture = window.picture(story::before_the_stop(Language::english));
  const Box cell = *window.app().widgets().find("matrix.orders-1.kafka2");
  const auto star = picture.at(static_cast<int>(cell.left) + 16, static_cast<int>(cell.top) + 11);
  CHECK(star == tokens().dark[Role::leader].fill);
  const Box lesson = *window.app().widgets().find("lesson");
  CHECK(picture.at(static_cast<int>(lesson.left) + 4, static_cast<int>(lesson.bottom) - 100) ==
        tokens().dark.bg.panel);
}

TEST_CASE("without a Korean font the window stays in English and says so") {
  HeadlessOptions options;
  options.fonts = {};
  options.language = Language::korean;
  HeadlessWindow window(options);
  window.frame(story::before_the_stop(Language::english));
  CHECK(window.app().view().language == Language::english);
  CHECK(window.app().widgets().find("command.language") == nullptr);
  CHECK(window.app().widgets().find("command.no_korean_font") != nullptr);
  for (const PhraseTexts& phrase : all_phrases) {
    for_each_code_point(phrase.english,
                        [&](uint32_t code, std::string_view) { CHECK_FALSE(is_part_of_hangul(code)); });
  }
}

// The two tables of window.md, section 3, computed again from the tokens: WCAG contrast, and the distance of
// the roles' fills for people who see colours differently (Machado 2009, severity 1; CIEDE2000).
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "gui/theme.h"

using namespace brokerlab::gui;

namespace {

using Triple = std::array<double, 3>;

double linear(uint8_t byte) {
  const double c = byte / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}
Triple linear_rgb(Colour c) { return {linear(c.red()), linear(c.green()), linear(c.blue())}; }

double luminance(Colour c) {
  const Triple rgb = linear_rgb(c);
  return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}
double contrast(Colour a, Colour b) {
  const double x = luminance(a);
  const double y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

using Matrix = std::array<Triple, 3>;
constexpr Matrix normal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix protanopia{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritanopia{
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

Triple lab(Colour colour, const Matrix& eyes) {
  const Triple rgb = linear_rgb(colour);
  Triple seen{};
  for (size_t i = 0; i < 3; ++i) {
    seen[i] = std::clamp(eyes[i][0] * rgb[0] + eyes[i][1] * rgb[1] + eyes[i][2] * rgb[2], 0.0, 1.0);
  }
  const double x = (0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047;
  const double y = 0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2];
  const double z = (0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883;
  const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  return {116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))};
}

constexpr double degree = std::numbers::pi / 180;

double hue(double b, double a) {
  if (a == 0 && b == 0) return 0;
  const double angle = std::atan2(b, a) / degree;
  return angle < 0 ? angle + 360 : angle;
}

double ciede2000(const Triple& one, const Triple& two) {
  const double c_mean = (std::hypot(one[1], one[2]) + std::hypot(two[1], two[2])) / 2;
  const double g = 0.5 * (1 - std::sqrt(std::pow(c_mean, 7) / (std::pow(c_mean, 7) + std::pow(25.0, 7))));
  const double a1 = one[1] * (1 + g);
  const double a2 = two[1] * (1 + g);
  const double c1 = std::hypot(a1, one[2]);
  const double c2 = std::hypot(a2, two[2]);
  const double h1 = hue(one[2], a1);
  const double h2 = hue(two[2], a2);
  double dh = c1 * c2 == 0 ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const double dl = two[0] - one[0];
  const double dc = c2 - c1;
  const double big_dh = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2 * degree);
  const double l = (one[0] + two[0]) / 2;
  const double c = (c1 + c2) / 2;
  double h = h1 + h2;
  if (c1 * c2 != 0) {
    if (std::abs(h1 - h2) <= 180)
      h /= 2;
    else
      h = (h < 360 ? h + 360 : h - 360) / 2;
  }
  const double t = 1 - 0.17 * std::cos((h - 30) * degree) + 0.24 * std::cos(2 * h * degree) +
                   0.32 * std::cos((3 * h + 6) * degree) - 0.20 * std::cos((4 * h - 63) * degree);
  const double sl = 1 + 0.015 * std::pow(l - 50, 2) / std::sqrt(20 + std::pow(l - 50, 2));
  const double sc = 1 + 0.045 * c;
  const double sh = 1 + 0.015 * c * t;
  const double rt = -std::sin(60 * std::exp(-std::pow((h - 275) / 25, 2)) * degree) * 2 *
                    std::sqrt(std::pow(c, 7) / (std::pow(c, 7) + std::pow(25.0, 7)));
  return std::sqrt(std::pow(dl / sl, 2) + std::pow(dc / sc, 2) + std::pow(big_dh / sh, 2) +
                   rt * (dc / sc) * (big_dh / sh));
}

double nearest_fills(const Theme& theme, const Matrix& eyes) {
  double nearest = 1e9;
  for (size_t i = 0; i < role_count; ++i) {
    for (size_t j = i + 1; j < role_count; ++j) {
      nearest = std::min(nearest, ciede2000(lab(theme.roles[i].fill, eyes), lab(theme.roles[j].fill, eyes)));
    }
  }
  return nearest;
}

}  // namespace

TEST_CASE("CIEDE2000 agrees with the published test data") {
  // Sharma, Wu, Dalal (2005), pairs 1, 7 and 25.
  CHECK(ciede2000({50, 2.6772, -79.7751}, {50, 0, -82.7485}) == doctest::Approx(2.0425).epsilon(0.0001));
  CHECK(ciede2000({50, 0, 0}, {50, -1, 2}) == doctest::Approx(2.3669).epsilon(0.0001));
  CHECK(ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) ==
        doctest::Approx(1.2644).epsilon(0.0001));
}

TEST_CASE("texts and inks can be read on every background of every theme") {
  for (const Theme* theme : {&tokens().dark, &tokens().light, &tokens().contrast}) {
    for (const Colour background : {theme->bg.panel, theme->bg.active}) {
      for (const Colour text : {theme->text.hi, theme->text.mid, theme->text.low})
        CHECK(contrast(text, background) >= 4.5);
      for (const RoleColours& role : theme->roles) CHECK(contrast(role.ink, background) >= 4.5);
    }
    for (const RoleColours& role : theme->roles) CHECK(contrast(role.ink, role.wash) >= 4.5);
  }
}

TEST_CASE("fills stand out from the panel in the dark and the contrast theme") {
  for (const Theme* theme : {&tokens().dark, &tokens().contrast}) {
    for (const RoleColours& role : theme->roles) CHECK(contrast(role.fill, theme->bg.panel) >= 3.0);
  }
}

TEST_CASE("no two roles' fills look alike to anybody") {
  for (const Theme* theme : {&tokens().dark, &tokens().light, &tokens().contrast}) {
    for (const Matrix* eyes : {&normal, &protanopia, &deuteranopia, &tritanopia})
      CHECK(nearest_fills(*theme, *eyes) >= 6.5);
  }
  // The nearest pairs that window.md names.
  CHECK(nearest_fills(tokens().dark, normal) == doctest::Approx(15.6).epsilon(0.01));
  CHECK(nearest_fills(tokens().dark, tritanopia) == doctest::Approx(9.9).epsilon(0.01));
}

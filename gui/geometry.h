// Points, boxes and paths of the window, in logical pixels: screen points divided by the UI scale.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace brokerlab::gui {

struct Point {
  float x = 0;
  float y = 0;
  friend bool operator==(const Point&, const Point&) = default;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, float k) { return {a.x * k, a.y * k}; }
};

inline float distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
  friend bool operator==(const Box&, const Box&) = default;
  float width() const { return right - left; }
  float height() const { return bottom - top; }
  Point centre() const { return {(left + right) / 2, (top + bottom) / 2}; }
  bool is_empty() const { return width() <= 0 || height() <= 0; }
  bool contains(Point p) const { return p.x >= left && p.x < right && p.y >= top && p.y < bottom; }
  bool overlaps(const Box& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
  Box inset(float x, float y) const { return {left + x, top + y, right - x, bottom - y}; }
  Box inset(float by) const { return inset(by, by); }
  static Box around(Point centre, float half_width, float half_height) {
    return {centre.x - half_width, centre.y - half_height, centre.x + half_width, centre.y + half_height};
  }
};

/// A path of straight pieces with its running lengths, so that a message finds its place by time.
class Path {
 public:
  Path() = default;
  explicit Path(std::vector<Point> points) : points_(std::move(points)) { measure(); }
  /// The link of a client: a cubic with vertical tangents, control points at 50 % and 55 % of the height.
  static Path between_client_and_broker(Point from, Point to);

  const std::vector<Point>& points() const { return points_; }
  bool is_empty() const { return points_.size() < 2; }
  float length() const { return lengths_.empty() ? 0 : lengths_.back(); }
  /// `share` in 0..1 of the length.
  Point at(float share) const;
  /// The piece from one share to another, with the corners between.
  std::vector<Point> piece(float from, float to) const;
  Path reversed() const { return Path({points_.rbegin(), points_.rend()}); }
  float distance_to(Point p) const;

 private:
  void measure();
  std::vector<Point> points_;
  std::vector<float> lengths_;
};

inline float out_cubic(float t) { return 1 - std::pow(1 - t, 3.0F); }
inline float in_out_cubic(float t) { return t < 0.5F ? 4 * t * t * t : 1 - std::pow(-2 * t + 2, 3.0F) / 2; }

}  // namespace brokerlab::gui

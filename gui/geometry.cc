#include "gui/geometry.h"

namespace brokerlab::gui {

Path Path::between_client_and_broker(Point from, Point to) {
  constexpr int pieces = 32;
  const float height = to.y - from.y;
  const Point first{from.x, from.y + height * 0.50F};
  const Point second{to.x, to.y - height * 0.55F};
  std::vector<Point> points;
  for (int i = 0; i <= pieces; ++i) {
    const float t = static_cast<float>(i) / pieces;
    const float u = 1 - t;
    points.push_back(from * (u * u * u) + first * (3 * u * u * t) + second * (3 * u * t * t) +
                     to * (t * t * t));
  }
  return Path(std::move(points));
}

void Path::measure() {
  float sum = 0;
  lengths_.clear();
  for (size_t i = 0; i < points_.size(); ++i) {
    if (i > 0) sum += distance(points_[i - 1], points_[i]);
    lengths_.push_back(sum);
  }
}

Point Path::at(float share) const {
  if (points_.empty()) return {};
  const float wanted = std::clamp(share, 0.0F, 1.0F) * length();
  const auto after = std::lower_bound(lengths_.begin(), lengths_.end(), wanted);
  const auto i = static_cast<size_t>(after - lengths_.begin());
  if (i == 0) return points_.front();
  if (i >= points_.size()) return points_.back();
  const float piece = lengths_[i] - lengths_[i - 1];
  const float t = piece > 0 ? (wanted - lengths_[i - 1]) / piece : 0;
  return points_[i - 1] * (1 - t) + points_[i] * t;
}

std::vector<Point> Path::piece(float from, float to) const {
  from = std::clamp(from, 0.0F, 1.0F);
  to = std::clamp(to, 0.0F, 1.0F);
  std::vector<Point> out{at(from)};
  for (size_t i = 0; i < points_.size(); ++i) {
    if (lengths_[i] > from * length() && lengths_[i] < to * length()) out.push_back(points_[i]);
  }
  out.push_back(at(to));
  return out;
}

float Path::distance_to(Point p) const {
  float nearest = 1e9F;
  for (size_t i = 1; i < points_.size(); ++i) {
    const Point a = points_[i - 1];
    const Point along = points_[i] - a;
    const float squared = along.x * along.x + along.y * along.y;
    const Point to_p = p - a;
    const float t = squared > 0 ? std::clamp((to_p.x * along.x + to_p.y * along.y) / squared, 0.0F, 1.0F) : 0;
    nearest = std::min(nearest, distance(p, a + along * t));
  }
  return nearest;
}

}  // namespace brokerlab::gui

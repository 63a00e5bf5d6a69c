// A recorded story for the window: three brokers, two producers, three consumers, one moment of lesson 1, of
// the kind of design picture 01. Events and snapshots only, as the drivers and nodes would give them.
#pragma once

#include "gui/window_model.h"

namespace brokerlab::gui::story {

inline constexpr NodeId kafka1{1};
inline constexpr NodeId kafka2{2};
inline constexpr NodeId kafka3{3};
inline constexpr NodeId shop_a{4};
inline constexpr NodeId shop_b{5};
inline constexpr NodeId pay_1{6};
inline constexpr NodeId pay_2{7};
inline constexpr NodeId pay_3{8};

/// Time is held at 12.480 s; the learner is asked who leads orders-1 when kafka2 stops.
WindowModel before_the_stop(Language language);
/// kafka2 is gone for a second; kafka3 leads orders-1 and asks to be controller.
WindowModel after_the_stop(Language language);

}  // namespace brokerlab::gui::story

#include "sim/shell/text.h"

#include <doctest/doctest.h>

using namespace brokerlab;

TEST_CASE("Korean particles follow the last sound of a name") {
  // The examples that window.md section 11 gives.
  CHECK(with_particle("kafka1", "이/가") == "kafka1이");
  CHECK(with_particle("kafka2", "이/가") == "kafka2가");
  CHECK(with_particle("kafka3", "이/가") == "kafka3이");
  CHECK(with_particle("pay-1", "은/는") == "pay-1은");
  CHECK(with_particle("pay-2", "은/는") == "pay-2는");

  CHECK(with_particle("리더", "은/는") == "리더는");
  CHECK(with_particle("복제본", "을/를") == "복제본을");
  CHECK(with_particle("topic", "을/를") == "topic을");
  CHECK(with_particle("orders", "과/와") == "orders와");
  CHECK(with_particle("ISR", "은/는") == "ISR은");
  CHECK(with_particle("shop-a", "이/가") == "shop-a가");
  CHECK(with_particle("`acks`", "을/를") == "`acks`를");
}

TEST_CASE("after ㄹ it is 로, not 으로") {
  CHECK(with_particle("kafka1", "으로/로") == "kafka1로");
  CHECK(with_particle("kafka3", "으로/로") == "kafka3으로");
  CHECK(with_particle("kafka2", "으로/로") == "kafka2로");
  CHECK(with_particle("채널", "으로/로") == "채널로");
}

// Reads the golden recordings (tests/golden/README.md).
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/base/bytes.h"

namespace brokerlab::kafka::test {

using Json = nlohmann::json;

/// The lines of a recording; fails the test when there are none.
std::vector<Json> golden_lines(const std::string& file);
Bytes bytes_of_hex(const std::string& hex);

}  // namespace brokerlab::kafka::test

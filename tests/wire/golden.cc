#include "tests/wire/golden.h"

#include <fstream>

namespace brokerlab::kafka::test {

std::vector<Json> golden_lines(const std::string& file) {
  std::ifstream in(std::string(BROKERLAB_GOLDEN_DIR) + "/" + file);
  std::vector<Json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  REQUIRE_MESSAGE(!lines.empty(), "nothing recorded in ", file);
  return lines;
}

Bytes bytes_of_hex(const std::string& hex) { return Bytes::adopt(from_hex(hex)); }

}  // namespace brokerlab::kafka::test

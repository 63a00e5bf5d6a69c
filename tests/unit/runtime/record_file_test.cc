// The file of a recording has the bytes that were appended, at each flush and at the end, whatever their sizes.
#include "sim/runtime/record_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "tests/unit/storage/disks.h"

using namespace brokerlab;
using recording::RecordFile;

namespace {

std::vector<uint8_t> content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("recording: its file has what was appended at each flush, then zeros up to a whole sector") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "session";
  Result<RecordFile> file = RecordFile::create(path);
  REQUIRE(file.ok());
  std::vector<uint8_t> expected;
  for (const size_t size : {12, 4084, 1, 5000, 3 << 20, (1 << 20) - 1, 70'000, 0, 4096}) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(1 + (expected.size() + i) % 251);
    REQUIRE(file->append(bytes).ok());
    expected.insert(expected.end(), bytes.begin(), bytes.end());
    REQUIRE(file->flush().ok());
    std::vector<uint8_t> seen = content(path);
    REQUIRE(seen.size() >= expected.size());
    CHECK(seen.size() < expected.size() + 4096);
    for (size_t i = expected.size(); i < seen.size(); ++i) REQUIRE(seen[i] == 0);
    seen.resize(expected.size());
    CHECK(seen == expected);
  }
  REQUIRE(file->finish().ok());
  CHECK(content(path) == expected);
}

TEST_CASE("recording: a file that is there is not written over, and a folder must be there") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "session") << "mine";
  CHECK(RecordFile::create(folder.path() / "session").status().code == StatusCode::already_exists);
  CHECK(content(folder.path() / "session").size() == 4);
  CHECK(RecordFile::create(folder.path() / "nowhere" / "session").status().code == StatusCode::io_error);
}

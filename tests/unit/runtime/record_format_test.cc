#include "sim/runtime/record_format.h"

#include <doctest/doctest.h>

#include "sim/base/event.h"
#include "sim/wire/kafka/crc32c.h"

using namespace brokerlab;
using namespace brokerlab::recording;

namespace {

std::vector<uint8_t> file_of(const std::vector<std::string>& payloads) {
  std::vector<uint8_t> file(file_header_bytes);
  std::copy(magic.begin(), magic.end(), file.begin());
  put_fixed(file.data() + magic.size(), version);
  for (const std::string& payload : payloads) {
    const size_t at = file.size();
    file.resize(at + block_header_bytes);
    put_fixed(file.data() + at, static_cast<uint32_t>(payload.size()));
    const Bytes bytes = Bytes::copy_of(payload);
    put_fixed(file.data() + at + 4,
              kafka::crc32c(bytes.span(), kafka::crc32c(std::span(file).subspan(at, 4))));
    file.insert(file.end(), payload.begin(), payload.end());
  }
  return file;
}

std::string text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

EventPayload through(const EventPayload& payload) {
  Output out;
  put_payload(out, payload);
  recording::Input in(out.bytes());
  EventPayload read = take_payload(in);
  CHECK(in.ok());
  CHECK(in.at_end());
  return read;
}

}  // namespace

TEST_CASE("recording: numbers of every size come back") {
  Output out;
  const std::vector<int64_t> numbers = {0, 1, -1, 63, -64, 64, 300, INT32_MAX, INT64_MAX, INT64_MIN};
  for (const int64_t number : numbers) out.signed_number(number);
  out.number(UINT64_MAX);
  recording::Input in(out.bytes());
  for (const int64_t number : numbers) CHECK(in.signed_number() == number);
  CHECK(in.number() == UINT64_MAX);
  CHECK(in.ok());
  CHECK(in.number() == 0);
  CHECK_FALSE(in.ok());
}

TEST_CASE("recording: events come back with all their fields") {
  event::PartitionChanged changed{{"orders", 2},   true, 3, 4, 5, {1, 2, 3}, {3}, {1}, {2},
                                  "broker_fenced", {}};
  CHECK(describe(through(changed)) == describe(changed));
  event::MessageSent sent;
  sent.frame = {{first_outgoing_connection + 7}, no_node, 12, 345};
  sent.message.kind = MessageKind::quorum;
  sent.message.topic = "orders";
  sent.message.offset = -1;
  CHECK(describe(through(sent)) == describe(sent));
  CHECK(std::get<event::MessageSent>(through(sent)).frame.peer == no_node);
  CHECK(std::get<event::DiskFinished>(through(event::DiskFinished{9, false})).ok == false);
  CHECK(kind_of(through(event::NodePaused{})) == "node_paused");
}

TEST_CASE("recording: lengths and kinds that cannot be are refused without taking memory for them") {
  for (const std::vector<uint8_t>& bytes :
       {std::vector<uint8_t>{0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 'x'},
        {0x80},
        {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}}) {
    recording::Input in(bytes);
    CHECK(in.text().empty());
    CHECK_FALSE(in.ok());
    recording::Input kind(bytes);
    (void)take_payload(kind);
    CHECK_FALSE(kind.ok());
  }
}

TEST_CASE("recording: blocks are whole or do not count") {
  const std::vector<uint8_t> file = file_of({"one", "two"});
  Result<BlockReader> reader = BlockReader::open(file);
  REQUIRE(reader.ok());
  CHECK(reader->next() == BlockReader::Next::block);
  CHECK(text_of(reader->payload()) == "one");
  CHECK(reader->next() == BlockReader::Next::block);
  CHECK(text_of(reader->payload()) == "two");
  CHECK(reader->next() == BlockReader::Next::end);

  const size_t second = file_header_bytes + block_header_bytes + 3;
  for (size_t size = second + 1; size < file.size(); ++size) {
    Result<BlockReader> cut = BlockReader::open(std::span(file).first(size));
    CHECK(cut->next() == BlockReader::Next::block);
    CHECK(cut->next() == BlockReader::Next::cut_off);
  }
  for (const size_t zeros : {1, 8, 4000}) {  // a program that was killed leaves its last sector filled up
    std::vector<uint8_t> filled = file;
    filled.resize(file.size() + zeros);
    Result<BlockReader> read = BlockReader::open(filled);
    CHECK(read->next() == BlockReader::Next::block);
    CHECK(read->next() == BlockReader::Next::block);
    CHECK(read->next() == BlockReader::Next::cut_off);
  }
  for (size_t at = file_header_bytes + 4; at < second; ++at) {
    std::vector<uint8_t> damaged = file;
    damaged[at] ^= 1;
    Result<BlockReader> read = BlockReader::open(damaged);
    CHECK(read->next() == BlockReader::Next::damaged);
  }
}

TEST_CASE("recording: another file, and another version, are told apart") {
  CHECK_FALSE(BlockReader::open({}).ok());
  std::vector<uint8_t> file = file_of({});
  CHECK(BlockReader::open(file).ok());
  file[magic.size()] = 9;
  CHECK(BlockReader::open(file).status().message.find("version 9") != std::string::npos);
  file[0] = 'X';
  CHECK(BlockReader::open(file).status().message.find("no recording") != std::string::npos);
}

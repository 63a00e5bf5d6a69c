// What a server sends to our clients. The first byte chooses a client; each piece of the rest is the body of
// the answer to its next request. When the pieces are used up, the server is gone. Behind them, the same pieces
// are decoded as responses whose key and version their first bytes are.
//
// Whatever a server says, a client neither stops the program nor goes on without end when it is told to stop.
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/frame.h"
#include "sim/wire/kafka/writer.h"
#include "tests/fuzz/clients.h"
#include "tests/fuzz/lone_node.h"
#include "tests/fuzz/messages.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

/// More than any of them needs for what an input can say.
constexpr int most_timers = 400;

Bytes answer_to(const LoneNode::Asked& request, const Bytes& body) {
  const kafka::Api* api = kafka::find_api(request.header.api_key);
  const bool has_tags = kafka::response_header_version(*api, request.header.api_version) > 0;
  kafka::Writer writer(sizeof(int32_t) + (has_tags ? 1 : 0) + body.size());
  writer.int32(request.header.correlation_id);
  if (has_tags) writer.unsigned_varint(0);
  writer.raw(body.span());
  return joined(writer.take());
}

void decode_alone(const Bytes& piece) {
  constexpr size_t key_and_version = 4;
  if (piece.size() < key_and_version) return;
  const MemoryLimit limit(message_memory(piece.size()));
  const auto int16_at = [&](size_t at) { return static_cast<int16_t>(piece[at] << 8 | piece[at + 1]); };
  const kafka::MessageSchema* schema = kafka::find_message(int16_at(0), kafka::MessageKind::response);
  if (schema != nullptr) check_message(*schema, int16_at(2), piece.subview(key_and_version));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t which = input.byte();
  std::vector<Bytes> pieces;
  while (!input.empty()) pieces.push_back(input.piece());
  for (const Bytes& piece : pieces) decode_alone(piece);

  const MemoryLimit limit((uint64_t{8} << 20) + 8192 * size);
  LoneNode client(make_client(which, Boot{NodeId{1}, "client", 1, 42}));
  client.step(input::StandardInput{Bytes::copy_of(std::string_view("key:value\n")), false});
  client.step(input::StandardInput{{}, true});
  auto next = pieces.begin();
  for (int fired = 0; !client.exit_status() && fired < most_timers;) {
    if (!client.asked.empty()) {
      const LoneNode::Asked request = client.asked.front();
      if (next == pieces.end()) {
        client.hang_up(request.connection);
        continue;
      }
      client.asked.pop_front();
      client.step(input::Frames{request.connection, {answer_to(request, *next++)}});
    } else if (!client.settle(next != pieces.end())) {
      ++fired;
      if (!client.fire_next_timer()) break;
    }
  }
  client.step(input::Command{"interrupt", {}});
  for (int fired = 0; !client.exit_status() && fired < most_timers; ++fired) {
    while (!client.asked.empty()) client.hang_up(client.asked.front().connection);
    client.settle(false);
    if (!client.fire_next_timer()) break;
  }
  FUZZ_CHECK(client.exit_status().has_value());
  return 0;
}

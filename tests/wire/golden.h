// Reads the golden recordings (tests/golden/README.md), and the codec of every declared message by its key.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/codec.h"

namespace brokerlab::kafka::test {

using Json = nlohmann::json;

/// The lines of a recording; fails the test when there are none.
std::vector<Json> golden_lines(const std::string& file);
Bytes bytes_of_hex(const std::string& hex);
/// One piece, as it would go over a socket. REQUIRES: memory slices only.
Bytes joined(const Slices& slices);

/// What the codec makes of a body: its JSON, and its bytes when written again.
struct Decoded {
  Json json;
  Bytes encoded;
};

/// The codec of one message, without its C++ type.
struct Codec {
  std::string name;
  std::function<Result<Decoded>(const Bytes& body, int16_t version)> decode;
  std::function<Status(const Bytes& body, int16_t version)> try_decode;
  std::function<Result<Bytes>(const Json& json, int16_t version, std::span<const Bytes> records)> encode_json;
};

template <class M>
Codec codec_of() {
  return {std::string(M::schema_name),
          [](const Bytes& body, int16_t version) -> Result<Decoded> {
            const auto message = kafka::decode<M>(body, version);
            if (!message.ok()) return message.status();
            return Decoded{Json::parse(to_json(*message, version)), joined(encode(*message, version))};
          },
          [](const Bytes& body, int16_t version) { return kafka::decode<M>(body, version).status(); },
          [](const Json& json, int16_t version, std::span<const Bytes> records) -> Result<Bytes> {
            const auto message = from_json<M>(json.dump(), version, records);
            if (!message.ok()) return message.status();
            return joined(encode(*message, version));
          }};
}

enum class Direction : uint8_t { request, response };

/// The requests and responses that sim/wire/kafka declares.
const std::map<std::pair<int, Direction>, Codec>& declared_messages();

}  // namespace brokerlab::kafka::test

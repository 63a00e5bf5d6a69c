#include "sim/wire/kafka/frame.h"

#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/reader.h"
#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {
namespace {

const Api& api_of(int16_t key) {
  const Api* api = find_api(key);
  BROKERLAB_ASSERT(api != nullptr);
  return *api;
}

template <class Header>
Slices frame(const Header& header, int16_t header_version, const void* message, const MessageSchema& schema,
             int16_t version) {
  const auto write = [&](Writer& writer, uint64_t size) {
    writer.int32(static_cast<int32_t>(size));
    encode(header, header_version, writer);
    untyped::encode(message, schema, version, writer);
  };
  Writer counter;
  write(counter, 0);
  const uint64_t size = counter.size() - sizeof(int32_t);
  BROKERLAB_ASSERT(size <= INT32_MAX);
  Writer writer(counter.memory_size());
  write(writer, size);
  return writer.take();
}

}  // namespace

const MessageSchema& RequestHeader::schema() { return schema_of<RequestHeader>(); }
const MessageSchema& ResponseHeader::schema() { return schema_of<ResponseHeader>(); }

namespace untyped {

Slices request_frame(const void* message, const MessageSchema& schema, const RequestHeader& header) {
  const int16_t header_version = request_header_version(api_of(header.api_key), header.api_version);
  return frame(header, header_version, message, schema, header.api_version);
}

Slices response_frame(const void* message, const MessageSchema& schema, int16_t api_key, int16_t version,
                      int32_t correlation_id) {
  const int16_t header_version = response_header_version(api_of(api_key), version);
  return frame(ResponseHeader{correlation_id}, header_version, message, schema, version);
}

}  // namespace untyped

Result<RequestHeader> decode_request_header(const Bytes& frame, Bytes& body) {
  Reader start(frame);
  const int16_t key = start.int16();
  const int16_t version = start.int16();
  if (!start.ok()) return start.status();
  const Api* api = find_api(key);
  if (api == nullptr) return Status::error(StatusCode::invalid, "unknown API key " + std::to_string(key));
  size_t header_size = 0;
  auto header = decode<RequestHeader>(frame, request_header_version(*api, version), &header_size);
  if (header.ok()) body = frame.subview(header_size);
  return header;
}

Result<int32_t> decode_response_header(const Bytes& frame, int16_t api_key, int16_t version, Bytes& body) {
  size_t header_size = 0;
  auto header =
      decode<ResponseHeader>(frame, response_header_version(api_of(api_key), version), &header_size);
  if (!header.ok()) return header.status();
  body = frame.subview(header_size);
  return header->correlation_id;
}

}  // namespace brokerlab::kafka

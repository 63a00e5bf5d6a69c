// A client without a library, as `brokerlab bench` measures with it: it costs as little as possible, so that what is
// measured is the broker. Prints what it reached as one JSON line.
//
//   raw_client fetch --bootstrap ADDRESS --topic T             reads the log of partition 0; frames are read and dropped
//   raw_client loopback --mebibytes 1024                       the bound of that: one thread writes, in pieces as large as
//                                                              those answers, to another that reads and drops
//   raw_client produce --bootstrap ADDRESS --topic T --batches 20000
//                                                              one batch after the other, to each partition in turn
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/tcp/broker_connection.h"

using namespace brokerlab;
using test::BrokerConnection;
using test::TcpSocket;

namespace {

using Clock = std::chrono::steady_clock;
/// What consumers ask for by default (max.partition.fetch.bytes).
constexpr int32_t fetch_bytes = 1 << 20;
constexpr size_t produced_value_bytes = 16 << 10;
constexpr double longest_wait_s = 30;
constexpr int16_t metadata_version = 12;
constexpr int16_t fetch_version = 12;  // by name
constexpr int16_t produce_version = 9;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "raw_client: %s\n", what.c_str());
  std::exit(1);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whether a broker does not have what it will have soon: a new topic, or its log. Then the caller waits a moment.
bool comes_soon(int16_t error, Clock::time_point since) {
  const bool is_new = error == kafka::to_int16(kafka::ErrorCode::unknown_topic_or_partition) ||
                      error == kafka::to_int16(kafka::ErrorCode::not_leader_or_follower);
  if (!is_new || seconds_since(since) > longest_wait_s) return false;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return true;
}

/// The leaders of a topic, and connections to them.
class Topic {
 public:
  Topic(const std::string& bootstrap, const std::string& name) {
    const size_t colon = bootstrap.find(':');
    any_.emplace(bootstrap.substr(0, colon), std::atoi(bootstrap.c_str() + colon + 1));
    request_.topics.emplace();
    request_.topics->emplace_back().name = name;
    find_leaders();
  }
  void find_leaders() {
    const Clock::time_point start = Clock::now();
    kafka::MetadataResponse metadata = any_->ask(request_, metadata_version);
    while (metadata.topics.size() == 1 && comes_soon(metadata.topics[0].error_code, start))
      metadata = any_->ask(request_, metadata_version);
    for (const auto& broker : metadata.brokers)
      if (!brokers_.contains(broker.node_id))
        brokers_.emplace(broker.node_id, BrokerConnection(broker.host, broker.port));
    if (metadata.topics.empty() || metadata.topics[0].partitions.empty())
      fail("no topic " + request_.topics->front().name.value_or(""));
    leaders_.resize(metadata.topics[0].partitions.size());
    for (const auto& partition : metadata.topics[0].partitions)
      leaders_.at(static_cast<size_t>(partition.partition_index)) = partition.leader_id;
  }
  int32_t partitions() const { return static_cast<int32_t>(leaders_.size()); }
  BrokerConnection& leader(int32_t partition) {
    return brokers_.at(leaders_[static_cast<size_t>(partition)]);
  }

 private:
  std::optional<BrokerConnection> any_;
  kafka::MetadataRequest request_;
  std::map<int32_t, BrokerConnection> brokers_;
  std::vector<int32_t> leaders_;
};

void print_stream(uint64_t bytes, double took_s) {
  std::printf("{\"mib_per_s\": %.1f, \"mib\": %.0f, \"seconds\": %.3f}\n",
              static_cast<double>(bytes) / took_s / (1 << 20), static_cast<double>(bytes) / (1 << 20),
              took_s);
}

void fetch(const std::string& bootstrap, const std::string& name) {
  Topic topic(bootstrap, name);
  kafka::FetchRequest request;
  request.max_wait_ms = 1000;
  request.min_bytes = 1;
  request.max_bytes = 50 << 20;
  request.topics.emplace_back().topic = name;
  auto& wanted = request.topics.back().partitions.emplace_back();
  wanted.partition_max_bytes = fetch_bytes;
  uint64_t bytes = 0;
  const Clock::time_point start = Clock::now();
  while (true) {
    const kafka::FetchResponse response = topic.leader(0).ask(request, fetch_version);
    const auto& partition = response.responses.at(0).partitions.at(0);
    if (partition.error_code != 0) fail("error " + std::to_string(partition.error_code));
    // From header to header, to know where to go on; the last batch may be cut off.
    const Bytes records = std::get<Bytes>(partition.records->at(0));
    for (size_t at = 0; at < records.size();) {
      const auto header = kafka::parse_batch_header(records.span().subspan(at));
      if (!header || header->size() > records.size() - at) break;
      wanted.fetch_offset = header->last_offset() + 1;
      at += header->size();
    }
    bytes += records.size();
    if (wanted.fetch_offset >= partition.high_watermark) break;
  }
  print_stream(bytes, seconds_since(start));
}

void loopback(uint64_t bytes) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("cannot listen");
  const uint64_t pieces = bytes / fetch_bytes;
  std::thread writer([&] {
    TcpSocket socket(::accept(listener, nullptr, nullptr));
    const std::vector<uint8_t> piece(fetch_bytes, 'x');
    for (uint64_t i = 0; i < pieces; ++i) socket.write(piece);
  });
  TcpSocket socket("127.0.0.1", ntohs(address.sin_port));
  std::vector<uint8_t> piece(fetch_bytes);
  const Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < pieces; ++i) socket.read(piece);
  print_stream(pieces * fetch_bytes, seconds_since(start));
  writer.join();
  ::close(listener);
}

void produce(const std::string& bootstrap, const std::string& name, uint64_t batches) {
  Topic topic(bootstrap, name);
  const std::vector<uint8_t> value(produced_value_bytes, 'x');
  kafka::RecordBatchBuilder builder({});
  builder.append(std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1),
                 std::nullopt, value);
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 10'000;
  request.topic_data.emplace_back().name = name;
  auto& data = request.topic_data.back().partition_data.emplace_back();
  data.records = Slices{builder.build()};
  const Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < batches; ++i) {
    data.index = static_cast<int32_t>(i % static_cast<uint64_t>(topic.partitions()));
    const Clock::time_point sent = Clock::now();
    int16_t error = 0;
    do {
      const kafka::ProduceResponse response = topic.leader(data.index).ask(request, produce_version);
      error = response.responses.at(0).partition_responses.at(0).error_code;
      if (error != 0)
        topic.find_leaders();  // a thousand new logs may cost a broker its leaderships for a while
    } while (comes_soon(error, sent));
    if (error != 0) fail("error " + std::to_string(error));
  }
  std::printf("{\"batches\": %llu, \"seconds\": %.3f}\n", static_cast<unsigned long long>(batches),
              seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) try {
  std::map<std::string, std::string> options = {
      {"--bootstrap", ""}, {"--topic", ""}, {"--mebibytes", "1024"}, {"--batches", "20000"}};
  const std::string mode = argc > 1 ? argv[1] : "";
  for (int i = 2; i + 1 < argc; i += 2) options.at(argv[i]) = argv[i + 1];
  const std::string bootstrap = options["--bootstrap"].substr(0, options["--bootstrap"].find(','));
  if (mode == "fetch")
    fetch(bootstrap, options["--topic"]);
  else if (mode == "loopback")
    loopback(std::strtoull(options["--mebibytes"].c_str(), nullptr, 10) << 20);
  else if (mode == "produce")
    produce(bootstrap, options["--topic"], std::strtoull(options["--batches"].c_str(), nullptr, 10));
  else
    fail("fetch, loopback or produce?");
} catch (const std::exception& failure) {
  fail(failure.what());
}

// A client as `brokerlab bench` measures with it: librdkafka, one producer or consumer, one partition. Prints what it
// reached as one JSON line.
//
//   librdkafka_client produce --bootstrap ADDRESSES --topic T --replication-factor 3 --size 100 --seconds 3
//   librdkafka_client produce ... --records 1000000       so many, instead of so long
//   librdkafka_client produce ... --rate 50000            no more than so many a second
//   librdkafka_client round-trips ... --records 2000      one at a time with linger 0: acknowledged round trips
//   librdkafka_client consume --bootstrap ADDRESSES --topic T --records 1000000
//   --mock instead of --bootstrap: librdkafka's own mock cluster of three brokers, which does not replicate
//   --delete: of the topic, at the end
//
// acks=all, linger 5 ms, batches of at most 10,000 records: the set-up of the figures that the project compares with.
// The processor time is that of this whole process.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int admin_limit_ms = 30'000;
constexpr int consume_limit_ms = 30'000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "librdkafka_client: %s\n", what.c_str());
  std::exit(1);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct Options {
  std::string mode;
  std::map<std::string, std::string> values = {
      {"--bootstrap", ""}, {"--replication-factor", "3"}, {"--size", "100"}, {"--seconds", "3"},
      {"--records", "0"},  {"--topic", "figures"},        {"--rate", "0"}};
  bool uses_mock = false;
  bool deletes = false;

  Options(int argc, char** argv) : mode(argc > 1 ? argv[1] : "") {
    for (int i = 2; i < argc; ++i) {
      if (std::strcmp(argv[i], "--mock") == 0) {
        uses_mock = true;
      } else if (std::strcmp(argv[i], "--delete") == 0) {
        deletes = true;
      } else if (values.contains(argv[i]) && i + 1 < argc) {
        values[argv[i]] = argv[i + 1];
        ++i;
      } else {
        fail(std::string("unknown option ") + argv[i]);
      }
    }
  }
  const std::string& text(const char* name) const { return values.at(name); }
  uint64_t number(const char* name) const { return std::strtoull(text(name).c_str(), nullptr, 10); }
};

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char reason[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK) fail(reason);
}

rd_kafka_conf_t* common_configuration(const Options& options) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (options.uses_mock)
    set(conf, "test.mock.num.brokers", "3");
  else
    set(conf, "bootstrap.servers", options.text("--bootstrap"));
  set(conf, "log_level", "3");
  return conf;
}

rd_kafka_t* open(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char reason[256];
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (client == nullptr) fail(reason);
  return client;
}

/// The answer to what the admin was asked on `queue`.
void wait_for_admin(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* done = rd_kafka_queue_poll(queue, admin_limit_ms);
  if (done == nullptr) fail("the admin got no answer in time");
  if (rd_kafka_event_error(done) != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_event_error_string(done));
  rd_kafka_event_destroy(done);
  rd_kafka_queue_destroy(queue);
}

void create_topic(rd_kafka_t* client, const Options& options) {
  const int replication_factor = static_cast<int>(options.number("--replication-factor"));
  const char* name = options.text("--topic").c_str();
  if (options.uses_mock) {
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(client), name, 1, replication_factor);
    return;
  }
  char reason[256];
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(name, 1, replication_factor, reason, sizeof reason);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
  wait_for_admin(queue);
  rd_kafka_NewTopic_destroy(wanted);
}

void delete_topic(rd_kafka_t* client, const Options& options) {
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(options.text("--topic").c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_DeleteTopics(client, &unwanted, 1, nullptr, queue);
  wait_for_admin(queue);
  rd_kafka_DeleteTopic_destroy(unwanted);
}

void print_rate(uint64_t records, uint64_t bytes, double took_s, double processor_s) {
  std::printf("{\"records_per_s\": %.0f, \"mib_per_s\": %.1f, \"client_cpu_s\": %.2f, \"seconds\": %.2f}\n",
              static_cast<double>(records) / took_s, static_cast<double>(bytes) / took_s / (1 << 20),
              processor_s, took_s);
}

// ---- producing --------------------------------------------------------------------------------------------

class Producer {
 public:
  explicit Producer(const Options& options) : options_(options), value_(options.number("--size"), 'x') {
    rd_kafka_conf_t* conf = common_configuration(options);
    set(conf, "acks", "all");
    set(conf, "linger.ms", options.mode == "round-trips" ? "0" : "5");
    set(conf, "batch.num.messages", "10000");
    set(conf, "queue.buffering.max.messages", "200000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, this);
    client_ = open(RD_KAFKA_PRODUCER, conf);
    create_topic(client_, options);
    topic_ = rd_kafka_topic_new(client_, options.text("--topic").c_str(), nullptr);
    produce_one();  // finds the leader, outside the figure
    wait_until(1);
  }
  ~Producer() {
    if (options_.deletes && !options_.uses_mock) delete_topic(client_, options_);
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(client_);
  }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  void measure_rate() {
    const uint64_t wanted = options_.number("--records");
    const double seconds = std::strtod(options_.text("--seconds").c_str(), nullptr);
    const auto rate = static_cast<double>(options_.number("--rate"));
    const double processor_before = processor_seconds();
    const Clock::time_point start = Clock::now();
    uint64_t records = 0;
    while (wanted > 0 ? records < wanted : seconds_since(start) < seconds) {
      constexpr int between_looks = 1024;
      for (int i = 0; i < between_looks; ++i) produce_one();
      records += between_looks;
      do rd_kafka_poll(client_, rate > 0 ? 1 : 0);
      while (rate > 0 && seconds_since(start) < static_cast<double>(records) / rate);
    }
    wait_until(records + 1);
    print_rate(records, records * value_.size(), seconds_since(start),
               processor_seconds() - processor_before);
  }

  void measure_round_trips() {
    std::vector<double> took_us;
    for (uint64_t i = 0; i < options_.number("--records"); ++i) {
      const Clock::time_point start = Clock::now();
      produce_one();
      wait_until(i + 2);
      took_us.push_back(seconds_since(start) * 1e6);
    }
    std::sort(took_us.begin(), took_us.end());
    std::printf("{\"round_trip_p50_us\": %.1f, \"round_trip_p99_us\": %.1f}\n", took_us[took_us.size() / 2],
                took_us[took_us.size() * 99 / 100]);
  }

 private:
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_err2str(message->err));
    ++static_cast<Producer*>(opaque)->acknowledged_;
  }
  void produce_one() {
    while (rd_kafka_produce(topic_, 0, RD_KAFKA_MSG_F_COPY, value_.data(), value_.size(), nullptr, 0,
                            nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        fail(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(client_, 10);
    }
  }
  void wait_until(uint64_t acknowledged) {
    while (acknowledged_ < acknowledged) rd_kafka_poll(client_, 1);
  }

  const Options& options_;
  std::string value_;
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  uint64_t acknowledged_ = 0;
};

// ---- consuming --------------------------------------------------------------------------------------------

void consume(const Options& options) {
  rd_kafka_t* client = open(RD_KAFKA_CONSUMER, common_configuration(options));
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, options.text("--topic").c_str(), nullptr);
  std::array<rd_kafka_message_t*, 1000> messages{};
  const uint64_t wanted = options.number("--records");
  uint64_t records = 0;
  uint64_t bytes = 0;
  const auto take = [&] {
    // It waits until it has as many as it was asked for.
    const size_t most = std::min<uint64_t>(messages.size(), wanted - records);
    const ssize_t count = rd_kafka_consume_batch(topic, 0, consume_limit_ms, messages.data(), most);
    if (count <= 0) fail("no records came in time");
    for (ssize_t i = 0; i < count; ++i) {
      if (messages[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_message_errstr(messages[i]));
      bytes += messages[i]->len;
      rd_kafka_message_destroy(messages[i]);
    }
    records += static_cast<uint64_t>(count);
  };
  if (rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING) != 0)
    fail(rd_kafka_err2str(rd_kafka_last_error()));
  take();  // finds the leader, outside the figure
  const uint64_t records_before = records;
  const uint64_t bytes_before = bytes;
  const double processor_before = processor_seconds();
  const Clock::time_point start = Clock::now();
  while (records < wanted) take();
  print_rate(records - records_before, bytes - bytes_before, seconds_since(start),
             processor_seconds() - processor_before);
  rd_kafka_consume_stop(topic, 0);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options(argc, argv);
  if (options.mode == "produce")
    Producer(options).measure_rate();
  else if (options.mode == "round-trips")
    Producer(options).measure_round_trips();
  else if (options.mode == "consume")
    consume(options);
  else
    fail("produce, round-trips or consume?");
}

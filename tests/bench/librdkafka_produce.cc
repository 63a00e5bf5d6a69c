// Produces through librdkafka and prints what it reached as one JSON line; `brokerlab bench` runs it.
//
//   librdkafka_produce --bootstrap ADDRESSES --replication-factor 3 --size 100 --seconds 3
//   librdkafka_produce --mock ...      the peer: librdkafka's own mock cluster of three brokers (no
//   replication) librdkafka_produce ... --round-trips 2000     one record at a time, linger 0: acknowledged
//   round trips
//
// One producer, one partition, acks=all, linger 5 ms, batches of at most 10,000 records: the set-up of the
// figures that the project compares with. The processor time is that of this whole process.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Delivery {
  uint64_t acknowledged = 0;
  uint64_t failed = 0;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* delivery = static_cast<Delivery*>(opaque);
  (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? delivery->acknowledged : delivery->failed)++;
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "librdkafka_produce: %s\n", what.c_str());
  std::exit(1);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char reason[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK) fail(reason);
}

void create_topic(rd_kafka_t* producer, const std::string& topic, int replication_factor) {
  char reason[256];
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), 1, replication_factor, reason, sizeof reason);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(producer);
  rd_kafka_CreateTopics(producer, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* done = rd_kafka_queue_poll(queue, 10'000);
  if (done == nullptr) fail("creating the topic took over 10 s");
  if (rd_kafka_event_error(done) != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_event_error_string(done));
  rd_kafka_event_destroy(done);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options = {{"--bootstrap", ""},    {"--replication-factor", "3"},
                                                {"--size", "100"},      {"--seconds", "3"},
                                                {"--round-trips", "0"}, {"--acks", "all"},
                                                {"--topic", "figures"}};
  bool mock = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mock") == 0) {
      mock = true;
    } else if (options.contains(argv[i]) && i + 1 < argc) {
      options[argv[i]] = argv[i + 1];
      ++i;
    } else {
      fail(std::string("unknown option ") + argv[i]);
    }
  }
  const size_t size = std::strtoul(options["--size"].c_str(), nullptr, 10);
  const double seconds = std::strtod(options["--seconds"].c_str(), nullptr);
  const long round_trips = std::strtol(options["--round-trips"].c_str(), nullptr, 10);

  Delivery delivery;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (mock) {
    set(conf, "test.mock.num.brokers", "3");
  } else {
    set(conf, "bootstrap.servers", options["--bootstrap"]);
  }
  set(conf, "log_level", "3");
  set(conf, "acks", options["--acks"]);
  set(conf, "linger.ms", round_trips > 0 ? "0" : "5");
  set(conf, "batch.num.messages", "10000");
  set(conf, "queue.buffering.max.messages", "200000");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &delivery);
  char reason[256];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  if (producer == nullptr) fail(reason);
  const int replication_factor = std::atoi(options["--replication-factor"].c_str());
  if (mock) {
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(producer), options["--topic"].c_str(), 1,
                               replication_factor);
  } else {
    create_topic(producer, options["--topic"], replication_factor);
  }
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, options["--topic"].c_str(), nullptr);

  const std::string value(size, 'x');
  auto produce = [&] {
    while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(),
                            nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        fail(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(producer, 10);
    }
  };
  auto wait_for = [&](uint64_t acknowledged) {
    while (delivery.acknowledged < acknowledged && delivery.failed == 0) rd_kafka_poll(producer, 100);
    if (delivery.failed != 0) fail("a record was not acknowledged");
  };

  produce();  // finds the leader, outside the figure
  wait_for(1);

  if (round_trips > 0) {
    std::vector<double> took_us;
    for (long i = 0; i < round_trips; ++i) {
      const Clock::time_point start = Clock::now();
      produce();
      while (delivery.acknowledged < static_cast<uint64_t>(i) + 2 && delivery.failed == 0)
        rd_kafka_poll(producer, 1);
      took_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    std::sort(took_us.begin(), took_us.end());
    std::printf("{\"round_trip_p50_us\": %.1f, \"round_trip_p99_us\": %.1f}\n", took_us[took_us.size() / 2],
                took_us[took_us.size() * 99 / 100]);
  } else {
    const double cpu_before = processor_seconds();
    const Clock::time_point start = Clock::now();
    uint64_t produced = 1;
    while (std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
      for (int i = 0; i < 1000; ++i) produce();
      produced += 1000;
      rd_kafka_poll(producer, 0);
    }
    wait_for(produced);
    const double took_s = std::chrono::duration<double>(Clock::now() - start).count();
    std::printf("{\"records_per_s\": %.0f, \"mib_per_s\": %.1f, \"client_cpu_s\": %.2f, \"seconds\": %.2f}\n",
                static_cast<double>(produced - 1) / took_s,
                static_cast<double>((produced - 1) * size) / took_s / (1 << 20),
                processor_seconds() - cpu_before, took_s);
  }
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
}

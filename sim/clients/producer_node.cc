#include "sim/clients/producer_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/base/assert.h"
#include "sim/base/exit_status.h"
#include "sim/clients/producer.h"
#include "sim/clients/record_events.h"

namespace brokerlab {

namespace {

constexpr uint16_t producer_timer_kind = 1;
constexpr TimerKey rate_timer{2, 0};
constexpr TimerKey stop_timer{3, 0};
constexpr Duration stop_limit = seconds(5);

ProducerConfig producer_config(const Boot& boot, const ProducerNodeConfig& config) {
  ProducerConfig producer;
  producer.client_id = boot.name;
  producer.log_context = fmt::format("[Producer clientId={}] ", boot.name);
  producer.bootstrap = config.bootstrap;
  producer.acks = config.acks;
  producer.is_idempotent = config.acks == -1 && config.is_idempotent;
  producer.linger = milliseconds(5);  // Kafka's default since 4.0
  // Every partition is seen at work, also when a lesson sends a few records a second.
  producer.rotates_partitions = true;
  producer.timer_kind = producer_timer_kind;
  return producer;
}

template <class Number>
bool parse_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

class ProducerNode final : public Node {
 public:
  ProducerNode(const Boot& boot, ProducerNodeConfig config)
      : config_(std::move(config)),
        name_(boot.name),
        ids_(boot.incarnation),
        producer_(producer_config(boot, config_), Random(boot.seed)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      next_at_ = now.monotonic;
      send_due(now, effects);
    } else if (const auto* command = std::get_if<input::Command>(&input)) {
      obey(now, effects, *command);
    } else if (const auto* timer = std::get_if<input::TimerFired>(&input);
               timer != nullptr && timer->timer == rate_timer) {
      send_due(now, effects);
    } else if (timer != nullptr && timer->timer == stop_timer) {
      effects.end(0);
    } else if (producer_.owns(input)) {
      producer_.handle(now, effects, ids_, input);
    } else {
      return;
    }
    producer_.run(now, effects, ids_);
    report(effects);
    if (is_stopping_ && producer_.pending() == 0) effects.end(0);
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<ProducerNode>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "producer";
    view.client_id = name_;
    view.topic = config_.topic;
    view.acks = config_.acks;
    view.records = acknowledged_;
    view.failed = failed_;
    view.in_flight = static_cast<int64_t>(producer_.pending());
    for (const auto& [partition, offset] : last_offsets_)
      view.positions.push_back(
          {partition.topic, partition.partition, offset, producer_.metadata().leader(partition)});
    return view;
  }

 private:
  void obey(const Now& now, Effects& effects, const input::Command& command) {
    if (command.verb == "send" && !is_stopping_) {
      send_text(now, effects, command.arguments);
    } else if (command.verb == "rate" && command.arguments.size() == 1) {
      if (!parse_number(command.arguments[0], config_.records_per_second)) return;
      next_at_ = now.monotonic;
      send_due(now, effects);
    } else if (command.verb == "stop") {
      is_stopping_ = true;
      producer_.flush();
      effects.cancel_timer(rate_timer);
      effects.set_timer(stop_timer, now.monotonic + stop_limit);
    } else if (command.verb == "close") {
      effects.end(0);
    } else if (command.verb == "interrupt") {
      effects.end(exit_status::interrupted);
    }
  }

  void send_text(const Now& now, Effects& effects, const std::vector<std::string>& words) {
    ProducerRecord record;
    for (size_t i = 0; i < words.size(); ++i) {
      const bool has_value = i + 1 < words.size();
      if (words[i] == "--partition" && has_value) {
        int32_t partition = 0;
        if (!parse_number(words[++i], partition)) return;
        record.partition = partition;
      } else if (words[i] == "--key" && has_value) {
        record.key = Bytes::copy_of(std::string_view(words[++i]));
      } else {
        record.value = Bytes::copy_of(std::string_view(words[i]));
      }
    }
    send(now, effects, std::move(record));
  }

  void send(const Now& now, Effects& effects, ProducerRecord record) {
    record.topic = config_.topic;
    record.timestamp_ms = now.wall_ms;
    producer_.send(now, std::move(record), 0, effects.cause());
  }

  /// What the rate asks for by now. Time that was lost (the node was paused, buffer.memory was full) is not caught
  /// up with.
  void send_due(const Now& now, Effects& effects) {
    if (config_.records_per_second <= 0 || is_stopping_) return effects.cancel_timer(rate_timer);
    const Duration interval = seconds(1) / config_.records_per_second;
    if (next_at_ + interval * config_.records_per_second < now.monotonic) next_at_ = now.monotonic;
    for (; next_at_ <= now.monotonic; next_at_ = next_at_ + std::max(interval, Duration{1})) {
      if (!producer_.has_room()) {
        next_at_ = now.monotonic + std::max(interval, Duration{1});
        break;
      }
      ProducerRecord record;
      if (config_.keys > 0)
        record.key = Bytes::copy_of(std::string_view(fmt::format("key-{}", number_ % config_.keys)));
      std::string value = fmt::format("{} record {} ", name_, number_);
      value.resize(config_.value_size, '.');
      record.value = Bytes::copy_of(std::string_view(value));
      ++number_;
      send(now, effects, std::move(record));
    }
    effects.set_timer(rate_timer, next_at_);
  }

  void report(Effects& effects) {
    for (const Delivery& delivery : producer_.take_deliveries()) {
      const auto count = static_cast<int32_t>(delivery.records.size());
      if (delivery.error == kafka::ErrorCode::none) {
        acknowledged_ += count;
        if (delivery.first_offset >= 0) last_offsets_[delivery.partition] = delivery.first_offset + count - 1;
      } else {
        failed_ += count;
      }
      effects.emit(sent_event(delivery, producer_.config(), producer_.pending()));
    }
  }

  ProducerNodeConfig config_;
  std::string name_;
  OutgoingConnectionIds ids_;
  Producer producer_;
  Instant next_at_;     ///< of the next record of the rate
  int64_t number_ = 0;  ///< of the next record of the rate
  int64_t acknowledged_ = 0;
  int64_t failed_ = 0;
  std::map<TopicPartition, int64_t> last_offsets_;  ///< acknowledged
  bool is_stopping_ = false;
};

}  // namespace

std::unique_ptr<Node> make_producer_node(const Boot& boot, ProducerNodeConfig config) {
  return std::make_unique<ProducerNode>(boot, std::move(config));
}

}  // namespace brokerlab

#include "sim/clients/consumer_node.h"

#include <fmt/format.h>

#include "sim/base/exit_status.h"
#include "sim/base/random.h"
#include "sim/clients/consumer.h"
#include "sim/clients/record_events.h"

namespace brokerlab {

namespace {

constexpr uint16_t consumer_timer_kind = 1;

ConsumerConfig consumer_config(const Boot& boot, const ConsumerNodeConfig& config) {
  ConsumerConfig consumer;
  consumer.client_id = boot.name;
  consumer.log_context = fmt::format("[Consumer clientId={}] ", boot.name);
  consumer.bootstrap = config.bootstrap;
  consumer.offset_reset = config.from_beginning ? StartAt::Kind::earliest : StartAt::Kind::latest;
  consumer.first_choice = Random(boot.seed).below(UINT16_MAX);
  consumer.timer_kind = consumer_timer_kind;
  return consumer;
}

class ConsumerNode final : public Node {
 public:
  ConsumerNode(const Boot& boot, ConsumerNodeConfig config)
      : config_(std::move(config)),
        name_(boot.name),
        ids_(boot.incarnation),
        consumer_(consumer_config(boot, config_)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      const StartAt start{config_.from_beginning ? StartAt::Kind::earliest : StartAt::Kind::latest, 0};
      for (const int32_t partition : config_.partitions) consumer_.assign({config_.topic, partition}, start);
      if (config_.partitions.empty()) consumer_.assign_topic(config_.topic, start);
      consumer_.run(now, effects, ids_);
    } else if (const auto* command = std::get_if<input::Command>(&input)) {
      effects.end(command->verb == "interrupt" ? exit_status::interrupted : 0);
    } else if (consumer_.owns(input)) {
      consumer_.handle(now, effects, ids_, input);
      report(effects);
    }
  }

  std::unique_ptr<Node> clone() const override { return std::make_unique<ConsumerNode>(*this); }

  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "consumer";
    view.client_id = name_;
    view.topic = config_.topic;
    view.records = records_;
    for (const TopicPartition& partition : consumer_.assignment())
      view.positions.push_back({partition.topic, partition.partition,
                                consumer_.position(partition).value_or(-1),
                                consumer_.metadata().leader(partition)});
    return view;
  }

 private:
  void report(Effects& effects) {
    const std::vector<ConsumedRecord> records = consumer_.take_records();
    for (event::RecordsConsumed& run : consumed_events(records)) effects.emit(std::move(run));
    records_ += static_cast<int64_t>(records.size());
    if (!consumer_.failure()) return;
    effects.emit(event::Noted{fmt::format("ERROR {}", consumer_.failure()->message)});
    effects.end(exit_status::failure);
  }

  ConsumerNodeConfig config_;
  std::string name_;
  OutgoingConnectionIds ids_;
  Consumer consumer_;
  int64_t records_ = 0;
};

}  // namespace

std::unique_ptr<Node> make_consumer_node(const Boot& boot, ConsumerNodeConfig config) {
  return std::make_unique<ConsumerNode>(boot, std::move(config));
}

}  // namespace brokerlab

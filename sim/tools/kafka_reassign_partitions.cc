// kafka-reassign-partitions: moves partitions to other brokers, shows how far that is, takes it back (KIP-455).
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "sim/base/random.h"
#include "sim/clients/exception_name.h"
#include "sim/tools/java_order.h"
#include "sim/tools/kafka_reassign_options.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

using Action = ReassignCommand::Action;
using Ids = std::vector<int32_t>;
using Assignment = std::map<TopicPartition, Ids>;
using kafka::ErrorCode;

constexpr int8_t topic_resource = 2;  // ConfigResource.Type
constexpr int8_t broker_resource = 4;

struct Move {
  Ids replicas;
  Ids adding;
  Ids removing;
};

/// What the tool could have set with a throttle, and takes away when moves are done.
constexpr std::string_view broker_throttles[] = {"leader.replication.throttled.rate",
                                                 "follower.replication.throttled.rate",
                                                 "replica.alter.log.dirs.io.max.bytes.per.second"};
constexpr std::string_view topic_throttles[] = {"leader.replication.throttled.replicas",
                                                "follower.replication.throttled.replicas"};

class KafkaReassignPartitions final : public AdminTool {
 public:
  KafkaReassignPartitions(const Boot& boot, ReassignCommand command)
      : AdminTool(boot, command.client, reassign_exception_end),
        command_(std::move(command)),
        random_(boot.seed) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaReassignPartitions>(*this); }

 private:
  /// What the answer that is awaited is for.
  enum class Step : uint8_t { look_around, moves, log_dirs, alter, clear_throttles };

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (!answer.answered() && step_ != Step::log_dirs)
      return fail(now, effects, answer.error(), answer.failure);
    switch (step_) {
      case Step::look_around:
        return looked_around(now, effects, answer);
      case Step::moves:
        return moves_listed(now, effects, answer);
      case Step::log_dirs:
        return log_dirs_described(now, effects, answer);
      case Step::alter:
        return altered(now, effects, answer);
      case Step::clear_throttles:
        return throttles_cleared(now, effects, answer);
    }
  }

  // ---- how things stand -----------------------------------------------------------------------------------

  void begin(const Now& now, Effects& effects) override {
    step_ = Step::look_around;
    list_topics(now, effects, "describeTopics");
  }

  void looked_around(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::MetadataResponse>();
    if (!response.ok()) return fail(now, effects, ErrorCode::unknown_server_error, "");
    for (const auto& topic : response->topics) {
      topics_.insert(topic.name.value_or(""));
      for (const auto& partition : topic.partitions)
        current_[{topic.name.value_or(""), partition.partition_index}] = partition.replica_nodes;
    }
    kafka::ListPartitionReassignmentsRequest request;
    request.timeout_ms = request_timeout_ms();
    request.topics.reset();
    step_ = Step::moves;
    call(now, effects, "listPartitionReassignments", Admin::Target::controller, std::move(request), {0, 0});
  }

  void moves_listed(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::ListPartitionReassignmentsResponse>();
    const ErrorCode error =
        response.ok() ? kafka::error_from(response->error_code) : ErrorCode::unknown_server_error;
    if (error == ErrorCode::not_controller) return call_again(now, effects);
    if (error != ErrorCode::none) return fail(now, effects, error, kafka::error_message(error));
    for (const auto& topic : response->topics)
      for (const auto& partition : topic.partitions)
        moves_[{topic.name, partition.partition_index}] = {partition.replicas, partition.adding_replicas,
                                                           partition.removing_replicas};
    switch (command_.action) {
      case Action::list:
        return print_moves(effects);
      case Action::verify:
        return verify(now, effects);
      case Action::cancel:
        return cancel(now, effects);
      case Action::generate:
        return generate(now, effects);
      case Action::execute:
        return execute(now, effects);
    }
  }

  void print_moves(Effects& effects) {
    const auto part = [](const char* label, const Ids& ids) {
      return ids.empty() ? std::string() : fmt::format(" {}: {}.", label, fmt::join(ids, ","));
    };
    print_line(effects,
               moves_.empty() ? "No partition reassignments found." : "Current partition reassignments:");
    for (const auto& [partition, move] : moves_)
      print_line(effects,
                 fmt::format("{}: replicas: {}.{}{}", partition.to_string(), fmt::join(move.replicas, ","),
                             part("adding", move.adding), part("removing", move.removing)));
    effects.end(0);
  }

  /// Empty when there is no such partition.
  const Ids& replicas_of(const TopicPartition& partition) const {
    static const Ids none;
    const auto found = current_.find(partition);
    return found == current_.end() ? none : found->second;
  }

  // ---- verify ---------------------------------------------------------------------------------------------

  void verify(const Now& now, Effects& effects) {
    print_line(effects, "Status of partition reassignment:");
    bool is_under_way = false;
    for (const auto& [partition, target] : command_.targets) {
      const Ids& replicas = replicas_of(partition);
      const std::string name = partition.to_string();
      if (moves_.contains(partition)) {
        is_under_way = true;
        print_line(effects, fmt::format("Reassignment of partition {} is still in progress.", name));
      } else if (replicas == target) {
        print_line(effects, fmt::format("Reassignment of partition {} is completed.", name));
      } else {
        print_line(
            effects,
            fmt::format("There is no active reassignment of partition {}, but replica set is {} rather "
                        "than {}.",
                        name, fmt::join(replicas, ","), fmt::join(target, ",")));
      }
    }
    print_line(effects, "");
    if (is_under_way || command_.preserve_throttles) return effects.end(0);
    clear_throttles(now, effects);
  }

  // ---- cancel ---------------------------------------------------------------------------------------------

  void cancel(const Now& now, Effects& effects) {
    for (const auto& [partition, target] : command_.targets)
      if (moves_.contains(partition)) asked_[partition] = std::nullopt;
    if (asked_.empty()) {
      print_line(effects, "None of the specified partition reassignments are active.");
      return cancelled(now, effects);
    }
    alter(now, effects);
  }

  void cancelled(const Now& now, Effects& effects) {
    effects.print(1, "None of the specified partition moves are active.");
    if (command_.preserve_throttles) return effects.end(0);
    clear_throttles(now, effects);
  }

  // ---- generate and execute -------------------------------------------------------------------------------

  void generate(const Now& now, Effects& effects) {
    for (const std::string& topic : command_.topics_to_move)
      if (!topics_.contains(topic)) return unknown_topic(now, effects, topic);
    std::map<std::string, size_t> factors;
    for (const auto& [partition, replicas] : current_) {
      if (std::ranges::find(command_.topics_to_move, partition.topic) == command_.topics_to_move.end())
        continue;
      shown_[partition] = replicas;
      factors.try_emplace(partition.topic, replicas.size());
    }
    if (auto unknown = first_unknown(command_.brokers)) return unknown_broker(now, effects, *unknown);
    std::vector<int32_t> brokers = command_.brokers;
    std::sort(brokers.begin(), brokers.end());
    for (const auto& [topic, factor] : factors) {
      if (factor > brokers.size()) {
        const std::string why = fmt::format(
            "The target replication factor of {} cannot be reached because only {} broker(s) are registered "
            "or some brokers have all their log directories cordoned.",
            factor, brokers.size());
        return end_with(now, effects, exception_name(ErrorCode::invalid_replication_factor), why);
      }
      // Each partition begins one broker further than the one before it.
      const size_t first = random_.below(brokers.size());
      size_t step = 0;
      for (const auto& [partition, replicas] : shown_) {
        if (partition.topic != topic) continue;
        Ids& proposed = proposed_[partition];
        for (size_t i = 0; i < factor; ++i) proposed.push_back(brokers[(first + step + i) % brokers.size()]);
        ++step;
      }
    }
    describe_log_dirs(now, effects);
  }

  void execute(const Now& now, Effects& effects) {
    if (!command_.additional && !moves_.empty()) {
      ToolEnd end;
      end.output(
          "Cannot execute because there is an existing partition assignment.  Use --additional to override "
          "this and create a new partition assignment in addition to the existing one. The --additional flag "
          "can also be used to change the throttle by resubmitting the current reassignment.");
      return print_ending(now, effects, end);
    }
    for (const auto& [partition, replicas] : command_.targets)
      if (auto unknown = first_unknown(replicas)) return unknown_broker(now, effects, *unknown);
    for (const auto& [partition, replicas] : command_.targets) {
      if (!topics_.contains(partition.topic)) return unknown_topic(now, effects, partition.topic);
      if (!current_.contains(partition))
        return fail(now, effects, ErrorCode::unknown_topic_or_partition,
                    fmt::format("Unable to find partition: {}", partition.to_string()));
      shown_[partition] = current_.at(partition);
      asked_[partition] = replicas;
    }
    describe_log_dirs(now, effects);
  }

  std::optional<int32_t> first_unknown(const Ids& brokers) const {
    for (const int32_t id : brokers)
      if (!nodes().contains(id)) return id;
    return std::nullopt;
  }

  /// Asks one broker after the other in which of its folders the partitions are that will be shown.
  void describe_log_dirs(const Now& now, Effects& effects) {
    for (const auto& [partition, replicas] : shown_)
      for (const int32_t id : replicas)
        if (nodes().contains(id)) brokers_to_ask_.insert(id);
    ask_for_log_dirs(now, effects);
  }

  void ask_for_log_dirs(const Now& now, Effects& effects) {
    if (brokers_to_ask_.empty()) {
      if (command_.action == Action::generate) return print_proposal(effects);
      print_line(effects, "Current partition replica assignment\n");
      print_line(effects, as_json(shown_, true) + '\n');
      print_line(effects, "Save this to use as the --reassignment-json-file option during rollback");
      return alter(now, effects);
    }
    kafka::DescribeLogDirsRequest request;
    request.topics.emplace();
    for (const auto& [partition, replicas] : shown_) {
      if (request.topics->empty() || request.topics->back().topic != partition.topic)
        request.topics->push_back({.topic = partition.topic, .partitions = {}, .unknown_tags = {}});
      request.topics->back().partitions.push_back(partition.partition);
    }
    step_ = Step::log_dirs;
    call_node(now, effects, "describeReplicaLogDirs", *brokers_to_ask_.begin(), std::move(request), {1, 5});
  }

  /// Without an answer any folder is shown.
  void log_dirs_described(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const int32_t broker = *brokers_to_ask_.begin();
    brokers_to_ask_.erase(broker);
    if (answer.answered()) {
      if (const auto response = answer.as<kafka::DescribeLogDirsResponse>(); response.ok())
        for (const auto& folder : response->results)
          for (const auto& topic : folder.topics)
            for (const auto& partition : topic.partitions)
              log_dirs_[{broker, {topic.name, partition.partition_index}}] = folder.log_dir;
    }
    ask_for_log_dirs(now, effects);
  }

  std::string as_json(const Assignment& assignment, bool with_folders) const {
    std::vector<std::string> partitions;
    for (const auto& [partition, replicas] : assignment) {
      std::vector<std::string> folders;
      for (const int32_t id : replicas) {
        const auto folder = log_dirs_.find({id, partition});
        folders.push_back(fmt::format(
            "\"{}\"", with_folders && folder != log_dirs_.end() ? folder->second : std::string("any")));
      }
      partitions.push_back(fmt::format(R"({{"topic":"{}","partition":{},"replicas":[{}],"log_dirs":[{}]}})",
                                       partition.topic, partition.partition, fmt::join(replicas, ","),
                                       fmt::join(folders, ",")));
    }
    return fmt::format(R"({{"version":1,"partitions":[{}]}})", fmt::join(partitions, ","));
  }

  void print_proposal(Effects& effects) {
    print_line(effects, "Current partition replica assignment");
    print_line(effects, as_json(shown_, true) + '\n');
    print_line(effects, "Proposed partition reassignment configuration");
    print_line(effects, as_json(proposed_, false));
    effects.end(0);
  }

  // ---- asking the controller ------------------------------------------------------------------------------

  void alter(const Now& now, Effects& effects) {
    kafka::AlterPartitionReassignmentsRequest request;
    request.timeout_ms = request_timeout_ms();
    request.allow_replication_factor_change = command_.may_change_replication_factor;
    for (const auto& [partition, replicas] : asked_) {
      if (request.topics.empty() || request.topics.back().name != partition.topic)
        request.topics.emplace_back().name = partition.topic;
      request.topics.back().partitions.push_back(
          {.partition_index = partition.partition, .replicas = replicas, .unknown_tags = {}});
    }
    step_ = Step::alter;
    call(now, effects, "alterPartitionReassignments", Admin::Target::controller, std::move(request), {0, 1});
  }

  void altered(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::AlterPartitionReassignmentsResponse>();
    const ErrorCode error =
        response.ok() ? kafka::error_from(response->error_code) : ErrorCode::unknown_server_error;
    if (error == ErrorCode::not_controller) return call_again(now, effects);
    if (error != ErrorCode::none)
      return fail(now, effects, error, response.ok() ? response->error_message.value_or("") : std::string());
    std::vector<std::string> errors;
    for (const auto& topic : response->responses)
      for (const auto& partition : topic.partitions)
        if (partition.error_code != 0)
          errors.push_back(
              fmt::format("{}: {}", TopicPartition{topic.name, partition.partition_index}.to_string(),
                          partition.error_message.value_or(
                              std::string(kafka::error_message(kafka::error_from(partition.error_code))))));
    const bool is_cancel = command_.action == Action::cancel;
    if (!errors.empty()) {
      ToolEnd end;
      end.output(is_cancel ? fmt::format("Error cancelling partition reassignment{} for:",
                                         errors.size() == 1 ? "" : "s")
                           : "Error reassigning partition(s):");
      for (std::string& line : errors) end.output(std::move(line));
      return print_ending(now, effects, end);
    }
    std::vector<std::string> names;
    for (const auto& [partition, replicas] : asked_) names.push_back(partition.to_string());
    print_line(effects, fmt::format("Successfully {} partition reassignment{} for{} {}",
                                    is_cancel ? "cancelled" : "started", names.size() == 1 ? "" : "s",
                                    is_cancel ? ":" : "", fmt::join(names, ",")));
    if (is_cancel) return cancelled(now, effects);
    effects.end(0);
  }

  // ---- throttles ------------------------------------------------------------------------------------------

  void clear_throttles(const Now& now, Effects& effects) {
    std::set<int32_t> brokers;
    std::vector<std::string> topics;
    for (const auto& [id, address] : nodes()) brokers.insert(id);
    for (const auto& [partition, replicas] : command_.targets) {
      brokers.insert(replicas.begin(), replicas.end());
      if (std::ranges::find(topics, partition.topic) == topics.end()) topics.push_back(partition.topic);
    }
    print_line(effects, fmt::format("Clearing broker-level throttles on broker{} {}",
                                    brokers.size() == 1 ? "" : "s", fmt::join(brokers, ",")));
    throttled_brokers_.assign(brokers.begin(), brokers.end());
    order_as_java_map(topics, false);
    throttled_topics_ = std::move(topics);
    clear_next_throttle(now, effects);
  }

  void clear_next_throttle(const Now& now, Effects& effects) {
    kafka::IncrementalAlterConfigsRequest request;
    const auto remove = [&](int8_t type, const std::string& name,
                            std::span<const std::string_view> settings) {
      constexpr int8_t delete_operation = 1;
      auto& resource = request.resources.emplace_back();
      resource.resource_type = type;
      resource.resource_name = name;
      for (const std::string_view setting : settings)
        resource.configs.push_back(
            {.name = std::string(setting), .config_operation = delete_operation, .value = std::nullopt});
    };
    step_ = Step::clear_throttles;
    if (!throttled_brokers_.empty()) {
      const int32_t broker = throttled_brokers_.front();
      throttled_brokers_.pop_front();
      remove(broker_resource, std::to_string(broker), broker_throttles);
      if (!nodes().contains(broker))
        return fail(now, effects, ErrorCode::request_timed_out,
                    "Timed out waiting for a node assignment. Call: incrementalAlterConfigs");
      return call_node(now, effects, "incrementalAlterConfigs", broker, std::move(request), {0, 1});
    }
    if (throttled_topics_.empty()) return effects.end(0);
    print_line(effects,
               fmt::format("Clearing topic-level throttles on topic{} {}",
                           throttled_topics_.size() == 1 ? "" : "s", fmt::join(throttled_topics_, ",")));
    for (const std::string& topic : throttled_topics_) remove(topic_resource, topic, topic_throttles);
    throttled_topics_.clear();
    call(now, effects, "incrementalAlterConfigs", Admin::Target::any_node, std::move(request), {0, 1});
  }

  void throttles_cleared(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::IncrementalAlterConfigsResponse>();
    if (!response.ok()) return fail(now, effects, ErrorCode::unknown_server_error, "");
    for (const auto& result : response->responses) {
      const ErrorCode error = kafka::error_from(result.error_code);
      if (error == ErrorCode::not_controller) return call_again(now, effects);
      if (error != ErrorCode::none)
        return fail(now, effects, error,
                    result.error_message.value_or(std::string(kafka::error_message(error))));
    }
    clear_next_throttle(now, effects);
  }

  // ---- failures -------------------------------------------------------------------------------------------

  void unknown_broker(const Now& now, Effects& effects, int32_t broker) {
    end_with(now, effects, command_failed, fmt::format("Unknown broker id {}", broker));
  }
  void unknown_topic(const Now& now, Effects& effects, const std::string& topic) {
    fail(now, effects, ErrorCode::unknown_topic_or_partition, fmt::format("Topic {} not found.", topic));
  }
  void fail(const Now& now, Effects& effects, ErrorCode error, std::string_view message) {
    const std::string exception = fmt::format("{}: {}", exception_name(error), message);
    end_with(now, effects, "java.util.concurrent.ExecutionException", exception, {exception});
  }

  ReassignCommand command_;
  Random random_;
  Step step_ = Step::look_around;
  std::set<std::string> topics_;
  Assignment current_;
  std::map<TopicPartition, Move> moves_;  ///< under way
  Assignment shown_;                      ///< of what is shown as it is now
  Assignment proposed_;
  std::map<TopicPartition, std::optional<Ids>> asked_;  ///< null: taken back
  std::set<int32_t> brokers_to_ask_;
  std::map<std::pair<int32_t, TopicPartition>, std::string> log_dirs_;
  std::deque<int32_t> throttled_brokers_;
  std::vector<std::string> throttled_topics_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_reassign_partitions(const Boot& boot,
                                                     const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment) {
  return make_tool_of<KafkaReassignPartitions>(boot, parse_reassign_command(arguments, environment));
}

}  // namespace brokerlab

// kafka-topics: creates, lists, describes, alters and deletes topics, as TopicCommand of Kafka 4.3.1 does.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <set>

#include "sim/clients/exception_name.h"
#include "sim/tools/java_order.h"
#include "sim/tools/kafka_tools.h"
#include "sim/tools/kafka_topics_options.h"

namespace brokerlab {

namespace {

using Action = TopicsCommand::Action;

constexpr int8_t topic_resource = 2;         // ConfigResource.Type.TOPIC
constexpr int8_t default_config_source = 5;  // ConfigSource.DEFAULT_CONFIG

struct PartitionDescription {
  int32_t partition = 0;
  int32_t leader = -1;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::optional<std::vector<int32_t>> elr;  ///< null: the broker did not say
  std::optional<std::vector<int32_t>> last_known_elr;
  std::vector<int32_t> adding;
  std::vector<int32_t> removing;
  bool is_reassigning = false;

  /// While a reassignment adds replicas they do not count yet.
  size_t replication_factor() const { return replicas.size() - adding.size(); }
};

struct TopicDescription {
  Uuid id;
  std::vector<PartitionDescription> partitions;
  /// In the order of the tool's map; the flag says whether the value is the default.
  std::vector<std::pair<std::string, std::string>> configs;
  int32_t min_insync_replicas = 1;
};

bool is_internal(const std::string& topic) {
  return topic == "__consumer_offsets" || topic == "__transaction_state" || topic == "__share_group_state";
}

/// What --topic means for existing topics: a regular expression over the whole name in which a comma is "or".
std::optional<std::regex> topic_pattern(std::string text) {
  std::replace(text.begin(), text.end(), ',', '|');
  try {
    return std::regex(text, std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

class KafkaTopics final : public AdminTool {
 public:
  KafkaTopics(const Boot& boot, TopicsCommand command)
      : AdminTool(boot, command.client), command_(std::move(command)) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaTopics>(*this); }

  NodeView describe(const Now& now) const override {
    auto view = std::get<ClientView>(AdminTool::describe(now));
    view.topic = command_.topic.value_or("");
    return view;
  }

 private:
  /// What the answer that is awaited is for.
  enum class Step : uint8_t {
    create,
    list,
    describe_topics,
    describe_topics_old,  ///< by Metadata: brokers before 3.8, and --topic-id
    configs,
    cluster,
    reassignments,
    create_partitions,
    remove,
  };

  void begin(const Now& now, Effects& effects) override {
    if (command_.action == Action::create) return create(now, effects);
    step_ = Step::list;
    list_topics(now, effects, "listTopics");
  }

  void ask(const Now& now, Effects& effects, Step step, std::string name, AdminRequest request,
           kafka::Versions versions) {
    step_ = step;
    const bool for_controller =
        step == Step::create || step == Step::create_partitions || step == Step::remove;
    call(now, effects, std::move(name), for_controller ? Admin::Target::controller : Admin::Target::any_node,
         std::move(request), versions);
  }

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (step_ == Step::describe_topics && answer.outcome == AdminAnswer::Outcome::unsupported)
      return describe_topics_old(now, effects);
    if (step_ == Step::reassignments && answer.outcome == AdminAnswer::Outcome::unsupported)
      return print_descriptions(effects);
    if (!answer.answered()) return fail(now, effects, answer.error(), answer.failure);
    switch (step_) {
      case Step::create:
        return created(now, effects, answer);
      case Step::list:
        return listed(now, effects, answer);
      case Step::describe_topics:
        return described(now, effects, answer);
      case Step::describe_topics_old:
        return described_old(now, effects, answer);
      case Step::configs:
        return configs_described(now, effects, answer);
      case Step::cluster:
        return cluster_described(now, effects, answer);
      case Step::reassignments:
        return reassignments_listed(effects, answer);
      case Step::create_partitions:
        return partitions_created(now, effects, answer);
      case Step::remove:
        return removed(now, effects, answer);
    }
  }

  // ---- create ---------------------------------------------------------------------------------------------

  void create(const Now& now, Effects& effects) {
    if (command_.topic->find_first_of("._") != std::string::npos)
      print_line(effects,
                 "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore "
                 "('_') could collide. To avoid issues it is best to use either, but not both.");
    kafka::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = *command_.topic;
    topic.num_partitions = command_.partitions.value_or(-1);
    topic.replication_factor = command_.replication_factor.value_or(-1);
    for (size_t i = 0; i < command_.assignment.size(); ++i)
      topic.assignments.push_back(
          {.partition_index = static_cast<int32_t>(i), .broker_ids = command_.assignment[i]});
    for (const auto& [name, value] : command_.configs)
      topic.configs.push_back({.name = name, .value = value});
    request.timeout_ms = request_timeout_ms();
    ask(now, effects, Step::create, "createTopics", std::move(request), {4, 7});
  }

  void created(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::CreateTopicsResponse>();
    if (!response.ok() || response->topics.size() != 1) return unreadable(now, effects);
    const auto& topic = response->topics.front();
    const auto error = kafka::error_from(topic.error_code);
    if (error == kafka::ErrorCode::topic_already_exists && command_.if_not_exists) return effects.end(0);
    if (!check(now, effects, error, topic.error_message)) return;
    print_line(effects, fmt::format("Created topic {}.", topic.name));
    effects.end(0);
  }

  // ---- list, and what begins with it -----------------------------------------------------------------------

  void listed(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::MetadataResponse>();
    if (!response.ok()) return unreadable(now, effects);
    if (command_.topic_id) return find_topic_id(now, effects, *response);
    const std::optional<std::regex> pattern = topic_pattern(command_.topic.value_or(".*"));
    if (!pattern)
      return fail_with(now, effects, "java.lang.RuntimeException",
                       fmt::format("{} is an invalid regex.", *command_.topic));
    for (const auto& topic : response->topics) {
      const std::string name = topic.name.value_or("");
      if (command_.exclude_internal && (topic.is_internal || is_internal(name))) continue;
      if (std::regex_match(name, *pattern)) names_.push_back(name);
    }
    std::sort(names_.begin(), names_.end());
    if (command_.action == Action::list) {
      print_line(effects, fmt::format("{}", fmt::join(names_, "\n")));
      return effects.end(0);
    }
    if (names_.empty() && command_.topic && !command_.if_exists)
      return fail_with(now, effects, "java.lang.IllegalArgumentException",
                       fmt::format("Topic '{}' does not exist as expected", *command_.topic));
    if (names_.empty()) return effects.end(0);
    if (command_.action == Action::remove) return remove(now, effects);
    describe_topics(now, effects, std::nullopt);
  }

  void find_topic_id(const Now& now, Effects& effects, const kafka::MetadataResponse& response) {
    for (const auto& topic : response.topics)
      if (topic.topic_id == *command_.topic_id) names_.push_back(topic.name.value_or(""));
    if (names_.empty() && command_.if_exists) return effects.end(0);
    if (names_.empty())
      return fail_with(
          now, effects, "java.lang.IllegalArgumentException",
          fmt::format("TopicId '{}' does not exist as expected", command_.topic_id->to_string()));
    describe_topics_old(now, effects);
  }

  // ---- describe -------------------------------------------------------------------------------------------

  void describe_topics(const Now& now, Effects& effects,
                       std::optional<kafka::DescribeTopicPartitionsRequest::Cursor> cursor) {
    kafka::DescribeTopicPartitionsRequest request;
    for (const std::string& name : names_)
      if (!cursor || name >= cursor->topic_name) request.topics.push_back({.name = name});
    request.response_partition_limit = command_.partitions_per_response;
    request.cursor = std::move(cursor);
    ask(now, effects, Step::describe_topics, "describeTopics", std::move(request), {0, 0});
  }

  void described(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::DescribeTopicPartitionsResponse>();
    if (!response.ok()) return unreadable(now, effects);
    if (!add_topics(now, effects, response->topics)) return;
    if (response->next_cursor)
      return describe_topics(now, effects,
                             kafka::DescribeTopicPartitionsRequest::Cursor{
                                 .topic_name = response->next_cursor->topic_name,
                                 .partition_index = response->next_cursor->partition_index});
    topics_are_described(now, effects);
  }

  void describe_topics_old(const Now& now, Effects& effects) {
    kafka::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    if (command_.topic_id) {
      request.topics->push_back({.topic_id = *command_.topic_id, .name = std::nullopt});
    } else {
      for (const std::string& name : names_) request.topics->push_back({.topic_id = {}, .name = name});
    }
    ask(now, effects, Step::describe_topics_old, "describeTopics", std::move(request),
        {command_.topic_id ? int16_t{12} : int16_t{4}, 13});
  }

  void described_old(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::MetadataResponse>();
    if (!response.ok()) return unreadable(now, effects);
    if (!add_topics(now, effects, response->topics)) return;
    topics_are_described(now, effects);
  }

  /// As of `check`, for each of the topics.
  template <class Topics>
  bool add_topics(const Now& now, Effects& effects, const Topics& topics) {
    for (const auto& topic : topics) {
      if (!check(now, effects, kafka::error_from(topic.error_code), std::nullopt)) return false;
      TopicDescription& description = topics_[topic.name.value_or("")];
      description.id = topic.topic_id;
      for (const auto& partition : topic.partitions) {
        PartitionDescription& added = description.partitions.emplace_back();
        added.partition = partition.partition_index;
        added.leader = partition.leader_id;
        added.replicas = partition.replica_nodes;
        added.isr = partition.isr_nodes;
        if constexpr (requires { partition.eligible_leader_replicas; }) {
          added.elr = partition.eligible_leader_replicas.value_or(std::vector<int32_t>{});
          added.last_known_elr = partition.last_known_elr.value_or(std::vector<int32_t>{});
        }
      }
    }
    return true;
  }

  void topics_are_described(const Now& now, Effects& effects) {
    for (auto& [name, topic] : topics_)
      std::sort(topic.partitions.begin(), topic.partitions.end(),
                [](const auto& a, const auto& b) { return a.partition < b.partition; });
    if (command_.action == Action::alter) return create_partitions(now, effects);
    kafka::DescribeConfigsRequest request;
    for (const auto& [name, topic] : topics_)
      request.resources.push_back(
          {.resource_type = topic_resource, .resource_name = name, .configuration_keys = std::nullopt});
    ask(now, effects, Step::configs, "describeConfigs", std::move(request), {1, 4});
  }

  void configs_described(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::DescribeConfigsResponse>();
    if (!response.ok()) return unreadable(now, effects);
    for (const auto& result : response->results) {
      if (!check(now, effects, kafka::error_from(result.error_code), result.error_message)) return;
      const auto topic = topics_.find(result.resource_name);
      if (topic == topics_.end()) continue;
      std::vector<std::string> names;
      std::map<std::string, std::string> changed;
      for (const auto& config : result.configs) {
        names.push_back(config.name);
        if (config.config_source != default_config_source)
          changed[config.name] = config.value.value_or("null");
        if (config.name == "min.insync.replicas" && config.value)
          topic->second.min_insync_replicas = std::atoi(config.value->c_str());
      }
      order_as_java_map(names, false);
      for (const std::string& name : names)
        if (changed.contains(name)) topic->second.configs.emplace_back(name, changed[name]);
    }
    ask(now, effects, Step::cluster, "listNodes", kafka::DescribeClusterRequest{}, {0, 2});
  }

  void cluster_described(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::DescribeClusterResponse>();
    if (!response.ok()) return unreadable(now, effects);
    if (!check(now, effects, kafka::error_from(response->error_code), response->error_message)) return;
    for (const auto& broker : response->brokers) live_brokers_.insert(broker.broker_id);
    kafka::ListPartitionReassignmentsRequest request;
    request.timeout_ms = request_timeout_ms();
    auto& topics = request.topics.emplace();
    for (const auto& [name, topic] : topics_) {
      auto& asked = topics.emplace_back();
      asked.name = name;
      for (const PartitionDescription& partition : topic.partitions)
        asked.partition_indexes.push_back(partition.partition);
    }
    ask(now, effects, Step::reassignments, "listPartitionReassignments", std::move(request), {0, 0});
  }

  /// An error of this answer only means that no reassignment is shown, as in TopicCommand.
  void reassignments_listed(Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::ListPartitionReassignmentsResponse>();
    if (response.ok()) {
      for (const auto& topic : response->topics) {
        const auto found = topics_.find(topic.name);
        if (found == topics_.end()) continue;
        for (const auto& reassignment : topic.partitions)
          for (PartitionDescription& partition : found->second.partitions) {
            if (partition.partition != reassignment.partition_index) continue;
            partition.is_reassigning = true;
            partition.adding = reassignment.adding_replicas;
            partition.removing = reassignment.removing_replicas;
          }
      }
    }
    print_descriptions(effects);
  }

  void print_descriptions(Effects& effects) {
    std::vector<std::string> names;
    for (const auto& [name, topic] : topics_) names.push_back(name);
    order_as_java_map(names, true);
    for (const std::string& name : names) {
      const TopicDescription& topic = topics_.at(name);
      const bool shows_topic =
          !command_.filters_partitions() && (!command_.with_overrides || !topic.configs.empty());
      if (shows_topic && !topic.partitions.empty()) print_topic(effects, name, topic);
      if (command_.with_overrides) continue;
      for (const PartitionDescription& partition : topic.partitions)
        if (is_shown(topic, partition)) print_partition(effects, name, partition);
    }
    effects.end(0);
  }

  bool is_shown(const TopicDescription& topic, const PartitionDescription& partition) const {
    const auto min_isr = static_cast<size_t>(topic.min_insync_replicas);
    const bool has_leader = partition.leader >= 0;
    return !command_.filters_partitions() ||
           (command_.under_replicated && partition.isr.size() < partition.replication_factor()) ||
           (command_.unavailable && !live_brokers_.contains(partition.leader)) ||
           (command_.under_min_isr && (!has_leader || partition.isr.size() < min_isr)) ||
           (command_.at_min_isr && partition.isr.size() == min_isr);
  }

  static void print_topic(Effects& effects, const std::string& name, const TopicDescription& topic) {
    std::vector<std::string> configs;
    for (const auto& [config, value] : topic.configs) configs.push_back(config + '=' + value);
    print_line(effects,
               fmt::format("Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
                           name, topic.id.to_string(), topic.partitions.size(),
                           topic.partitions.front().replication_factor(), fmt::join(configs, ",")));
  }

  static void print_partition(Effects& effects, const std::string& name,
                              const PartitionDescription& partition) {
    const auto list = [](const std::optional<std::vector<int32_t>>& ids) {
      return ids ? fmt::format("{}", fmt::join(*ids, ",")) : std::string("N/A");
    };
    std::string line =
        fmt::format("\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}", name,
                    partition.partition, partition.leader >= 0 ? std::to_string(partition.leader) : "none",
                    list(partition.replicas), list(partition.isr));
    if (partition.is_reassigning)
      line += fmt::format("\tAdding Replicas: {}\tRemoving Replicas: {}", list(partition.adding),
                          list(partition.removing));
    line += fmt::format("\tElr: {}\tLastKnownElr: {}", list(partition.elr), list(partition.last_known_elr));
    print_line(effects, line);
  }

  // ---- alter ----------------------------------------------------------------------------------------------

  void create_partitions(const Now& now, Effects& effects) {
    kafka::CreatePartitionsRequest request;
    request.timeout_ms = request_timeout_ms();
    for (const auto& [name, topic] : topics_) {
      auto& asked = request.topics.emplace_back();
      asked.name = name;
      asked.count = *command_.partitions;
      asked.assignments.reset();
      if (command_.assignment.empty()) continue;
      // The assignment is of the whole topic; only the partitions that are new are sent.
      auto& added = asked.assignments.emplace();
      for (size_t i = topic.partitions.size(); i < command_.assignment.size(); ++i)
        added.push_back({.broker_ids = command_.assignment[i]});
    }
    ask(now, effects, Step::create_partitions, "createPartitions", std::move(request), {0, 3});
  }

  void partitions_created(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::CreatePartitionsResponse>();
    if (!response.ok()) return unreadable(now, effects);
    for (const auto& result : response->results)
      if (!check(now, effects, kafka::error_from(result.error_code), result.error_message)) return;
    effects.end(0);
  }

  // ---- delete ---------------------------------------------------------------------------------------------

  void remove(const Now& now, Effects& effects) {
    kafka::DeleteTopicsRequest request;
    request.timeout_ms = request_timeout_ms();
    request.topic_names = names_;
    for (const std::string& name : names_) request.topics.push_back({.name = name, .topic_id = {}});
    ask(now, effects, Step::remove, "deleteTopics", std::move(request), {1, 6});
  }

  void removed(const Now& now, Effects& effects, const AdminAnswer& answer) {
    const auto response = answer.as<kafka::DeleteTopicsResponse>();
    if (!response.ok()) return unreadable(now, effects);
    for (const auto& result : response->responses)
      if (!check(now, effects, kafka::error_from(result.error_code), result.error_message)) return;
    effects.end(0);
  }

  // ---- failures -------------------------------------------------------------------------------------------

  /// True when there is no error. Another controller is looked for; every other error ends the tool.
  bool check(const Now& now, Effects& effects, kafka::ErrorCode error,
             const std::optional<std::string>& message) {
    if (error == kafka::ErrorCode::none) return true;
    if (error == kafka::ErrorCode::not_controller) {
      call_again(now, effects);
    } else {
      fail(now, effects, error, message.value_or(std::string(kafka::error_message(error))));
    }
    return false;
  }

  void fail(const Now& now, Effects& effects, kafka::ErrorCode error, std::string_view message) {
    fail_with(now, effects, exception_name(error), message);
  }

  void unreadable(const Now& now, Effects& effects) {
    fail_with(now, effects, "org.apache.kafka.common.KafkaException", "The broker's answer cannot be read");
  }

  void fail_with(const Now& now, Effects& effects, std::string_view exception, std::string_view message) {
    print_ending(now, effects, topics_failure(exception, message));
  }

  TopicsCommand command_;
  Step step_ = Step::list;
  std::vector<std::string> names_;  ///< sorted
  std::map<std::string, TopicDescription> topics_;
  std::set<int32_t> live_brokers_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_topics(const Boot& boot, const std::vector<std::string>& arguments,
                                        const ToolEnvironment& environment) {
  return make_tool_of<KafkaTopics>(boot, parse_topics_command(arguments, environment));
}

}  // namespace brokerlab

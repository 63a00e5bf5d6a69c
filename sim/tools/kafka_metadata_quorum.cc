// kafka-metadata-quorum: the state of the KRaft quorum, as MetadataQuorumCommand of Kafka 4.3.1 prints it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "sim/clients/exception_name.h"
#include "sim/tools/admin_tool.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

using ReplicaState = kafka::DescribeQuorumResponse::ReplicaState;

constexpr std::string_view tool_name = "kafka-metadata-quorum";
constexpr std::string_view metadata_topic = "__cluster_metadata";

// This tool has another option parser than the others (argparse4j): subcommands, and its own usage lines.
constexpr std::string_view usage =
    "usage: kafka-metadata-quorum [-h] [--command-config COMMAND_CONFIG]\n"
    "                             (--bootstrap-server BOOTSTRAP_SERVER |\n"
    "                             --bootstrap-controller BOOTSTRAP_CONTROLLER)\n"
    "                             {describe,add-controller,remove-controller}\n"
    "                             ...";
constexpr std::string_view describe_usage =
    "usage: kafka-metadata-quorum (--bootstrap-server BOOTSTRAP_SERVER |\n"
    "                             --bootstrap-controller BOOTSTRAP_CONTROLLER)\n"
    "                             describe [-h] [--status] [--replication]\n"
    "                             [--human-readable]";

struct QuorumCommand {
  Admin::Config client;
  bool status = false;
  bool replication = false;
  bool human_readable = false;
};

ToolEnd mistake(std::string_view usage_lines, std::string_view message) {
  ToolEnd end;
  end.error(std::string(usage_lines)).error(fmt::format("{}: error: {}", tool_name, message));
  return end;
}

ToolEnd help(std::string_view usage_lines) {
  ToolEnd end;
  end.output(std::string(usage_lines));
  end.output(
      "\nThis tool describes the KRaft metadata quorum.\n\n"
      "  describe --status        leader, epoch, high watermark and voters\n"
      "  describe --replication   how far each replica of the metadata log is\n"
      "           --human-readable   times as milliseconds ago");
  end.status = 0;
  return end;
}

/// The words of the command line, sorted into what they are.
struct Words {
  std::map<std::string, std::string> options;  ///< of the tool itself
  std::vector<std::string> flags;              ///< of the subcommand
  std::string subcommand;
};

std::variant<Words, ToolEnd> sort_words(const std::vector<std::string>& arguments) {
  Words words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "-h" || word == "--help")
      return help(words.subcommand == "describe" ? describe_usage : usage);
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "--bootstrap-server" || name == "--bootstrap-controller" || name == "--command-config") {
      if (equals == std::string::npos && i + 1 == arguments.size())
        return mistake(usage, fmt::format("argument {}: expected one argument", name));
      words.options[name] = equals == std::string::npos ? arguments[++i] : word.substr(equals + 1);
    } else if (word.starts_with('-')) {
      words.flags.push_back(word);
    } else if (words.subcommand.empty()) {
      words.subcommand = word;
    } else {
      words.flags.push_back(word);
    }
  }
  return words;
}

std::optional<ToolEnd> read_flags(const Words& words, QuorumCommand& command) {
  for (const std::string& flag : words.flags) {
    if (flag == "--status") {
      command.status = true;
    } else if (flag == "--replication") {
      command.replication = true;
    } else if (flag == "--human-readable") {
      command.human_readable = true;
    } else {
      return mistake(describe_usage, fmt::format("unrecognized arguments: '{}'", flag));
    }
  }
  return std::nullopt;
}

std::variant<QuorumCommand, ToolEnd> parse_command(const std::vector<std::string>& arguments,
                                                   const ToolEnvironment& environment) {
  auto sorted = sort_words(arguments);
  if (auto* wrong = std::get_if<ToolEnd>(&sorted)) return *wrong;
  const Words& words = std::get<Words>(sorted);
  const bool has_server = words.options.contains("--bootstrap-server");
  const bool has_controller = words.options.contains("--bootstrap-controller");
  if (has_server && has_controller)
    return mistake(usage, "argument --bootstrap-controller: not allowed with argument --bootstrap-server");
  if (words.subcommand.empty()) return mistake(usage, "too few arguments");
  if (words.subcommand == "add-controller" || words.subcommand == "remove-controller")
    return error_end(fmt::format("{}: {} is not there yet: it comes with a later part of brokerlab.",
                                 tool_name, words.subcommand));
  if (words.subcommand != "describe")
    return mistake(usage, fmt::format("invalid choice: '{}' (choose from 'describe', 'add-controller', "
                                      "'remove-controller')",
                                      words.subcommand));
  QuorumCommand command;
  if (auto wrong = read_flags(words, command)) return *wrong;
  if (!has_server && !has_controller)
    return mistake(usage, "one of the arguments --bootstrap-server --bootstrap-controller is required");
  if (command.status && command.replication)
    return error_end("Only one of --status or --replication should be specified with describe sub-command");
  if (!command.status && !command.replication)
    return error_end("One of --status or --replication must be specified with describe sub-command");
  const auto file = words.options.find("--command-config");
  command.client.of_controllers = has_controller;
  if (auto wrong = configure_client(
          command.client, words.options.at(has_server ? "--bootstrap-server" : "--bootstrap-controller"),
          file == words.options.end() ? std::nullopt : std::optional(file->second), environment))
    return *wrong;
  return command;
}

/// Columns as wide as their widest cell, a tab after each (ToolsUtils.prettyPrintTable).
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) text += fmt::format("{:<{}}\t", row[i], widths[i]);
    text += '\n';
  }
  text.pop_back();
  return text;
}

class KafkaMetadataQuorum final : public AdminTool {
 public:
  KafkaMetadataQuorum(const Boot& boot, QuorumCommand command)
      : AdminTool(boot, command.client), command_(std::move(command)) {}

  std::unique_ptr<Node> clone() const override { return std::make_unique<KafkaMetadataQuorum>(*this); }

 private:
  bool asks_controllers() const { return command_.client.of_controllers; }

  void begin(const Now& now, Effects& effects) override {
    kafka::DescribeQuorumRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topic_name = metadata_topic;
    topic.partitions.emplace_back();
    const auto target = asks_controllers() ? Admin::Target::controller : Admin::Target::any_node;
    call(now, effects, "describeMetadataQuorum", target, std::move(request), {0, 2});
  }

  void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) override {
    if (!answer.answered()) return fail(effects, answer.error(), answer.failure);
    if (quorum_) return print_status(effects, answer);
    const auto response = answer.as<kafka::DescribeQuorumResponse>();
    if (!response.ok()) return unreadable(effects);
    auto error = kafka::error_from(response->error_code);
    std::string message = response->error_message.value_or("");
    const bool has_partition =
        response->topics.size() == 1 && response->topics.front().partitions.size() == 1;
    if (error == kafka::ErrorCode::none && has_partition) {
      const auto& partition = response->topics.front().partitions.front();
      error = kafka::error_from(partition.error_code);
      message = partition.error_message.value_or("");
    }
    // Only the leader knows; who asked another one looks for it again.
    if (error == kafka::ErrorCode::not_leader_or_follower || error == kafka::ErrorCode::leader_not_available)
      return call_again(now, effects);
    if (error != kafka::ErrorCode::none)
      return fail(effects, error, message.empty() ? std::string(kafka::error_message(error)) : message);
    if (!has_partition || leader_of(response->topics.front().partitions.front()) == nullptr)
      return unreadable(effects);
    quorum_ = *response;
    if (command_.replication) return print_replication(now, effects);
    const int8_t endpoint_type = asks_controllers() ? 2 : 1;
    call(now, effects, "describeCluster", Admin::Target::any_node,
         kafka::DescribeClusterRequest{.endpoint_type = endpoint_type},
         {static_cast<int16_t>(asks_controllers() ? 1 : 0), 2});
  }

  const kafka::DescribeQuorumResponse::PartitionData& partition() const {
    return quorum_->topics.front().partitions.front();
  }
  static const ReplicaState* leader_of(const kafka::DescribeQuorumResponse::PartitionData& partition) {
    for (const ReplicaState& voter : partition.current_voters)
      if (voter.replica_id == partition.leader_id) return &voter;
    return nullptr;
  }

  /// [{"id": 1, "endpoints": ["CONTROLLER://127.0.0.1:9192"]}, ...]
  std::string nodes_text(const std::vector<ReplicaState>& replicas) const {
    std::vector<std::string> nodes;
    for (const ReplicaState& replica : replicas) {
      std::string node = fmt::format("{{\"id\": {}", replica.replica_id);
      if (!replica.replica_directory_id.is_zero())
        node += fmt::format(", \"directoryId\": \"{}\"", replica.replica_directory_id.to_string());
      std::vector<std::string> endpoints;
      for (const auto& known : quorum_->nodes)
        if (known.node_id == replica.replica_id)
          for (const auto& listener : known.listeners)
            endpoints.push_back(fmt::format("\"{}://{}:{}\"", listener.name, listener.host, listener.port));
      if (!endpoints.empty()) node += fmt::format(", \"endpoints\": [{}]", fmt::join(endpoints, ", "));
      nodes.push_back(node + "}");
    }
    return fmt::format("[{}]", fmt::join(nodes, ", "));
  }

  void print_status(Effects& effects, const AdminAnswer& answer) {
    const auto cluster = answer.as<kafka::DescribeClusterResponse>();
    if (!cluster.ok() || cluster->error_code != 0) return unreadable(effects);
    const auto& voters = partition().current_voters;
    const ReplicaState& leader = *leader_of(partition());
    const ReplicaState& last = *std::min_element(
        voters.begin(), voters.end(),
        [](const ReplicaState& a, const ReplicaState& b) { return a.log_end_offset < b.log_end_offset; });
    int64_t lag_time_ms = -1;
    if (last.replica_id == leader.replica_id)
      lag_time_ms = 0;
    else if (leader.last_caught_up_timestamp >= 0 && last.last_caught_up_timestamp >= 0)
      lag_time_ms = leader.last_caught_up_timestamp - last.last_caught_up_timestamp;
    const auto row = [&](std::string_view name, const auto& value) {
      print_line(effects, fmt::format("{:<24}{}", name, value));
    };
    row("ClusterId:", cluster->cluster_id);
    row("LeaderId:", partition().leader_id);
    row("LeaderEpoch:", partition().leader_epoch);
    row("HighWatermark:", partition().high_watermark);
    row("MaxFollowerLag:", leader.log_end_offset - last.log_end_offset);
    row("MaxFollowerLagTimeMs:", lag_time_ms);
    row("CurrentVoters:", nodes_text(voters));
    row("CurrentObservers:", nodes_text(partition().observers));
    effects.end(0);
  }

  void print_replication(const Now& now, Effects& effects) {
    const ReplicaState& leader = *leader_of(partition());
    std::vector<std::vector<std::string>> rows{{"NodeId", "DirectoryId", "LogEndOffset", "Lag",
                                                "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"}};
    const auto time = [&](int64_t timestamp_ms) {
      if (!command_.human_readable) return std::to_string(timestamp_ms);
      return fmt::format("{} ms ago", timestamp_ms < 0 ? timestamp_ms : now.wall_ms - timestamp_ms);
    };
    const auto add = [&](const ReplicaState& replica, std::string_view role) {
      rows.push_back({std::to_string(replica.replica_id), replica.replica_directory_id.to_string(),
                      std::to_string(replica.log_end_offset),
                      std::to_string(leader.log_end_offset - replica.log_end_offset),
                      time(replica.last_fetch_timestamp), time(replica.last_caught_up_timestamp),
                      std::string(role)});
    };
    add(leader, "Leader");
    for (const ReplicaState& voter : partition().current_voters)
      if (voter.replica_id != leader.replica_id) add(voter, "Follower");
    for (const ReplicaState& observer : partition().observers) add(observer, "Observer");
    print_line(effects, table(rows));
    effects.end(0);
  }

  void fail(Effects& effects, kafka::ErrorCode error, const std::string& message) {
    const std::string exception = fmt::format("{}: {}", exception_name(error), message);
    print_error(effects, exception);
    print_error(effects, "java.util.concurrent.ExecutionException: " + exception);
    effects.end(exit_status::failure);
  }
  void unreadable(Effects& effects) {
    fail(effects, kafka::ErrorCode::unknown_server_error, "The broker's answer cannot be read");
  }

  QuorumCommand command_;
  std::optional<kafka::DescribeQuorumResponse> quorum_;
};

}  // namespace

std::unique_ptr<Node> make_kafka_metadata_quorum(const Boot& boot, const std::vector<std::string>& arguments,
                                                 const ToolEnvironment& environment) {
  return make_tool_of<KafkaMetadataQuorum>(boot, parse_command(arguments, environment));
}

}  // namespace brokerlab

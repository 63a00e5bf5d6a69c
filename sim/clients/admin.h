// The client behind the administrative tools: one call at a time, to any node or to a certain one, tried again
// until its timeout has passed.
//
// As Kafka's AdminClient it first learns the nodes, from brokers (Metadata) or from controllers (KIP-919).
// What an error code in an answer means is the caller's to judge; `call_again` repeats a call after the
// backoff.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/clients/cluster_metadata.h"
#include "sim/clients/network_client.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/21_delete_records.h"
#include "sim/wire/kafka/32_describe_configs.h"
#include "sim/wire/kafka/35_describe_log_dirs.h"
#include "sim/wire/kafka/37_create_partitions.h"
#include "sim/wire/kafka/43_elect_leaders.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"
#include "sim/wire/kafka/46_list_partition_reassignments.h"
#include "sim/wire/kafka/48_describe_client_quotas.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"
#include "sim/wire/kafka/55_describe_quorum.h"
#include "sim/wire/kafka/60_describe_cluster.h"
#include "sim/wire/kafka/75_describe_topic_partitions.h"

namespace brokerlab {

using AdminRequest =
    std::variant<kafka::MetadataRequest, kafka::CreateTopicsRequest, kafka::DeleteTopicsRequest,
                 kafka::DeleteRecordsRequest, kafka::DescribeConfigsRequest, kafka::DescribeLogDirsRequest,
                 kafka::CreatePartitionsRequest, kafka::ElectLeadersRequest,
                 kafka::IncrementalAlterConfigsRequest, kafka::AlterPartitionReassignmentsRequest,
                 kafka::ListPartitionReassignmentsRequest, kafka::DescribeClientQuotasRequest,
                 kafka::AlterClientQuotasRequest, kafka::DescribeQuorumRequest, kafka::DescribeClusterRequest,
                 kafka::DescribeTopicPartitionsRequest>;

struct AdminAnswer {
  enum class Outcome : uint8_t {
    answered,
    unsupported,
    timed_out,
    no_bootstrap,  ///< the name of no bootstrap address means anything
  };
  Outcome outcome = Outcome::answered;
  int32_t node = -1;  ///< who answered
  int16_t version = -1;
  Bytes body;
  std::string failure;  ///< why it was not answered, in the words of Kafka's AdminClient

  bool answered() const { return outcome == Outcome::answered; }
  /// As which error code Kafka's AdminClient fails; none when it was answered. REQUIRES: not no_bootstrap.
  kafka::ErrorCode error() const;
  /// REQUIRES: answered(), by the call's response.
  template <class M>
  Result<M> as() const {
    return kafka::decode<M>(body, version);
  }
};

class Admin {
 public:
  struct Config {
    std::string client_id = "adminclient-1";
    std::string log_context = "[AdminClient clientId=adminclient-1] ";
    std::vector<Address> bootstrap;
    bool of_controllers = false;
    Duration request_timeout = seconds(30);      ///< request.timeout.ms
    Duration api_timeout = seconds(60);          ///< default.api.timeout.ms, of a whole call
    Duration retry_backoff = milliseconds(100);  ///< retry.backoff.ms
    uint64_t first_choice = 0;                   ///< as of ClusterMetadata::Config
    uint16_t timer_kind = 0;
  };
  enum class Target : uint8_t { any_node, controller };

  explicit Admin(Config config);

  /// Begins a call. `name` is how Kafka's AdminClient calls it: listTopics. It goes on after a
  /// connection broke or a request timed out.
  /// REQUIRES: no call is under way.
  void call(const Now& now, Effects& effects, OutgoingConnectionIds& ids, std::string name, Target target,
            AdminRequest request, kafka::Versions versions);
  /// The same to one node. While it is not one of nodes() the call waits, as that of Kafka's AdminClient does.
  void call_node(const Now& now, Effects& effects, OutgoingConnectionIds& ids, std::string name, int32_t node,
                 AdminRequest request, kafka::Versions versions);
  /// Repeats the last call, which was answered, after the backoff and within its first timeout.
  void call_again(const Now& now, Effects& effects, OutgoingConnectionIds& ids);

  bool owns(const Input& input) const;
  /// The call's answer when the input brought it. REQUIRES: owns(input).
  std::optional<AdminAnswer> handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                    const Input& input);

  /// Known once a call was answered.
  const std::map<int32_t, Address>& nodes() const { return metadata_.brokers(); }
  const Config& config() const { return config_; }

 private:
  struct Call {
    std::string name;
    Target target = Target::any_node;
    std::optional<int32_t> node;
    AdminRequest request;
    kafka::Versions versions;
    Instant deadline;
    Instant next_try;
    int32_t tries = 0;
    bool is_under_way = false;
  };

  void begin(const Now& now, Effects& effects, OutgoingConnectionIds& ids, Call call);
  /// Sends what is due and sets the timer.
  void run(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  void try_call(const Now& now, Effects& effects, OutgoingConnectionIds& ids);
  std::optional<AdminAnswer> finish(const Now& now, const Completion& completion);
  AdminAnswer timed_out(const Now& now) const;

  Config config_;
  NetworkClient network_;
  ClusterMetadata metadata_;
  Call call_;
  bool has_call_ = false;
  uint64_t next_token_ = 0;  ///< a late answer to a call that was given up has an older one
};

}  // namespace brokerlab

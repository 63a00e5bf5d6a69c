// What a client knows of the cluster: brokers, topic ids, leaders with their epochs; and when to ask again.
//
// Metadata v1 to v13; DescribeCluster v1 and v2 towards controllers. A client begins with its bootstrap addresses (destinations -1, -2 ...) and then asks the
// brokers that it learnt of, the one with the fewest requests under way first. It asks again when an answer
// showed that its knowledge is stale, after `max_age`, and while something that it needs is missing, with a
// backoff (KIP-580). What a leader's own refusal names as the new leader (KIP-951) is taken at once.
//
// Invariant: the leader epoch of a partition that is known never goes back while the topic's id is the same,
// so that an answer of a broker that lags behind does not undo newer knowledge (KIP-320).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/network_client.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

class ClusterMetadata {
 public:
  /// The token of its requests; its owner uses others.
  static constexpr uint64_t token = UINT64_MAX;

  struct Config {
    std::vector<Address> bootstrap;
    /// The bootstrap addresses are controllers', which know no Metadata: their nodes are learnt by
    /// DescribeCluster (KIP-919), and topics cannot be asked for.
    bool of_controllers = false;
    bool allow_auto_topic_creation = true;
    Duration retry_backoff = milliseconds(100);
    Duration retry_backoff_max = milliseconds(1000);
    Duration max_age = seconds(300);
    uint64_t first_choice = 0;  ///< drawn by chance, so that not all clients ask the same node first
    std::string log_context{};  ///< as of NetworkClient::Config
  };
  struct Partition {
    int32_t leader = -1;
    int32_t leader_epoch = -1;
  };
  struct Topic {
    Uuid id;
    kafka::ErrorCode error = kafka::ErrorCode::none;
    std::map<int32_t, Partition> partitions;
  };

  explicit ClusterMetadata(Config config) : config_(std::move(config)), rotation_(config_.first_choice) {}

  /// Gives the bootstrap addresses to the client's connections. Once, before anything else.
  void start(NetworkClient& network);
  /// Asks for this topic from now on.
  void add_topic(const std::string& topic);
  /// Something showed that what is known is stale.
  void request_update() { is_update_wanted_ = true; }
  /// Sends a request when one is due.
  void run(const Now& now, Effects& effects, OutgoingConnectionIds& ids, NetworkClient& network);
  /// REQUIRES: completion.token == token.
  void handle(const Now& now, Effects& effects, NetworkClient& network, const Completion& completion);
  /// When `run` has something to do next; `never` while an answer is awaited.
  Instant next_run() const;

  /// A leader that another answer named; ignored when it is not newer.
  void learn_leader(const TopicPartition& partition, int32_t leader, int32_t leader_epoch);
  void learn_broker(NetworkClient& network, int32_t id, const Address& address);

  bool is_known() const { return has_answer_; }
  /// The name of no bootstrap address means anything, and no broker is known.
  bool is_lost() const { return !has_answer_ && unresolved_.size() == config_.bootstrap.size(); }
  const std::map<int32_t, Address>& brokers() const { return brokers_; }
  int32_t controller_id() const { return controller_id_; }
  /// Null until an answer spoke of it.
  const Topic* topic(const std::string& name) const;
  const Topic* topic(const Uuid& id, std::string* name) const;
  /// -1 when nobody leads or that is not known.
  int32_t leader(const TopicPartition& partition) const;
  /// A broker, or a bootstrap address until brokers are known.
  int32_t least_loaded(const NetworkClient& network);

 private:
  /// Whether the bytes were an answer.
  bool update(Effects& effects, NetworkClient& network, const Completion& completion);
  bool update_controllers(NetworkClient& network, const Completion& completion);
  /// Whether everything that was asked for is there.
  bool update_topic(const kafka::MetadataResponse::MetadataResponseTopic& topic);
  void note_errors(Effects& effects, const kafka::MetadataResponse& response, int32_t correlation_id) const;
  Duration backoff() const;

  Config config_;
  std::set<std::string> wanted_;
  std::map<std::string, Topic> topics_;
  std::map<int32_t, Address> brokers_;
  int32_t controller_id_ = -1;
  std::set<int32_t> unresolved_;  ///< bootstrap destinations
  bool has_answer_ = false;
  bool is_update_wanted_ = true;
  bool is_under_way_ = false;
  int32_t failures_ = 0;  ///< requests in a row after which something was still missing
  uint64_t rotation_;     ///< where the search for the least loaded destination begins
  Instant next_allowed_;
  Instant expires_ = never;
};

}  // namespace brokerlab

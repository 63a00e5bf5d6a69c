// A cluster as a client meets it: accepts connections (of the brokers that are up), answers ApiVersions,
// Metadata and InitProducerId by itself, and leaves every other request to the test.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/22_init_producer_id.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/errors.h"
#include "tests/unit/clients/fake_broker.h"

namespace brokerlab::testing {

class FakeCluster {
 public:
  /// Brokers 1, 2, 3 at kafka1:9092 ...; the first is the bootstrap address.
  explicit FakeCluster(Wires& wires) : wires_(wires) {}

  static std::vector<Address> bootstrap() { return {{"kafka1", 9092}}; }

  struct Partition {
    int32_t leader = 1;
    int32_t leader_epoch = 0;
  };
  struct Topic {
    Uuid id;
    std::vector<Partition> partitions;
    kafka::ErrorCode error = kafka::ErrorCode::none;
  };
  std::map<std::string, Topic> topics;
  std::set<int32_t> down;
  bool still_lists_dead = false;  ///< as before a session timeout
  int metadata_requests = 0;
  int64_t next_producer_id = 4000;
  /// Highest version of an API that is offered; that of the schema unless it stands here.
  std::map<int16_t, int16_t> highest_version;

  /// Opens connections and answers what the cluster answers by itself, until nothing of that is left.
  void serve() {
    while (serve_connections() || serve_requests()) {
    }
  }
  void serve_for(Duration duration, Duration pause = milliseconds(5)) {
    const Instant until = wires_.now.monotonic + duration;
    for (serve(); wires_.now.monotonic < until; serve()) wires_.wait(pause);
  }

  /// The oldest request for the test of a broker, or of any (0).
  bool has_request(int32_t broker = 0) const {
    for (const auto& [at, request] : waiting_)
      if (broker == 0 || at == broker) return true;
    return false;
  }
  SentRequest take(int32_t broker) {
    for (auto request = waiting_.begin(); request != waiting_.end(); ++request) {
      if (request->first != broker) continue;
      SentRequest taken = request->second;
      waiting_.erase(request);
      return taken;
    }
    FAIL("no request for broker " << broker);
    return {};
  }
  template <class M>
  void answer(const SentRequest& request, const M& response) {
    wires_.answer(request, response);
    serve();
  }
  /// Its connections break, and none can be made any more.
  void kill(int32_t broker) {
    down.insert(broker);
    std::vector<ConnectionId> broken;
    for (const auto& [connection, at] : connections_)
      if (at == broker) broken.push_back(connection);
    std::erase_if(waiting_, [&](const auto& request) { return request.first == broker; });
    for (const ConnectionId connection : broken) {
      connections_.erase(connection);
      wires_.hang_up(connection);
    }
  }

 private:
  bool serve_connections() {
    if (served_opens_ == wires_.opens.size()) return false;
    const Effects::Open open = wires_.opens[served_opens_++];
    const int32_t broker = open.to.host.back() - '0';
    if (down.contains(broker)) {
      wires_.refuse(open.connection);
    } else {
      connections_[open.connection] = broker;
      wires_.accept(open.connection);
    }
    return true;
  }

  bool serve_requests() {
    if (wires_.requests.empty()) return false;
    const SentRequest request = wires_.take();
    if (!connections_.contains(request.connection)) return true;
    if (request.header.api_key == kafka::ApiVersionsRequest::api_key) {
      wires_.answer(request, versions());
    } else if (request.header.api_key == kafka::MetadataRequest::api_key) {
      wires_.answer(request, metadata(request.as<kafka::MetadataRequest>()));
    } else if (request.header.api_key == kafka::InitProducerIdRequest::api_key) {
      wires_.answer(request,
                    kafka::InitProducerIdResponse{.producer_id = next_producer_id++, .producer_epoch = 0});
    } else {
      waiting_.emplace_back(connections_.at(request.connection), request);
    }
    return true;
  }

  kafka::ApiVersionsResponse versions() const {
    kafka::ApiVersionsResponse response;
    for (const kafka::Api& api : kafka::all_apis()) {
      if (api.schema.empty()) continue;
      const auto limit = highest_version.find(api.key);
      const int16_t highest = limit == highest_version.end() ? api.schema.last : limit->second;
      response.api_keys.push_back({api.key, api.schema.first, highest, {}});
    }
    return response;
  }

  kafka::MetadataResponse metadata(const kafka::MetadataRequest& request) {
    ++metadata_requests;
    kafka::MetadataResponse response;
    response.controller_id = 1;
    for (int32_t id = 1; id <= 3; ++id)
      if (still_lists_dead || !down.contains(id))
        response.brokers.push_back({id, "kafka" + std::to_string(id), 9092, {}, {}});
    std::vector<std::string> names;
    if (!request.topics)
      for (const auto& [name, topic] : topics) names.push_back(name);
    if (request.topics)
      for (const auto& topic : *request.topics) names.push_back(topic.name.value_or(""));
    for (const std::string& name : names) {
      auto& answer = response.topics.emplace_back();
      answer.name = name;
      const auto found = topics.find(name);
      const auto error =
          found == topics.end() ? kafka::ErrorCode::unknown_topic_or_partition : found->second.error;
      answer.error_code = kafka::to_int16(error);
      if (error != kafka::ErrorCode::none) continue;
      answer.topic_id = found->second.id;
      for (const Partition& partition : found->second.partitions) {
        auto& described = answer.partitions.emplace_back();
        described.partition_index = static_cast<int32_t>(answer.partitions.size()) - 1;
        described.leader_id = partition.leader;
        described.leader_epoch = partition.leader_epoch;
        described.replica_nodes = described.isr_nodes = {1, 2, 3};
      }
    }
    return response;
  }

  Wires& wires_;
  size_t served_opens_ = 0;
  std::map<ConnectionId, int32_t> connections_;
  std::vector<std::pair<int32_t, SentRequest>> waiting_;
};

}  // namespace brokerlab::testing

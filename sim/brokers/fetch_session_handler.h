// The follower's side of incremental fetch sessions (KIP-227): the leader is told once what to fetch, and then only what
// is no longer as it was told. Who answers is fetch_session.h.
//
// The session begins with a full request (epoch 0). What the leader then says of it counts: another error than "no such
// session", or no answer at all, closes it and begins another; an answer without a session id leaves the next request
// full again.
#pragma once

#include <cstdint>
#include <map>

#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/01_fetch.h"

namespace brokerlab {

class FetchSessionHandler {
 public:
  /// What the leader knows of one partition.
  struct Asked {
    int64_t fetch_offset = -1;
    int32_t leader_epoch = -1;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    friend bool operator==(const Asked&, const Asked&) = default;
  };

  /// A request is made of `begin`, and `asks` or `forget` of each partition that may not be wanted as before.
  /// True when the session begins with it: `asks` of all that is wanted then.
  bool begin(kafka::FetchRequest& request);
  /// Whether the request has to name the partition.
  bool asks(const PartitionKey& key, const Asked& wanted);
  /// It is not wanted any more: the request names it, if the session had it.
  void forget(const PartitionKey& key, kafka::FetchRequest& request);

  /// What the last request, with those before it, asked of the partition; null when it did not ask for it.
  const Asked* asked(const PartitionKey& key) const;

  /// False when the answer speaks of no partition: the session is no more.
  bool handle(const kafka::FetchResponse& response);
  /// The last request got no answer.
  void failed() { epoch_ = 0; }

 private:
  int32_t session_id_ = 0;
  int32_t epoch_ = 0;  ///< of the next request; 0 begins a session
  std::map<PartitionKey, Asked> partitions_;
};

}  // namespace brokerlab

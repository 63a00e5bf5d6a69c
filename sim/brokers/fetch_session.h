// Incremental fetch sessions (KIP-227): a client names its partitions once and then only what changed.
//
// Session id 0 with epoch 0 asks for a new session, epoch -1 for an answer without one (and ends the session
// it names). Otherwise id and epoch must be those of a session, and the answer holds only partitions with
// news: records, an error, a diverging epoch, another high watermark or log start.
//
// Deviation: a full cache makes room only by dropping sessions that were idle for `eviction_age`; Kafka also
// prefers followers and larger sessions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

/// Epochs of a session's requests begin with 0 and never come back to it.
int32_t fetch_session_epoch_after(int32_t epoch);

/// One partition that a fetch asks for.
struct FetchPartition {
  std::string topic;  ///< empty when the id is unknown here
  Uuid topic_id;      ///< zero in versions before 13 when the name is unknown
  int32_t partition = 0;
  int64_t fetch_offset = 0;
  int64_t log_start_offset = -1;  ///< the follower's
  int32_t max_bytes = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
};

class FetchSessions {
 public:
  static constexpr size_t max_sessions = 1000;
  static constexpr Duration eviction_age = seconds(120);

  /// What to read for a request, and how to answer it.
  struct Context {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int32_t session_id = 0;       ///< of the answer; 0: no session
    bool is_incremental = false;  ///< leave partitions without news out
    std::vector<FetchPartition> partitions;
  };

  /// `partitions` and `forgotten` are those of the request, topics resolved. `uses_topic_ids`: version 13 and
  /// later.
  Context open(const kafka::FetchRequest& request, bool uses_topic_ids,
               std::vector<FetchPartition> partitions, const std::vector<FetchPartition>& forgotten,
               Instant now, Random& random);
  /// Whether an answer without records and errors need not speak of the partition. An empty answer is legal.
  bool knows(const Context& context, const FetchPartition& partition, int64_t high_watermark,
             int64_t log_start_offset) const;
  /// Takes note of what is answered.
  void answered(const Context& context, const kafka::FetchResponse& response);

  void close(int32_t session_id) { sessions_.erase(session_id); }

  size_t size() const { return sessions_.size(); }

 private:
  using Key = std::pair<std::pair<Uuid, std::string>, int32_t>;
  struct CachedPartition {
    FetchPartition request;
    uint64_t place = 0;
    int64_t high_watermark = -1;
    int64_t log_start_offset = -1;
  };
  struct Session {
    int32_t epoch = 0;  ///< that the next request must have
    bool uses_topic_ids = false;
    Instant last_used;
    uint64_t next_place = 0;
    std::map<Key, CachedPartition> partitions;
    std::map<uint64_t, Key> order;  ///< who answered with records goes to the end, so that nobody starves
  };

  static Key key_of(bool uses_topic_ids, const FetchPartition& partition);
  static Key key_of(bool uses_topic_ids, const kafka::FetchResponse::FetchableTopicResponse& topic,
                    int32_t partition);
  static void put(Session& session, FetchPartition partition);
  static void move_to_end(Session& session, CachedPartition& partition);
  int32_t create(bool uses_topic_ids, const std::vector<FetchPartition>& partitions, Instant now,
                 Random& random);

  std::map<int32_t, Session> sessions_;
};

}  // namespace brokerlab

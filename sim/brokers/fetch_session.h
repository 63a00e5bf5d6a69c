// Incremental fetch sessions (KIP-227): a client names its partitions once and then only what changed.
//
// Session id 0 with epoch 0 asks for a new session, epoch -1 for an answer without one (and ends the session
// it names). Otherwise id and epoch must be those of a session, and the answer holds only partitions with
// news: records, an error, a diverging epoch, another high watermark or log start.
//
// A session knows which of its partitions may have news, so that an answer costs what it says and not what the session
// has; Kafka looks at each. Invariant: a partition without news was told as it is, and nothing moved there since
// (ReplicaManager::touch). A follower without news has all that the leader has: its fetches say so of each such
// partition without naming it, until the session's last use (`take_seen`).
//
// Deviation: a full cache makes room only by dropping sessions that were idle for `eviction_age`; Kafka also
// prefers followers and larger sessions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/controller/metadata/image.h"
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
  friend bool operator==(const FetchPartition&, const FetchPartition&) = default;
};

class FetchSessions {
 public:
  static constexpr size_t max_sessions = 1000;
  static constexpr Duration eviction_age = seconds(120);

  struct Request {
    int32_t session_id = 0;
    int32_t session_epoch = -1;
    bool uses_topic_ids = false;  ///< version 13 and later
    int32_t replica_id = -1;      ///< -1: a consumer
    int64_t broker_epoch = -1;
    bool may_read_from_follower = false;
    std::vector<FetchPartition> partitions;  ///< topics resolved
    std::vector<FetchPartition> forgotten;
  };
  /// What to read for a request, and how to answer it.
  struct Context {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int32_t session_id = 0;                  ///< of the answer; 0: no session
    bool is_incremental = false;             ///< leave partitions without news out
    int32_t next_epoch = -1;                 ///< of the session, after this request
    std::vector<FetchPartition> partitions;  ///< if incremental those that may have news
    /// There is nothing that the request could wait for.
    bool is_empty() const { return !is_incremental && partitions.empty(); }
  };

  Context open(Request request, Instant now, Random& random);
  /// Whether an answer without records and errors need not speak of the partition. An empty answer is legal.
  bool knows(const Context& context, const FetchPartition& partition, int64_t high_watermark,
             int64_t log_start_offset) const;
  /// Takes note of what is answered, settled partitions apart.
  void answered(const Context& context, const kafka::FetchResponse& response);

  // ---- partitions with news -------------------------------------------------------------------------------

  /// Something moved at the partition: it is news to every session that has it.
  void touch(const PartitionKey& key);
  /// It was read as it is now, and there is nothing to say after this answer until it is touched or named.
  void settle(const Context& context, const FetchPartition& partition, int64_t high_watermark,
              int64_t log_start_offset);
  /// The answer was not sent: what it would have said is still news.
  void unsettle(const Context& context);
  /// No request came after this one, and the session is there.
  bool is_latest(const Context& context) const;
  /// Of a session: those that may have news, and those that have none.
  std::vector<FetchPartition> with_news(int32_t session_id) const;
  std::vector<FetchPartition> without_news(int32_t session_id) const;
  /// The sessions that have the partition.
  std::vector<int32_t> sessions_of(const PartitionKey& key) const;

  /// A follower had no news of the partition, and fetched until `last_fetch`.
  struct Seen {
    PartitionKey key;
    int32_t replica_id = -1;
    Instant last_fetch;
  };
  /// For each follower's partition that has news again, or left its session, since the last call.
  std::vector<Seen> take_seen() { return std::exchange(seen_, {}); }

  void close(int32_t session_id);
  /// The sessions that ended since the last call.
  std::vector<int32_t> take_closed() { return std::exchange(closed_, {}); }
  size_t size() const { return sessions_.size(); }
  size_t partitions_in(int32_t session_id) const;

 private:
  using Key = std::pair<std::pair<Uuid, std::string>, int32_t>;
  struct CachedPartition {
    FetchPartition request;
    std::optional<uint64_t> place;  ///< in `news`
    int64_t high_watermark = -1;
    int64_t log_start_offset = -1;
  };
  struct Session {
    int32_t epoch = 0;  ///< that the next request must have
    bool uses_topic_ids = false;
    int32_t replica_id = -1;
    int64_t broker_epoch = -1;
    bool may_read_from_follower = false;
    Instant last_used;
    uint64_t next_place = 0;
    std::map<Key, CachedPartition> partitions;
    std::map<uint64_t, Key> news;  ///< who answered with records goes to the end, so that nobody starves
  };

  static Key key_of(bool uses_topic_ids, const FetchPartition& partition);
  static Key key_of(bool uses_topic_ids, const kafka::FetchResponse::FetchableTopicResponse& topic,
                    int32_t partition);
  void put(int32_t id, Session& session, FetchPartition partition);
  void forget(int32_t id, Session& session, const FetchPartition& partition);
  void remove_from_where(int32_t id, const Key& key, const CachedPartition& partition);
  static void move_to_end(Session& session, const Key& key, CachedPartition& partition);
  void add_to_news(Session& session, const Key& key, CachedPartition& partition);
  void note_seen(const Session& session, const CachedPartition& partition);
  int32_t create(const Request& request, Instant now, Random& random);

  std::map<int32_t, Session> sessions_;
  /// The sessions that have a partition, and as what: the topics that a session names and nobody knows share the id zero.
  std::map<PartitionKey, std::set<std::pair<int32_t, Key>>> where_;
  std::vector<Seen> seen_;
  std::vector<int32_t> closed_;
};

}  // namespace brokerlab

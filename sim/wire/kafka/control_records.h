// Control records: batches with the control bit hold one of these, which no application sees.
//
// KIP-98 (transaction markers), KIP-595 (leader change), KIP-630 (snapshot header and footer), KIP-853
// (kraft.version, voters). The key is version 0 and the type, two int16. The value of a transaction marker
// begins with the int16 version of its schema; of the others the first field is a version of their own, and
// the schema's version is known from kraft.version (0 with static voters, 1 with dynamic ones).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

/// The first record of each leader of the metadata quorum; the high watermark moves only once it is
/// committed.
struct LeaderChangeMessage {
  static constexpr std::string_view schema_name = "LeaderChangeMessage";
  static constexpr Versions versions{0, 1};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("voterId", voter_id);
      f("voterDirectoryId", voter_directory_id, since(1));
    }
  };
  int16_t version = 0;
  int32_t leader_id = 0;
  std::vector<Voter> voters{};
  std::vector<Voter> granting_voters{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("version", version);
    f("leaderId", leader_id);
    f("voters", voters);
    f("grantingVoters", granting_voters);
  }
};

struct SnapshotHeaderRecord {
  static constexpr std::string_view schema_name = "SnapshotHeaderRecord";
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int16_t version = 0;
  int64_t last_contained_log_timestamp = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("version", version);
    f("lastContainedLogTimestamp", last_contained_log_timestamp);
  }
};

struct SnapshotFooterRecord {
  static constexpr std::string_view schema_name = "SnapshotFooterRecord";
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int16_t version = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("version", version);
  }
};

struct KRaftVersionRecord {
  static constexpr std::string_view schema_name = "KRaftVersionRecord";
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int16_t version = 0;
  int16_t kraft_version = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("version", version);
    f("kRaftVersion", kraft_version);
  }
};

struct VotersRecord {
  static constexpr std::string_view schema_name = "VotersRecord";
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct Endpoint {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
    }
  };
  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("minSupportedVersion", min_supported_version);
      f("maxSupportedVersion", max_supported_version);
    }
  };
  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id{};
    std::vector<Endpoint> endpoints{};
    KRaftVersionFeature kraft_version_feature{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("voterId", voter_id);
      f("voterDirectoryId", voter_directory_id);
      f("endpoints", endpoints);
      f("kRaftVersionFeature", kraft_version_feature);
    }
  };
  int16_t version = 0;
  std::vector<Voter> voters{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("version", version);
    f("voters", voters);
  }
};

/// The value of COMMIT and ABORT.
struct EndTxnMarker {
  static constexpr std::string_view schema_name = "EndTxnMarker";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  int32_t coordinator_epoch = 0;
  template <class F>
  void fields(F&& f) {
    f("coordinatorEpoch", coordinator_epoch);
  }
};

/// The key of every control record.
struct ControlRecordTypeSchema {
  static constexpr std::string_view schema_name = "ControlRecordTypeSchema";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  int16_t type = 0;
  template <class F>
  void fields(F&& f) {
    f("type", type);
  }
};

enum class ControlRecordType : int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};
/// As kafka-dump-log prints it: LEADER_CHANGE.
std::string_view name_of(ControlRecordType type);

Bytes encode_control_record_key(ControlRecordType type);
/// `invalid` when too short or of an unknown type.
Result<ControlRecordType> decode_control_record_key(const Bytes& key);

}  // namespace brokerlab::kafka

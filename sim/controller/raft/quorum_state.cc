#include "sim/controller/raft/quorum_state.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace brokerlab {

namespace {

using Json = nlohmann::json;

std::optional<int32_t> integer(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_number_integer()) return std::nullopt;
  const int64_t value = field->get<int64_t>();
  if (value < -1 || value > std::numeric_limits<int32_t>::max()) return std::nullopt;
  return static_cast<int32_t>(value);
}

/// The file's JSON, discarded when it cannot be parsed; nothing when there is no file yet.
Result<std::optional<Json>> read_json(Disk& disk, std::string_view path) {
  if (!disk.exists(path)) return std::optional<Json>{};
  const Result<Bytes> content = disk.read_file(path);
  if (!content) return content.status();
  return std::optional(Json::parse(content->text(), nullptr, /*allow_exceptions=*/false));
}

Status broken(std::string_view path) {
  return Status::error(StatusCode::invalid, fmt::format("{} is not a quorum state of version 0", path));
}

}  // namespace

Result<std::optional<QuorumState>> read_quorum_state(Disk& disk, std::string_view path) {
  const Result<std::optional<Json>> read = read_json(disk, path);
  if (!read) return read.status();
  if (!*read) return std::optional<QuorumState>{};
  const Json& object = **read;
  if (object.is_object()) {
    const auto epoch = integer(object, "leaderEpoch");
    const auto leader = integer(object, "leaderId");
    const auto voted = integer(object, "votedId");
    if (epoch && *epoch >= 0 && leader && voted) {
      return std::optional<QuorumState>({.epoch = *epoch, .leader_id = *leader, .voted_id = *voted});
    }
  }
  return broken(path);
}

Result<std::vector<int32_t>> read_quorum_voters(Disk& disk, std::string_view path) {
  const Result<std::optional<Json>> read = read_json(disk, path);
  if (!read) return read.status();
  std::vector<int32_t> voters;
  if (!*read) return voters;
  const Json& object = **read;
  if (!object.is_object() || !object.contains("currentVoters") || !object["currentVoters"].is_array())
    return broken(path);
  for (const Json& voter : object["currentVoters"]) {
    const auto id = voter.is_object() ? integer(voter, "voterId") : std::nullopt;
    if (!id) return broken(path);
    voters.push_back(*id);
  }
  return voters;
}

Status write_quorum_state(Disk& disk, std::string_view path, const QuorumState& state,
                          std::span<const int32_t> voters) {
  // Kafka's order of fields, which nlohmann's sorted objects would not keep.
  std::string current_voters;
  for (const int32_t voter : voters) {
    current_voters += fmt::format("{}{{\"voterId\":{}}}", current_voters.empty() ? "" : ",", voter);
  }
  return disk.replace_file(
      path,
      Bytes::copy_of(fmt::format("{{\"clusterId\":\"\",\"leaderId\":{},\"leaderEpoch\":{},\"votedId\":{},"
                                 "\"appliedOffset\":0,\"currentVoters\":[{}],\"data_version\":0}}",
                                 state.leader_id, state.epoch, state.voted_id, current_voters)),
      Durability::synced);
}

}  // namespace brokerlab

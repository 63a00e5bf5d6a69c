#include "sim/controller/raft/quorum_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "sim/base/assert.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/quorum_state_data.h"

namespace brokerlab {

namespace {

using kafka::QuorumStateData;

constexpr int16_t static_voters_version = 0;

/// Nothing when there is no file yet.
Result<std::optional<QuorumStateData>> read(Disk& disk, std::string_view path) {
  if (!disk.exists(path)) return std::optional<QuorumStateData>{};
  const Result<Bytes> content = disk.read_file(path);
  if (!content) return content.status();
  const auto json = nlohmann::json::parse(content->text(), nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("data_version") && json["data_version"] == static_voters_version) {
    Result<QuorumStateData> data = kafka::from_json<QuorumStateData>(content->text(), static_voters_version);
    if (data && data->leader_epoch >= 0 && data->leader_id >= nobody && data->voted_id >= nobody)
      return std::optional(std::move(*data));
  }
  return Status::error(StatusCode::invalid, fmt::format("{} is not a quorum state of version 0", path));
}

}  // namespace

Result<std::optional<QuorumState>> read_quorum_state(Disk& disk, std::string_view path) {
  const Result<std::optional<QuorumStateData>> data = read(disk, path);
  if (!data) return data.status();
  if (!*data) return std::optional<QuorumState>{};
  return std::optional(QuorumState{
      .epoch = (*data)->leader_epoch, .leader_id = (*data)->leader_id, .voted_id = (*data)->voted_id});
}

Result<std::vector<int32_t>> read_quorum_voters(Disk& disk, std::string_view path) {
  const Result<std::optional<QuorumStateData>> data = read(disk, path);
  if (!data) return data.status();
  std::vector<int32_t> voters;
  if (*data && (*data)->current_voters)
    for (const QuorumStateData::Voter& voter : *(*data)->current_voters) voters.push_back(voter.voter_id);
  return voters;
}

Status write_quorum_state(Disk& disk, std::string_view path, const QuorumState& state,
                          std::span<const int32_t> voters) {
  QuorumStateData data;
  data.leader_id = state.leader_id;
  data.leader_epoch = state.epoch;
  data.voted_id = state.voted_id;
  for (const int32_t voter : voters) data.current_voters->push_back({.voter_id = voter});
  std::string json = kafka::to_json(data, static_voters_version);
  BROKERLAB_ASSERT(json.ends_with('}'));
  json.pop_back();
  json += fmt::format(",\"data_version\":{}}}", static_voters_version);
  return disk.replace_file(path, Bytes::copy_of(json), Durability::synced);
}

}  // namespace brokerlab

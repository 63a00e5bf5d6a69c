#include "sim/runtime/data_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "sim/controller/raft/quorum_state.h"
#include "sim/runtime/presets.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/real_disk.h"

namespace brokerlab {

namespace {

std::vector<std::string> possible_folders(const std::string& data_folder) {
  std::vector<std::string> folders;
  for (int n = 1; n <= most_brokers; ++n) folders.push_back(data_folder + "/" + broker_name(n));
  for (int n = 1; n <= most_controllers; ++n) folders.push_back(data_folder + "/" + controller_name(n));
  return folders;
}

/// The cluster has another quorum: how to start it.
Status other_quorum(const std::string& data_folder, const std::vector<int32_t>& voters) {
  if (voters.front() >= first_controller_id)
    return Status::error(
        StatusCode::invalid,
        fmt::format(
            "{0} holds a cluster with {1} controller{2} of its own. Start it with --controllers {1}, or give "
            "--data another folder",
            data_folder, voters.size(), voters.size() == 1 ? "" : "s"),
        fmt::format(
            "{0} 폴더에는 전용 컨트롤러가 {1}대인 클러스터가 있습니다. --controllers {1} 옵션으로 시작하거나 "
            "--data로 다른 폴더를 지정하세요",
            data_folder, voters.size()));
  return Status::error(
      StatusCode::invalid,
      fmt::format("{} holds a cluster of {} broker{}. Start it with --brokers {}, or give "
                  "--data another folder",
                  data_folder, voters.size(), voters.size() == 1 ? "" : "s", voters.size()),
      fmt::format(
          "{} 폴더에는 브로커 {}대짜리 클러스터가 있습니다. --brokers {} 옵션으로 시작하거나 --data로 다른 "
          "폴더를 지정하세요",
          data_folder, voters.size(), voters.size()));
}

}  // namespace

Result<std::string> stored_cluster_id(const std::string& data_folder, int brokers, int controllers) {
  std::vector<int32_t> expected;
  for (int n = 0; n < (controllers > 0 ? controllers : brokers); ++n)
    expected.push_back(n + (controllers > 0 ? first_controller_id : 1));
  std::string cluster_id;
  std::string found_in;
  for (const std::string& folder : possible_folders(data_folder)) {
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) continue;  // errors show when the lab starts there
    const Result<std::unique_ptr<RealDisk>> disk = RealDisk::open(folder);
    if (!disk) return disk.status();
    const Result<MetaProperties> properties = read_meta_properties(**disk);
    if (!properties && properties.status().code == StatusCode::not_found) continue;
    if (!properties)
      return Status::error(properties.status().code,
                           fmt::format("{}/{}", folder, properties.status().message));
    if (cluster_id.empty()) {
      cluster_id = properties->cluster_id;
      found_in = folder;
    }
    if (properties->cluster_id != cluster_id)
      return Status::error(
          StatusCode::invalid,
          fmt::format("{} belongs to the cluster {}, and {} to {}. Move one of them away, and start again",
                      found_in, cluster_id, folder, properties->cluster_id),
          fmt::format(
              "{} 폴더는 클러스터 {}, {} 폴더는 클러스터 {}의 데이터입니다. 하나를 다른 곳으로 옮긴 뒤 다시 "
              "시작하세요",
              found_in, cluster_id, folder, properties->cluster_id));
    const Result<std::vector<int32_t>> voters = read_quorum_voters(**disk, quorum_state_path);
    if (!voters) return voters.status();
    if (!voters->empty() && *voters != expected) return other_quorum(data_folder, *voters);
  }
  return cluster_id;
}

}  // namespace brokerlab

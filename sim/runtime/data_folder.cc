#include "sim/runtime/data_folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/controller/raft/quorum_state.h"
#include "sim/runtime/presets.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/real_disk.h"

namespace brokerlab {

Result<std::string> stored_cluster_id(const std::string& data_folder, int brokers) {
  std::string cluster_id;
  std::string found_in;
  for (int n = 1; n <= most_brokers; ++n) {
    const std::string folder = data_folder + "/" + broker_name(n);
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
    if (!voters->empty() && voters->size() != static_cast<size_t>(brokers))
      return Status::error(
          StatusCode::invalid,
          fmt::format("{} holds a cluster of {} broker{}. Start it with --brokers {}, or give "
                      "--data another folder",
                      data_folder, voters->size(), voters->size() == 1 ? "" : "s", voters->size()),
          fmt::format(
              "{} 폴더에는 브로커 {}대짜리 클러스터가 있습니다. --brokers {}(으)로 시작하거나 --data로 다른 "
              "폴더를 지정하세요",
              data_folder, voters->size(), voters->size()));
  }
  return cluster_id;
}

}  // namespace brokerlab

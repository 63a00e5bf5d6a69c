// DescribeLogDirs (35): which partitions a broker has on its disk, and how large they are, versions 1 to 5 (KIP-113).
//
// Each broker has one log directory; how large its disk is, is not told (-1).
#include "sim/wire/kafka/35_describe_log_dirs.h"

#include <algorithm>
#include <map>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DescribeLogDirsRequest;
using kafka::DescribeLogDirsResponse;

namespace {

/// What a broker calls its folder; it is none of this machine.
constexpr std::string_view log_dir = "/var/lib/kafka/data";

bool is_wanted(const DescribeLogDirsRequest& request, const TopicPartition& partition) {
  if (!request.topics) return true;
  return std::any_of(request.topics->begin(), request.topics->end(), [&](const auto& topic) {
    return topic.topic == partition.topic && std::find(topic.partitions.begin(), topic.partitions.end(),
                                                       partition.partition) != topic.partitions.end();
  });
}

}  // namespace

void handle_describe_log_dirs(const HandlerContext& context, const Request& request) {
  const auto asked = read_request<DescribeLogDirsRequest>(context.step, request);
  if (!asked) return;
  std::map<TopicPartition, const Partition*> partitions;
  for (const auto& [key, partition] : context.broker->replicas().partitions())
    if (is_wanted(*asked, partition.name())) partitions[partition.name()] = &partition;
  DescribeLogDirsResponse response;
  auto& folder = response.results.emplace_back();
  folder.log_dir = log_dir;
  for (const auto& [name, partition] : partitions) {
    if (folder.topics.empty() || folder.topics.back().name != name.topic)
      folder.topics.emplace_back().name = name.topic;
    auto& described = folder.topics.back().partitions.emplace_back();
    described.partition_index = name.partition;
    described.partition_size = static_cast<int64_t>(partition->log().size_bytes());
    described.offset_lag =
        std::max<int64_t>(0, partition->high_watermark() - partition->log().log_end_offset());
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab

#include "sim/tools/tool.h"

#include <algorithm>
#include <iterator>

#include "sim/base/assert.h"
#include "sim/tools/kafka_tools.h"

namespace brokerlab {

namespace {

struct Tool {
  ToolHelp help;
  MakeTool* make;
};

/// In the order of `names`.
constexpr Tool tools[] = {
    {{"show which API versions each broker offers", "각 브로커가 지원하는 API 버전 조회"},
     make_kafka_broker_api_versions},
    {{"show and change settings of topics and brokers while they run",
      "실행 중인 토픽과 브로커의 설정 조회와 변경"},
     make_kafka_configs},
    {{"print the records of a topic", "토픽의 레코드를 읽어 출력"}, make_kafka_console_consumer},
    {{"send each line of standard input as a record", "표준 입력의 각 줄을 레코드로 전송"},
     make_kafka_console_producer},
    {{"delete the oldest records of partitions, up to given offsets",
      "파티션의 오래된 레코드를 지정한 오프셋까지 삭제"},
     make_kafka_delete_records},
    {{"print what stands in the files of a log", "로그 파일의 내용 출력"}, make_kafka_dump_log},
    {{"elect preferred leaders, or leaders that were not in sync",
      "선호 복제본(preferred replica)을 리더로 선출하거나 ISR 밖의 복제본을 리더로 선출"},
     make_kafka_leader_election},
    {{"show the KRaft quorum: leader, voters, how far each has come",
      "KRaft 쿼럼 조회: 리더, 보터, 복제 진행 상태"},
     make_kafka_metadata_quorum},
    {{"move partitions to other brokers", "파티션을 다른 브로커로 이동(재할당)"},
     make_kafka_reassign_partitions},
    {{"create, list, describe, change and delete topics", "토픽 생성, 목록, 상세 조회, 변경, 삭제"},
     make_kafka_topics},
};
constexpr std::string_view names[] = {
    "kafka-broker-api-versions", "kafka-configs",  "kafka-console-consumer", "kafka-console-producer",
    "kafka-delete-records",      "kafka-dump-log", "kafka-leader-election",  "kafka-metadata-quorum",
    "kafka-reassign-partitions", "kafka-topics",
};
static_assert(std::size(tools) == std::size(names));

const Tool& tool_named(std::string_view name) {
  BROKERLAB_ASSERT_THAT(is_tool(name), std::string(name));
  return tools[std::find(std::begin(names), std::end(names), name) - std::begin(names)];
}

}  // namespace

std::span<const std::string_view> all_tools() { return names; }

bool is_tool(std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

ToolHelp tool_help(std::string_view name) { return tool_named(name).help; }

std::unique_ptr<Node> make_tool(const Boot& boot, std::string_view name,
                                const std::vector<std::string>& arguments,
                                const ToolEnvironment& environment) {
  return tool_named(name).make(boot, arguments, environment);
}

}  // namespace brokerlab

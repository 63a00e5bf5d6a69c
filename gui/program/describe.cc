#include "gui/program/describe.h"

#include <fmt/format.h>

#include "sim/shell/description.h"

namespace brokerlab {

void DescribeOptions::add_to(CLI::App& command, Language language) {
  command
      .add_option("--until", until,
                  Text{"Stop at this lab time (12.5s), whatever is under way",
                       "무엇이 진행 중이든 이 랩 시각(12.5s)에서 멈춥니다"}
                      .in(language))
      ->type_name("TIME");
  command.add_flag(
      "--describe", describes,
      Text{"Show the cluster there: nodes, quorum, partitions and their replicas, clients, faults",
           "멈춘 시점의 클러스터를 보여 줍니다: 노드, 쿼럼, 파티션과 레플리카, 클라이언트, 장애"}
          .in(language));
  command.add_flag("--json", as_json,
                   Text{"Print what --describe shows, or what a search found, as JSON",
                        "--describe나 탐색의 결과를 JSON으로 출력합니다"}
                       .in(language));
}

Result<std::optional<Instant>> DescribeOptions::instant(Language language) const {
  if (until.empty()) return std::optional<Instant>();
  const Result<Duration> duration = parse_duration(until, language);
  if (!duration.ok()) return duration.status();
  return std::optional<Instant>(Instant{} + *duration);
}

void DescribeOptions::print(const LabView& view, Language language) const {
  if (describes) fmt::print("{}", as_json ? describe_cluster_json(view) : describe_cluster(view, language));
}

}  // namespace brokerlab

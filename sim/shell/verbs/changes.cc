// changes: how leaders, in-sync sets, epochs, living brokers and the controller changed, in order.
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

Started start_changes(const Words& words, Job& job) {
  if (words.size() != 1) return refuse_usage(changes_verb(), words, job);
  job.print(describe(job.shell().take_changes()));
  return exit_status::success;
}

}  // namespace

const Verb& changes_verb() {
  static const Verb verb{"changes",
                         "changes",
                         {"list what changed in the cluster since it was asked last",
                          "마지막으로 조회한 뒤 클러스터에서 바뀐 것을 봅니다"},
                         {"Leaders, epochs and in-sync sets of partitions, brokers alive, the quorum's "
                          "leader, in their order;\nfrom the start of this shell on.",
                          "파티션 리더와 에포크, ISR, 살아 있는 브로커, 쿼럼 리더의 변화를 일어난 순서로 "
                          "보여 줍니다.\n셸을 시작한 뒤의 변화부터 셉니다."},
                         false,
                         start_changes};
  return verb;
}

}  // namespace brokerlab

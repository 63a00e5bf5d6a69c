#include "sim/base/bugs.h"

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

constexpr BugSpec specs[] = {
    {Bug::kip_101_hw_truncation, "kip-101-hw-truncation", "StrongIsr",
     "a follower cuts its log at its own high watermark, not where its leader's epochs end (before KIP-101)",
     "팔로워가 리더 에포크의 끝이 아니라 자신의 하이 워터마크에서 로그를 자릅니다 (KIP-101 이전)"},
    {Bug::kip_279_unknown_epoch, "kip-279-unknown-epoch", "LogMatching",
     "a leader that never knew the epoch of a follower's last record compares offsets only (before KIP-279)",
     "팔로워의 마지막 에포크를 모르는 리더가 오프셋만 비교합니다 (KIP-279 이전)"},
    {Bug::kip_320_unfenced_fetch, "kip-320-unfenced-fetch", "LogMatching",
     "a leader answers fetches without comparing epochs, neither the leader's nor the last record's (before "
     "KIP-320)",
     "리더가 에포크를 전혀 비교하지 않고 페치에 응답합니다 (KIP-320 이전)"},
    {Bug::no_eligible_replicas, "no-eligible-replicas", "LeaderCandidateCompleteness",
     "the controller knows no eligible leader replicas: who was last in sync leads again without the "
     "tail that a power loss took (before KIP-966)",
     "컨트롤러가 ELR을 모릅니다. ISR에 마지막으로 남은 레플리카가 정전으로 로그 끝부분을 잃고도 다시 리더가 "
     "됩니다 (KIP-966 이전)"},
    {Bug::no_pre_vote, "no-pre-vote", "PreVoteFirst",
     "a voter begins a new epoch without asking first whether it could win (before KIP-996)",
     "보터가 당선될 수 있는지 먼저 묻지 않고 새 에포크를 시작합니다 (KIP-996 이전)"},
    {Bug::unclean_without_asking, "unclean-without-asking", "UncleanElectionAllowed",
     "the controller elects anyone alive when all of ISR and ELR are dead, though neither a setting nor an "
     "administrator allows it",
     "ISR과 ELR이 모두 죽으면, 설정도 관리자도 허용하지 않았는데 컨트롤러가 살아 있는 아무 레플리카나 리더로 "
     "선출합니다"},
};

}  // namespace

std::span<const BugSpec> all_bugs() { return specs; }

const BugSpec& spec_of(Bug bug) {
  for (const BugSpec& spec : specs)
    if (spec.bug == bug) return spec;
  BROKERLAB_ASSERT(false);
}

const BugSpec* find_bug(std::string_view name) {
  for (const BugSpec& spec : specs)
    if (spec.name == name) return &spec;
  return nullptr;
}

}  // namespace brokerlab

#include <array>

#include "sim/observe/invariants.h"

namespace brokerlab {

namespace {

constexpr std::array descriptions = std::to_array<InvariantDescription>({
    // ---- the quorum ----
    {"ElectionSafety", "At most one leader of the quorum in an epoch", "한 에포크에 쿼럼 리더는 최대 하나"},
    {"LeaderAppendOnly", "A leader never cuts its own log", "리더는 자기 로그를 절대 잘라 내지 않는다"},
    {"MetadataLogMatching", "Metadata logs with the same entry at one offset are the same up to it",
     "같은 오프셋에 같은 엔트리가 있는 메타데이터 로그들은 그 앞까지 모두 같다"},
    {"LeaderCompleteness", "Who becomes the quorum's leader has every committed entry",
     "쿼럼 리더로 선출된 노드는 커밋된 엔트리를 모두 갖고 있다"},
    {"StateMachineSafety", "Nobody applies another entry at a committed offset, or cuts a committed one off",
     "커밋된 오프셋에 다른 엔트리를 적용하거나 커밋된 엔트리를 잘라 내는 노드는 없다"},
    {"MonotonicEpoch", "Epochs of the quorum, leaders, partitions and brokers never go back",
     "쿼럼, 리더, 파티션, 브로커의 에포크는 뒤로 가지 않는다"},
    {"MonotonicHighWatermark",
     "Within an epoch a leader's high watermark never goes back, and what is below it never changes",
     "한 에포크 안에서 리더의 하이 워터마크는 뒤로 가지 않고, 그 아래의 데이터는 바뀌지 않는다"},
    {"MajorityReachedHighWatermark", "A majority of the voters has flushed what the quorum's leader commits",
     "쿼럼 리더가 커밋한 내용은 보터 과반수가 디스크에 플러시했다"},
    {"OneVotePerEpoch", "A voter votes for one candidate in an epoch",
     "보터는 한 에포크에 한 후보에게만 투표한다"},
    {"PreVoteFirst", "A voter begins an epoch only when a majority has said that it would vote for it",
     "보터는 과반수의 사전 투표를 받은 뒤에만 새 에포크를 시작한다"},
    {"NotStuckInProspective", "Once healed, no voter keeps asking for votes",
     "장애가 복구되면 어떤 보터도 prospective나 candidate 상태에 머물지 않는다"},
    // ---- partitions ----
    {"LogMatching", "Logs of a partition with the same batch at one offset are the same up to it",
     "같은 오프셋에 같은 배치가 있는 파티션 로그들은 그 앞까지 모두 같다"},
    {"OneLeaderPerEpoch", "At most one broker leads a partition in a leader epoch",
     "한 리더 에포크에 파티션을 이끄는 브로커는 최대 하나"},
    {"LeaderInIsr", "A partition's leader is in its in-sync set", "파티션의 리더는 ISR에 속한다"},
    {"IsrInReplicas", "The in-sync set is a subset of the replicas", "ISR은 레플리카 목록의 부분 집합이다"},
    {"ElrDisjointFromIsr", "No eligible leader replica (KIP-966) is in the in-sync set",
     "ELR(KIP-966)과 ISR은 겹치지 않는다"},
    {"ElrInReplicas", "The eligible leader replicas are a subset of the replicas",
     "ELR은 레플리카 목록의 부분 집합이다"},
    {"ElrCompleteness", "An eligible leader replica has every committed record",
     "ELR에 속한 레플리카는 커밋된 레코드를 모두 갖고 있다"},
    {"WeakIsr", "Whoever a leader counts as in sync has all that is below its high watermark",
     "리더가 ISR로 보는 레플리카는 리더의 하이 워터마크 아래를 모두 갖고 있다"},
    {"StrongIsr", "Whoever the metadata counts as in sync has every committed record, and keeps it",
     "메타데이터의 ISR에 속한 레플리카는 커밋된 레코드를 모두 갖고 있고 잃지 않는다"},
    {"ReplicationQuorumSuperset", "A leader waits for everybody whom the metadata counts as in sync",
     "리더는 메타데이터의 ISR에 속한 레플리카를 모두 기다린다"},
    {"LeaderCandidateCompleteness", "Who is elected leader of a partition has every committed record",
     "파티션 리더로 선출된 브로커는 커밋된 레코드를 모두 갖고 있다"},
    {"NoCommittedRecordLostGlobally", "A committed record stays on some replica until it is deleted by rule",
     "커밋된 레코드는 보존 규칙에 따라 삭제될 때까지 적어도 한 레플리카에 남아 있다"},
    {"ConsistentRead", "A consumer never reads at or behind the high watermark",
     "컨슈머는 하이 워터마크 이후의 레코드를 읽지 않는다"},
    {"ContiguousOffsets", "A log grows without gaps and overlaps",
     "로그의 오프셋은 빈틈도 겹침도 없이 늘어난다"},
    {"OffsetBounds", "Log start <= high watermark <= log end",
     "로그 시작 오프셋 <= 하이 워터마크 <= 로그 끝 오프셋"},
    {"AcknowledgedIsCommitted", "What is acknowledged with acks=all is below the high watermark",
     "acks=all로 응답한 레코드는 하이 워터마크 아래에 있다"},
    {"FencedLeaderDoesNotAcknowledge", "A broker that knows of another leader acknowledges nothing",
     "다른 리더가 있음을 아는 브로커는 쓰기에 성공 응답을 하지 않는다"},
    {"LogSurvivesRestart", "A log begins with what it ended with, unless a fault took it",
     "장애가 데이터를 없애지 않았다면 로그는 재시작 전과 같은 곳에서 끝난다"},
    {"FlushedSurvivesPowerLoss", "What was flushed is there after a power loss",
     "플러시한 데이터는 정전 뒤에도 남아 있다"},
    // ---- producers ----
    {"NoDuplicateSequence", "A leader appends no sequence number of a producer twice",
     "리더는 한 프로듀서의 시퀀스 번호를 두 번 추가하지 않는다"},
    {"NoSequenceGap", "A leader appends a producer's sequence numbers without gaps",
     "리더는 프로듀서의 시퀀스 번호를 건너뛰지 않고 추가한다"},
    {"ProducerEpochFenced", "After a newer producer epoch nothing of an older one is appended",
     "새 프로듀서 에포크 뒤에는 이전 에포크의 배치를 추가하지 않는다"},
    // ---- Jepsen's anomalies ----
    {"lost-write", "A record acknowledged with acks=all is passed by consumers and never seen",
     "acks=all로 응답받은 레코드를 컨슈머가 보지 못한 채 지나갔다"},
    {"duplicate", "A record of an idempotent producer is at two offsets",
     "멱등 프로듀서의 레코드 하나가 두 오프셋에 있다"},
    {"inconsistent-offsets", "One offset, two records", "한 오프셋에서 서로 다른 레코드를 보았다"},
    {"poll-skip", "A consumer skips offsets between two polls",
     "컨슈머가 두 poll 사이에서 오프셋을 건너뛴다"},
    {"nonmonotonic-poll", "A consumer goes back between two polls", "컨슈머가 두 poll 사이에서 뒤로 간다"},
    {"int-poll-skip", "A consumer skips offsets within a poll", "한 poll 안에서 오프셋을 건너뛴다"},
    {"int-nonmonotonic-poll", "A consumer goes back within a poll", "한 poll 안에서 뒤로 간다"},
    {"nonmonotonic-send", "An idempotent producer's later record is at an earlier offset",
     "멱등 프로듀서가 나중에 보낸 레코드가 더 앞 오프셋에 있다"},
    {"unseen", "Once healed and quiet, a record acknowledged with acks=all is still not read by a consumer",
     "장애가 복구되고 조용해진 뒤에도 acks=all로 응답받은 레코드를 컨슈머가 읽지 못했다"},
    // ---- liveness, once healed and quiet ----
    {"LeadersElected", "The quorum and every partition have a leader", "쿼럼과 모든 파티션에 리더가 있다"},
    {"ReplicasInSync", "Every replica is in sync and has the whole log",
     "모든 레플리카가 ISR에 있고 로그 끝까지 갖고 있다"},
    {"BrokersUnfenced", "Every running broker is unfenced", "실행 중인 모든 브로커는 펜싱되지 않았다"},
    {"MetadataConverges", "Everybody has the newest metadata, and follows the same leader of the quorum",
     "모두가 최신 메타데이터를 갖고 같은 쿼럼 리더를 따른다"},
    {"WritesAnswered", "Every record that a producer took has an answer",
     "프로듀서가 받은 모든 레코드가 응답을 받았다"},
});

}  // namespace

std::span<const InvariantDescription> invariant_list() { return descriptions; }

}  // namespace brokerlab

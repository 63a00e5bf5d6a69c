// How each event changes the model, and what it must not do. Each function looks only at what its event touched.
#pragma once

#include "sim/base/event.h"
#include "sim/observe/invariants/cluster_model.h"

namespace brokerlab {

// ---- nodes and disks (log_folds.cc) -------------------------------------------------------------------------
void fold(ClusterModel& model, const Event& event, const event::NodeStarted& started);
void fold(ClusterModel& model, const Event& event, const event::NodeStopped& stopped);
void fold(ClusterModel& model, const Event& event, const event::NodePaused& paused);
void fold(ClusterModel& model, const Event& event, const event::NodeResumed& resumed);
void fold(ClusterModel& model, const Event& event, const event::DiskDamaged& damaged);

// ---- logs (log_folds.cc) ------------------------------------------------------------------------------------
void fold(ClusterModel& model, const Event& event, const event::LogLoaded& loaded);
void fold(ClusterModel& model, const Event& event, const event::LogRemoved& removed);
void fold(ClusterModel& model, const Event& event, const event::LogAppended& appended);
void fold(ClusterModel& model, const Event& event, const event::LogTruncated& truncated);
void fold(ClusterModel& model, const Event& event, const event::LogFlushed& flushed);
void fold(ClusterModel& model, const Event& event, const event::LogStartMoved& moved);
void fold(ClusterModel& model, const Event& event, const event::SnapshotsChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::LogCompacted& compacted);

// ---- what is committed (commit_folds.cc) --------------------------------------------------------------------
void fold(ClusterModel& model, const Event& event, const event::HighWatermarkAdvanced& advanced);
void fold(ClusterModel& model, const Event& event, const event::Acknowledged& acknowledged);
void fold(ClusterModel& model, const Event& event, const event::RecordsFetched& fetched);

// ---- registrations (registration_folds.cc) ------------------------------------------------------------------
void fold(ClusterModel& model, const Event& event, const event::PartitionChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::IsrProposed& proposed);
void fold(ClusterModel& model, const Event& event, const event::IsrAccepted& accepted);
void fold(ClusterModel& model, const Event& event, const event::BrokerStateChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::TopicChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::ConfigChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::ElectionAsked& asked);

// ---- the quorum (registration_folds.cc) ---------------------------------------------------------------------
void fold(ClusterModel& model, const Event& event, const event::QuorumRoleChanged& changed);
void fold(ClusterModel& model, const Event& event, const event::VoteReceived& vote);

/// Only one may lead in an epoch: of the quorum (ElectionSafety), of a partition (OneLeaderPerEpoch).
void note_leader(ClusterModel& model, PartitionModel& partition, const Event& event, int32_t epoch,
                 int32_t leader);
/// Judges the loss of committed entries, with an unclean election or (null) without one; after that they count as
/// committed no more. `before`: how the text begins.
void judge_loss(ClusterModel& model, PartitionModel& partition, const Event& event,
                std::string_view invariant, const std::vector<CommittedEntry>& lost,
                const UncleanElection* election, const std::string& before);
/// What the log of a leader from outside ISR and ELR lacks is given up: now, or once it has a log.
void lead_uncleanly(ClusterModel& model, PartitionModel& partition, const UncleanElection& election,
                    const Event& event);
/// The quorum lost what it had committed from this offset on: the registrations that stood there are undone, and with them
/// the knowledge of who holds what was committed since. `kind`: the excuse.
void undo_registrations(ClusterModel& model, int64_t from_offset, const std::string& kind, Instant at);
/// What must have come true once nothing disturbs the cluster any more (liveness.cc). `last` is the newest event.
void check_liveness(ClusterModel& model, const Event& last);

}  // namespace brokerlab

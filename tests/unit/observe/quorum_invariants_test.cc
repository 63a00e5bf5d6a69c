// Each invariant of the metadata quorum: a history that keeps it, and one that breaks exactly it.
#include <doctest/doctest.h>

#include "tests/unit/observe/history.h"

namespace brokerlab {

namespace {

/// Leader 1 of epoch 1 has committed [0, 5) on all three.
History with_leader() {
  History history;
  for (int32_t voter = 1; voter <= 3; ++voter) history.join_quorum(voter);
  history.elect(1, 1);
  history.append_metadata(1, 0, 4, 1, true);
  history.append_metadata(2, 0, 4, 1);
  history.append_metadata(3, 0, 4, 1);
  history.metadata_high_watermark(1, 5, 1, true);
  history.metadata_high_watermark(2, 5, 1, false);
  return history;
}

TEST_CASE("A quorum that elects, commits, loses its leader and elects again breaks nothing") {
  History history = with_leader();
  history.append_metadata(1, 5, 6, 1, true);  // never replicated
  history.kill(1);
  history.role(2, "prospective", 1, 1);
  history.elect(2, 2);
  history.append_metadata(2, 5, 5, 2, true);
  history.append_metadata(3, 5, 5, 2);
  history.metadata_high_watermark(2, 6, 2, true);
  history.say(History::node(1), event::NodeStarted{2});
  history.say(History::node(1), event::LogLoaded{History::metadata, 1, metadata_topic_id, 0, 7, 1, 0});
  history.role(1, "follower", 2, 2);
  history.say(History::node(1), event::LogTruncated{History::metadata, 1, 5, 7, 2});
  history.append_metadata(1, 5, 5, 2);
  history.metadata_high_watermark(1, 6, 2, false);
  history.invariants.finish(true);
  CHECK(history.broken() == "none");
}

TEST_CASE("ElectionSafety: two leaders in one epoch") {
  History history = with_leader();
  history.role(2, "leader", 1, 2, 1);
  CHECK(history.broken() == "ElectionSafety");
}

TEST_CASE("OneVotePerEpoch: a voter that votes twice, and its excuse") {
  History history = with_leader();
  history.role(3, "voted", 2, -1, 1);
  SUBCASE("it should have remembered") {
    history.role(3, "voted", 2, -1, 2);
    CHECK(history.broken() == "OneVotePerEpoch");
  }
  SUBCASE("its disk was wiped: it forgets once") {
    history.wipe_voter(3);
    history.role(3, "unattached", 0);
    history.role(3, "voted", 2, -1, 2);
    CHECK(history.broken() == "none");
    CHECK(history.excused("a voter forgot its epoch to a fault") == 1);
    CHECK(history.excused("a voter forgot its vote to a fault") == 1);
    history.role(3, "voted", 2, -1, 1);
    CHECK(history.broken() == "OneVotePerEpoch");
  }
  SUBCASE("a power loss takes what was not flushed, and votes are") {
    history.append_metadata(3, 5, 5, 1, false, false);
    history.kill(3);
    history.damage(3, "power-loss", "__cluster_metadata-0");
    history.start_voter(3, 5);
    history.role(3, "voted", 2, -1, 2);
    CHECK(history.broken() == "OneVotePerEpoch");
  }
}

TEST_CASE("MonotonicEpoch: a voter goes back to an older epoch") {
  History history = with_leader();
  history.role(3, "unattached", 0);
  CHECK(history.broken() == "MonotonicEpoch");
}

TEST_CASE("LeaderCompleteness: a leader without a committed entry") {
  History history = with_leader();
  history.append_metadata(1, 5, 5, 1, true);
  history.append_metadata(2, 5, 5, 1);
  history.metadata_high_watermark(1, 6, 1, true);
  SUBCASE("that has it") {
    history.elect(2, 2);
    CHECK(history.broken() == "none");
  }
  SUBCASE("that has not") {
    history.elect(3, 2);
    CHECK(history.broken() == "LeaderCompleteness");
  }
  SUBCASE("and a wiped disk made a majority without it possible") {
    history.wipe_voter(2);
    history.elect(3, 2);
    CHECK(history.broken() == "none");
    CHECK(history.excused("too few copies after wipe-disk") == 1);
  }
}

TEST_CASE(
    "Registrations that the quorum lost with its log are undone: nobody knows who holds what was committed "
    "since") {
  History history;
  history.create();
  history.elect(3, 1);
  history.commit(1, 0, 4);
  history.append_metadata(3, 0, 0, 1, true);
  history.registered(1, 0, {1, 2});  // decided by that entry
  history.append_metadata(1, 0, 0, 1);
  history.metadata_high_watermark(3, 1, 1, true);
  history.commit(1, 5, 9, 0, {1, 2});
  SUBCASE("a wiped disk made a majority without it possible") {
    history.wipe_voter(1);
    history.elect(2, 2);
    history.forget_decision();
    history.registered(1, 1, {1, 2, 3});
    CHECK(history.broken() == "none");
    CHECK(history.excused("who holds it was forgotten with the metadata: too few copies after wipe-disk") ==
          5);
  }
  SUBCASE("no fault took it") {
    history.elect(1, 2);
    history.registered(1, 1, {1, 2, 3});
    CHECK(history.broken() == "StrongIsr");
  }
}

TEST_CASE("LeaderCompleteness is about later leaders: who counts its votes late lacks what came after them") {
  History history = with_leader();
  history.append_metadata(1, 5, 5, 1, true);
  history.role(2, "voted", 2, -1, 3);  // 3 is slow
  history.role(2, "voted", 3, -1, 1);
  history.role(1, "leader", 3, 1, 1);
  history.append_metadata(1, 6, 6, 3, true);
  history.append_metadata(2, 5, 5, 1);
  history.append_metadata(2, 6, 6, 3);
  history.metadata_high_watermark(1, 7, 3, true);
  SUBCASE("it leads in an epoch before that") {
    history.role(3, "leader", 2, 3, 3);
    CHECK(history.broken() == "none");
  }
  SUBCASE("it leads in an epoch after that") {
    history.role(3, "leader", 4, 3, 3);
    CHECK(history.broken() == "LeaderCompleteness");
  }
}

TEST_CASE("MetadataLogMatching: another entry at the same offset in the same epoch") {
  History history = with_leader();
  history.append_metadata(1, 5, 5, 1, true);
  event::LogAppended other = history.batch(2, 5, 5, 1, false);
  other.partition = History::metadata;
  other.crc = 1;
  history.say(History::node(2), other);
  CHECK(history.broken() == "MetadataLogMatching");
}

TEST_CASE("StateMachineSafety: another entry is taken for committed, or a committed one is cut off") {
  History history = with_leader();
  SUBCASE("cut off") {
    history.say(History::node(3), event::LogTruncated{History::metadata, 3, 0, 5, 1});
    CHECK(history.broken() == "StateMachineSafety");
  }
  SUBCASE("taken for committed") {
    history.append_metadata(1, 5, 5, 1, true);
    history.append_metadata(2, 5, 5, 1);
    history.append_metadata(3, 5, 5, 0);
    history.metadata_high_watermark(1, 6, 1, true);
    history.metadata_high_watermark(3, 6, 1, false);
    CHECK(history.broken() == "MonotonicEpoch, StateMachineSafety");  // such an entry cannot come honestly
  }
  SUBCASE("two brokers have different registrations of one partition epoch") {
    history.registered(1, 0, {1, 2, 3});
    history.apply(2, 1, 0, {1, 2});
    CHECK(history.broken() == "StateMachineSafety");
  }
}

TEST_CASE("MajorityReachedHighWatermark: committed before a majority has flushed it") {
  History history = with_leader();
  history.append_metadata(1, 5, 5, 1, true);
  SUBCASE("nobody else has it") {
    history.metadata_high_watermark(1, 6, 1, true);
    CHECK(history.broken() == "MajorityReachedHighWatermark");
  }
  SUBCASE("another one has it, and not on its disk") {
    history.append_metadata(2, 5, 5, 1, false, false);
    history.metadata_high_watermark(1, 6, 1, true);
    CHECK(history.broken() == "MajorityReachedHighWatermark");
  }
  SUBCASE("another one had it, and a power loss took it") {
    history.append_metadata(2, 5, 5, 1, false, false);
    history.kill(2);
    history.damage(2, "power-loss", "__cluster_metadata-0");
    history.start_voter(2, 5);
    history.metadata_high_watermark(1, 6, 1, true);
    CHECK(history.broken() == "MajorityReachedHighWatermark");
  }
  SUBCASE("another one had it on its disk, which was wiped") {
    history.append_metadata(2, 5, 5, 1);
    history.wipe_voter(2);
    history.metadata_high_watermark(1, 6, 1, true);
    CHECK(history.broken() == "none");
  }
  SUBCASE("another one has it") {
    history.append_metadata(2, 5, 5, 1);
    history.metadata_high_watermark(1, 6, 1, true);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("PreVoteFirst: an epoch that nobody was asked about") {
  History history = with_leader();
  history.role(3, "prospective", 1);
  SUBCASE("a majority would vote for it") {
    history.say(history.node(3),
                event::VoteReceived{.replica = 3, .voter = 2, .epoch = 1, .granted = true, .pre_vote = true});
    history.role(3, "candidate", 2);
    CHECK(history.broken() == "none");
  }
  SUBCASE("the others say no") {
    history.say(
        history.node(3),
        event::VoteReceived{.replica = 3, .voter = 2, .epoch = 1, .granted = false, .pre_vote = true});
    history.role(3, "candidate", 2);
    CHECK(history.broken() == "PreVoteFirst");
  }
  SUBCASE("it does not ask") {
    history.role(3, "candidate", 2);
    CHECK(history.broken() == "PreVoteFirst");
  }
}

TEST_CASE("SnapshotAtLogStart and SnapshotIsCommitted: what a log may forget") {
  History history = with_leader();
  event::SnapshotsChanged made{History::metadata, 1, 0, 0, 4, 1, 2};
  history.say(History::node(1), made);
  CHECK(history.broken() == "none");
  SUBCASE("it begins where its snapshot ends") {
    history.say(History::node(1), event::SnapshotsChanged{History::metadata, 1, 4, 4, 4, 1, 1});
    CHECK(history.broken() == "none");
  }
  SUBCASE("it begins later") {
    history.say(History::node(1), event::SnapshotsChanged{History::metadata, 1, 5, 4, 4, 1, 1});
    CHECK(history.broken() == "SnapshotAtLogStart");
  }
  SUBCASE("it has none") {
    history.say(History::node(1), event::SnapshotsChanged{History::metadata, 1, 5, -1, -1, -1, 0});
    CHECK(history.broken() == "SnapshotAtLogStart");
  }
  SUBCASE("it takes one of what may still be lost") {
    history.append_metadata(1, 5, 6, 1, true);
    history.say(History::node(1), event::SnapshotsChanged{History::metadata, 1, 0, 0, 7, 1, 3});
    CHECK(history.broken() == "SnapshotIsCommitted");
  }
}

TEST_CASE("NotStuckInProspective and a quorum without a leader: at the end") {
  History history = with_leader();
  SUBCASE("one keeps asking") {
    history.role(3, "prospective", 1);
    history.invariants.finish(true);
    CHECK(history.broken() == "NotStuckInProspective, MetadataConverges");
  }
  SUBCASE("the leader is gone") {
    history.kill(1);
    history.invariants.finish(true);
    CHECK(history.broken() == "LeadersElected");
  }
}

}  // namespace

}  // namespace brokerlab

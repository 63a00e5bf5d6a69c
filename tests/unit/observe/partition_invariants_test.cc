// Each invariant of logs, partitions and producers: a history that keeps it, and one that breaks exactly it.
#include <doctest/doctest.h>

#include "tests/unit/observe/history.h"

namespace brokerlab {

namespace {

TEST_CASE("A partition that replicates, shrinks, fails over and grows again breaks nothing") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  history.acknowledge(1, 0, 4);
  history.registered(1, 0, {1, 2});  // 3 lags
  history.commit(1, 5, 9, 0, {1, 2});
  history.acknowledge(1, 5, 9);
  history.append(1, 10, 11);  // nobody has copied it when 1 dies
  history.acknowledge(1, 10, 11, 1);
  history.kill(1);
  history.registered(2, 1, {2});
  history.commit(2, 10, 10, 1, {2});
  history.copy(3, 5, 9);
  history.copy(3, 10, 10, 1);
  history.registered(2, 1, {2, 3});
  history.start(1, 12);
  history.truncate(1, 12, 10);
  history.copy(1, 10, 10, 1);
  history.registered(2, 1, {1, 2, 3});
  history.invariants.finish(true);
  CHECK(history.broken() == "none");
  CHECK(history.excused("acknowledged with acks=1 and not replicated") == 2);
}

TEST_CASE("LogMatching: another batch at the same offset in the same epoch") {
  History history;
  history.create();
  history.append(1, 0, 4);
  event::LogAppended other = history.batch(2, 0, 4, 0, false);
  other.crc = 1;
  history.say(History::node(2), other);
  CHECK(history.broken() == "LogMatching");
}

TEST_CASE("LogMatching: the same batch behind different ones (KIP-101's divergence)") {
  History history;
  history.create();
  history.append(1, 0, 0, 0);
  history.copy(2, 0, 0, 0);
  history.append(1, 1, 1, 0);
  history.registered(2, 1, {2, 3});
  history.append(2, 1, 1, 1);
  history.append(2, 2, 2, 1);
  SUBCASE("which are there") {
    history.copy(1, 2, 2, 1);  // it has not cut off what it had at 1
    CHECK(history.broken() == "LogMatching");
  }
  SUBCASE("which the leader has deleted") {
    history.copy(3, 0, 0, 0);
    history.copy(3, 1, 1, 1);
    history.high_watermark(2, 2, 1);
    history.say(History::node(2), event::LogStartMoved{History::orders, 2, 0, 2, "segment deletion"});
    history.copy(1, 2, 2, 1);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("LeaderAppendOnly: a leader cuts its log") {
  History history;
  history.create();
  history.append(1, 0, 4);
  history.truncate(1, 5, 0);
  CHECK(history.broken() == "LeaderAppendOnly");
}

TEST_CASE("OneLeaderPerEpoch: two brokers append as leaders of one epoch") {
  History history;
  history.create();
  history.append(1, 0, 4);
  history.append(2, 0, 4);
  CHECK(history.broken() == "OneLeaderPerEpoch");
}

TEST_CASE("LeaderInIsr and IsrInReplicas: a registration that cannot be") {
  History history;
  history.create();
  history.decide(1, 1, {2, 3});
  CHECK(history.broken() == "LeaderInIsr");
  history.decide(1, 1, {1, 4});
  CHECK(history.broken() == "LeaderInIsr, IsrInReplicas");
}

TEST_CASE("Eligible leader replicas: apart from the in-sync set, among the replicas, and complete") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.commit(1, 0, 4, 0, {1, 2});
  SUBCASE("one that left the in-sync set and has all") {
    history.eligible = {2};
    history.registered(1, 0, {1});
    CHECK(history.broken() == "none");
  }
  SUBCASE("one that is in sync too") {
    history.eligible = {2};
    history.registered(1, 0, {1, 2});
    CHECK(history.broken() == "ElrDisjointFromIsr");
  }
  SUBCASE("one that is no replica") {
    history.eligible = {4};
    history.registered(1, 0, {1});
    CHECK(history.broken() == "ElrInReplicas");
  }
  SUBCASE("one that the controller has dropped by the time that its leader hears of the new in-sync set") {
    history.eligible = {2};
    history.registered(1, 0, {1});
    history.eligible = {};
    history.decide(1, 0, {1, 3});
    history.copy(3, 0, 4);
    history.accept(1, 0, {1, 3});
    history.commit(1, 5, 9, 0, {1, 3});
    history.decide(1, 0, {1, 3});
    history.accept(1, 0, {1, 3});
    CHECK(history.broken() == "none");
  }
  SUBCASE("one that lacks records") {
    history.eligible = {3};
    history.registered(1, 0, {1, 2});
    CHECK(history.broken() == "ElrCompleteness");
  }
}

TEST_CASE("MonotonicEpoch: a log, a broker's view and the controller go back") {
  SUBCASE("a batch of an older epoch behind a newer one") {
    History history;
    history.create();
    history.copy(2, 0, 0, 3);
    history.copy(2, 1, 1, 2);
    CHECK(history.broken() == "MonotonicEpoch");
  }
  SUBCASE("a controller decides the same partition epoch twice") {
    History history;
    history.create();
    history.elect(3, 1);
    history.decide(2, 1, {2, 3});
    event::PartitionChanged changed;
    changed.partition = History::orders;
    changed.decided = true;
    changed.leader = 3;
    changed.leader_epoch = 1;
    changed.partition_epoch = 1;
    changed.replicas = {1, 2, 3};
    changed.isr = {3};
    changed.topic_id = History::topic_id;
    history.say(History::node(3), changed);
    CHECK(history.broken() == "MonotonicEpoch");
  }
  SUBCASE("a broker registers with an older broker epoch") {
    History history;
    history.create();
    history.elect(3, 1);
    history.say(History::node(3), event::BrokerStateChanged{1, "registered", 20, ""});
    history.say(History::node(3), event::BrokerStateChanged{1, "registered", 10, ""});
    CHECK(history.broken() == "MonotonicEpoch");
  }
  SUBCASE("a broker whose registration is repeated keeps its epoch, a new incarnation does not") {
    History history;
    history.create();
    history.elect(3, 1);
    history.say(History::node(3), event::BrokerStateChanged{1, "registered", 20, "registered"});
    history.say(History::node(3), event::BrokerStateChanged{1, "registered", 20, "registered again"});
    CHECK(history.broken() == "none");
    history.say(History::node(3), event::BrokerStateChanged{1, "registered", 20, "registered"});
    CHECK(history.broken() == "MonotonicEpoch");
  }
  SUBCASE("a broker's epochs are committed by two controllers, and go back") {
    History history;
    history.create();
    history.elect(3, 1);
    history.decide_metadata(3, 0, 1, event::BrokerStateChanged{1, "registered", 20, "registered"});
    history.commit_metadata(3, 0, 1);
    history.elect(2, 2);
    history.decide_metadata(2, 1, 2, event::BrokerStateChanged{1, "registered", 10, "registered"});
    CHECK(history.broken() == "none");
    history.commit_metadata(2, 1, 2);
    CHECK(history.broken() == "MonotonicEpoch");
  }
}

TEST_CASE("WeakIsr: a high watermark behind the end of a replica that its leader waits for") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.append(1, 0, 4);
  history.copy(2, 0, 4);
  history.apply(1, 1, 0, {1, 2});
  history.high_watermark(1, 5);
  CHECK(history.broken() == "none");
  history.append(1, 5, 9);
  history.high_watermark(1, 10);
  CHECK(history.broken() == "WeakIsr, StrongIsr");
}

TEST_CASE("StrongIsr: a member that cuts off what is committed") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  SUBCASE("KIP-101: it goes back to its own high watermark after a restart") {
    history.truncate(2, 5, 0);
    CHECK(history.broken() == "StrongIsr");
  }
  SUBCASE("a flipped bit has moved the offset to cut at") {
    history.damage(2, "bit-flip");
    history.truncate(2, 5, 0);
    history.registered(1, 0, {1, 2, 3});
    CHECK(history.broken() == "none");
    CHECK(history.excused("a flipped bit moved a batch's offset") == 1);
    history.copy(2, 0, 4);
    history.truncate(3, 5, 0);
    CHECK(history.broken() == "StrongIsr");
  }
}

TEST_CASE("StrongIsr: the metadata takes in who has not caught up") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.commit(1, 0, 4, 0, {1, 2});
  CHECK(history.broken() == "none");
  history.registered(1, 0, {1, 2, 3});
  CHECK(history.broken() == "StrongIsr");
}

TEST_CASE("ReplicationQuorumSuperset: a member that its leader does not wait for") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  SUBCASE("it was proposed") {
    history.say(History::node(1), event::IsrProposed{History::orders, 1, {1, 2, 3}, "expand"});
    history.decide(1, 0, {1, 2, 3});
    history.apply(2, 1, 0, {1, 2, 3});
    CHECK(history.broken() == "none");
  }
  SUBCASE("nobody asked for it") {
    history.decide(1, 0, {1, 2, 3});
    history.apply(2, 1, 0, {1, 2, 3});
    CHECK(history.broken() == "ReplicationQuorumSuperset");
  }
}

TEST_CASE("LeaderCandidateCompleteness, then NoCommittedRecordLostGlobally: KIP-101's loss, step by step") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.commit(1, 0, 4, 0, {1, 2});
  history.acknowledge(1, 0, 4);
  history.kill(2);
  history.start(2, 5);
  history.truncate(2, 5, 0);
  CHECK(history.broken() == "StrongIsr");
  history.kill(1);
  history.registered(2, 1, {2});
  CHECK(history.broken() == "StrongIsr, LeaderCandidateCompleteness");
  history.start(1, 5);
  history.truncate(1, 5, 0);
  CHECK(history.broken() == "StrongIsr, LeaderCandidateCompleteness, NoCommittedRecordLostGlobally");
}

TEST_CASE(
    "A move is taken back when only its new replica is eligible: whoever is first of the others has to do") {
  History history;
  history.assigned = {3, 1};
  history.create();
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.last_known = {1};
  history.registered(-1, 1, {});
  history.last_known = {};
  SUBCASE("unclean elections are allowed") {
    history.become_controller(true);
    history.registered(-1, 2, {3}, "reassigned");
    CHECK(history.broken() == "none");
    CHECK(history.excused("unclean election") == 5);
  }
  SUBCASE("they are not") {
    history.become_controller(false);
    history.registered(-1, 2, {3}, "reassigned");
    CHECK(history.broken() == "UncleanElectionAllowed, LeaderCandidateCompleteness");
  }
}

TEST_CASE("An unclean election excuses what it loses") {
  History history;
  history.create();
  history.become_controller(true);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.acknowledge(1, 0, 4);
  history.kill(1);
  history.registered(-1, 1, {1});
  history.registered(2, 2, {2}, "unclean");
  history.append(2, 0, 1, 2);
  history.start(1, 5);
  history.truncate(1, 5, 0);
  history.copy(1, 0, 1, 2);
  CHECK(history.broken() == "none");
  CHECK(history.excused("unclean election") == 5);
}

TEST_CASE(
    "An unclean election excuses what its leader lacks, though another one leads when brokers hear of it") {
  History history;
  history.create();
  history.become_controller(true);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.acknowledge(1, 0, 4);
  history.kill(1);
  SUBCASE("it was fenced at once") {
    history.decide(3, 1, {3}, "unclean");
    history.eligible = {3};
    history.registered(-1, 2, {}, "broker_fenced");
    CHECK(history.broken() == "none");
    CHECK(history.excused("unclean election") == 5);
  }
  SUBCASE("it was never committed: another controller decides without it") {
    history.decide(3, 1, {3}, "unclean");
    history.forget_decision();
    history.registered(-1, 1, {1}, "broker_fenced");
    history.become_controller(false);
    history.registered(3, 2, {3}, "");
    CHECK(history.broken() == "UncleanElectionAllowed, LeaderCandidateCompleteness");
  }
}

TEST_CASE("An unclean election excuses what a new replica lacks, which has no log yet when it is elected") {
  History history;
  history.create();
  history.become_controller(true);
  history.assigned = {4, 1};
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.registered(4, 1, {4}, "unclean");
  history.last_known = {4};
  history.registered(-1, 2, {}, "broker_fenced");
  history.load(4, 0);
  history.last_known = {};
  history.registered(4, 3, {4}, "last_known_leader");
  CHECK(history.broken() == "none");
  CHECK(history.excused("unclean election") == 5);
}

TEST_CASE("What a leader commits that has not heard of an unclean election is lost with it, and counted") {
  History history;
  history.create();
  history.become_controller(true);
  history.registered(1, 0, {1});
  const auto go_on = [&] {
    history.commit(1, 0, 4, 0, {1});
    history.acknowledge(1, 0, 4);
    history.say(History::node(1), event::RecordsFetched{History::orders, 1, 0, 5, 5, 0});
    history.apply(1, 2, 1, {2});
    history.truncate(1, 5, 0);
  };
  SUBCASE("unclean") {
    history.decide(2, 1, {2}, "unclean");
    history.apply(2, 2, 1, {2});
    go_on();
    CHECK(history.broken() == "none");
    CHECK(history.excused("committed by a leader that an unclean election had deposed") == 5);
  }
  SUBCASE("clean: it could not have gone on without the others") {
    history.eligible = {2};
    history.registered(1, 0, {1});
    history.eligible = {};
    history.decide(2, 1, {2});
    history.apply(2, 2, 1, {2});
    go_on();
    CHECK(history.broken() == "StrongIsr, NoCommittedRecordLostGlobally");
    CHECK(history.invariants.excuses().empty());
  }
}

TEST_CASE("UncleanElectionAllowed: who was in neither ISR nor ELR leads only where somebody allows it") {
  History history;
  history.create();
  history.become_controller(false);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.kill(1);
  history.registered(-1, 1, {});
  const auto elect = [&](std::string reason, EventRef cause = {}) {
    history.decide(2, 2, {2}, std::move(reason), cause);
    history.apply(2, 2, 2, {2});
    return history.broken();
  };
  const std::string not_allowed = "UncleanElectionAllowed, LeaderCandidateCompleteness";
  SUBCASE("nobody does, and the loss has no excuse") {
    CHECK(elect("unclean") == not_allowed);
    CHECK(history.invariants.excuses().empty());
  }
  SUBCASE("whatever the controller calls it") { CHECK(elect("broker_unfenced") == not_allowed); }
  SUBCASE("it does not matter when it is never committed") {
    history.decide(2, 2, {2}, "unclean");
    CHECK(history.broken() == "none");
  }
  SUBCASE("the topic's setting does") {
    history.configure("topic", "orders", "true");
    CHECK(elect("unclean") == "none");
    CHECK(history.excused("unclean election") == 5);
  }
  SUBCASE("another topic's does not") {
    history.configure("topic", "payments", "true");
    CHECK(elect("unclean") == not_allowed);
  }
  SUBCASE("the cluster's does") {
    history.configure("broker", "", "true");
    CHECK(elect("unclean") == "none");
  }
  SUBCASE("the topic's own counts before the cluster's") {
    history.configure("broker", "", "true");
    history.configure("topic", "orders", "false");
    CHECK(elect("unclean") == not_allowed);
  }
  SUBCASE("it was taken away again") {
    history.configure("topic", "orders", "true");
    history.configure("topic", "orders", "", false);
    CHECK(elect("unclean") == not_allowed);
  }
  SUBCASE("the next controller begins with what it says itself") {
    history.configure("topic", "orders", "true");
    history.become_controller(false);
    CHECK(elect("unclean") == not_allowed);
  }
  SUBCASE("an administrator asked") {
    CHECK(elect("unclean", history.ask_for_election("unclean")) == "none");
    CHECK(history.excused("unclean election") == 5);
  }
  SUBCASE("an administrator asked for this partition") {
    CHECK(elect("unclean", history.ask_for_election("unclean", History::orders)) == "none");
  }
  SUBCASE("an administrator asked for another one") {
    CHECK(elect("unclean", history.ask_for_election("unclean", {"orders", 1})) == not_allowed);
  }
  SUBCASE("an administrator asked for preferred leaders") {
    CHECK(elect("unclean", history.ask_for_election("preferred")) == not_allowed);
  }
  SUBCASE("an administrator asked before that, for something else") {
    history.ask_for_election("unclean");
    CHECK(elect("unclean") == not_allowed);
  }
}

TEST_CASE("The last known leader leads when who is left in the ELR comes back and is in it no more") {
  History history;
  history.create();
  history.become_controller(false);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1, 2});
  history.last_known = {1};
  history.eligible = {2};
  history.registered(-1, 1, {});
  history.last_known = {};
  history.eligible = {};
  const EventRef registration = history.say(History::node(3), event::MessageDelivered{}).ref;
  history.decide(1, 2, {1}, "last_known_leader", registration);
  SUBCASE("it does") {
    history.say(History::node(3), event::BrokerStateChanged{2, "registered", 7, ""}, registration);
    history.apply(1, 1, 2, {1});
    CHECK(history.broken() == "none");
  }
  SUBCASE("it does not") {
    history.apply(1, 1, 2, {1});
    CHECK(history.broken() == "UncleanElectionAllowed");
  }
}

TEST_CASE("Who ends a move by coming into the ISR was not elected from outside") {
  History history;
  history.assigned = {1, 3};
  history.create();
  history.become_controller(false);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1, 3});
  history.say(History::node(1), event::IsrProposed{History::orders, 1, {1, 3}, "expand"});
  history.assigned = {3};
  history.registered(3, 1, {3}, "isr_changed");
  CHECK(history.broken() == "none");
}

TEST_CASE("A loss excuses what was acknowledged before it, and nothing that stands at its offsets later") {
  History history;
  history.create();
  history.become_controller(true);
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1});
  history.acknowledge(1, 0, 4);
  history.decide(2, 1, {2}, "unclean");
  history.apply(2, 2, 1, {2});
  history.append(2, 0, 1, 1);
  SUBCASE("the deposed leader, which has not heard of it, still answers") {
    history.acknowledge(1, 0, 4);
    CHECK(history.broken() == "none");
  }
  SUBCASE("the new one answers too early") {
    history.acknowledge(2, 0, 1, -1, 1);
    CHECK(history.broken() == "AcknowledgedIsCommitted");
  }
}

TEST_CASE("Faults excuse a loss only when they took every copy that was in sync") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.commit(1, 0, 4, 0, {1, 2});
  history.acknowledge(1, 0, 4);
  const auto lose = [&](int32_t broker) {
    history.kill(broker);
    history.damage(broker, "power-loss");
    history.start(broker, 0);
  };
  SUBCASE("both") {
    lose(1);
    CHECK(history.broken() == "none");
    lose(2);
    CHECK(history.broken() == "none");
    CHECK(history.excused("every copy lost to power-loss") == 5);
  }
  SUBCASE("both, though one had it again since") {
    lose(1);
    history.copy(1, 0, 4);
    lose(2);
    CHECK(history.broken() == "none");
    history.kill(1);
    history.start(1, 0);
    CHECK(history.broken() == "LogSurvivesRestart, NoCommittedRecordLostGlobally");
  }
  SUBCASE("one, and the other is cut") {
    lose(1);
    history.registered(1, 1, {1});  // though 2 still has it
    CHECK(history.broken() == "LeaderCandidateCompleteness");
    history.truncate(2, 5, 0);
    CHECK(history.broken() == "LeaderCandidateCompleteness, NoCommittedRecordLostGlobally");
    CHECK(history.invariants.excuses().empty());
  }
}

TEST_CASE("The last known leader leads again, and may lack only what a fault took from it (KIP-966)") {
  History history;
  history.create();
  history.registered(1, 0, {1, 2});
  history.commit(1, 0, 4, 0, {1, 2});
  history.acknowledge(1, 0, 4);
  history.kill(2);
  history.registered(1, 0, {1});
  history.start(2, 5);  // it has all, and may not lead: it was not stopped cleanly
  history.kill(1);
  history.last_known = {1};
  history.registered(-1, 1, {});
  history.last_known = {};
  SUBCASE("a power loss") {
    history.damage(1, "power-loss");
    history.start(1, 3);
    history.registered(1, 2, {1}, "last_known_leader");
    CHECK(history.broken() == "none");
    CHECK(history.excused("the last known leader lost it to power-loss") == 5);
  }
  SUBCASE("nothing") {
    history.start(1, 5);
    history.registered(1, 2, {1}, "last_known_leader");
    CHECK(history.broken() == "none");
    CHECK(history.invariants.excuses().empty());
  }
  SUBCASE("it was not the last in sync") {
    history.start(1, 5);
    history.registered(3, 2, {3}, "last_known_leader");  // whatever the controller calls it
    CHECK(history.broken() == "UncleanElectionAllowed, LeaderCandidateCompleteness");
  }
}

TEST_CASE("A move whose end nobody hears of in time leaves the copies to who was in sync last") {
  History history;
  history.assigned = {1, 2};
  history.create();
  history.registered(1, 0, {1});
  history.commit(1, 0, 4, 0, {1, 2});
  history.registered(1, 0, {1, 2});
  history.assigned = {2};
  history.decide(2, 1, {2}, "reassigned");
  history.last_known = {2};
  SUBCASE("it is eligible") { history.eligible = {2}; }
  SUBCASE("it is only known") {}
  history.registered(-1, 2, {});
  history.remove_replica(1);
  history.lose_log(2);
  CHECK(history.broken() == "none");
  CHECK(history.excused("every copy lost to power-loss") == 5);
}

TEST_CASE("What a leader commits that has not heard of the end of a move is left to who leads then") {
  History history;
  history.assigned = {1, 2};
  history.create();
  history.registered(1, 0, {1});
  history.append(1, 0, 4);
  history.copy(2, 0, 4);
  history.decide(1, 0, {1, 2});
  history.assigned = {2};
  history.decide(2, 1, {2}, "reassigned");
  history.apply(2, 2, 1, {2});
  history.high_watermark(1, 5);
  history.apply(1, 2, 1, {2});
  history.remove_replica(1);
  history.lose_log(2);
  CHECK(history.broken() == "none");
  CHECK(history.excused("every copy lost to power-loss") == 5);
}

TEST_CASE(
    "Replicas that are taken away leave their copies to those in sync, which excuse a loss only together") {
  History history;
  history.assigned = {1, 2};
  history.create();
  history.commit(1, 0, 4, 0, {1, 2});
  history.acknowledge(1, 0, 4);
  history.assigned = {1, 2, 3};
  history.registered(1, 0, {1, 2});
  history.copy(3, 0, 4);
  history.registered(1, 0, {1, 2, 3});
  history.assigned = {1, 3};
  history.registered(1, 1, {1, 3});
  history.remove_replica(2);
  history.lose_log(1);
  CHECK(history.broken() == "none");
  SUBCASE("both") {
    history.lose_log(3);
    CHECK(history.broken() == "none");
    CHECK(history.excused("every copy lost to power-loss") == 5);
  }
  SUBCASE("one of them") {
    history.registered(1, 2, {1});  // though 3 still has it
    CHECK(history.broken() == "LeaderCandidateCompleteness");
  }
}

TEST_CASE("LogSurvivesRestart and FlushedSurvivesPowerLoss") {
  History history;
  history.create();
  history.append(1, 0, 4);
  history.kill(1);
  SUBCASE("the page cache outlives the process") {
    history.start(1, 5);
    CHECK(history.broken() == "none");
  }
  SUBCASE("records are missing and no fault says why") {
    history.start(1, 3);
    CHECK(history.broken() == "LogSurvivesRestart");
  }
  SUBCASE("a power loss takes what was not flushed") {
    history.damage(1, "power-loss");
    history.start(1, 0);
    CHECK(history.broken() == "none");
  }
  SUBCASE("it was cut below what compaction has left") {
    history.say(History::node(1), event::LogCompacted{History::orders, 1, 5});
    history.start(1, 3);
    CHECK(history.broken() == "LogSurvivesRestart");
  }
  SUBCASE("it was cut below what compaction has left, after an unclean election") {
    history.say(History::node(1), event::LogCompacted{History::orders, 1, 5});
    history.registered(2, 1, {2, 3}, "unclean");
    history.truncate(1, 5, 4);
    history.start(1, 0);
    CHECK(history.broken() == "none");
  }
  SUBCASE("a power loss takes checkpoints and indexes, which are made again") {
    for (const char* path : {"replication-offset-checkpoint", "orders-0/00000000000000000000.index"})
      history.say(History::node(1), event::DiskDamaged{"power-loss kafka1", path, 0, 100});
    history.start(1, 3);
    CHECK(history.broken() == "LogSurvivesRestart");
  }
  SUBCASE("a power loss takes what was flushed") {
    history.say(History::node(1), event::LogFlushed{History::orders, 1, 5});
    history.damage(1, "power-loss");
    history.start(1, 0);
    CHECK(history.broken() == "FlushedSurvivesPowerLoss");
  }
  SUBCASE("a power loss takes the empty segment behind what compaction has left") {
    history.say(History::node(1), event::LogFlushed{History::orders, 1, 5});
    history.say(History::node(1), event::LogCompacted{History::orders, 1, 5});
    history.damage(1, "power-loss");
    history.start(1, 3);
    CHECK(history.broken() == "none");
  }
  SUBCASE("a flipped bit takes what was flushed") {
    history.say(History::node(1), event::LogFlushed{History::orders, 1, 5});
    history.damage(1, "bit-flip");
    history.start(1, 0);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("MonotonicHighWatermark: back within an epoch; after a failover it may begin lower") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  SUBCASE("the same leader") {
    history.high_watermark(1, 3);
    CHECK(history.broken() == "MonotonicHighWatermark");
  }
  SUBCASE("the next one") {
    history.append(1, 5, 6);
    history.registered(2, 1, {2, 3});
    history.commit(2, 5, 5, 1, {2, 3});
    CHECK(history.broken() == "none");
  }
  SUBCASE("a follower takes something else for committed") {
    history.registered(1, 0, {1, 2});
    history.say(History::node(3), event::LogTruncated{History::orders, 3, 0, 5, 0});
    history.copy(3, 0, 4, 9);
    history.high_watermark(3, 5, 0, false);
    CHECK(history.broken() == "MonotonicHighWatermark");
  }
}

TEST_CASE("ContiguousOffsets: a gap, and what compaction allows") {
  History history;
  history.create();
  history.append(1, 0, 4);
  SUBCASE("a gap") {
    history.append(1, 6, 7);
    CHECK(history.broken() == "ContiguousOffsets");
  }
  SUBCASE("a batch with fewer records than offsets") {
    event::LogAppended batch = history.batch(1, 5, 7, 0, true);
    batch.records = 2;
    history.say(History::node(1), batch);
    CHECK(history.broken() == "ContiguousOffsets");
  }
  SUBCASE("a follower of a compacted log") {
    history.say(History::node(1), event::LogCompacted{History::orders, 1, 5});
    history.copy(2, 0, 1);
    history.copy(2, 4, 4);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("OffsetBounds: a high watermark behind the log's end") {
  History history;
  history.create();
  history.registered(1, 0, {1});
  history.append(1, 0, 4);
  history.high_watermark(1, 6);
  CHECK(history.broken() == "OffsetBounds");
}

TEST_CASE("AcknowledgedIsCommitted: acks=all before the followers have it") {
  History history;
  history.create();
  history.append(1, 0, 4);
  history.acknowledge(1, 0, 4, 1);
  CHECK(history.broken() == "none");
  history.acknowledge(1, 0, 4, -1);
  CHECK(history.broken() == "AcknowledgedIsCommitted");
}

TEST_CASE("AcknowledgedIsCommitted: a repeat of what the leader's checkpoint says is committed") {
  History history;
  history.create();
  history.append(1, 0, 4);
  history.kill(1);
  history.say(History::node(1), event::NodeStarted{2});
  history.say(History::node(1), event::LogLoaded{History::orders, 1, History::topic_id, 0, 5, 0, 3});
  history.registered(1, 1, {1});
  history.acknowledge(1, 0, 2, -1, 1);
  CHECK(history.broken() == "none");
  history.acknowledge(1, 3, 4, -1, 1);
  CHECK(history.broken() == "AcknowledgedIsCommitted");
}

TEST_CASE("FencedLeaderDoesNotAcknowledge: it knows that another one leads") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  history.decide(2, 1, {2, 3});
  history.apply(2, 2, 1, {2, 3});
  history.acknowledge(1, 0, 4);  // it has not heard
  CHECK(history.broken() == "none");
  history.apply(1, 2, 1, {2, 3});
  history.acknowledge(1, 0, 4);
  CHECK(history.broken() == "FencedLeaderDoesNotAcknowledge");
}

TEST_CASE("ConsistentRead: a fetch is answered from behind the high watermark") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  history.append(1, 5, 9);
  history.say(History::node(1), event::RecordsFetched{History::orders, 1, 0, 5, 5, 0});
  CHECK(history.broken() == "none");
  history.say(History::node(1), event::RecordsFetched{History::orders, 1, 5, 10, 5, 0});
  CHECK(history.broken() == "ConsistentRead");
}

TEST_CASE("A producer's sequences: NoDuplicateSequence, NoSequenceGap, ProducerEpochFenced") {
  History history;
  history.create();
  const auto produce = [&](int64_t first, int16_t epoch, int32_t sequence) {
    event::LogAppended batch = history.batch(1, first, first + 1, 0, true);
    batch.producer_id = 1000;
    batch.producer_epoch = epoch;
    batch.base_sequence = sequence;
    history.say(History::node(1), batch);
  };
  produce(0, 0, 0);
  produce(2, 0, 2);
  produce(4, 1, 0);  // a new epoch begins at 0
  CHECK(history.broken() == "none");
  SUBCASE("the same batch again") {
    produce(6, 1, 0);
    CHECK(history.broken() == "NoDuplicateSequence");
  }
  SUBCASE("one is missing") {
    produce(6, 1, 4);
    CHECK(history.broken() == "NoSequenceGap");
  }
  SUBCASE("a zombie") {
    produce(6, 0, 4);
    CHECK(history.broken() == "ProducerEpochFenced");
  }
  const event::LogStartMoved all_deleted{History::orders, 1, 0, 6, "segment deletion"};
  SUBCASE("the same batch again, and the first is deleted") {
    history.say(History::node(1), all_deleted);
    produce(6, 1, 0);
    CHECK(history.broken() == "NoDuplicateSequence");
  }
  SUBCASE("the same batch again, and the leader has read its log again") {
    history.load(1, 6);
    produce(6, 1, 0);
    CHECK(history.broken() == "NoDuplicateSequence");
  }
  SUBCASE(
      "the same batch again, and the leader has read its log again, which has nothing left of the first") {
    history.say(History::node(1), all_deleted);
    history.load(1, 6, 6);
    produce(6, 1, 0);
    CHECK(history.broken() == "none");
    CHECK(history.excused("a producer was forgotten with its deleted records") == 2);
    produce(8, 1, 0);
    CHECK(history.broken() == "NoDuplicateSequence");
  }
  SUBCASE("the same batch again, and a power loss took the log after the first was deleted") {
    history.say(History::node(1), all_deleted);
    history.kill(1);
    history.damage(1, "power-loss");
    history.start(1, 0);
    produce(0, 1, 0);
    CHECK(history.broken() == "none");
  }
  SUBCASE("again, after the first was cut off") {
    history.registered(2, 1, {1, 2});
    history.truncate(1, 6, 4);
    history.registered(1, 2, {1});
    event::LogAppended batch = history.batch(1, 4, 5, 2, true);
    batch.producer_id = 1000;
    batch.producer_epoch = 1;
    batch.base_sequence = 0;
    history.say(History::node(1), batch);
    CHECK(history.broken() == "none");
  }
}

TEST_CASE("A topic of the same name is another topic") {
  History history;
  history.create();
  history.commit(1, 0, 4);
  for (int32_t broker = 1; broker <= 3; ++broker)
    history.say(History::node(broker),
                event::LogRemoved{History::orders, broker, History::topic_id, "topic_deleted"});
  history.say(History::node(1), event::LogLoaded{History::orders, 1, {8, 8}, 0, 0, -1, 0});
  history.append(1, 0, 1);
  CHECK(history.broken() == "none");
}

TEST_CASE("Liveness: what is not healed yet is told at the end, and only if it should be") {
  History history;
  history.create();
  history.elect(3, 1);
  history.commit(1, 0, 4);
  SUBCASE("all is well") {
    history.invariants.finish(true);
    CHECK(history.broken() == "none");
  }
  SUBCASE("no leader, and faults may still be set") {
    history.registered(-1, 1, {1});
    history.invariants.finish(false);
    CHECK(history.broken() == "none");
  }
  SUBCASE("no leader") {
    history.registered(-1, 1, {1});
    history.invariants.finish(true);
    CHECK(history.broken() == "LeadersElected");
  }
  SUBCASE("a replica that lags") {
    history.registered(1, 0, {1, 2});
    history.invariants.finish(true);
    CHECK(history.broken() == "ReplicasInSync");
  }
  SUBCASE("a broker that has not heard the news") {
    history.decide(2, 1, {1, 2, 3});
    history.apply(2, 2, 1, {1, 2, 3});
    history.apply(3, 2, 1, {1, 2, 3});
    history.invariants.finish(true);
    CHECK(history.broken() == "MetadataConverges");
  }
  SUBCASE("a fenced broker") {
    history.decide_metadata(3, 0, 1, event::BrokerStateChanged{1, "fenced", 5, "session timeout"});
    history.commit_metadata(3, 0, 1);
    history.invariants.finish(true);
    CHECK(history.broken() == "BrokersUnfenced");
  }
  SUBCASE("a broker was to be fenced by a controller that lost its role before") {
    history.decide_metadata(3, 0, 1, event::BrokerStateChanged{1, "unfenced", 5, "caught up"});
    history.commit_metadata(3, 0, 1);
    history.decide_metadata(3, 1, 1, event::BrokerStateChanged{1, "fenced", 5, "session timeout"});
    history.elect(2, 2);
    history.append_metadata(2, 1, 1, 2, true);
    history.say(History::node(3), event::LogTruncated{History::metadata, 3, 1, 2, 2});
    history.commit_metadata(2, 1, 2);
    history.invariants.finish(true);
    CHECK(history.broken() == "none");
  }
  SUBCASE("a topic that is deleted needs no leader, though all died before they heard of it") {
    history.registered(-1, 1, {1});
    history.decide_metadata(3, 0, 1, event::TopicChanged{"orders", "deleted", 1, History::topic_id});
    for (int32_t broker = 1; broker <= 3; ++broker) history.say(History::node(broker), event::NodeStarted{2});
    SUBCASE("that is committed") {
      history.commit_metadata(3, 0, 1);
      history.invariants.finish(true);
      CHECK(history.broken() == "none");
    }
    SUBCASE("that is not committed") {
      history.invariants.finish(true);
      CHECK(history.broken() == "LeadersElected");
    }
  }
  SUBCASE("a write without an answer") {
    history.sent(0, {1}, -1, true, 0, 3);
    history.invariants.finish(true);
    CHECK(history.broken() == "WritesAnswered");
  }
}

}  // namespace

}  // namespace brokerlab

"""The stories: what is done to the nodes, and what is waited for between.

Nodes are called by their parts: in a `combined` story c is the node whose controller is active when it begins, in an
`isolated` one a, b and c are nodes 1, 2 and 3. What follows the mode is the node that is asked for the state of things:
while it is down nothing new is seen, only time goes by. A step is a tuple:

    ("topic", name, "abc,bca", {settings})     created; one group of replicas for each partition
    ("stop" | "kill" | "start" | "pause" | "unpause", "a")
    ("expect", subject, text)                  waits until the subject's state contains the text
    ("produce", topic, acks)                   one record by librdkafka without retries; its outcome is compared
    ("tool", "kafka-...", arguments)           a command of the lab's tools; exit status and output are compared
    ("settle", seconds)                        so that what should not happen has the time to
"""

ALL_ALIVE = ("expect", "brokers alive", "a,b,c")


def in_sync(partition, nodes):
    return ("expect", partition, f"Isr: {nodes} Elr")


def topics(*names):
    return [("topic", name, "abc", {"min.insync.replicas": "2"} if name.startswith("min2") else {}) for name in names]


STORIES = {
    "leader-sigterm": ("combined", "b", {}, [
        *topics("f", "min2"), ("stop", "a"), ("expect", "brokers alive", "b,c"), in_sync("f-0", "b,c"),
        ("produce", "f", "all"), ("produce", "min2", "all"), ("settle", 1),
        ("start", "a"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("min2-0", "a,b,c"), ("produce", "min2", "all")]),
    "leader-sigkill": ("combined", "b", {}, [
        *topics("f", "min2"), ("kill", "a"), ("expect", "brokers alive", "b,c"), in_sync("f-0", "b,c"),
        ("produce", "f", "all"), ("produce", "min2", "all"), ("settle", 1),
        ("start", "a"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("min2-0", "a,b,c")]),
    "leader-paused": ("combined", "b", {}, [
        *topics("f", "min2"), ("pause", "a"), ("expect", "brokers alive", "b,c"), in_sync("f-0", "b,c"),
        ("settle", 1), ("unpause", "a"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("min2-0", "a,b,c")]),
    "follower-sigterm": ("combined", "a", {}, [
        *topics("f", "min2"), ("stop", "b"), in_sync("f-0", "a,c"), ("produce", "min2", "all"), ("settle", 1),
        ("start", "b"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("min2-0", "a,b,c")]),
    "controller-killed": ("combined", "a", {}, [
        *topics("f"), ("topic", "on-controller", "cab", {}), ("kill", "c"), ("expect", "brokers alive", "a,b"),
        in_sync("f-0", "a,b"), ("expect", "on-controller-0", "Leader: a"), ("settle", 1),
        ("start", "c"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("on-controller-0", "a,b,c")]),
    "quorum-majority-lost": ("combined", "a", {}, [
        *topics("f", "min2"), ("kill", "b"), ("expect", "brokers alive", "a,c"), in_sync("f-0", "a,c"),
        ("kill", "c"), ("settle", 4), ("produce", "f", "1"), ("start", "c"), in_sync("f-0", "a,c"), in_sync("min2-0", "a,c"),
        ("expect", "brokers alive", "a,c"), ("start", "b"), ALL_ALIVE, in_sync("f-0", "a,b,c"), in_sync("min2-0", "a,b,c"),
        ("settle", 12), ("produce", "min2", "all")]),  # the new controller lets c register once its old session has ended
    "two-of-three-stopped": ("isolated", "a", {}, [
        *topics("relaxed", "min2"), ("stop", "c"), in_sync("min2-0", "a,b"), ("stop", "b"), in_sync("min2-0", "a"),
        in_sync("relaxed-0", "a"), ("produce", "relaxed", "all"), ("produce", "min2", "all"), ("produce", "min2", "1"),
        ("settle", 1), ("start", "b"), in_sync("min2-0", "a,b"), ("produce", "min2", "all"),
        ("start", "c"), ALL_ALIVE, in_sync("min2-0", "a,b,c"), in_sync("relaxed-0", "a,b,c")]),
    "last-replica-killed": ("isolated", "c", {}, [
        *topics("relaxed", "min2"), ("stop", "b"), in_sync("min2-0", "a,c"), ("kill", "c"), ("settle", 11),
        ("kill", "a"), ("start", "c"), ("expect", "brokers alive", "c"), ("expect", "relaxed-0", "Leader: none"), ("settle", 2),
        ("start", "a"), ("expect", "relaxed-0", "Leader: a"), in_sync("relaxed-0", "a,c"), ("settle", 2),
        ("start", "b"), ALL_ALIVE, ("expect", "min2-0", "Isr: a,b,c"), in_sync("relaxed-0", "a,b,c")]),
    "unclean-election-enabled": ("isolated", "c", {}, [
        ("topic", "dirty", "abc", {"unclean.leader.election.enable": "true"}), ("produce", "dirty", "all"),
        ("kill", "b"), in_sync("dirty-0", "a,c"), ("kill", "c"), ("settle", 11), ("produce", "dirty", "1"), ("kill", "a"),
        ("start", "c"), ("expect", "dirty-0", "Leader: c"), ("produce", "dirty", "1"), ("settle", 1),
        ("start", "a"), in_sync("dirty-0", "a,c"), ("start", "b"), ALL_ALIVE, in_sync("dirty-0", "a,b,c")]),
    "unclean-election-by-hand": ("isolated", "c", {}, [
        *topics("relaxed"), ("stop", "b"), in_sync("relaxed-0", "a,c"), ("stop", "c"), ("settle", 2),
        ("produce", "relaxed", "1"), ("kill", "a"), ("settle", 10), ("start", "c"), ("expect", "relaxed-0", "Leader: none"),
        ("tool", "kafka-leader-election", "--election-type preferred --topic relaxed --partition 0"),
        ("tool", "kafka-leader-election", "--election-type unclean --topic relaxed --partition 0"),
        ("expect", "relaxed-0", "Leader: c"), ("start", "a"), in_sync("relaxed-0", "a,c"),
        ("start", "b"), ALL_ALIVE, in_sync("relaxed-0", "a,b,c")]),
    "auto-rebalance": ("isolated", "b", {"leader.imbalance.check.interval.seconds": "10"}, [
        *topics("relaxed"), ("kill", "a"), in_sync("relaxed-0", "b,c"), ("start", "a"), ALL_ALIVE,
        in_sync("relaxed-0", "a,b,c"), ("expect", "relaxed-0", "Leader: a")]),
    "preferred-by-hand": ("isolated", "b", {"auto.leader.rebalance.enable": "false"}, [
        *topics("relaxed"), ("tool", "kafka-leader-election", "--election-type preferred --topic relaxed --partition 0"),
        ("stop", "a"), in_sync("relaxed-0", "b,c"), ("start", "a"), ALL_ALIVE, in_sync("relaxed-0", "a,b,c"), ("settle", 2),
        ("tool", "kafka-leader-election", "--election-type preferred --topic relaxed --partition 0"),
        ("expect", "relaxed-0", "Leader: a")]),
    "deleted-while-a-replica-is-down": ("isolated", "a", {}, [
        *topics("f"), ("stop", "c"), in_sync("f-0", "a,b"),
        ("tool", "kafka-topics", "--delete --topic f"), ("settle", 1), ("start", "c"), ALL_ALIVE, ("settle", 1),
        ("tool", "kafka-topics", "--list")]),
}

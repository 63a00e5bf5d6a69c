#!/usr/bin/env bash
# A node of Apache Kafka 4.3.1 starts on a data folder that the lab wrote, and has all that was in it; what it wrote, the
# lab reads again. Snapshots and log of the metadata, segments, indexes, producers' state: all in use.
#   tests/interop/kafka_starts_on_our_data.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
jars=$("$here/kafka_jars.sh") || exit
work=$(mktemp -d)
kafka=
end() {
  if [ -n "$kafka" ]; then kill -KILL "$kafka" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT
java_run() { exec java -Xshare:auto -Dorg.slf4j.simpleLogger.defaultLogLevel="${LOG:-warn}" -cp "$jars/*" "$@"; }
fail() { echo "$1"; tail -n 40 "$work/server.log" 2>/dev/null || true; exit 1; }

# The lab: a topic with every codec, a compacted one, one that was deleted, an idempotent producer, several snapshots.
cat >"$work/fill.sh" <<'FILL'
set -eu
B="--bootstrap-server $BOOTSTRAP_SERVERS"
tool() { "$BROKERLAB" "$@"; }
for codec in uncompressed gzip snappy lz4 zstd; do
  tool kafka-topics $B --create --topic "in-$codec" --partitions 2 --replication-factor 1 --config "compression.type=$codec" >/dev/null
  seq 1 500 | tool kafka-console-producer $B --topic "in-$codec"
done
tool kafka-topics $B --create --topic doomed --partitions 1 --replication-factor 1 >/dev/null
tool kafka-topics $B --create --topic compacted --partitions 1 --replication-factor 1 --config cleanup.policy=compact >/dev/null
seq 1 100 | awk '{print $1 % 10 ":" $1}' | tool kafka-console-producer $B --topic compacted --reader-property parse.key=true --reader-property key.separator=:
tool kafka-topics $B --delete --topic doomed
sleep 3
FILL
settings=(--set metadata.log.max.record.bytes.between.snapshots=1500 --set log.segment.bytes=1048576)
BROKERLAB=$brokerlab "$brokerlab" up --brokers 1 --port-base 0 --data "$work/data" "${settings[@]}" --exec "bash $work/fill.sh"
folder=$work/data/kafka1
snapshots=$(ls "$folder"/__cluster_metadata-0/*.checkpoint | wc -l)
[ "$snapshots" -gt 1 ] || fail "the lab made $snapshots snapshots"

# The two dump tools say the same of its snapshots.
newest=$(ls "$folder"/__cluster_metadata-0/*.checkpoint | tail -1)
cd "$folder/__cluster_metadata-0"
(java_run org.apache.kafka.tools.DumpLogSegments --cluster-metadata-decoder --files "${newest##*/}") >"$work/kafka.out"
"$brokerlab" kafka-dump-log --cluster-metadata-decoder --files "${newest##*/}" >"$work/ours.out"
diff "$work/kafka.out" "$work/ours.out"
grep -q SnapshotFooter "$work/kafka.out" || fail "the snapshot has no footer"
cd "$here"

# Apache Kafka on the same folder.
read -r broker controller < <(python3 -c 'import socket
held = [socket.socket() for _ in range(2)]
for one in held: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in held])')
cat >"$work/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=EXTERNAL://127.0.0.1:$broker,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=EXTERNAL
log.dirs=$folder
offsets.topic.replication.factor=1
P
LOG=info java_run -Xms256m -Xmx256m kafka.Kafka "$work/server.properties" >"$work/server.log" 2>&1 &
kafka=$!
for _ in $(seq 300); do
  grep -q 'Kafka Server started' "$work/server.log" && break
  kill -0 "$kafka" 2>/dev/null || { kafka=; fail "Apache Kafka ended on the lab's data folder"; }
  sleep 0.5
done
grep -q 'Kafka Server started' "$work/server.log" || fail "Apache Kafka did not start on the lab's data folder"
grep -q "Loading snapshot" "$work/server.log" || fail "Apache Kafka read no snapshot"
# A deleted log, whose folder waits to be removed, has no indexes of its open segment here; Kafka makes them.
if grep -E ' (ERROR|FATAL) |orrupt' "$work/server.log" | grep -v -- '-delete'; then fail "Apache Kafka complains about the lab's data folder"; fi

B="--bootstrap-server 127.0.0.1:$broker"
"$brokerlab" kafka-topics $B --list | sort >"$work/topics"
printf '%s\n' compacted in-gzip in-lz4 in-snappy in-uncompressed in-zstd | cmp - "$work/topics"
read_all() {  # TOPIC: its records, of both partitions
  for partition in 0 1; do
    "$brokerlab" kafka-console-consumer $B --topic "$1" --partition $partition --offset earliest --timeout-ms 2000 2>/dev/null || true
  done | sort -n
}
for codec in uncompressed gzip snappy lz4 zstd; do read_all "in-$codec" | cmp - <(seq 1 500); done
seq 501 600 | "$brokerlab" kafka-console-producer $B --topic in-zstd
kill -TERM "$kafka"
wait "$kafka" || true
kafka=

# The lab again, on what Apache Kafka left.
cat >"$work/again.sh" <<'AGAIN'
set -eu
B="--bootstrap-server $BOOTSTRAP_SERVERS"
for partition in 0 1; do
  "$BROKERLAB" kafka-console-consumer $B --topic in-zstd --partition $partition --offset earliest --timeout-ms 2000 2>/dev/null || true
done | sort -n | cmp - <(seq 1 600)
AGAIN
BROKERLAB=$brokerlab "$brokerlab" up --brokers 1 --port-base 0 --data "$work/data" --exec "bash $work/again.sh"
echo "Apache Kafka 4.3.1 starts on the lab's data folder with $snapshots snapshots, has every record, and the lab goes on with what it leaves"

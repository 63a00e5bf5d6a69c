#!/usr/bin/env bash
# Apache Kafka's own kafka-topics, console tools, kafka-broker-api-versions and kafka-metadata-quorum against the lab;
# its kafka-dump-log and ours on the folders that the lab leaves.
#   tests/interop/apache_kafka_tools.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
jars=$("$here/kafka_jars.sh") || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/story.sh" <<'STORY'
set -eu
tool() { class=$1; shift; java -Xshare:auto -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$JARS/*" "org.apache.kafka.tools.$class" "$@"; }
expect() { if ! grep -Eq "$1" "$2"; then echo "expected /$1/, saw:"; cat "$2"; exit 1; fi; }
B="--bootstrap-server $BOOTSTRAP_SERVERS"
out=$WORK/out

tool BrokerApiVersionsCommand $B >"$out"
[ "$(grep -c '(id: [123] rack: null isFenced: false) -> ($' "$out")" = 3 ] || { cat "$out"; exit 1; }
tool TopicCommand $B --create --topic orders --partitions 3 --replication-factor 3 >"$out"
expect '^Created topic orders\.$' "$out"
tool TopicCommand $B --list >"$out"
expect '^orders$' "$out"
tool TopicCommand $B --describe --topic orders >"$out"
expect '^Topic: orders	TopicId: [A-Za-z0-9_-]{22}	PartitionCount: 3	ReplicationFactor: 3	Configs: ' "$out"
[ "$(grep -Ec '	Partition: [012]	Leader: [123]	Replicas: [123],[123],[123]	Isr: [123],[123],[123]	' "$out")" = 3 ] || { cat "$out"; exit 1; }
if tool TopicCommand $B --create --topic orders >"$out" 2>&1; then echo "a topic was created twice"; exit 1; fi
expect "Topic 'orders' already exists" "$out"

seq 1 300 | tool ConsoleProducer $B --topic orders --command-property acks=all
for p in 0 1 2; do
  tool consumer.ConsoleConsumer $B --topic orders --partition $p --offset earliest --timeout-ms 6000 >>"$WORK/read" 2>/dev/null
done
sort -n "$WORK/read" | cmp - <(seq 1 300)

tool MetadataQuorumCommand $B describe --status >"$out"
expect '^LeaderId: +[123]$' "$out"
tool MetadataQuorumCommand $B describe --replication >"$out"
[ "$(grep -Ec '^[123] .*(Leader|Follower)' "$out")" = 3 ] || { cat "$out"; exit 1; }
tool TopicCommand $B --delete --topic orders
tool TopicCommand $B --list >"$out"
if grep -q '^orders$' "$out"; then echo "the topic was not deleted"; exit 1; fi

# Every codec, sent by Java in another one than the topic's, so that the lab compresses anew what Java then reads.
sent=zstd
for stored in gzip snappy lz4 zstd; do
  tool TopicCommand $B --create --topic in-$stored --partitions 1 --replication-factor 3 --config compression.type=$stored >/dev/null
  seq 1 300 | tool ConsoleProducer $B --topic in-$stored --compression-codec $sent
  tool consumer.ConsoleConsumer $B --topic in-$stored --partition 0 --offset earliest --max-messages 300 2>/dev/null | cmp - <(seq 1 300)
  sent=$stored
done
# A log of several segments, whose files are looked at below.
tool TopicCommand $B --create --topic rolled --partitions 1 --replication-factor 3 >/dev/null
seq 1 200000 | "$BROKERLAB" kafka-console-producer $B --topic rolled
# DeleteRecords, and a compacted log: what the lab's cleaner leaves is looked at below too.
printf '{"partitions":[{"topic":"rolled","partition":0,"offset":1000}],"version":1}' >"$WORK/offsets.json"
tool DeleteRecordsCommand $B --offset-json-file "$WORK/offsets.json" >"$out"
expect '^partition: rolled-0	low_watermark: 1000$' "$out"
tool TopicCommand $B --create --topic compacted --partitions 1 --replication-factor 3 --config cleanup.policy=compact \
  --config internal.segment.bytes=20000 --config min.cleanable.dirty.ratio=0.01 >/dev/null
for codec in none zstd; do
  seq 1 3000 | awk '{print $1 % 50 ":" $1}' | tool ConsoleProducer $B --topic compacted --compression-codec $codec \
    --reader-property parse.key=true --reader-property key.separator=:
done
for _ in $(seq 20); do
  tool consumer.ConsoleConsumer $B --topic compacted --partition 0 --offset earliest --timeout-ms 3000 --formatter-property print.key=true >"$out" 2>/dev/null || true
  [ "$(wc -l <"$out")" -lt 3000 ] && break
done
[ "$(wc -l <"$out")" -lt 3000 ] || { echo "nothing was compacted"; exit 1; }
[ "$(awk '{last[$1] = $2} END {for (key in last) print last[key]}' "$out" | sort -n | cksum)" = "$(seq 2951 3000 | cksum)" ]
echo "Apache Kafka 4.3.1's tools: create, list, describe, produce, consume, quorum, delete, every codec, delete-records, compaction"
STORY

BROKERLAB=$brokerlab JARS=$jars WORK=$work "$brokerlab" up --set log.segment.bytes=1048576 --set log.index.interval.bytes=512 --port-base 0 --data "$work/data" --exec "bash $work/story.sh"

# The same words of both, and nothing wrong with our indexes.
cd "$work/data/kafka1"
dump() { java -Xshare:auto -XX:TieredStopAtLevel=1 -cp "$jars/*" org.apache.kafka.tools.DumpLogSegments "$@"; }
logs=$(ls in-*/*.log compacted-0/*.log | paste -sd,)
indexes=$(ls in-*/*.index in-*/*.timeindex compacted-0/*.index compacted-0/*.timeindex | paste -sd,)
metadata=$(ls __cluster_metadata-0/*.log | paste -sd,)
compare() {
  dump "$@" >"$work/kafka.out" 2>"$work/kafka.err"
  "$brokerlab" kafka-dump-log "$@" >"$work/ours.out" 2>"$work/ours.err"
  diff "$work/kafka.out" "$work/ours.out"
  diff <(grep -v SLF4J "$work/kafka.err") "$work/ours.err"
}
compare --files "$logs" --print-data-log
compare --files "$metadata" --cluster-metadata-decoder
compare --files "$indexes"
[ ! -s "$work/ours.err" ] || { cat "$work/ours.err"; exit 1; }
entries=$(wc -l <"$work/ours.out")
# Every file of every folder is one that Kafka takes: its indexes, also of the metadata log, and its producers' state.
[ "$(ls rolled-0/*.log | wc -l)" -gt 2 ] || { ls -l rolled-0; exit 1; }
all_indexes=$(ls */*.index */*.timeindex | paste -sd,)
compare --files "$all_indexes" --index-sanity-check
! grep -q 'orrupt' "$work/kafka.out" "$work/kafka.err" || { cat "$work/kafka.out" "$work/kafka.err"; exit 1; }
compare --files "$all_indexes" --verify-index-only
[ ! -s "$work/ours.err" ] || { cat "$work/ours.err"; exit 1; }
compare --files "$(ls */*.snapshot | paste -sd,)"
[ ! -s "$work/ours.err" ] || { cat "$work/ours.err"; exit 1; }
grep -q '^producerId: ' "$work/ours.out" || { echo "no producer snapshot has a producer"; exit 1; }
echo "kafka-dump-log: Apache Kafka's and ours print the same of $entries index entries, $(ls */*.snapshot | wc -l) producer snapshots and all records"

#!/usr/bin/env bash
# kcat (librdkafka) and the lab's producer write with every codec into topics that store in every codec; kcat and the
# lab's consumer read the same records back, and each log holds the codec of its topic.
#   tests/interop/codecs.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
command -v kcat >/dev/null || { echo "kcat is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/story.sh" <<'STORY'
set -eu
codecs="none gzip snappy lz4 zstd"
B="--bootstrap-server $BOOTSTRAP_SERVERS"
for stored in $codecs; do
  topic=in-$stored
  type=$stored
  [ "$stored" != none ] || type=uncompressed
  "$BROKERLAB" kafka-topics $B --create --topic $topic --partitions 1 --replication-factor 3 --config compression.type=$type >/dev/null
  : >"$WORK/written"
  for sent in $codecs; do
    seq 1 500 | sed "s/^/kcat $sent /" | tee -a "$WORK/written" | kcat -P -b "$BOOTSTRAP_SERVERS" -t $topic -z $sent -X linger.ms=20
    seq 1 300 | sed "s/^/lab $sent /" | tee -a "$WORK/written" | "$BROKERLAB" kafka-console-producer $B --topic $topic --compression-codec $sent
  done
  sort "$WORK/written" >"$WORK/written.sorted"
  kcat -C -b "$BOOTSTRAP_SERVERS" -t $topic -e -q | sort | cmp - "$WORK/written.sorted"
  "$BROKERLAB" kafka-console-consumer $B --topic $topic --partition 0 --from-beginning --max-messages 4000 2>/dev/null | sort | cmp - "$WORK/written.sorted"
done
STORY

BROKERLAB=$brokerlab WORK=$work "$brokerlab" up --port-base 0 --data "$work/data" --exec "bash $work/story.sh"

for stored in none gzip snappy lz4 zstd; do
  for log in "$work"/data/kafka*/in-$stored-0/*.log; do
    found=$("$brokerlab" kafka-dump-log --files "$log" | grep -o 'compresscodec: [a-z0-9]*' | sort -u)
    [ "$found" = "compresscodec: $stored" ] || { echo "$log has $found"; exit 1; }
  done
done
echo "codecs: 4,000 records in each of 5 codecs written by kcat and the lab, read by both"

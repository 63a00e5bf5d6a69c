#!/usr/bin/env bash
# kcat (librdkafka) writes 10,000 records with acks=all while a broker is stopped and started again; then reads them:
# none lost, and in order within each partition.
#   tests/interop/kcat.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
command -v kcat >/dev/null || { echo "kcat is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/story.sh" <<'STORY'
set -eu
count=10000
lab() { "$BROKERLAB" shell -c "$1"; }
"$BROKERLAB" kafka-topics --bootstrap-server "$BOOTSTRAP_SERVERS" --create --topic orders --partitions 3 --replication-factor 3
kcat -b "$BOOTSTRAP_SERVERS" -L -t orders | grep -q 'topic "orders" with 3 partitions'

seq 1 $count | awk '{printf "key-%d:%d\n", $1 % 100, $1}' >"$WORK/written"
( sleep 0.3; lab 'docker stop kafka2' >/dev/null; sleep 1; lab 'docker start kafka2' >/dev/null ) &
faults=$!
# Written over two seconds, so that the stop and the start fall among the records.
while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in *:*000) sleep 0.2 ;; esac
done <"$WORK/written" | kcat -b "$BOOTSTRAP_SERVERS" -P -t orders -K: -X acks=all -X linger.ms=5 -X enable.idempotence=true
wait $faults
kcat -b "$BOOTSTRAP_SERVERS" -C -t orders -o beginning -e -q -f '%p %o %k:%s\n' >"$WORK/read"
STORY

BROKERLAB=$brokerlab WORK=$work "$brokerlab" up --port-base 0 --exec "bash $work/story.sh"

awk '{print $3}' "$work/read" | sort -u >"$work/read.sorted"
sort "$work/written" >"$work/written.sorted"
lost=$(comm -23 "$work/written.sorted" "$work/read.sorted" | wc -l)
# Within a partition the numbers of one key, and of the whole partition, must grow with the offset.
disorder=$(sort -k1,1n -k2,2n "$work/read" | awk '{split($3, kv, ":"); if (kv[2] + 0 <= last[$1] + 0) n++; last[$1] = kv[2]} END {print n + 0}')
echo "kcat: $(wc -l <"$work/read") read, $lost lost, $disorder out of order"
[ "$lost" -eq 0 ] && [ "$disorder" -eq 0 ] && [ "$(wc -l <"$work/read")" -eq 10000 ]

#!/usr/bin/env bash
# A session with kcat (librdkafka) in which brokers are killed, stopped, paused and cut off is recorded, and played
# again to the same journal; a lab that was killed with SIGKILL leaves a recording that is played to its end.
#   tests/interop/record.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
command -v kcat >/dev/null || { echo "kcat is not installed"; exit 77; }
work=$(mktemp -d)
lab=
end() { [ -z "$lab" ] || kill -KILL "$lab" 2>/dev/null || true; rm -rf "$work"; }
trap end EXIT

cat >"$work/story.sh" <<'STORY'
set -eu
lab() { "$BROKERLAB" shell -c "$1" >/dev/null; }
lab 'kafka-topics --bootstrap-server $BOOTSTRAP --create --topic orders --partitions 3'
lab 'producer start shop --topic orders --rate 300'
write() { seq 1 4000 | awk '{printf "key-%d:%d %0200d\n", $1 % 100, $1, $1}' |
  kcat -b "$BOOTSTRAP_SERVERS" -P -t orders -K: -X acks=all -X linger.ms=5 -X enable.idempotence=true; }
write &
writer=$!
lab 'docker kill kafka2'
lab 'fault slow kafka1 kafka3 3ms jitter 2ms'
lab 'docker start kafka2'
lab 'docker pause kafka3'
lab 'docker unpause kafka3'
wait $writer
lab 'docker stop kafka1'
lab 'fault cut kafka2 kafka3'
lab 'docker start kafka1'
lab 'fault heal'
write
kcat -b "$BOOTSTRAP_SERVERS" -C -t orders -o beginning -e -q | wc -l >"$WORK/read"
lab 'producer stop shop'
STORY

for round in 1 2 3; do
  BROKERLAB=$brokerlab WORK=$work "$brokerlab" up --port-base 0 --record "$work/session-$round" \
    --exec "bash $work/story.sh" >/dev/null 2>"$work/errors"
  recorded=$(sed -n 's/^recorded .* hash //p' "$work/errors")
  [ -n "$recorded" ] || { cat "$work/errors"; exit 1; }
  "$brokerlab" replay "$work/session-$round" >"$work/replayed" || exit 1
  replayed=$(sed -n 's/^hash //p' "$work/replayed")
  echo "record: $(cat "$work/read") read, $(stat -c %s "$work/session-$round") bytes," \
    "$(sed -n 's/^events //p' "$work/replayed") events, hash $recorded, replayed $replayed"
  [ "$recorded" = "$replayed" ] || exit 1
done

"$brokerlab" up --port-base 0 --record "$work/killed" >"$work/ready" 2>"$work/errors" &
lab=$!
for _ in $(seq 200); do
  bootstrap=$(sed -n 's/^ready bootstrap=\([^ ]*\) .*/\1/p' "$work/ready")
  [ -n "$bootstrap" ] && break
  read -r -t 0.05 <> <(:) || true
done
seq 1 5000 | kcat -b "$bootstrap" -P -t orders -X acks=all
kill -KILL "$lab"
wait "$lab" 2>/dev/null || true
lab=
"$brokerlab" replay "$work/killed" >"$work/replayed" 2>"$work/errors"
grep -q 'no end' "$work/errors"
echo "record: killed after 5,000 records, $(sed -n 's/^events //p' "$work/replayed") events played again"

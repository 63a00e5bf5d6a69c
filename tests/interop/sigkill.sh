#!/usr/bin/env bash
# SIGKILL of the whole program, again and again, while kcat writes with acks=all; a new start with the same --data has
# every record that was acknowledged.
#   tests/interop/sigkill.sh build/release/brokerlab
set -eu
brokerlab=$(realpath "$1")
command -v kcat >/dev/null || { echo "kcat is not installed"; exit 77; }
work=$(mktemp -d)
lab=
end() { [ -z "$lab" ] || kill -KILL "$lab" 2>/dev/null || true; rm -rf "$work"; }
trap end EXIT

start() {
  : >"$work/ready"
  "$brokerlab" up --data "$work/data" --port-base 0 >"$work/ready" 2>"$work/errors" &
  lab=$!
  for _ in $(seq 200); do
    bootstrap=$(sed -n 's/^ready bootstrap=\([^ ]*\) .*/\1/p' "$work/ready")
    [ -n "$bootstrap" ] && return
    kill -0 "$lab" 2>/dev/null || { cat "$work/errors"; exit 1; }
    read -r -t 0.05 <> <(:) || true
  done
  echo "the lab did not get ready"; cat "$work/errors"; exit 1
}

start
"$brokerlab" kafka-topics --bootstrap-server "$bootstrap" --create --topic orders --partitions 3 --replication-factor 3
next=1
: >"$work/acknowledged"
for round in 1 2 3; do
  # Batches of 50; those whose kcat ended well are acknowledged. The kill falls into one of them.
  ( read -r -t "0.$((round * 2 + 3))" <> <(:) || true; kill -KILL "$lab" ) &
  killer=$!
  while kill -0 "$lab" 2>/dev/null; do
    seq "$next" $((next + 49)) >"$work/batch"
    if timeout 5 kcat -b "$bootstrap" -P -t orders -X acks=all -X message.timeout.ms=1500 <"$work/batch" 2>/dev/null; then
      cat "$work/batch" >>"$work/acknowledged"
    fi
    next=$((next + 50))
  done
  wait "$killer" || true
  wait "$lab" 2>/dev/null || true
  start
done
kcat -b "$bootstrap" -C -t orders -o beginning -e -q 2>/dev/null | sort -u >"$work/read"
kill -TERM "$lab"; wait "$lab" || true; lab=
sort "$work/acknowledged" >"$work/wanted"
lost=$(comm -23 "$work/wanted" "$work/read" | wc -l)
echo "sigkill: $(wc -l <"$work/wanted") acknowledged in three rounds, $lost lost"
[ "$lost" -eq 0 ] && [ "$(wc -l <"$work/wanted")" -gt 100 ]

#!/usr/bin/env bash
# kcat. It has no admin; and a record is acknowledged when a kcat that wrote it ended well.
set -eu
padding=$(printf 'padding %.0s' {1..12})
kafka_topics() { "$BROKERLAB" kafka-topics --bootstrap-server "$BOOTSTRAP_SERVERS" "$@"; }

# PHASE FIRST LAST OPTIONS...: writes these numbers to each partition
write() {
  local phase=$1 first=$2 last=$3 partition number
  shift 3
  for partition in 0 1 2; do
    seq -f "$phase %.0f $padding" "$first" "$last" |
      kcat -P -b "$BOOTSTRAP_SERVERS" -t "$TOPIC" -p "$partition" -X linger.ms=5 -X message.timeout.ms=60000 "$@"
    seq -f "acked $phase $partition %.0f" "$first" "$last"
  done
}

# PARTITION: up to the record `end`; kcat itself would wait for more
read_partition() {
  exec 3< <(exec kcat -C -E -b "$BOOTSTRAP_SERVERS" -t "$TOPIC" -p "$1" -o beginning -q -u -f 'read %p %o %s\n')
  local kcat=$!
  sed -u '/^read [0-9]* [0-9]* end /q' <&3
  kill $kcat
}

case $1 in
  create)
    kafka_topics --create --topic "$TOPIC" --partitions 3 --replication-factor 3 --config min.insync.replicas=2 >/dev/null
    echo "created $TOPIC"
    ;;
  list)
    kcat -L -b "$BOOTSTRAP_SERVERS" | sed -n 's/^  topic "\(.*\)" with .*/listed \1/p'
    ;;
  write)
    echo "codecs none gzip snappy lz4 zstd"
    for codec in none gzip snappy lz4 zstd; do
      for acks in 0 1 all; do write "$codec-$acks" 0 49 -z "$codec" -X acks="$acks"; done
    done
    echo "quiet"
    for ((number = 0; ; number += 20)); do
      [ ! -e "$FAULTS_OVER" ] || break
      write faults-idempotent $number $((number + 19)) -z lz4 -X acks=all -X enable.idempotence=true
      write faults-plain $number $((number + 19)) -z lz4 -X acks=all -X max.in.flight=1
    done
    write end 0 0 -X acks=all
    ;;
  read)
    for partition in 0 1 2; do read_partition $partition & done
    wait
    ;;
esac

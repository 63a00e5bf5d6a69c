#!/usr/bin/env bash
# Apache Kafka 4.3.1 to compare with: three combined nodes on 127.0.0.1, from the jars that `make interop` brings, 512 MiB
# of heap each, all else as Kafka has it. Prints `ready bootstrap=...` and runs until SIGTERM; 77 when it cannot.
#   KAFKA_PORT_BASE=27092 tests/bench/kafka.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for program in kcat java; do
  command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 77; }
done
jars=$("$here/../interop/kafka_jars.sh")
base=${KAFKA_PORT_BASE:-27092}
work=$(mktemp -d -t brokerlab-kafka-XXXXXX)
nodes=()
end() {
  [ ${#nodes[@]} -eq 0 ] || { kill -KILL "${nodes[@]}" 2>/dev/null; wait 2>/dev/null; } || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 143' TERM INT

kafka() { exec java -Xms512m -Xmx512m -XX:+UseG1GC -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$jars/*" "$@"; }
for id in 1 2 3; do
  mkdir "$work/$id"
  cat >"$work/$id/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$id
controller.quorum.voters=1@127.0.0.1:$((base + 101)),2@127.0.0.1:$((base + 102)),3@127.0.0.1:$((base + 103))
listeners=PLAINTEXT://127.0.0.1:$((base + id)),CONTROLLER://127.0.0.1:$((base + 100 + id))
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$work/$id/data
log.segment.delete.delay.ms=1000
PROPERTIES
  (kafka kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qk -c "$work/$id/server.properties") >"$work/$id/format.log" 2>&1
done
bootstrap=127.0.0.1:$((base + 1)),127.0.0.1:$((base + 2)),127.0.0.1:$((base + 3))
for id in 1 2 3; do
  kafka kafka.Kafka "$work/$id/server.properties" >"$work/$id/server.log" 2>&1 &
  nodes+=($!)
done
for _ in $(seq 60); do
  if timeout 5 kcat -b "$bootstrap" -L 2>/dev/null | grep -q '^ 3 brokers:'; then
    echo "ready bootstrap=$bootstrap"
    wait
  fi
  sleep 0.5
done
echo "Apache Kafka did not get ready" >&2
exit 1

#!/usr/bin/env bash
# Prints the folder with the jars of Apache Kafka 4.3.1 (about 100 MB), which it fetches the first time; 77 when it cannot.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=$here/../../build/interop/kafka-4.3.1
if [ ! -e "$jars/complete" ]; then
  for program in java mvn; do
    command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 77; }
  done
  echo "fetching Apache Kafka 4.3.1 (about 100 MB, once)" >&2
  mkdir -p "$jars"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$jars" >&2 || { echo "Maven cannot get Apache Kafka" >&2; exit 77; }
  rm -f "$jars"/log4j-slf4j-impl-*.jar "$jars"/slf4j-reload4j-*.jar
  touch "$jars/complete"
fi
command -v java >/dev/null || { echo "java is not installed" >&2; exit 77; }
realpath "$jars"

#!/usr/bin/env bash
# Other people's clients and tools against the lab: `make interop`. One story a file; a story that cannot run here
# exits 77 and is named loudly at the end.
#   tests/interop/run.sh build/release/brokerlab [STORY...]
set -u
cd "$(dirname "$0")"
brokerlab=$(realpath "$OLDPWD/${1:?usage: run.sh PATH_OF_BROKERLAB [STORY...]}")
shift
stories=("$@")
[ ${#stories[@]} -gt 0 ] || stories=(kcat.sh codecs.sh sigkill.sh apache_kafka_tools.sh kafka_starts_on_our_data.sh clients.py)
passed=0 failed=0 skipped=()
for story in "${stories[@]}"; do
  echo "=== $story"
  "./$story" "$brokerlab"
  case $? in
    0) passed=$((passed + 1)) ;;
    77) skipped+=("$story") ;;
    *) failed=$((failed + 1)); echo "FAILED: $story" ;;
  esac
done
for story in "${skipped[@]}"; do echo "SKIPPED, NOT TESTED: $story (its reason stands above)"; done
echo "$passed passed, $failed failed, ${#skipped[@]} skipped"
[ "$failed" -eq 0 ]

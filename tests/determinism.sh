#!/usr/bin/env bash
# The same seed and script give the same journal in every build: another compiler and standard library, another level of
# optimisation, with and without sanitizers.
#   tests/determinism.sh build/release build/sanitizers build/threads build/libcxx
set -eu
release=$1
passed=0 failed=0
hash_of() { "$@" | sed -n 's/^hash //p'; }
for run in "--seed 42 --for 20s" "--seed 42 --for 20s --load none" "--seeds 1" "--seeds 2" "--seeds 3"; do
  read -ra arguments <<<"$run"
  wanted=$(hash_of "$release/brokerlab" sim "${arguments[@]}")
  for build in "$@"; do  # the first one too: a second run of it
    hash=$(hash_of "$build/brokerlab" sim "${arguments[@]}")
    if [ -n "$hash" ] && [ "$hash" = "$wanted" ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "determinism: $build, sim $run: '$hash', but $release gave '$wanted'"
    fi
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

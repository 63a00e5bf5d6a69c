#!/usr/bin/env bash
# The same seed and script give the same journal on every build: GCC Release (given), GCC Debug, clang with libc++.
# Without debug information and with three levels of optimisation: that is quicker to build, and more differs.
#   tests/determinism.sh build/release
set -eu
release=$1
seed=42 duration=20s
flags=(-G Ninja -DBROKERLAB_GUI=OFF -DBROKERLAB_TESTS=OFF -DBROKERLAB_WERROR=ON)
cmake "${flags[@]}" -S . -B build/debug -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_CXX_COMPILER=g++ >/dev/null
cmake "${flags[@]}" -S . -B build/libcxx -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++-19 \
  -DCMAKE_CXX_FLAGS=-stdlib=libc++ -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DBROKERLAB_FMT_HEADER_ONLY=ON >/dev/null
ninja -C build/debug --quiet brokerlab
ninja -C build/libcxx --quiet brokerlab

passed=0 failed=0
hash_of() { "$@" | sed -n 's/^hash //p'; }
check() {
  local wanted=$1 name=$2
  shift 2
  local hash
  hash=$(hash_of "$@")
  if [ -n "$hash" ] && [ "$hash" = "$wanted" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "determinism: $name gives '$hash', GCC Release gave '$wanted'"
  fi
}
for load in default none; do
  run=(sim --seed $seed --for $duration --load $load)
  wanted=$(hash_of "$release/brokerlab" "${run[@]}")
  check "$wanted" "a second run ($load)" "$release/brokerlab" "${run[@]}"
  check "$wanted" "Debug ($load)" build/debug/brokerlab "${run[@]}"
  check "$wanted" "clang with libc++ ($load)" build/libcxx/brokerlab "${run[@]}"
done
for seed in 1 2 3; do
  run=(sim --seeds $seed)
  wanted=$(hash_of "$release/brokerlab" "${run[@]}")
  check "$wanted" "a second run (search, seed $seed)" "$release/brokerlab" "${run[@]}"
  check "$wanted" "Debug (search, seed $seed)" build/debug/brokerlab "${run[@]}"
  check "$wanted" "clang with libc++ (search, seed $seed)" build/libcxx/brokerlab "${run[@]}"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

# brokerlab: `make help` lists the targets.
BUILD := build/release
CMAKE := cmake -G Ninja
WERROR := OFF
UNITY := ON
FUZZ_SECONDS := 30
CTEST := ctest --output-on-failure --timeout 300 -j 2
IMGUI := $(if $(IMGUI_SOURCE_DIR),-DIMGUI_SOURCE_DIR=$(IMGUI_SOURCE_DIR))

.PHONY: help run build test test-release test-sanitizers test-fuzz test-threads test-determinism interop differential bench format clean setup

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 26

run: build  ## install what is missing, build, open the window on lesson 1
	$(BUILD)/brokerlab

build: setup  ## build build/release/brokerlab, nothing else
	@$(CMAKE) -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release -DBROKERLAB_UNITY=$(UNITY) -DBROKERLAB_WERROR=$(WERROR) $(IMGUI) >/dev/null
	@ninja -C $(BUILD) --quiet brokerlab

test: test-release test-sanitizers test-fuzz test-threads test-determinism  ## every test: Release, sanitized, fuzzed, the same hash from every build

test-release: setup  ## GCC Release: all of the program
	@$(CMAKE) -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release -DBROKERLAB_UNITY=$(UNITY) -DBROKERLAB_WERROR=$(WERROR) $(IMGUI) >/dev/null
	@ninja -C $(BUILD) --quiet
	$(CTEST) --test-dir $(BUILD)

test-sanitizers: setup  ## clang, address and undefined behaviour: all that needs neither sockets nor processes
	@$(CMAKE) -S . -B build/sanitizers -DCMAKE_CXX_COMPILER=clang++-19 -DBROKERLAB_UNITY=ON -DBROKERLAB_SANITIZE=address,undefined -DBROKERLAB_FUZZ=ON -DBROKERLAB_FUZZ_SECONDS=$(FUZZ_SECONDS) -DBROKERLAB_WERROR=ON $(IMGUI) >/dev/null
	@ninja -C build/sanitizers --quiet
	$(CTEST) --test-dir build/sanitizers -L headless

test-fuzz: test-sanitizers  ## each fuzz target for FUZZ_SECONDS (30), in the sanitized build
	$(CTEST) --test-dir build/sanitizers -L fuzz

test-threads: setup  ## GCC with the thread sanitizer: sockets and threads
	@$(CMAKE) -S . -B build/threads -DBROKERLAB_UNITY=ON -DBROKERLAB_SANITIZE=thread -DBROKERLAB_GUI=OFF -DBROKERLAB_WERROR=$(WERROR) >/dev/null
	@ninja -C build/threads --quiet brokerlab live_tests
	$(CTEST) --test-dir build/threads -L live

test-determinism: test-release test-sanitizers test-threads  ## the same seed gives the same hash in these builds, and in one with libc++ and without optimisation
	@$(CMAKE) -S . -B build/libcxx -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_FLAGS=-stdlib=libc++ -DBROKERLAB_UNITY=ON -DBROKERLAB_FMT_HEADER_ONLY=ON -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG= -DBROKERLAB_GUI=OFF -DBROKERLAB_TESTS=OFF -DBROKERLAB_WERROR=$(WERROR) >/dev/null
	@ninja -C build/libcxx --quiet brokerlab
	tests/determinism.sh $(BUILD) build/sanitizers build/threads build/libcxx

interop: build  ## other people's clients and tools against the lab, fetched into build/interop
	tests/interop/run.sh $(BUILD)/brokerlab

differential: build  ## the same faults, live, in the lab and in Apache Kafka 4.3.1: what differs
	tests/differential/run.py $(BUILD)/brokerlab

bench: setup  ## the figures, beside librdkafka's mock cluster and Apache Kafka: JSON lines and a table
	@$(CMAKE) -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release -DBROKERLAB_UNITY=$(UNITY) -DBROKERLAB_WERROR=$(WERROR) $(IMGUI) >/dev/null
	@ninja -C $(BUILD) --quiet brokerlab raw_client librdkafka_client
	$(BUILD)/brokerlab bench --kafka tests/bench/kafka.sh

format:  ## clang-format everything
	@git ls-files '*.h' '*.cc' | xargs clang-format -i

clean:  ## remove build/
	rm -rf build

setup:
	@.ci/setup

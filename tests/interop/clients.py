#!/usr/bin/env python3
"""The story of clients/README.md with every client that can be got, or with those that are named.
   tests/interop/clients.py build/release/brokerlab [CLIENT...]"""
import itertools
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "clients"))
from check import PARTITIONS, Story
from install import BUILD, CLIENTS, CannotGet

TOPIC = "story"
BROKERS = ("kafka1", "kafka2", "kafka3")
LONGEST_STORY_S = 240
CANNOT_RUN = 77


class Lab:
    """`brokerlab up` with three brokers and a folder of its own."""

    def __init__(self, brokerlab, folder):
        self.brokerlab = brokerlab
        self.data = folder / "data"
        command = [brokerlab, "up", "--port-base", "0", "--data", str(self.data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = re.match(r"ready bootstrap=(\S+) socket=(\S+)", self.process.stdout.readline())
        if ready is None:
            raise RuntimeError("brokerlab up did not get ready")
        self.bootstrap, self.socket = ready.groups()

    def shell(self, command):
        subprocess.run([self.brokerlab, "shell", "--socket", self.socket, "-c", command], check=True,
                       stdout=subprocess.DEVNULL)

    def wait_for_topic(self):
        """Until every broker knows it: who creates a topic is told so when the controller does."""
        for broker, partition in itertools.product(BROKERS, range(PARTITIONS)):
            self.shell(f"expect within=10s {broker}.partitions.{TOPIC}-{partition}.isr.size == 3")

    def end(self):
        self.process.terminate()
        self.process.wait(30)

    def codecs_in_log(self):
        logs = ",".join(str(log) for log in self.data.glob(f"kafka1/{TOPIC}-*/*.log"))
        dump = subprocess.run([self.brokerlab, "kafka-dump-log", "--files", logs], capture_output=True, text=True).stdout
        return set(re.findall(r"compresscodec: (\w+)", dump))


FAULTS = (("kafka1", "stop", "start"), ("kafka2", "kill", "start"), ("kafka3", "pause", "unpause"))


def break_and_mend_brokers(lab):
    for broker, fault, mending in FAULTS:
        lab.shell(f"docker {fault} {broker}")
        lab.shell("expect within=30s brokers.alive == 2")
        time.sleep(0.5)  # so that something is written without it
        lab.shell(f"docker {mending} {broker}")
        for partition in range(PARTITIONS):
            lab.shell(f"expect within=60s {TOPIC}-{partition}.isr.size == 3")


class Play:
    """One client's story in a new lab. Its processes are ended whatever comes."""

    def __init__(self, program, brokerlab, folder):
        self.story = Story(TOPIC)
        self.program = program
        self.folder = folder
        self.brokerlab = brokerlab
        self.processes = []

    def start(self, mode):
        environment = {**self.program.environment, "TOPIC": TOPIC, "BOOTSTRAP_SERVERS": self.lab.bootstrap,
                       "BROKERLAB": self.brokerlab, "FAULTS_OVER": str(self.folder / "faults-over")}
        errors = open(self.folder / f"{mode}.errors", "w")
        process = subprocess.Popen([*self.program.command, mode], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace")
        self.processes.append(process)
        return process

    def end_well(self, process, mode):
        if process.wait() != 0:
            errors = (self.folder / f"{mode}.errors").read_text().strip().splitlines()[-5:]
            self.story.problems.append(" | ".join([f"{mode} ended with {process.returncode}", *errors]))

    def take_all(self, process, mode):
        for line in process.stdout:
            self.story.take(line)
        self.end_well(process, mode)

    def give_up(self):
        self.story.problems.append(f"not done after {LONGEST_STORY_S} s")
        for process in self.processes:
            process.kill()

    def make_faults(self):
        try:
            break_and_mend_brokers(self.lab)
        except subprocess.CalledProcessError as failed:
            self.story.problems.append(f"the lab: {failed.cmd[-1]}")
        (self.folder / "faults-over").touch()

    def run(self):
        self.lab = Lab(self.brokerlab, self.folder)
        limit = threading.Timer(LONGEST_STORY_S, self.give_up)
        limit.start()
        try:
            self.take_all(self.start("create"), "create")
            self.lab.wait_for_topic()
            self.take_all(self.start("list"), "list")
            reader = self.start("read")
            reading = threading.Thread(target=self.take_all, args=(reader, "read"))
            reading.start()
            writer = self.start("write")
            faults = threading.Thread(target=self.make_faults)
            for line in writer.stdout:
                self.story.take(line)
                if line == "quiet\n":
                    faults.start()
            self.end_well(writer, "write")
            if faults.ident is None:  # it never got so far, and never wrote the end
                reader.kill()
            else:
                faults.join()
            reading.join()
        finally:
            limit.cancel()
            for process in self.processes:
                process.kill()
            self.lab.end()
        self.story.check()
        missing = set(self.story.codecs) - self.lab.codecs_in_log()
        if missing:
            self.story.problems.append(f"no batch of {', '.join(sorted(missing))} is in the log")
        return self.story


def table_row(*cells):
    print("{:<26} {:<28} {:<8} {:>7} {:>7} {:>6} {:>8}  {}".format(*cells), flush=True)


def main():
    brokerlab = str(Path(sys.argv[1]).resolve())
    wanted = sys.argv[2:] or list(CLIENTS)
    rows = []
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        print(f"{name} ...", flush=True)
        try:
            program = CLIENTS[name]()
        except CannotGet as reason:
            print(f"  NOT TESTED: {reason}", flush=True)
            rows.append((name, "", "", "", "", "", "", f"NOT TESTED: {reason}"))
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="brokerlab-interop-") as folder:
            story = Play(program, brokerlab, Path(folder)).run()
        for problem in itertools.islice(story.problems, 20):
            print(f"  {problem}")
        acked = sum(map(len, story.acked.values()))
        read = sum(map(len, story.log.values()))
        idempotent = "yes" if "faults-idempotent" in story.phases() else "no"
        result = "passed" if not story.problems else f"FAILED: {len(story.problems)} problems"
        rows.append((name, program.version, idempotent, acked, read, story.duplicates,
                     f"{time.monotonic() - began:.0f}", f"{' '.join(story.codecs)}: {result}"))
    table_row("client", "version", "idemp.", "acked", "read", "twice", "seconds", "codecs, each with acks 0, 1 and all")
    for row in rows:
        table_row(*row)
    if any("FAILED" in row[-1] for row in rows):
        return 1
    return CANNOT_RUN if all("NOT TESTED" in row[-1] for row in rows) else 0


sys.exit(main())

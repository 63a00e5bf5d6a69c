#!/usr/bin/env python3
"""Plays the same stories against the lab and against Apache Kafka 4.3.1, and compares the order of leaders, in-sync sets,
eligible leaders and epochs, and what clients and tools were told. Times are not compared.
   tests/differential/run.py build/release/brokerlab [STORY...]
Prints a table; exits 1 when a story differs, 77 when Kafka cannot be had."""
import difflib
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

from clusters import BROKERS, CannotRun, Kafka, Lab, wait_for_port
from sampler import Connection, Sampler
from stories import STORIES

LONGEST_WAIT_S = 60
CANNOT_RUN = 77


class Cast:
    """Which node plays which part."""

    def __init__(self, mode, controller):
        self.nodes = dict(zip("abc", BROKERS))
        if mode == "combined":
            others = [node for node in BROKERS if node != controller]
            self.nodes = dict(zip("abc", [*others, controller]))
        self.parts = {node: part for part, node in self.nodes.items()}

    def to_parts(self, subject, text):
        """Ids become parts. Which of the survivors wins a quorum election is chance, so only that there was one counts."""
        if subject == "quorum":
            return "another leader"
        ids = r"\b[1-3]\b(?!-)"

        def renamed(match):
            return match.group(1) + re.sub(ids, lambda found: self.parts[int(found.group())], match.group(2))

        if subject == "brokers alive":
            text = "alive: " + text
        text = re.sub(r"((?:alive|Leader|Replicas|Isr|Elr|LastKnownElr): ?)([0-9,]*)", renamed, text)
        return re.sub(r"((?:alive|Isr|\bElr): ?)([a-c,]*)", lambda m: m.group(1) + ",".join(sorted(filter(None, m.group(2).split(",")))), text)


class Play:
    """One story on one cluster."""

    def __init__(self, cluster, brokerlab, mode, observer, steps):
        self.cluster, self.brokerlab, self.mode, self.observer, self.steps = cluster, brokerlab, mode, observer, steps
        self.outcome, self.failure = [], None

    def run(self):
        try:
            wait_for_port(self.cluster, Connection)
            quorum = Connection(self.cluster.port(1)).quorum()
            self.cast = Cast(self.mode, quorum[0])
            names = [step[1] for step in self.steps if step[0] == "topic"]
            for step in self.steps:
                if step[0] == "topic":
                    self.create(step)
            seen_from = self.cast.nodes[self.observer]
            self.sampler = Sampler(seen_from, self.cluster.port(seen_from), names, self.mode == "combined")
            self.sampler.start()
            self.wait("brokers alive", "a,b,c")
            for name in names:
                self.wait(f"{name}-0", "Isr: a,b,c")
            for step in self.steps:
                if step[0] != "topic":
                    self.outcome.append(("step", self.shown(step)))
                    self.act(step)
            time.sleep(1)
        except Exception:
            self.failure = traceback.format_exc()

    @staticmethod
    def shown(step):
        return " ".join(map(str, step))

    def look(self):
        """What the sampler has seen since, in parts."""
        changes, self.sampler.changes = self.sampler.changes, []
        return [(subject, self.cast.to_parts(subject, text)) for subject, text in changes]

    def create(self, step):
        _, name, assignment, settings = step
        groups = ",".join(":".join(str(self.cast.nodes[part]) for part in group) for group in assignment.split(","))
        words = ["--create", "--topic", name, "--replica-assignment", groups]
        for setting, value in settings.items():
            words += ["--config", f"{setting}={value}"]
        self.tool("kafka-topics", words).check_returncode()

    def tool(self, tool, words):
        command = [self.brokerlab, tool, "--bootstrap-server", self.alive_bootstrap(), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_WAIT_S)

    def alive_bootstrap(self):
        if not hasattr(self, "sampler"):
            return self.cluster.bootstrap
        return f"127.0.0.1:{self.cluster.port(self.cast.nodes[self.observer])}"

    def wait(self, subject, wanted):
        end = time.monotonic() + LONGEST_WAIT_S
        while True:
            now = self.cast.to_parts(subject, self.sampler.now.get(subject, ""))
            if wanted in now + " ":
                return
            if time.monotonic() > end:
                raise TimeoutError(f"{subject} is '{now}', not '{wanted}'")
            time.sleep(0.02)

    def act(self, step):
        kind = step[0]
        if kind == "settle":
            time.sleep(step[1])
        elif kind == "expect":
            self.wait(step[1], step[2])
        elif kind == "produce":
            self.outcome.append(("client", self.produce(step[1], step[2])))
        elif kind == "tool":
            done = self.tool(step[1], step[2].split())
            self.outcome.append(("client", f"exit {done.returncode}: {done.stdout.strip()}"))
        else:
            self.cluster.act(step[0], self.cast.nodes[step[1]])
        if kind in ("settle", "expect"):
            time.sleep(0.1)
            self.outcome += [("change", change) for change in self.look()]

    def produce(self, topic, acks):
        command = ["kcat", "-P", "-b", self.cluster.bootstrap, "-t", topic, "-p", "0", "-X", f"acks={acks}", "-X", "retries=0",
                   "-X", "message.timeout.ms=8000", "-X", "enable.idempotence=false"]
        done = subprocess.run(command, input="record\n", capture_output=True, text=True, timeout=LONGEST_WAIT_S)
        said = [line for line in done.stderr.splitlines() if line.startswith("% Delivery failed")]
        return f"produce {topic} acks={acks}: exit {done.returncode} {' '.join(said)}".rstrip()


def by_subject(outcome):
    """Each partition's own sequence, the brokers' and the quorum's, and what clients were told: between subjects order is chance."""
    lines = {}
    for kind, what in outcome:
        if kind == "client":
            lines.setdefault("clients", []).append(what)
        elif kind == "change":
            lines.setdefault(what[0], []).append(what[1])
    return lines


def is_within(few, many):
    """Whether `few` is `many` without some that are neither first nor last."""
    rest = iter(many)
    return bool(few) and few[0] == many[0] and few[-1] == many[-1] and all(one in rest for one in few)


def compare(lab, kafka):
    """Differences, and how many of Kafka's states the lab went through too quickly to be seen."""
    ours, theirs = by_subject(lab.outcome), by_subject(kafka.outcome)
    differences, too_short = [], 0
    for subject in sorted(ours.keys() | theirs.keys()):
        a, b = theirs.get(subject, []), ours.get(subject, [])
        if subject == "quorum":
            a, b = a[:1], b[:1]  # an election may need a second try
        if subject != "clients" and a and is_within(b, a):
            too_short += len(a) - len(b)
        elif a != b:
            differences += [f"  {subject}", *(f"    {line}" for line in difflib.ndiff(a, b) if not line.startswith("?"))]
    return differences, too_short


def play(name, brokerlab, folder):
    mode, observer, settings, steps = STORIES[name]
    kafka = Kafka(folder, mode, settings)
    try:
        lab = Lab(brokerlab, folder, mode, settings)
        try:
            plays = [Play(cluster, brokerlab, mode, observer, steps) for cluster in (kafka, lab)]
            threads = [threading.Thread(target=one.run) for one in plays]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            lab.end()
    finally:
        kafka.end()
    return plays


def main():
    brokerlab = str(Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or list(STORIES)
    rows, differs = [], 0
    for name in names:
        print(f"=== {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                kafka, lab = play(name, brokerlab, Path(folder))
            except CannotRun as reason:
                print(f"SKIPPED, NOT COMPARED: {reason}")
                return CANNOT_RUN
        for one in (kafka, lab):
            if one.failure:
                print(f"{one.cluster.name}:\n{one.failure}")
        differences, too_short = compare(lab, kafka)
        if kafka.failure or lab.failure or differences:
            differs += 1
            print("\n".join(["- Kafka, + lab:", *differences]), flush=True)
        changes = sum(kind == "change" for kind, _ in kafka.outcome)
        clients = sum(kind == "client" for kind, _ in kafka.outcome)
        verdict = "not played" if kafka.failure or lab.failure else "differs" if differences else "the same"
        if too_short and verdict == "the same":
            verdict += f", {too_short} too short to be seen"
        rows.append(f"| {name} | {changes} | {clients} | {verdict} |")
    print("\n| story | changes of leader, ISR, ELR, epoch | answers to clients and tools | lab |\n|---|---|---|---|")
    print("\n".join(rows))
    print(f"{len(names) - differs} passed, {differs} failed")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())

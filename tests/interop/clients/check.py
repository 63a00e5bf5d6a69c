"""Whether the story of README.md came out, from the lines that a client's program printed."""
from collections import defaultdict

PARTITIONS = 3
RECORDS = 50
PADDING = "padding " * 12


class Story:
    def __init__(self, topic):
        self.topic = topic
        self.codecs = []
        self.acked = defaultdict(set)  # (phase, partition) -> numbers
        self.log = defaultdict(list)  # partition -> (phase, number), as read
        self.duplicates = 0
        self.problems = []
        self.created = self.listed = False

    def take(self, line):
        word, _, rest = line.rstrip("\n").partition(" ")
        try:
            self.take_words(word, rest)
        except ValueError:
            self.problems.append(f"cannot be understood: {line.strip()}")

    def take_words(self, word, rest):
        if word == "acked":
            phase, partition, number = rest.split()
            self.acked[phase, int(partition)].add(int(number))
        elif word == "read":
            partition, offset, value = rest.split(" ", 2)
            self.take_record(int(partition), int(offset), value)
        elif word == "failed":
            self.problems.append(f"failed {rest}")
        elif word == "codecs":
            self.codecs = rest.split()
        elif word == "created":
            self.created = rest == self.topic
        elif word == "listed":
            self.listed = self.listed or rest == self.topic

    def take_record(self, partition, offset, value):
        log = self.log[partition]
        phase, number, padding = value.split(" ", 2)
        if offset != len(log):
            self.problems.append(f"partition {partition}: offset {offset} was read where {len(log)} comes next")
        if padding != PADDING:
            self.problems.append(f"partition {partition}, offset {offset}: '{value}' was not written")
        log.append((phase, int(number)))

    def phases(self):
        return {phase for phase, _ in self.acked}

    def check(self):
        if not self.created or not self.listed:
            self.problems.append("the topic was not created and listed")
        expected = {f"{codec}-{acks}" for codec in self.codecs for acks in ("0", "1", "all")} | {"faults-plain", "end"}
        if expected - self.phases():
            self.problems.append(f"nothing was acknowledged of {', '.join(sorted(expected - self.phases()))}")
        for phase in sorted(self.phases()):
            for partition in range(PARTITIONS):
                self.check_phase(phase, partition)

    def check_phase(self, phase, partition):
        where = f"{phase}, partition {partition}"
        acked = self.acked[phase, partition]
        read = [number for name, number in self.log[partition] if name == phase]
        if acked != set(range(len(acked))) or (phase[0:6] != "faults" and len(acked) != (1 if phase == "end" else RECORDS)):
            self.problems.append(f"{where}: {len(acked)} acknowledged")
        lost = acked - set(read)
        if lost:
            self.problems.append(f"{where}: {len(lost)} acknowledged records are lost, the first is {min(lost)}")
        first_reads = list(dict.fromkeys(read))
        if first_reads != sorted(first_reads):
            self.problems.append(f"{where}: out of order")
        again = len(read) - len(first_reads)
        self.duplicates += again
        if again > 0 and phase != "faults-plain":
            self.problems.append(f"{where}: {again} records came twice")

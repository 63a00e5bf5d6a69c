"""What a broker says of the cluster: leaders, in-sync sets, eligible leaders, epochs, who is alive, who leads the quorum.

It asks one broker, every 20 ms, by Metadata v1, DescribeTopicPartitions v0 and DescribeQuorum v0, and keeps what changed. A
broker learns of changes in the order of the metadata log, so one that lives through a story sees them in that order.
"""
import socket
import struct
import threading
import time

METADATA, DESCRIBE_QUORUM, DESCRIBE_TOPIC_PARTITIONS = 3, 55, 75
INTERVAL_S = 0.02


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values[0] if len(values) == 1 else values

    def skip(self, count):
        self.at += count

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def compact_string(self):
        length = self.varint() - 1
        if length < 0:
            return None
        text = self.data[self.at:self.at + length].decode()
        self.skip(length)
        return text

    def string(self):
        length = self.take("h")
        if length > 0:
            self.skip(length)

    def compact_array(self, element):
        return [element() for _ in range(self.varint() - 1)]

    def tags(self):
        for _ in range(self.varint()):
            self.varint()
            self.skip(self.varint())


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def compact(text):
    return varint(len(text) + 1) + text.encode()


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.correlation_id = 0

    def ask(self, key, version, body, is_flexible):
        self.correlation_id += 1
        header = struct.pack(">hhih", key, version, self.correlation_id, 7) + b"sampler" + (b"\0" if is_flexible else b"")
        frame = header + body
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)
        answer = Reader(self.receive(struct.unpack(">i", self.receive(4))[0]))
        answer.skip(4)  # the correlation id
        if is_flexible:
            answer.tags()
        return answer

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def brokers(self):
        answer = self.ask(METADATA, 1, struct.pack(">i", 0), False)
        ids = []
        for _ in range(answer.take("i")):
            ids.append(answer.take("i"))
            answer.string()
            answer.skip(4)
            answer.string()
        return sorted(ids)

    def partitions(self, topics):
        wanted = b"".join(compact(topic) + b"\0" for topic in topics)
        body = varint(len(topics) + 1) + wanted + struct.pack(">i", 2000) + b"\xff\0"
        answer = self.ask(DESCRIBE_TOPIC_PARTITIONS, 0, body, True)
        answer.skip(4)  # throttle time
        found = {}

        def ids():
            return answer.compact_array(lambda: answer.take("i"))

        def partition():
            _, index, leader, epoch = answer.take("hiii")
            replicas, isr, elr, last_known_elr = ids(), ids(), ids(), ids()
            ids()  # offline
            answer.tags()
            return index, leader, epoch, replicas, isr, elr, last_known_elr

        def topic():
            answer.skip(2)
            name = answer.compact_string()
            answer.skip(17)
            for index, leader, epoch, replicas, isr, elr, last_known_elr in answer.compact_array(partition):
                found[f"{name}-{index}"] = (
                    f"Leader: {'none' if leader < 0 else leader} epoch {epoch} Replicas: {joined(replicas)} "
                    f"Isr: {joined(sorted(isr))} Elr: {joined(sorted(elr))} LastKnownElr: {joined(last_known_elr)}").rstrip()
            answer.skip(4)
            answer.tags()

        answer.compact_array(topic)
        return found

    def quorum(self):
        body = b"\2" + compact("__cluster_metadata") + b"\2" + struct.pack(">i", 0) + b"\0\0\0"
        answer = self.ask(DESCRIBE_QUORUM, 0, body, True)
        if answer.take("h") != 0:
            return None
        answer.varint()
        answer.compact_string()
        answer.varint()
        _, error, leader, epoch = answer.take("ihii")
        return (leader, epoch) if error == 0 else None


def joined(ids):
    return ",".join(map(str, ids))


class Sampler(threading.Thread):
    """Keeps what changed as (subject, text), subjects being partitions, `brokers alive` and `quorum`. A node that is not
    alive itself is not believed: Kafka's broker opens its port when it is unfenced, the lab's answers before."""

    def __init__(self, node, port, topics, sees_quorum):
        super().__init__(daemon=True)
        self.node, self.port, self.topics, self.sees_quorum = node, port, topics, sees_quorum
        self.changes, self.now = [], {}
        self.is_over = False

    def note(self, subject, text):
        if self.now.get(subject) != text:
            self.now[subject] = text
            self.changes.append((subject, text))

    def look(self, connection):
        alive = connection.brokers()
        if self.node not in alive:
            return
        self.note("brokers alive", joined(alive))
        for name, text in sorted(connection.partitions(self.topics).items()):
            self.note(name, text)
        if self.sees_quorum and (quorum := connection.quorum()) is not None:
            self.note("quorum", f"leader {quorum[0]} epoch {quorum[1]}")

    def run(self):
        connection = None
        while not self.is_over:
            try:
                connection = connection or Connection(self.port)
                self.look(connection)
            except (OSError, struct.error, IndexError):
                connection = None
            time.sleep(INTERVAL_S)

    def wait_for(self, subject, wanted, limit_s):
        """Until the subject's state contains `wanted`; raises when it does not come."""
        end = time.monotonic() + limit_s
        while wanted not in self.now.get(subject, ""):
            if time.monotonic() > end:
                raise TimeoutError(f"{subject} is '{self.now.get(subject)}', not '{wanted}'")
            time.sleep(INTERVAL_S)

"""The story of ../README.md for clients in Python. A program hands `play` an object with
   codecs, is_idempotent
   create_topic(name, partitions, replication_factor, configs), list_topics() -> names
   open_producer(codec, acks, idempotent) -> object with send(partition, value, done), close()
     send calls done(error), None when the record was acknowledged; close waits for all that was sent
   read(topic, partitions) -> yields (partition, offset, value)
acks is 0, 1 or "all". Values are bytes."""
import os
import sys
import time

PARTITIONS = range(3)
RECORDS = 50
TOPIC = os.environ.get("TOPIC")
BOOTSTRAP_SERVERS = os.environ.get("BOOTSTRAP_SERVERS")


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def play(client):
    {"create": create, "list": list_topics, "write": write, "read": read}[sys.argv[1]](client)


def create(client):
    client.create_topic(TOPIC, len(PARTITIONS), 3, {"min.insync.replicas": "2"})
    say("created", TOPIC)


def list_topics(client):
    for name in client.list_topics():
        say("listed", name)


def read(client):
    unfinished = set(PARTITIONS)
    for partition, offset, value in client.read(TOPIC, PARTITIONS):
        say("read", partition, offset, value.decode())
        if value.startswith(b"end "):
            unfinished.discard(partition)
        if not unfinished:
            return


def send(producer, phase, number):
    for partition in PARTITIONS:
        def done(error, partition=partition):
            if error is None:
                say("acked", phase, partition, number)
            else:
                say("failed", phase, partition, number, str(error).replace("\n", " "))
        producer.send(partition, f"{phase} {number} {'padding ' * 12}".encode(), done)


def write(client):
    say("codecs", *client.codecs)
    for codec in client.codecs:
        for acks in (0, 1, "all"):
            producer = client.open_producer(codec, acks, idempotent=False)
            for number in range(RECORDS):
                send(producer, f"{codec}-{acks}", number)
            producer.close()
    say("quiet")

    codec = "lz4" if "lz4" in client.codecs else client.codecs[-1]
    phases = ["faults-idempotent", "faults-plain"] if client.is_idempotent else ["faults-plain"]
    producers = {phase: client.open_producer(codec, "all", phase == "faults-idempotent") for phase in phases}
    number = 0
    while not os.path.exists(os.environ["FAULTS_OVER"]):
        for phase, producer in producers.items():
            send(producer, phase, number)
        number += 1
        time.sleep(0.01)
    for producer in producers.values():
        producer.close()

    producer = client.open_producer("none", "all", idempotent=False)
    send(producer, "end", 0)
    producer.close()

"""confluent-kafka (librdkafka), Debian's and today's."""
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import story

COMMON = {"bootstrap.servers": story.BOOTSTRAP_SERVERS, "log_level": 3}


class Sender:
    def __init__(self, config):
        self.producer = Producer(config)

    def send(self, partition, value, done):
        self.producer.produce(story.TOPIC, value, partition=partition, on_delivery=lambda error, _: done(error))
        self.producer.poll(0)

    def close(self):
        if self.producer.flush(90) > 0:
            raise RuntimeError("records are still under way after 90 s")


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
    is_idempotent = True

    def create_topic(self, name, partitions, replication_factor, configs):
        topic = NewTopic(name, partitions, replication_factor, config=configs)
        admin = AdminClient(COMMON)  # what it began ends with it
        admin.create_topics([topic])[name].result(30)

    def list_topics(self):
        return AdminClient(COMMON).list_topics(timeout=30).topics

    def open_producer(self, codec, acks, idempotent):
        return Sender({**COMMON, "compression.codec": codec, "acks": acks, "enable.idempotence": idempotent,
                       "max.in.flight": 5 if idempotent else 1, "linger.ms": 5, "message.timeout.ms": 60000})

    def read(self, topic, partitions):
        # A group id must be there, but who is assigned and commits nothing is in no group.
        consumer = Consumer({**COMMON, "group.id": "none", "enable.auto.commit": False})
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
        while True:
            message = consumer.poll(1)
            if message is not None and message.error() is None:
                yield message.partition(), message.offset(), message.value()


story.play(Client())

"""kafka-python, 2.0.2 (which Debian has too) and today's."""
from kafka import KafkaConsumer, KafkaProducer, TopicPartition, __version__
from kafka.admin import KafkaAdminClient, NewTopic

import story


class Sender:
    def __init__(self, **config):
        self.producer = KafkaProducer(bootstrap_servers=story.BOOTSTRAP_SERVERS, linger_ms=5, **config)

    def send(self, partition, value, done):
        future = self.producer.send(story.TOPIC, value, partition=partition)
        future.add_callback(lambda _: done(None))
        future.add_errback(done)

    def close(self):
        self.producer.flush(90)
        self.producer.close()


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
    is_idempotent = not __version__.startswith("2.0")

    def create_topic(self, name, partitions, replication_factor, configs):
        topic = NewTopic(name, partitions, replication_factor, topic_configs=configs)
        KafkaAdminClient(bootstrap_servers=story.BOOTSTRAP_SERVERS).create_topics([topic])

    def list_topics(self):
        return KafkaAdminClient(bootstrap_servers=story.BOOTSTRAP_SERVERS).list_topics()

    def open_producer(self, codec, acks, idempotent):
        config = {"enable_idempotence": idempotent} if self.is_idempotent else {}
        if not idempotent:  # 2.0.2 counts tries, not time
            config.update(retries=10_000, max_in_flight_requests_per_connection=1)
        return Sender(compression_type=None if codec == "none" else codec, acks=acks, request_timeout_ms=60_000, **config)

    def read(self, topic, partitions):
        consumer = KafkaConsumer(bootstrap_servers=story.BOOTSTRAP_SERVERS, enable_auto_commit=False)
        assigned = [TopicPartition(topic, p) for p in partitions]
        consumer.assign(assigned)
        consumer.seek_to_beginning(*assigned)
        for message in consumer:
            yield message.partition, message.offset, message.value


story.play(Client())

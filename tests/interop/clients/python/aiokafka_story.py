"""aiokafka. Its coroutines run in a thread of their own."""
import asyncio
import threading

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

import story

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


def wait_for(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


class Sender:
    def __init__(self, **config):
        async def start():
            self.producer = AIOKafkaProducer(bootstrap_servers=story.BOOTSTRAP_SERVERS, linger_ms=5, **config)
            await self.producer.start()
        wait_for(start())

    def send(self, partition, value, done):
        async def send():
            delivery = await self.producer.send(story.TOPIC, value, partition=partition)
            delivery.add_done_callback(lambda delivery: done(delivery.exception()))
        wait_for(send())

    def close(self):
        wait_for(self.producer.stop())


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
    is_idempotent = True

    async def with_admin(self, use):
        admin = AIOKafkaAdminClient(bootstrap_servers=story.BOOTSTRAP_SERVERS)
        await admin.start()
        try:
            return await use(admin)
        finally:
            await admin.close()

    def create_topic(self, name, partitions, replication_factor, configs):
        topic = NewTopic(name, partitions, replication_factor, topic_configs=configs)
        wait_for(self.with_admin(lambda admin: admin.create_topics([topic])))

    def list_topics(self):
        return wait_for(self.with_admin(lambda admin: admin.list_topics()))

    def open_producer(self, codec, acks, idempotent):
        return Sender(compression_type=None if codec == "none" else codec, acks=acks, enable_idempotence=idempotent,
                      request_timeout_ms=60_000)

    def read(self, topic, partitions):
        async def start():
            consumer = AIOKafkaConsumer(bootstrap_servers=story.BOOTSTRAP_SERVERS, enable_auto_commit=False,
                                        auto_offset_reset="earliest")
            await consumer.start()
            consumer.assign([TopicPartition(topic, p) for p in partitions])
            return consumer
        consumer = wait_for(start())
        while True:
            for messages in wait_for(consumer.getmany(timeout_ms=1000)).values():
                for message in messages:
                    yield message.partition, message.offset, message.value


story.play(Client())

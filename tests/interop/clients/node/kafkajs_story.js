// kafkajs, with the codecs that others have written for it.
const fs = require("fs");
const { CompressionCodecs, CompressionTypes, Kafka, Partitioners, logLevel } = require("kafkajs");
const lz4 = require("lz4js");
const zstd = require("@bokuweb/zstd-wasm");

CompressionCodecs[CompressionTypes.Snappy] = require("kafkajs-snappy");
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
});

const codecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
const { BOOTSTRAP_SERVERS, TOPIC, FAULTS_OVER } = process.env;
const kafka = new Kafka({
  brokers: BOOTSTRAP_SERVERS.split(","),
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 },
});
const partitions = [0, 1, 2];
const say = (...words) => fs.writeSync(1, words.join(" ") + "\n");

async function withAdmin(use) {
  const admin = kafka.admin();
  await admin.connect();
  await use(admin);
  await admin.disconnect();
}

const create = () =>
  withAdmin(async (admin) => {
    const configEntries = [{ name: "min.insync.replicas", value: "2" }];
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3, replicationFactor: 3, configEntries }] });
    say("created", TOPIC);
  });

const list = () =>
  withAdmin(async (admin) => {
    for (const name of await admin.listTopics()) say("listed", name);
  });

async function open(idempotent) {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafka.producer({ idempotent, maxInFlightRequests: idempotent ? 5 : 1, createPartitioner });
  await producer.connect();
  return producer;
}

async function send(producer, phase, number, codec, acks) {
  const value = `${phase} ${number} ${"padding ".repeat(12)}`;
  const options = { topic: TOPIC, acks: acks === "all" ? -1 : acks, compression: codecs[codec] };
  // A send to each partition: of one to several, kafkajs 2.2.4 acknowledges partitions that it never sent, when their
  // leader changed to a broker that had already answered for another one.
  const sendTo = async (partition) => {
    try {
      await producer.send({ ...options, messages: [{ partition, value }] });
      say("acked", phase, partition, number);
    } catch (error) {
      say("failed", phase, partition, number, error.message);
    }
  };
  await Promise.all(partitions.map(sendTo));
}

async function write() {
  say("codecs", ...Object.keys(codecs));
  for (const codec of Object.keys(codecs)) {
    for (const acks of [0, 1, "all"]) {
      const producer = await open(false);
      for (let number = 0; number < 50; ++number) await send(producer, `${codec}-${acks}`, number, codec, acks);
      await producer.disconnect();
    }
  }
  say("quiet");

  // Each waits for its own answers: kafkajs leaves what is sent at the same time in no order.
  const writeUntilOver = async (phase, producer) => {
    for (let number = 0; !fs.existsSync(FAULTS_OVER); ++number) {
      await send(producer, phase, number, "lz4", "all");
      await new Promise((done) => setTimeout(done, 10));
    }
    await producer.disconnect();
  };
  await Promise.all([
    writeUntilOver("faults-idempotent", await open(true)),
    writeUntilOver("faults-plain", await open(false)),
  ]);

  const producer = await open(false);
  await send(producer, "end", 0, "none", "all");
  await producer.disconnect();
}

// kafkajs has consumers in groups only: this asks its cluster for the leaders, and them for records.
async function read() {
  const createCluster = Object.getOwnPropertySymbols(kafka).find((s) => s.description.endsWith("createCluster"));
  const cluster = kafka[createCluster]({ allowAutoTopicCreation: false });
  await cluster.connect();
  await cluster.addTargetTopic(TOPIC);
  const next = [0n, 0n, 0n];
  const unfinished = new Set(partitions);
  const readFrom = async (nodeId, assigned) => {
    const broker = await cluster.findBroker({ nodeId });
    const wanted = assigned.map((partition) => ({ partition, fetchOffset: next[partition].toString(), maxBytes: 1 << 20 }));
    const topics = [{ topic: TOPIC, partitions: wanted }];
    const { responses } = await broker.fetch({ maxWaitTime: 100, minBytes: 1, maxBytes: 1 << 22, topics });
    for (const { partition, messages } of responses.flatMap((response) => response.partitions)) {
      for (const { offset, value } of messages) {
        if (BigInt(offset) < next[partition]) continue; // a batch comes whole
        next[partition] = BigInt(offset) + 1n;
        say("read", partition, offset, value);
        if (value.toString().startsWith("end ")) unfinished.delete(partition);
      }
    }
  };
  while (unfinished.size > 0) {
    try {
      const leaders = Object.entries(cluster.findLeaderForPartitions(TOPIC, partitions));
      await Promise.all(leaders.map(([leader, assigned]) => readFrom(leader, assigned)));
    } catch {
      await new Promise((done) => setTimeout(done, 100));
      await cluster.refreshMetadata().catch(() => {});
    }
  }
  process.exit(0);
}

zstd
  .init()
  .then({ create, list, write, read }[process.argv[2]])
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });

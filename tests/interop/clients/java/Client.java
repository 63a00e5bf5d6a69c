// Apache Kafka's Java clients.
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Client {
  static final String TOPIC = System.getenv("TOPIC");
  static final int PARTITIONS = 3;
  static final int RECORDS = 50;

  static Map<String, Object> config() {
    return new HashMap<>(Map.of("bootstrap.servers", System.getenv("BOOTSTRAP_SERVERS")));
  }

  static synchronized void say(String line) {
    System.out.println(line);
  }

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "create" -> create();
      case "list" -> list();
      case "write" -> write();
      case "read" -> read();
    }
  }

  static void create() throws Exception {
    try (Admin admin = Admin.create(config())) {
      NewTopic topic = new NewTopic(TOPIC, PARTITIONS, (short) 3).configs(Map.of("min.insync.replicas", "2"));
      admin.createTopics(List.of(topic)).all().get();
      say("created " + TOPIC);
    }
  }

  static void list() throws Exception {
    try (Admin admin = Admin.create(config())) {
      for (String name : admin.listTopics().names().get()) say("listed " + name);
    }
  }

  static KafkaProducer<String, String> open(String codec, String acks, boolean idempotent) {
    Map<String, Object> config = config();
    config.put("compression.type", codec);
    config.put("acks", acks);
    config.put("enable.idempotence", idempotent);
    config.put("max.in.flight.requests.per.connection", idempotent ? 5 : 1);
    config.put("delivery.timeout.ms", 60_000);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  static void send(KafkaProducer<String, String> producer, String phase, int number) {
    for (int partition = 0; partition < PARTITIONS; ++partition) {
      String name = phase + " " + partition + " " + number;
      String value = phase + " " + number + " " + "padding ".repeat(12);
      producer.send(new ProducerRecord<>(TOPIC, partition, null, value),
          (metadata, error) -> say(error == null ? "acked " + name : "failed " + name + " " + error));
    }
  }

  static void write() throws Exception {
    List<String> codecs = List.of("none", "gzip", "snappy", "lz4", "zstd");
    say("codecs " + String.join(" ", codecs));
    for (String codec : codecs)
      for (String acks : List.of("0", "1", "all"))
        try (var producer = open(codec, acks, false)) {
          for (int number = 0; number < RECORDS; ++number) send(producer, codec + "-" + acks, number);
        }
    say("quiet");

    try (var idempotent = open("lz4", "all", true); var plain = open("lz4", "all", false)) {
      for (int number = 0; !Files.exists(Path.of(System.getenv("FAULTS_OVER"))); ++number) {
        send(idempotent, "faults-idempotent", number);
        send(plain, "faults-plain", number);
        Thread.sleep(10);
      }
    }
    try (var producer = open("none", "all", false)) {
      send(producer, "end", 0);
    }
  }

  static void read() {
    try (var consumer = new KafkaConsumer<>(config(), new StringDeserializer(), new StringDeserializer())) {
      var assigned = IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(TOPIC, partition)).toList();
      consumer.assign(assigned);
      consumer.seekToBeginning(assigned);
      var unfinished = new TreeSet<>(List.of(0, 1, 2));
      while (!unfinished.isEmpty())
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          say("read " + record.partition() + " " + record.offset() + " " + record.value());
          if (record.value().startsWith("end ")) unfinished.remove(record.partition());
        }
    }
  }
}

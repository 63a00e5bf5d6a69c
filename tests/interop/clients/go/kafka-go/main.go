// segmentio's kafka-go: no idempotence; its writer has one batch a partition under way.
package main

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go"

	"brokerlab/interop/story"
)

var background = context.Background()

type client struct{}

func dial() *kafka.Conn {
	connection, err := kafka.Dial("tcp", story.Bootstrap[0])
	story.Must(err)
	return connection
}

func (client) Codecs() []string   { return []string{"none", "gzip", "snappy", "lz4", "zstd"} }
func (client) IsIdempotent() bool { return false }

func (client) CreateTopic() {
	topic := kafka.TopicConfig{Topic: story.Topic, NumPartitions: story.Partitions, ReplicationFactor: story.ReplicationFactor}
	for name, value := range story.Configs {
		topic.ConfigEntries = append(topic.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: value})
	}
	request := &kafka.CreateTopicsRequest{Addr: kafka.TCP(story.Bootstrap...), Topics: []kafka.TopicConfig{topic}}
	answer, err := (&kafka.Client{}).CreateTopics(background, request)
	story.Must(err)
	story.Must(answer.Errors[story.Topic])
}

func (client) ListTopics() []string {
	partitions, err := dial().ReadPartitions()
	story.Must(err)
	var names []string
	for _, partition := range partitions {
		if partition.ID == 0 {
			names = append(names, partition.Topic)
		}
	}
	return names
}

type producer struct{ *kafka.Writer }

func (client) Open(codec string, acks story.Acks, _ bool) story.Producer {
	codecs := map[string]kafka.Compression{"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4,
		"zstd": kafka.Zstd}
	required := map[story.Acks]kafka.RequiredAcks{"0": kafka.RequireNone, "1": kafka.RequireOne, "all": kafka.RequireAll}
	return producer{&kafka.Writer{
		Addr:         kafka.TCP(story.Bootstrap...),
		Topic:        story.Topic,
		Balancer:     kafka.BalancerFunc(func(message kafka.Message, _ ...int) int { return message.WriterData.(int) }),
		Compression:  codecs[codec],
		RequiredAcks: required[acks],
		BatchTimeout: 5 * time.Millisecond,
		MaxAttempts:  100,
	}}
}

func (p producer) Send(values [story.Partitions]string, done func(int, error)) {
	var messages []kafka.Message
	for partition, value := range values {
		messages = append(messages, kafka.Message{Value: []byte(value), WriterData: partition})
	}
	err := p.WriteMessages(background, messages...)
	failed, isForEach := err.(kafka.WriteErrors)
	for partition := range values {
		if isForEach {
			err = failed[partition]
		}
		done(partition, err)
	}
}

func (p producer) Close() { story.Must(p.Writer.Close()) }

func (client) Read(take func(story.Record) bool) {
	messages := make(chan kafka.Message)
	for partition := range story.Partitions {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: story.Bootstrap, Topic: story.Topic, Partition: partition,
			MaxWait: 500 * time.Millisecond})
		go func() {
			for {
				// It gives up finding the leader after three tries, and goes on when it is asked again.
				if message, err := reader.ReadMessage(background); err == nil {
					messages <- message
				}
			}
		}()
	}
	for message := range messages {
		if !take(story.Record{Partition: message.Partition, Offset: message.Offset, Value: string(message.Value)}) {
			return
		}
	}
}

func main() { story.Play(client{}) }

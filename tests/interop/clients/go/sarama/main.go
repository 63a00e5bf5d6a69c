// sarama.
package main

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"brokerlab/interop/story"
)

type client struct{}

func config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	return config
}

func admin() sarama.ClusterAdmin {
	admin, err := sarama.NewClusterAdmin(story.Bootstrap, config())
	story.Must(err)
	return admin
}

func (client) Codecs() []string   { return []string{"none", "gzip", "snappy", "lz4", "zstd"} }
func (client) IsIdempotent() bool { return true }

func (client) CreateTopic() {
	detail := &sarama.TopicDetail{NumPartitions: story.Partitions, ReplicationFactor: story.ReplicationFactor,
		ConfigEntries: map[string]*string{}}
	for name, value := range story.Configs {
		detail.ConfigEntries[name] = &value
	}
	story.Must(admin().CreateTopic(story.Topic, detail, false))
}

func (client) ListTopics() []string {
	topics, err := admin().ListTopics()
	story.Must(err)
	return slices.Collect(maps.Keys(topics))
}

// Acknowledgements and errors come in channels of their own; a message carries whom to tell.
type producer struct {
	sarama.AsyncProducer
	done *sync.WaitGroup
}

func (client) Open(codec string, acks story.Acks, idempotent bool) story.Producer {
	config := config()
	config.Producer.Compression = map[string]sarama.CompressionCodec{"none": sarama.CompressionNone,
		"gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4,
		"zstd": sarama.CompressionZSTD}[codec]
	config.Producer.RequiredAcks = map[story.Acks]sarama.RequiredAcks{"0": sarama.NoResponse, "1": sarama.WaitForLocal,
		"all": sarama.WaitForAll}[acks]
	config.Producer.Idempotent = idempotent
	config.Net.MaxOpenRequests = 1 // sarama wants it for idempotence too
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Flush.Frequency = 5 * time.Millisecond
	config.Producer.Retry.Max = 600
	config.Producer.Retry.Backoff = 100 * time.Millisecond
	config.Producer.Return.Successes = true
	opened, err := sarama.NewAsyncProducer(story.Bootstrap, config)
	story.Must(err)
	p := producer{opened, &sync.WaitGroup{}}
	tell := func(message *sarama.ProducerMessage, err error) {
		message.Metadata.(func(int, error))(int(message.Partition), err)
	}
	p.done.Go(func() {
		for message := range p.Successes() {
			tell(message, nil)
		}
	})
	p.done.Go(func() {
		for failed := range p.Errors() {
			tell(failed.Msg, failed.Err)
		}
	})
	return p
}

func (p producer) Send(values [story.Partitions]string, done func(int, error)) {
	for partition, value := range values {
		p.Input() <- &sarama.ProducerMessage{Topic: story.Topic, Partition: int32(partition),
			Value: sarama.StringEncoder(value), Metadata: done}
	}
}

func (p producer) Close() {
	p.AsyncClose()
	p.done.Wait()
}

func (client) Read(take func(story.Record) bool) {
	consumer, err := sarama.NewConsumer(story.Bootstrap, config())
	story.Must(err)
	messages := make(chan *sarama.ConsumerMessage)
	for partition := range int32(story.Partitions) {
		assigned, err := consumer.ConsumePartition(story.Topic, partition, sarama.OffsetOldest)
		story.Must(err)
		go func() {
			for message := range assigned.Messages() {
				messages <- message
			}
		}()
	}
	for message := range messages {
		if !take(story.Record{Partition: int(message.Partition), Offset: message.Offset, Value: string(message.Value)}) {
			return
		}
	}
}

func main() { story.Play(client{}) }

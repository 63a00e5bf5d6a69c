// franz-go.
package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"brokerlab/interop/story"
)

var background = context.Background()

type client struct{}

func open(options ...kgo.Opt) *kgo.Client {
	opened, err := kgo.NewClient(append(options, kgo.SeedBrokers(story.Bootstrap...))...)
	story.Must(err)
	return opened
}

func (client) Codecs() []string   { return []string{"none", "gzip", "snappy", "lz4", "zstd"} }
func (client) IsIdempotent() bool { return true }

func (client) CreateTopic() {
	configs := map[string]*string{}
	for name, value := range story.Configs {
		configs[name] = &value
	}
	answer, err := kadm.NewClient(open()).CreateTopic(background, story.Partitions, story.ReplicationFactor, configs, story.Topic)
	story.Must(err)
	story.Must(answer.Err)
}

func (client) ListTopics() []string {
	topics, err := kadm.NewClient(open()).ListTopics(background)
	story.Must(err)
	return topics.Names()
}

type producer struct{ *kgo.Client }

func (client) Open(codec string, acks story.Acks, idempotent bool) story.Producer {
	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	required := map[story.Acks]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()}
	options := []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codecs[codec]),
		kgo.RequiredAcks(required[acks]),
		kgo.RecordDeliveryTimeout(time.Minute),
		kgo.ProducerLinger(5 * time.Millisecond),
	}
	if !idempotent {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	return producer{open(options...)}
}

func (p producer) Send(values [story.Partitions]string, done func(int, error)) {
	for partition, value := range values {
		record := &kgo.Record{Topic: story.Topic, Partition: int32(partition), Value: []byte(value)}
		p.Produce(background, record, func(_ *kgo.Record, err error) { done(partition, err) })
	}
}

func (p producer) Close() {
	story.Must(p.Flush(background))
	p.Client.Close()
}

func (client) Read(take func(story.Record) bool) {
	start := kgo.NewOffset().AtStart()
	reader := open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{story.Topic: {0: start, 1: start, 2: start}}))
	for {
		for _, record := range reader.PollFetches(background).Records() {
			if !take(story.Record{Partition: int(record.Partition), Offset: record.Offset, Value: string(record.Value)}) {
				return
			}
		}
	}
}

func main() { story.Play(client{}) }

// Package story plays ../../README.md for clients in Go.
package story

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	Partitions        = 3
	ReplicationFactor = 3
	records           = 50
)

var (
	Topic     = os.Getenv("TOPIC")
	Bootstrap = strings.Split(os.Getenv("BOOTSTRAP_SERVERS"), ",")
	Configs   = map[string]string{"min.insync.replicas": "2"}
)

// Acks is "0", "1" or "all".
type Acks = string

type Record struct {
	Partition int
	Offset    int64
	Value     string
}

// Producer sends to Topic. Send may return before done is called, which it is for each value with what came of it.
type Producer interface {
	Send(values [Partitions]string, done func(partition int, err error))
	Close()
}

type Client interface {
	Codecs() []string
	CreateTopic()
	ListTopics() []string
	Open(codec string, acks Acks, idempotent bool) Producer
	// Read calls take for every record from the beginnings of all partitions on, one call at a time, until it is false.
	Read(take func(Record) bool)
	IsIdempotent() bool
}

var (
	out   = bufio.NewWriter(os.Stdout)
	outMu sync.Mutex
)

func say(format string, arguments ...any) {
	outMu.Lock()
	defer outMu.Unlock()
	fmt.Fprintf(out, format+"\n", arguments...)
	out.Flush()
}

// Must ends the program when something failed.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func Play(client Client) {
	switch os.Args[1] {
	case "create":
		client.CreateTopic()
		say("created %s", Topic)
	case "list":
		for _, name := range client.ListTopics() {
			say("listed %s", name)
		}
	case "read":
		unfinished := map[int]bool{0: true, 1: true, 2: true}
		client.Read(func(record Record) bool {
			say("read %d %d %s", record.Partition, record.Offset, record.Value)
			if strings.HasPrefix(record.Value, "end ") {
				delete(unfinished, record.Partition)
			}
			return len(unfinished) > 0
		})
	case "write":
		write(client)
	}
}

func send(producer Producer, phase string, number int) {
	var values [Partitions]string
	for partition := range values {
		values[partition] = fmt.Sprintf("%s %d %s", phase, number, strings.Repeat("padding ", 12))
	}
	producer.Send(values, func(partition int, err error) {
		if err == nil {
			say("acked %s %d %d", phase, partition, number)
		} else {
			say("failed %s %d %d %v", phase, partition, number, err)
		}
	})
}

func write(client Client) {
	say("codecs %s", strings.Join(client.Codecs(), " "))
	for _, codec := range client.Codecs() {
		for _, acks := range []Acks{"0", "1", "all"} {
			producer := client.Open(codec, acks, false)
			for number := 0; number < records; number++ {
				send(producer, codec+"-"+acks, number)
			}
			producer.Close()
		}
	}
	say("quiet")

	producers := map[string]Producer{"faults-plain": client.Open("lz4", "all", false)}
	if client.IsIdempotent() {
		producers["faults-idempotent"] = client.Open("lz4", "all", true)
	}
	for number := 0; !faultsAreOver(); number++ {
		for phase, producer := range producers {
			send(producer, phase, number)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, producer := range producers {
		producer.Close()
	}

	end := client.Open("none", "all", false)
	send(end, "end", 0)
	end.Close()
}

func faultsAreOver() bool {
	_, err := os.Stat(os.Getenv("FAULTS_OVER"))
	return err == nil
}

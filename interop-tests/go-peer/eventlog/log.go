// Package eventlog keeps events in memory for whoever reads them, each at its own pace.
//
//	append ─► [1] [2] [ ] [4] [5] …      a topic gives up its oldest when there are too many
//	               ▲          ▲
//	             cursor     cursor       of one that has fallen behind: a gap, and what there is
//
// Whoever appends never waits, and nothing is queued for anybody. What was given up leaves behind how far it went, so that
// whoever comes after it is told that something is missing, exactly if something that it wants is, or may be.
package eventlog

import (
	"errors"
	"sync"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// Limits are how much a log keeps. The zero value of each stands for the usual one.
type Limits struct {
	// Events and Bytes bound each topic.
	Events, Bytes int
	// Total bounds the bytes of all topics together: the one that holds most gives up its oldest.
	Total int
	// Age is for how long an event is kept, in milliseconds.
	Age uint64
	// Topics bounds the topics; the one to which nothing was added for longest makes room, with all that it has.
	Topics int
}

// The usual limits.
const (
	maxEvents = 65_536
	maxBytes  = 16 << 20
	maxTotal  = 64 << 20
	maxAge    = 60 * 60 * 1000
	maxTopics = 1_024
)

// TopicsPerPublisher bounds the topics that one contact may begin.
const TopicsPerPublisher = 128

// overhead is what an event costs besides its payload and its topic, in bytes.
const overhead = 256

// ErrFull says that a publisher has begun as many topics as it may.
var ErrFull = errors.New("the publisher has begun as many topics as it may")

// Log keeps events; safe for concurrent use.
type Log struct {
	epoch  uint64
	limits Limits

	mu     sync.Mutex
	last   uint64
	all    queue
	topics map[event.Topic]*topic
	// begun counts the topics that each publisher has begun.
	begun map[id.AgentID]int
	bytes int
	// lost is the highest number that was given up.
	lost uint64
	// forgotten is the highest number that a topic had which is not remembered any more.
	forgotten uint64
	// changed is closed, and made anew, when there is something to read.
	changed chan struct{}
}

// topic is what is kept of one, and what was not.
type topic struct {
	name  event.Topic
	begun id.AgentID
	all   queue
	bytes int
	// lost is the highest number that it gave up.
	lost uint64
	// newest is the last event, which may be lost.
	newest, at uint64
}

// New makes an empty log of a broker that has started so often.
func New(epoch uint64, limits Limits) *Log {
	usual := func(limit *int, usually int) {
		if *limit == 0 {
			*limit = usually
		}
	}
	usual(&limits.Events, maxEvents)
	usual(&limits.Bytes, maxBytes)
	usual(&limits.Total, maxTotal)
	usual(&limits.Topics, maxTopics)
	if limits.Age == 0 {
		limits.Age = maxAge
	}
	return &Log{
		epoch: epoch, limits: limits, topics: make(map[event.Topic]*topic), begun: make(map[id.AgentID]int),
		changed: make(chan struct{}),
	}
}

// Append adds an event, now; it always succeeds.
func (l *Log) Append(name event.Topic, publisher id.AgentID, payload []byte, now uint64) event.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.append(name, publisher, payload, now)
}

// AppendFrom adds an event of a contact, which may not begin more topics than [TopicsPerPublisher].
func (l *Log) AppendFrom(name event.Topic, publisher id.AgentID, payload []byte, now uint64) (event.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.topics[name] == nil && l.begun[publisher] >= TopicsPerPublisher {
		return event.Position{}, ErrFull
	}
	return l.append(name, publisher, payload, now), nil
}

func (l *Log) append(name event.Topic, publisher id.AgentID, payload []byte, now uint64) event.Position {
	l.expire(now)
	of := l.topics[name]
	if of == nil {
		of = l.begin(name, publisher)
	}
	l.last++
	one := &entry{of: of, Event: event.Event{
		Topic: name, Publisher: publisher, Position: event.Position{Epoch: l.epoch, Seq: l.last}, At: now, Payload: payload,
	}}
	of.all.push(one)
	l.all.push(one)
	of.newest, of.at = l.last, now
	of.bytes += one.size()
	l.bytes += one.size()
	for of.all.len() > l.limits.Events || of.bytes > l.limits.Bytes {
		l.giveUp(of)
	}
	for l.bytes > l.limits.Total {
		l.giveUp(l.largest())
	}
	close(l.changed)
	l.changed = make(chan struct{})
	return one.Position
}

func (l *Log) begin(name event.Topic, publisher id.AgentID) *topic {
	if len(l.topics) >= l.limits.Topics {
		l.forget(l.idlest())
	}
	of := &topic{name: name, begun: publisher}
	l.topics[name] = of
	l.begun[publisher]++
	return of
}

// Info is what is kept of a topic.
type Info struct {
	Topic  event.Topic
	Events int
	Bytes  int
	Newest event.Position
	At     uint64
}

// Topics are those of which something is kept, or was.
func (l *Log) Topics(now uint64) []Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(now)
	all := make([]Info, 0, len(l.topics))
	for _, of := range l.topics {
		all = append(all, Info{
			Topic: of.name, Events: of.all.len(), Bytes: of.bytes, Newest: event.Position{Epoch: l.epoch, Seq: of.newest}, At: of.at,
		})
	}
	return all
}

// Newest is the position of the last event.
func (l *Log) Newest() event.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return event.Position{Epoch: l.epoch, Seq: l.last}
}

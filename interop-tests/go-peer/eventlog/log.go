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
	"slices"
	"strings"
	"sync"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// Limits are how much a log keeps. What is over is given up, the oldest first.
type Limits struct {
	// TopicEvents and TopicBytes bound each topic.
	TopicEvents, TopicBytes int
	// Bytes bounds all topics together: the one that holds most gives up its oldest.
	Bytes int
	// Age is how long an event is kept, in milliseconds.
	Age uint64
	// Topics bounds the topics that are known; the one that was silent for longest makes room, with all that it has.
	Topics int
}

// Usual are the limits of an agent.
func Usual() Limits {
	return Limits{TopicEvents: 65_536, TopicBytes: 16 << 20, Bytes: 64 << 20, Age: 60 * 60 * 1000, Topics: 1024}
}

// TopicsPerPublisher bounds the topics that one contact may open.
const TopicsPerPublisher = 128

// cost is what an event takes besides its frame, in bytes.
const cost = 256

// ErrFull says that a publisher has opened as many topics as it may, and something lies in each of them.
var ErrFull = errors.New("the publisher has opened as many topics as it may")

// Log keeps events; safe for concurrent use.
type Log struct {
	epoch  uint64
	limits Limits

	mu     sync.Mutex
	newest uint64
	// now is the time of the newest event: a clock that is set back does not disturb the order.
	now    uint64
	all    queue
	topics map[event.Topic]*topic
	// opened counts the topics that each publisher has opened.
	opened map[id.AgentID]int
	bytes  int
	// forgotten is the newest event of topics that are not known any more, givenUp the newest one given up at all, and how many
	// were.
	forgotten, givenUp lost
	// changed is closed, and made anew, when there is something to read.
	changed chan struct{}
}

// topic is what is kept of one, and what was not.
type topic struct {
	name   event.Topic
	opener id.AgentID
	all    queue
	bytes  int
	newest uint64
	at     uint64
	// givenUp is the newest event that it gave up.
	givenUp lost
}

// lost is the newest of some events that were given up: its number, and when it was taken in. 0: there is none. By how many had
// been given up when the last of them was, readers know what they know already.
type lost struct{ seq, keptAt, count uint64 }

// and is what is known of the events of both together.
func (l lost) and(other lost) lost {
	return lost{max(l.seq, other.seq), max(l.keptAt, other.keptAt), max(l.count, other.count)}
}

// isBeyond says whether one of them was given up that a reader has not come to, since so many had been given up. Of one topic it
// says so exactly: it gives up its events in their order.
func (l lost) isBeyond(seq, count uint64) bool { return l.seq > seq && l.count > count }

// New makes an empty log of a broker that has started so often.
func New(epoch uint64, limits Limits) *Log {
	return &Log{
		epoch: epoch, limits: limits, topics: make(map[event.Topic]*topic), opened: make(map[id.AgentID]int),
		changed: make(chan struct{}),
	}
}

// Entry is an event to keep: At is when it happened.
type Entry struct {
	Topic     event.Topic
	Publisher id.AgentID
	At        uint64
	Payload   []byte
}

// Append keeps an event of ours, now.
func (l *Log) Append(one Entry, now uint64) (event.Position, error) {
	return l.append(one, now, l.limits.Topics+1)
}

// AppendFrom keeps an event of a contact, which may not open more topics than [TopicsPerPublisher].
func (l *Log) AppendFrom(one Entry, now uint64) (event.Position, error) {
	return l.append(one, now, TopicsPerPublisher)
}

func (l *Log) append(one Entry, now uint64, mayOpen int) (event.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now)
	position := l.position(l.newest + 1)
	told := event.Event{Topic: one.Topic, Publisher: one.Publisher, Position: position, At: one.At, Payload: one.Payload}
	frame, err := event.Told{Event: &told}.Frame()
	if err != nil {
		return event.Position{}, err
	}
	of, err := l.open(one.Topic, one.Publisher, mayOpen)
	if err != nil {
		return event.Position{}, err
	}
	// The payload is the last thing in the frame: it lies in memory once.
	told.Payload = frame[len(frame)-len(one.Payload):]
	l.newest = position.Seq
	kept := &entry{of: of, seq: position.Seq, keptAt: l.now, record: &record{event: told, frame: frame}}
	of.all.push(kept)
	l.all.push(kept)
	of.newest, of.at = position.Seq, one.At
	of.bytes += kept.cost()
	l.bytes += kept.cost()
	l.makeRoom(of)
	close(l.changed)
	l.changed = make(chan struct{})
	return position, nil
}

// open returns the topic; one that is not known is opened.
func (l *Log) open(name event.Topic, opener id.AgentID, mayOpen int) (*topic, error) {
	if of := l.topics[name]; of != nil {
		return of, nil
	}
	isEmptyOfOpener := func(of *topic) bool { return of.opener == opener && of.all.len() == 0 }
	if l.opened[opener] >= mayOpen && !l.forgetIdlest(isEmptyOfOpener) {
		return nil, ErrFull
	}
	if len(l.topics) >= l.limits.Topics {
		l.forgetIdlest(func(*topic) bool { return true })
	}
	of := &topic{name: name, opener: opener}
	l.topics[name] = of
	l.opened[opener]++
	return of, nil
}

func (l *Log) position(seq uint64) event.Position { return event.Position{Epoch: l.epoch, Seq: seq} }

// Info is what is kept of a topic.
type Info struct {
	Topic  event.Topic
	Events int
	Bytes  int
	Newest event.Position
	At     uint64
}

// Topics are those in which something lies, by name.
func (l *Log) Topics(now uint64) []Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now)
	all := []Info{}
	for _, of := range l.topics {
		if of.all.len() > 0 {
			all = append(all, Info{
				Topic: of.name, Events: of.all.len(), Bytes: of.bytes, Newest: l.position(of.newest), At: of.at,
			})
		}
	}
	slices.SortFunc(all, func(a, b Info) int { return strings.Compare(string(a.Topic), string(b.Topic)) })
	return all
}

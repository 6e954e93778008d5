package eventlog

import (
	"sort"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
)

// entry is an event in a log. Those that were given up stay in the queue of all until it is their turn.
type entry struct {
	event.Event
	of   *topic
	gone bool
}

func (e *entry) size() int { return len(e.Payload) + len(e.Topic) + overhead }

// giveUp gives up the oldest event of a topic.
func (l *Log) giveUp(of *topic) {
	one := of.all.pop()
	of.lost = one.Position.Seq
	l.lost = max(l.lost, of.lost)
	of.bytes -= one.size()
	l.bytes -= one.size()
	one.gone = true
	// Whoever holds on to the entry does not hold on to what was in it.
	one.Payload = nil
	l.all.drop()
}

// expire gives up what is too old.
func (l *Log) expire(now uint64) {
	for l.all.len() > 0 {
		oldest := l.all.at(0)
		if oldest.At+l.limits.Age > now {
			return
		}
		l.giveUp(oldest.of)
	}
}

// forget forgets a topic altogether.
func (l *Log) forget(of *topic) {
	for of.all.len() > 0 {
		l.giveUp(of)
	}
	l.forgotten = max(l.forgotten, of.newest)
	delete(l.topics, of.name)
	if l.begun[of.begun]--; l.begun[of.begun] == 0 {
		delete(l.begun, of.begun)
	}
}

// largest is the topic that holds most bytes.
func (l *Log) largest() *topic {
	var largest *topic
	for _, of := range l.topics {
		if largest == nil || of.bytes > largest.bytes {
			largest = of
		}
	}
	return largest
}

// idlest is the topic to which nothing was added for longest.
func (l *Log) idlest() *topic {
	var idlest *topic
	for _, of := range l.topics {
		if idlest == nil || of.newest < idlest.newest {
			idlest = of
		}
	}
	return idlest
}

// queue is a queue of entries in the order of their numbers.
type queue struct {
	entries []*entry
	head    int
	gone    int
}

func (q *queue) len() int { return len(q.entries) - q.head }

func (q *queue) at(index int) *entry { return q.entries[q.head+index] }

func (q *queue) push(one *entry) { q.entries = append(q.entries, one) }

func (q *queue) pop() *entry {
	one := q.entries[q.head]
	q.entries[q.head] = nil
	q.head++
	if q.head > len(q.entries)/2 {
		q.entries = append(q.entries[:0:0], q.entries[q.head:]...)
		q.head = 0
	}
	return one
}

// drop notes that one of the entries is gone: those at the head leave, and the others once they are many.
func (q *queue) drop() {
	q.gone++
	for q.len() > 0 && q.at(0).gone {
		q.pop()
		q.gone--
	}
	if q.gone <= q.len()/2 {
		return
	}
	kept := make([]*entry, 0, q.len()-q.gone)
	for _, one := range q.entries[q.head:] {
		if !one.gone {
			kept = append(kept, one)
		}
	}
	q.entries, q.head, q.gone = kept, 0, 0
}

// behind is the index of the first entry behind a number.
func (q *queue) behind(seq uint64) int {
	return sort.Search(q.len(), func(index int) bool { return q.at(index).Position.Seq > seq })
}

package eventlog

import "github.com/airway-net/airway/interop-tests/go-peer/event"

// entry is an event in a log. Those that were given up stay in the queue of all until it is their turn.
type entry struct {
	of *topic
	// seq is its number, keptAt when it was taken in, which is never earlier than that of the one before it.
	seq, keptAt uint64
	// record is nil once it was given up.
	record *record
}

// record is an event, shared by all who read it.
type record struct {
	event event.Event
	// frame is as it is told to every subscriber: an event is encoded once.
	frame []byte
}

func (e *entry) isGone() bool { return e.record == nil }

func (e *entry) cost() int { return cost + len(e.record.frame) }

// makeRoom gives up what is over the limits now that a topic has grown.
func (l *Log) makeRoom(grown *topic) {
	for grown.all.len() > l.limits.TopicEvents || grown.bytes > l.limits.TopicBytes {
		l.giveUpOldest(grown)
	}
	for l.bytes > l.limits.Bytes {
		var largest *topic
		for _, of := range l.topics {
			if largest == nil || of.bytes > largest.bytes {
				largest = of
			}
		}
		l.giveUpOldest(largest)
	}
}

// giveUpOldest gives up the oldest event of a topic that has one.
func (l *Log) giveUpOldest(of *topic) {
	one := of.all.pop()
	of.bytes -= one.cost()
	l.bytes -= one.cost()
	one.record = nil
	of.givenUp = lost{one.seq, one.keptAt, l.givenUp.count + 1}
	l.givenUp = l.givenUp.and(of.givenUp)
	l.all.sweep()
}

// prune gives up what is too old.
func (l *Log) prune(now uint64) {
	l.now = max(l.now, now)
	// The oldest event of all is the oldest of its topic.
	for l.all.len() > 0 && l.now-l.all.at(0).keptAt > l.limits.Age {
		l.giveUpOldest(l.all.at(0).of)
	}
}

// forgetIdlest forgets the topic that was silent for longest, of those that may be; false if there is none.
func (l *Log) forgetIdlest(mayBe func(*topic) bool) bool {
	var idlest *topic
	for _, of := range l.topics {
		if mayBe(of) && (idlest == nil || of.newest < idlest.newest) {
			idlest = of
		}
	}
	if idlest == nil {
		return false
	}
	for idlest.all.len() > 0 {
		l.giveUpOldest(idlest)
	}
	l.forgotten = l.forgotten.and(idlest.givenUp)
	delete(l.topics, idlest.name)
	if l.opened[idlest.opener]--; l.opened[idlest.opener] == 0 {
		delete(l.opened, idlest.opener)
	}
	return true
}

// lost is the newest event that was given up and is wanted, or may have been.
func (l *Log) lost(isWanted func(*topic) bool) lost {
	newest := l.forgotten
	for _, of := range l.topics {
		if of.givenUp.seq > newest.seq && isWanted(of) {
			newest = newest.and(of.givenUp)
		}
	}
	return newest
}

package eventlog

import (
	"context"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
)

const (
	// look is how many events are looked at under one lock; those that are not wanted count, too.
	look = 256
	// batchBytes is after how many bytes of frames a batch is full: so much is held for a reader that stands still.
	batchBytes = 64 << 10
)

// Delivery is what a reader is told: an event, or that there is a gap.
type Delivery struct {
	// Event is not to be changed: others are told the same.
	Event *event.Event
	Gap   *event.Gap
	frame []byte
}

// Frame is what a subscriber is told.
func (d Delivery) Frame() ([]byte, error) {
	if d.Gap != nil {
		return event.Told{Gap: d.Gap}.Frame()
	}
	return d.frame, nil
}

// Cursor is a reader's place in a log. It is for one goroutine.
type Cursor struct {
	log   *Log
	wants func(event.Topic) bool
	// wanted remembers what it wants of the topics that there are.
	wanted map[*topic]bool
	// seq is the number of the last event that was looked at.
	seq uint64
	// told is how many events had been given up when it looked last: it was told of those that it missed.
	told uint64
	// gap is to be told first.
	gap *event.Gap
}

// Read begins to read the events of wanted topics, and returns the newest position of the log as well.
func (l *Log) Read(since event.Since, wants func(event.Topic) bool) (*Cursor, event.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now())
	c := &Cursor{log: l, wants: wants, wanted: make(map[*topic]bool)}
	lost := l.lost(c.isWanted)
	if l.hasGivenOut(since) {
		c.seq = since.After.Seq
		return c, l.position(l.newest)
	}
	c.told = l.givenUp.count
	switch since.Kind {
	case event.SinceNow:
		c.seq = l.newest
	case event.SinceStart:
	case event.SinceTime:
		if first := l.all.since(since.Time); first < l.all.len() {
			c.seq = l.all.at(first).seq - 1
		} else {
			c.seq = l.newest
		}
		if lost.seq > 0 && lost.keptAt >= since.Time {
			// Which of them were older is not known any more.
			c.gap = &event.Gap{After: l.position(0), Next: l.position(lost.seq + 1), Reason: event.Forgotten}
		}
	case event.SinceAfter:
		c.gap = &event.Gap{After: since.After, Next: l.position(lost.seq + 1), Reason: event.Restarted}
	}
	return c, l.position(l.newest)
}

// hasGivenOut says whether somebody wants to go on behind a position of ours. One of this epoch that nobody was given is of
// an agent that has lost its disk.
func (l *Log) hasGivenOut(since event.Since) bool {
	return since.Kind == event.SinceAfter && since.After.Epoch == l.epoch && since.After.Seq <= l.newest
}

// Next waits for what follows: at least one delivery, and a bounded number.
func (c *Cursor) Next(ctx context.Context) ([]Delivery, error) {
	for ctx.Err() == nil {
		batch, changed := c.take()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil, ctx.Err()
}

// take returns what there is now, and what is closed when there may be more.
func (c *Cursor) take() (batch []Delivery, changed <-chan struct{}) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now())
	if c.gap != nil {
		batch, c.gap = append(batch, Delivery{Gap: c.gap}), nil
	}
	if gap := c.missed(); gap != nil {
		batch = append(batch, Delivery{Gap: gap})
	}
	looked, bytes, first := 0, 0, l.all.behind(c.seq)
	for ; first+looked < l.all.len() && looked < look && bytes < batchBytes; looked++ {
		one := l.all.at(first + looked)
		c.seq = one.seq
		if !one.isGone() && c.isWanted(one.of) {
			batch = append(batch, Delivery{Event: &one.record.event, frame: one.record.frame})
			bytes += len(one.record.frame)
		}
	}
	if first+looked < l.all.len() {
		return batch, atOnce
	}
	return batch, l.changed
}

// atOnce is closed: there is more already.
var atOnce = func() chan struct{} {
	closed := make(chan struct{})
	close(closed)
	return closed
}()

// missed is what is to be told of what was given up unread since the last look; nil: nothing that it wants.
func (c *Cursor) missed() *event.Gap {
	l, told := c.log, c.told
	c.told = l.givenUp.count
	if !l.givenUp.isBeyond(c.seq, told) {
		return nil
	}
	isMissed := l.forgotten.isBeyond(c.seq, told)
	for _, of := range l.topics {
		isMissed = isMissed || of.givenUp.isBeyond(c.seq, told) && c.isWanted(of)
	}
	if !isMissed {
		return nil
	}
	next := l.position(l.lost(c.isWanted).seq + 1)
	return &event.Gap{After: l.position(c.seq), Next: next, Reason: event.Forgotten}
}

// isWanted says whether it wants the events of a topic.
func (c *Cursor) isWanted(of *topic) bool {
	wanted, known := c.wanted[of]
	if !known {
		if len(c.wanted) >= 2*c.log.limits.Topics {
			// Most of them are not known any more.
			clear(c.wanted)
		}
		wanted = c.wants(of.name)
		c.wanted[of] = wanted
	}
	return wanted
}

func now() uint64 { return uint64(time.Now().UnixMilli()) }

package eventlog

import (
	"context"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
)

// batchEvents and batchBytes bound what a cursor hands out at once.
const (
	batchEvents = 256
	batchBytes  = 1 << 20
)

// Delivery is what comes next: an event, or that there is a gap.
type Delivery struct {
	Event *event.Event
	Gap   *event.Gap
}

// Cursor reads a log. It is for one goroutine.
type Cursor struct {
	log   *Log
	wants func(event.Topic) bool
	// wanted remembers what it wants of the topics that there are.
	wanted map[*topic]bool
	// after is the number of the last event that was looked at.
	after uint64
	// told is of each topic how much of what it has lost is told, or was lost before we began.
	told          map[*topic]uint64
	toldForgotten uint64
	// restarted is a gap that is to be told first.
	restarted *event.Gap
}

// Read begins to read the events of wanted topics.
func (l *Log) Read(since event.Since, wants func(event.Topic) bool) *Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(uint64(time.Now().UnixMilli()))
	c := &Cursor{log: l, wants: wants, wanted: make(map[*topic]bool), told: make(map[*topic]uint64)}
	switch since.Kind {
	case event.SinceNow:
		c.after = l.last
	case event.SinceStart:
		c.begin()
	case event.SinceTime:
		c.begin()
		// Clocks go back now and then: it is the first one of that time, whatever follows.
		for index := range l.all.len() {
			if one := l.all.at(index); !one.gone && one.At >= since.Time {
				c.after = one.Position.Seq - 1
				return c
			}
		}
		c.after = l.last
	case event.SinceAfter:
		c.resume(since.After)
	}
	return c
}

// begin has it read whatever there is, and miss nothing of what was before.
func (c *Cursor) begin() {
	for _, of := range c.log.topics {
		c.told[of] = of.lost
	}
	c.toldForgotten = c.log.forgotten
}

// resume goes on behind a position. One that this broker has not had is of a broker that had the same epoch before its
// home was lost.
func (c *Cursor) resume(after event.Position) {
	if after.Epoch == c.log.epoch && after.Seq <= c.log.last {
		c.after = after.Seq
		return
	}
	c.restarted = &event.Gap{After: after, Reason: event.Restarted}
}

// Next waits for what comes next, a bounded number of deliveries.
func (c *Cursor) Next(ctx context.Context) ([]Delivery, error) {
	for {
		batch, changed := c.take()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what there is now, and what is closed when there is more.
func (c *Cursor) take() (batch []Delivery, changed <-chan struct{}) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(uint64(time.Now().UnixMilli()))
	gap := c.gap()
	bytes := 0
	for index := l.all.behind(c.after); index < l.all.len() && len(batch) < batchEvents && bytes < batchBytes; index++ {
		one := l.all.at(index)
		if !one.gone && c.isWanted(one.of) {
			// The log forgets the payload of its own when it gives the event up.
			copied := one.Event
			batch = append(batch, Delivery{Event: &copied})
			bytes += one.size()
		}
		c.after = one.Position.Seq
	}
	if gap == nil {
		return batch, l.changed
	}
	gap.Next = event.Position{Epoch: l.epoch, Seq: l.last + 1}
	if len(batch) > 0 {
		gap.Next = batch[0].Event.Position
	}
	return append([]Delivery{{Gap: gap}}, batch...), l.changed
}

// gap is what is to be told of what was lost; nil: nothing that it wants.
func (c *Cursor) gap() *event.Gap {
	if gap := c.restarted; gap != nil {
		c.restarted = nil
		// All that this broker has had follows; what of it is lost is a part of the same gap.
		c.begin()
		return gap
	}
	l := c.log
	if l.lost <= c.after {
		clear(c.told)
		return nil
	}
	isLost := l.forgotten > max(c.after, c.toldForgotten)
	c.toldForgotten = l.forgotten
	for _, of := range l.topics {
		if of.lost > max(c.after, c.told[of]) && c.isWanted(of) {
			isLost = true
			c.told[of] = of.lost
		}
	}
	if !isLost {
		return nil
	}
	return &event.Gap{After: event.Position{Epoch: l.epoch, Seq: c.after}, Reason: event.Forgotten}
}

// isWanted says whether it wants the events of a topic.
func (c *Cursor) isWanted(of *topic) bool {
	wanted, known := c.wanted[of]
	if !known {
		if len(c.wanted) >= 2*c.log.limits.Topics {
			// Most of them are not remembered any more.
			clear(c.wanted)
		}
		wanted = c.wants(of.name)
		c.wanted[of] = wanted
	}
	return wanted
}

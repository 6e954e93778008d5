package agent

import (
	"context"
	"errors"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
)

// heldDeliveries is how many deliveries wait for whoever reads a subscription; then its source waits.
const heldDeliveries = 64

// ErrUnsubscribed says that a subscription was closed here.
var ErrUnsubscribed = errors.New("the subscription was closed")

// Subscription is what somebody hears of a source, in order. One goroutine may read it.
type Subscription struct {
	held  chan eventlog.Delivery
	close context.CancelFunc
	// over is why it has ended, once held is closed.
	over error
}

// Subscribe begins to hear events; when it returns, that is live. It goes on after a loss of the connection, from where it
// was, until it is closed, the trust between the two ends, or we leave the network.
func (a *Agent) Subscribe(ctx context.Context, from Source, what event.Subscribe) (*Subscription, error) {
	if err := what.Validate(); err != nil {
		return nil, err
	}
	for _, pattern := range what.Patterns {
		if err := pattern.Check(); err != nil {
			return nil, err
		}
	}
	switch {
	case from.Mesh:
		return a.hearNetwork(ctx, what)
	case from.Contact != "":
		return a.hearContact(ctx, from.Contact, what)
	}
	return a.subscription(readLog(a.events.own, what)), nil
}

// readLog reads a log of ours.
func readLog(log *eventlog.Log, what event.Subscribe) func(context.Context, func(eventlog.Delivery) error) error {
	wants := event.NewPatterns(what.Patterns...)
	cursor, _ := log.Read(what.Since, wants.Match)
	return func(ctx context.Context, hand func(eventlog.Delivery) error) error {
		for {
			batch, err := cursor.Next(ctx)
			if err != nil {
				return err
			}
			for _, one := range batch {
				if err := hand(one); err != nil {
					return err
				}
			}
		}
	}
}

// subscription hands on what a source has, until the source ends.
func (a *Agent) subscription(read func(ctx context.Context, hand func(eventlog.Delivery) error) error) *Subscription {
	ctx, cancel := context.WithCancel(a.ctx)
	s := &Subscription{held: make(chan eventlog.Delivery, heldDeliveries), close: cancel, over: ErrUnsubscribed}
	hand := func(one eventlog.Delivery) error {
		select {
		case s.held <- one:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	begun := a.spawn(func(context.Context) {
		defer cancel()
		if err := read(ctx, hand); ctx.Err() == nil {
			s.over = err
		}
		close(s.held)
	})
	if !begun {
		close(s.held)
	}
	return s
}

// Next waits for what comes next. Every error but that of the context says that the subscription is over.
func (s *Subscription) Next(ctx context.Context) (eventlog.Delivery, error) {
	select {
	case one, more := <-s.held:
		if !more {
			return eventlog.Delivery{}, s.over
		}
		return one, nil
	case <-ctx.Done():
		return eventlog.Delivery{}, ctx.Err()
	}
}

// Close ends it.
func (s *Subscription) Close() { s.close() }

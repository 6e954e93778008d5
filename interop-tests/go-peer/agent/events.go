package agent

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
)

const (
	// subscriptionsPerPeer bounds the subscriptions that one peer may have at our broker.
	subscriptionsPerPeer = 16
	// eventsFile remembers how often the broker has started.
	eventsFile = "events.json"
)

// Source says where events are heard. The zero value is our own broker.
type Source struct {
	// Contact is whose broker it is.
	Contact peer.ID
	// Mesh says that it is what members of our network broadcast.
	Mesh bool
}

// events are those that this agent keeps, and those who hear them.
//
//	Publish ──────────────┐
//	a contact ─► broker ──┴─► own log ──► cursor of each subscriber ─► its stream, or a Subscription
//	a member ─► gossip ─► network's log ─► cursor ─► Subscription
type events struct {
	own         *eventlog.Log
	subscribers *places
}

// startEvents makes us the broker of our events.
func (a *Agent) startEvents() error {
	epoch, err := a.nextEpoch()
	if err != nil {
		return err
	}
	a.events = &events{
		own:         eventlog.New(epoch, eventlog.Usual()),
		subscribers: newPlaces(subscriptionsPerPeer, 0),
	}
	a.serve(event.Protocol, nil, a.serveEvents)
	return nil
}

// storedEvents is how the number of starts lies in the home.
type storedEvents struct {
	Epoch uint64 `json:"epoch"`
}

// nextEpoch begins an epoch that there has never been: it is on the disk before it is used.
func (a *Agent) nextEpoch() (uint64, error) {
	a.epochs.Lock()
	defer a.epochs.Unlock()
	var stored storedEvents
	if _, err := a.home.readJSON(eventsFile, &stored); err != nil {
		return 0, err
	}
	stored.Epoch++
	return stored.Epoch, a.home.writeJSON(eventsFile, stored)
}

// Publish publishes an event at our own broker. Whoever subscribes to it hears it; nobody is waited for.
func (a *Agent) Publish(topic event.Topic, payload []byte) (event.Position, error) {
	if err := topic.Check(); err != nil {
		return event.Position{}, err
	}
	now := unixMilli()
	return a.events.own.Append(eventlog.Entry{Topic: topic, Publisher: a.ID(), At: now, Payload: payload}, now)
}

// PublishTo publishes an event at the broker of a contact, and waits until it is taken in.
func (a *Agent) PublishTo(ctx context.Context, p peer.ID, topic event.Topic, payload []byte) (event.Position, error) {
	if err := topic.Check(); err != nil {
		return event.Position{}, err
	}
	s, err := a.openPublisher(ctx, p)
	// The other may just have closed the connection; nothing was published yet.
	for tries := 1; err != nil && tries < maxTries && !isOver(err) && ctx.Err() == nil; tries++ {
		s, err = a.openPublisher(ctx, p)
	}
	if err != nil {
		return event.Position{}, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := event.WritePublication(s, &event.Publication{Topic: topic, Payload: payload}); err != nil {
		return event.Position{}, err
	}
	published, err := event.ReadPublished(s)
	switch {
	case ctx.Err() != nil:
		return event.Position{}, ctx.Err()
	case err != nil:
		return event.Position{}, fmt.Errorf("whether it was published is not known: %w", err)
	case published.Denied != 0:
		return event.Position{}, published.Denied
	}
	_ = s.CloseWrite()
	return published.Position, nil
}

// openPublisher opens a stream on which publications may follow, and waits until the broker has taken it: what is sent on a
// stream that is lost may have been published or not.
func (a *Agent) openPublisher(ctx context.Context, p peer.ID) (*Stream, error) {
	s, err := a.Open(ctx, p, event.Protocol)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err = event.WriteRequest(s, &event.Request{}); err == nil {
		err = s.awaitStatus()
	}
	if err != nil {
		_ = s.Reset()
		return nil, err
	}
	return s, nil
}

// Topics are those of our own broker in which something lies.
func (a *Agent) Topics() []eventlog.Info { return a.events.own.Topics(unixMilli()) }

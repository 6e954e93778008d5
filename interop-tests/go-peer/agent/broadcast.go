package agent

import (
	"context"
	"errors"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
)

// broadcastWait is how long a broadcast waits for the first neighbour.
const broadcastWait = 10 * time.Second

// Why nothing was broadcast.
var (
	// ErrNobody says that no member that is connected listens.
	ErrNobody = errors.New("no member of the network listens")
	// ErrTooOften says that we would say more than others pass on.
	ErrTooOften = errors.New("more is broadcast than the network carries: wait a moment")
)

// Reached is what became of a broadcast.
type Reached struct {
	// Position is its place in our log of the network.
	Position event.Position
	// Peers is to how many neighbours it was sent; they pass it on.
	Peers int
}

// Broadcast says something to all members of our network who listen. Nobody says that it has arrived: it is for signals,
// and our broker for what must not be lost.
func (a *Agent) Broadcast(ctx context.Context, topic event.Topic, payload []byte) (Reached, error) {
	if err := topic.Check(); err != nil {
		return Reached{}, err
	}
	if err := (&event.Publication{Topic: topic, Payload: payload}).Validate(); err != nil {
		return Reached{}, err
	}
	g, err := a.membership.gossips()
	if err != nil {
		return Reached{}, err
	}
	return g.say(ctx, topic, payload)
}

func (g *gossip) say(ctx context.Context, topic event.Topic, payload []byte) (Reached, error) {
	defer g.speak()()
	peers := g.neighbour(ctx, broadcastWait)
	if peers == 0 {
		return Reached{}, ErrNobody
	}
	of, err := g.m.stands()
	if err != nil {
		return Reached{}, err
	}
	now := unixMilli()
	if !g.judge.mayWe(time.Now()) {
		return Reached{}, ErrTooOften
	}
	broadcast, err := event.SignBroadcast(g.m.agent.key, g.realm.ID(), event.BroadcastDraft{
		Topic: topic, Position: event.Position{Epoch: g.epoch, Seq: g.said.Add(1)}, At: now, Payload: payload,
		Certificate: of.certificate,
	})
	if err != nil {
		return Reached{}, err
	}
	if err := g.topic.Publish(ctx, broadcast.Bytes()); err != nil {
		return Reached{}, err
	}
	position, err := g.log.Append(eventlog.Entry{Topic: topic, Publisher: g.m.agent.ID(), At: now, Payload: payload}, now)
	return Reached{Position: position, Peers: peers}, err
}

// speak has neighbours found while somebody has something to say; the function that it returns ends that.
func (g *gossip) speak() func() {
	count := func(by int) {
		g.mu.Lock()
		g.saying += by
		g.mu.Unlock()
	}
	count(1)
	select {
	case g.wanted <- struct{}{}:
	default:
	}
	return func() { count(-1) }
}

// hearNetwork subscribes to what members of our network broadcast.
func (a *Agent) hearNetwork(ctx context.Context, what event.Subscribe) (*Subscription, error) {
	g, err := a.membership.gossips()
	if err != nil {
		return nil, err
	}
	leave := g.enter()
	read := readLog(g.log, what)
	g.neighbour(ctx, letIn)
	return a.subscription(func(ctx context.Context, hand func(eventlog.Delivery) error) error {
		defer leave()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(g.ctx, cancel)()
		if err := read(ctx, hand); g.ctx.Err() == nil {
			return err
		}
		return ErrNoNetwork
	}), nil
}

package control

import (
	"context"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Why there are no events.
var (
	// ErrNoSubscription says that a connection has no subscription of that number.
	ErrNoSubscription = errors.New("there is no subscription of this number on this connection")

	errTooManyListeners = errors.New("there are too many subscriptions on this connection")
	errTooMuchHeard     = errors.New("more was heard than is kept")
)

// eventVerbs are those about events. Subscriptions belong to the connection on which they were asked for, and end with it.
func eventVerbs() map[string]Verb {
	heard := newListeners()
	return map[string]Verb{
		"publish":   verb(publish),
		"subscribe": patiently(heard.subscribe),
		"events":    patiently(heard.events),
		"scope":     verb(scope),
		"gossip":    verb(gossip),
	}
}

type publishQuestion struct {
	Topic string `json:"topic"`
	Text  string `json:"text"`
	// To is whose broker it is for, Mesh that it is for our network. Without either it is for our own.
	To   string `json:"to"`
	Mesh bool   `json:"mesh"`
}

type publishAnswer struct {
	Position event.Position `json:"position"`
	// Peers is to how many neighbours a broadcast was sent.
	Peers *int `json:"peers,omitempty"`
}

func publish(ctx context.Context, a *agent.Agent, q publishQuestion) (publishAnswer, error) {
	topic, err := event.ParseTopic(q.Topic)
	if err != nil {
		return publishAnswer{}, err
	}
	switch {
	case q.Mesh:
		reached, err := a.Broadcast(ctx, topic, []byte(q.Text))
		return publishAnswer{reached.Position, &reached.Peers}, err
	case q.To != "":
		p, err := a.Resolve(ctx, q.To)
		if err != nil {
			return publishAnswer{}, err
		}
		position, err := a.PublishTo(ctx, p, topic, []byte(q.Text))
		return publishAnswer{Position: position}, err
	}
	position, err := a.Publish(topic, []byte(q.Text))
	return publishAnswer{Position: position}, err
}

type subscribeQuestion struct {
	Patterns []string `json:"patterns"`
	// From is whose broker it is, Mesh that it is our network. Without either it is our own broker.
	From  string `json:"from"`
	Mesh  bool   `json:"mesh"`
	Since string `json:"since"`
}

// source is where events come from, and which.
func (q subscribeQuestion) source(ctx context.Context, a *agent.Agent) (from agent.Source, what event.Subscribe, err error) {
	for _, text := range q.Patterns {
		pattern, err := event.ParsePattern(text)
		if err != nil {
			return from, what, err
		}
		what.Patterns = append(what.Patterns, pattern)
	}
	if what.Since, err = event.ParseSince(q.Since, time.Now()); err != nil {
		return from, what, err
	}
	from.Mesh = q.Mesh
	if q.From != "" && !q.Mesh {
		from.Contact, err = a.Resolve(ctx, q.From)
	}
	return from, what, err
}

type scopeQuestion struct {
	whom
	Publish   []trust.Pattern `json:"publish"`
	Subscribe []trust.Pattern `json:"subscribe"`
}

func scope(_ context.Context, a *agent.Agent, q scopeQuestion) (none, error) {
	for _, patterns := range [][]trust.Pattern{q.Publish, q.Subscribe} {
		for _, pattern := range patterns {
			if err := pattern.Check(); err != nil {
				return none{}, err
			}
		}
	}
	return none{}, a.SetTopics(q.Who, q.Publish, q.Subscribe)
}

// gossipPeer is a member that speaks gossip with us.
type gossipPeer struct {
	Peer   peer.ID `json:"peer"`
	Joined bool    `json:"joined"`
	Mesh   bool    `json:"mesh"`
	Score  float64 `json:"score"`
}

type gossipAnswer struct {
	Joined bool         `json:"joined"`
	Copies uint64       `json:"copies"`
	Peers  []gossipPeer `json:"peers"`
}

func gossip(_ context.Context, a *agent.Agent, _ none) (gossipAnswer, error) {
	state, err := a.Gossip()
	answer := gossipAnswer{Joined: state.Joined, Copies: state.Copies, Peers: []gossipPeer{}}
	for _, p := range state.Peers {
		answer.Peers = append(answer.Peers, gossipPeer(p))
	}
	return answer, err
}

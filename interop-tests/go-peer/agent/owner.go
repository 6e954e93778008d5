package agent

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Knock asks the holder of a card to trust us, and says why; whoever has asked us already is approved by it. It returns
// when the request is on our disk. The other is told as soon as it can be reached, and again now and then, for a day.
func (a *Agent) Knock(_ context.Context, c *card.Card, text string) error {
	return a.ask(c, text, nil, uint64(requestLapse.Milliseconds()))
}

// ask asks for trust, perhaps with a ticket; lapse is how long the request waits, in milliseconds.
func (a *Agent) ask(c *card.Card, text string, ticket *trust.Ticket, lapse uint64) error {
	if c.PeerID() == a.PeerID() {
		return ErrOwn
	}
	own, err := a.Card()
	if err != nil {
		return err
	}
	_, err = a.turnAtOnce(c.PeerID(), func(r *relation, b *book) (*move, error) {
		if other := b.holder(c.Address(), r.Peer); other != nil {
			return nil, fmt.Errorf("%w: %s", ErrAddressTaken, other.endpoint())
		}
		if r.standing() == trust.Stranger && len(b.with(trust.Requested)) >= maxRequested {
			return nil, ErrTooMany
		}
		r.meet(c)
		if r.standing() == trust.Trusted {
			// A newer card of a contact.
			return &move{}, nil
		}
		scopes := orEverything(r.Scopes)
		draft := trust.Draft{
			Kind: trust.KindRequest, Generation: r.Relation.NextGeneration(), At: r.timeToSpeak(), Scopes: &scopes, Card: own,
		}
		if text != "" {
			draft.Text = &text
		}
		request, err := trust.Sign(a.key, c.AgentID(), draft)
		if err != nil {
			return nil, err
		}
		if ticket != nil {
			proof := ticket.Prove(request.ID())
			r.Proof = &proof
		}
		return &move{event: trust.Ask{Request: request.ID()}, statement: request, lapses: unixMilli() + lapse}, nil
	})
	return err
}

// Requests are those that wait for our owner, the oldest first.
func (a *Agent) Requests() []Request {
	a.relations.mu.Lock()
	defer a.relations.mu.Unlock()
	var requests []Request
	for _, r := range a.relations.book.with(trust.Pending) {
		requests = append(requests, r.request())
	}
	return requests
}

// Contacts are whom we trust, and whom we have asked to trust us.
func (a *Agent) Contacts() []Contact {
	a.relations.mu.Lock()
	defer a.relations.mu.Unlock()
	var contacts []Contact
	for _, r := range a.relations.book.with(trust.Trusted, trust.Requested) {
		contacts = append(contacts, r.contact())
	}
	return contacts
}

// IsContact says whether we trust a peer.
func (a *Agent) IsContact(p peer.ID) bool { return a.access.isTrusted(p) }

// Approve trusts an agent that has asked us to; nil scopes let it do everything.
func (a *Agent) Approve(_ context.Context, who string, scopes *trust.Scopes) (Contact, error) {
	r, err := a.find(who, trust.Pending)
	if err != nil {
		return Contact{}, err
	}
	t, err := a.turnAtOnce(r.Peer, func(r *relation, b *book) (*move, error) {
		if other := b.holder(r.Address, r.Peer); other != nil {
			// It was trusted since the request came.
			return nil, fmt.Errorf("%w: %s", ErrAddressTaken, other.endpoint())
		}
		if scopes != nil {
			r.Scopes = scopes
		}
		return &move{event: trust.Approve{}}, nil
	})
	if err != nil {
		return Contact{}, err
	}
	return t.now.contact(), nil
}

// Reject turns a request down; the other hears of it, and why, only if it is told so.
func (a *Agent) Reject(_ context.Context, who string, tell bool, why string) error {
	return a.decide(who, &move{event: trust.Reject{Tell: tell}, text: why}, trust.Pending)
}

// Untrust ceases to trust a contact, or takes back a request of ours. When it returns, nothing of the other is served any
// more; the other is told, as soon as it can be reached.
func (a *Agent) Untrust(_ context.Context, who, why string) error {
	return a.decide(who, &move{event: trust.Revoke{}, text: why}, trust.Trusted, trust.Requested)
}

// Block never hears of an agent again; it is not told.
func (a *Agent) Block(_ context.Context, who string) error {
	return a.decide(who, &move{event: trust.Block{}}, trust.Stranger, trust.Requested, trust.Pending, trust.Trusted)
}

// Unblock hears of an agent again, as of any stranger.
func (a *Agent) Unblock(_ context.Context, who string) error {
	return a.decide(who, &move{event: trust.Unblock{}}, trust.Blocked)
}

func (a *Agent) decide(who string, made *move, standings ...trust.Standing) error {
	r, err := a.find(who, standings...)
	if err != nil {
		return err
	}
	_, err = a.turnAtOnce(r.Peer, func(*relation, *book) (*move, error) { return made, nil })
	return err
}

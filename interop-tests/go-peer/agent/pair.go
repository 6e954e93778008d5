package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

const (
	// TicketLife is how long a ticket is good unless told otherwise.
	TicketLife = 10 * time.Minute
	// maxTicketLife is the longest that a ticket is good.
	maxTicketLife = 7 * 24 * time.Hour
	// connecting is how long a new contact may take to be connected as one, before we say that it is there.
	connecting = 5 * time.Second
)

// Why a ticket led to nothing.
var (
	// ErrTurnedDown says that its issuer does not want it.
	ErrTurnedDown = errors.New("the ticket was turned down")
	// ErrNoAnswer says that its issuer has not answered in time. The request stays until the ticket expires.
	ErrNoAnswer = errors.New("no answer: its agent cannot be reached, or the ticket has been used or has expired")
)

// Ticket makes a ticket: whoever uses it first, within its life, is trusted at once. Nil scopes let it do everything.
func (a *Agent) Ticket(life time.Duration, scopes *trust.Scopes) (string, error) {
	own, err := a.Card()
	if err != nil {
		return "", err
	}
	ticket, err := trust.NewTicket(own, unixMilli()+uint64(min(life, maxTicketLife).Milliseconds()))
	if err != nil {
		return "", err
	}
	t := &a.relations
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.book.clone()
	t.book.makeRoom()
	if len(t.book.tickets) >= maxTickets {
		return "", fmt.Errorf("%w: %d tickets may be used", ErrTooMany, maxTickets)
	}
	t.book.tickets[ticket.ID] = issued{ID: ticket.ID, Secret: ticket.Secret, Expires: ticket.Expires, Scopes: scopes}
	if err := t.book.save(a.home); err != nil {
		*t.book = before
		return "", err
	}
	return ticket.Encode()
}

// Pair uses a ticket, and waits until its issuer trusts us.
func (a *Agent) Pair(ctx context.Context, text string) (Contact, error) {
	ticket, err := trust.ParseTicket(text)
	if err != nil {
		return Contact{}, err
	}
	// Its issuer knows whether it is still good; our clock may be wrong.
	lapse := uint64(time.Minute.Milliseconds())
	if now := unixMilli(); ticket.Expires > now {
		lapse = max(lapse, min(ticket.Expires-now, uint64(maxTicketLife.Milliseconds())))
	}
	if err := a.ask(ticket.Card, "", ticket, lapse); err != nil {
		return Contact{}, err
	}
	return a.trustedBy(ctx, ticket.Card)
}

// trustedBy waits until the agent behind a card, whom we have asked, trusts us.
func (a *Agent) trustedBy(ctx context.Context, c *card.Card) (Contact, error) {
	p := c.PeerID()
	for {
		changed := a.changes()
		r, _ := a.relationOf(p)
		switch r.standing() {
		case trust.Trusted:
			a.connected(ctx, p)
			return r.contact(), nil
		case trust.Requested:
		default:
			return Contact{}, fmt.Errorf("%s: %w", c.Endpoint(), ErrTurnedDown)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Contact{}, fmt.Errorf("%s: %w", c.Endpoint(), ErrNoAnswer)
		}
	}
}

// connected waits until a new contact is connected as one, but not for long: it may not be able to reach us.
func (a *Agent) connected(ctx context.Context, p peer.ID) {
	ctx, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	for ctx.Err() == nil {
		arrival := a.arrivals.next(p)
		for _, conn := range a.host.Network().ConnsToPeer(p) {
			if !a.lobby.met(conn) && !conn.IsClosed() {
				return
			}
		}
		select {
		case <-arrival:
		case <-ctx.Done():
		}
	}
}

package agent

import (
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Why a statement comes to nothing. No peer hears more than "invalid" or "failed".
var (
	errForeign = errors.New("the statement is not between us and this peer")
	errDate    = errors.New("the statement is out of date")
	errBudget  = errors.New("there were too many")
)

// hear takes in a statement that a peer has brought. It returns nil if it is no news.
func (a *Agent) hear(p peer.ID, s *trust.Statement, ticket *trust.TicketID, source string) (*turned, error) {
	author, err := s.PeerID()
	if err != nil || author != p || s.To() != a.ID() {
		return nil, errForeign
	}
	now := unixMilli()
	oldest := now - uint64(maxLapse.Milliseconds())
	if s.IsAhead(now) || s.Kind == trust.KindRequest && s.At < oldest {
		return nil, errDate
	}
	member := a.vouches(p)
	return a.turn(p, func(r *relation, b *book) (*move, error) {
		return takeIn(r, b, s, ticket, member, source)
	})
}

// takeIn goes from what was heard to what happens; nothing, if it is no news.
func takeIn(r *relation, b *book, s *trust.Statement, by *trust.TicketID, member bool, source string) (*move, error) {
	var ticket issued
	var invited bool
	if by != nil && s.Kind == trust.KindRequest {
		// It may have been used since we looked; and it is for requests alone.
		ticket, invited = b.tickets[*by]
		invited = invited && ticket.Expires > unixMilli()
	}
	// The network speaks for a member once: what the owner has ended since is for the owner to begin again.
	byNetwork := member && s.Kind == trust.KindRequest && r.Relation.Generation == 0
	var event trust.Event = trust.HeardOf(s)
	if invited || byNetwork {
		event = trust.Vouched{ID: s.ID(), Generation: s.Generation, At: s.At}
	}
	step, err := r.Relation.Step(event)
	if err != nil {
		// What others say cannot be refused, only ignored.
		return nil, nil
	}
	isNews := step.Change != trust.ChangeNone || step.Say != nil
	if !isNews {
		// Of a stranger it leaves nothing behind.
		if step.Relation == r.Relation || !r.Known {
			return nil, nil
		}
		return &move{event: event}, nil
	}
	if s.Card != nil {
		if b.holder(s.Card.Address(), r.Peer) != nil {
			return nil, ErrAddressTaken
		}
		r.meet(s.Card)
		if s.Text != nil {
			r.Text = id.Clean(*s.Text)
		} else {
			r.Text = ""
		}
		r.Source, r.Invited = source, invited
	}
	if s.Kind == trust.KindRequest || s.Kind == trust.KindAccept {
		// Without a word it is everything, whatever it was before.
		r.Granted = s.Scopes
	}
	if invited {
		if ticket.Scopes != nil {
			r.Scopes = ticket.Scopes
		}
		delete(b.tickets, ticket.ID)
	}
	return &move{event: event, statement: s}, nil
}

// invitation is the ticket that a knock proves to have, if it is still good.
func (a *Agent) invitation(knock *trust.Knock) *trust.TicketID {
	if knock.Ticket == nil {
		return nil
	}
	a.relations.mu.Lock()
	ticket, ok := a.relations.book.tickets[knock.Ticket.Ticket]
	a.relations.mu.Unlock()
	if !ok || ticket.Expires <= unixMilli() {
		return nil
	}
	if !trust.VerifyProof(ticket.Secret, trust.StatementIDOf(knock.Statement), knock.Ticket.Proof) {
		return nil
	}
	return &ticket.ID
}

// vouches says whether our network has its members trust each other, and the peer is one.
func (a *Agent) vouches(p peer.ID) bool {
	a.mu.Lock()
	vouches := a.vouchesFor
	a.mu.Unlock()
	return vouches != nil && vouches(p)
}

// exchange is how long a statement may take to come in, and its answer to go out.
const exchange = 10 * time.Second

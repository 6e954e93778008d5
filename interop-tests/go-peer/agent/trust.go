package agent

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// How long things last.
const (
	// keepSaying is how long we try to tell another what we have decided, before we take it that it is gone.
	keepSaying = 7 * 24 * time.Hour
	// pendingFor is how long a request of another waits for our owner.
	pendingFor = 7 * 24 * time.Hour
	// requestLapse is how long a request of ours waits for an answer.
	requestLapse = 24 * time.Hour
	// maxLapse is the longest that a request may wait, of whichever side.
	maxLapse = 7 * 24 * time.Hour
)

// Why the owner, or a peer, cannot have something.
var (
	// ErrOwn says that the other is this agent.
	ErrOwn = errors.New("that is this agent itself")
	// ErrAddressTaken says that another agent was trusted under the address first.
	ErrAddressTaken = errors.New("another agent was trusted under this address")
	// ErrTooMany says that a bound is reached.
	ErrTooMany = errors.New("too many wait for an answer already")
)

// relations are how we stand towards others: in memory as on the disk, and in the access list.
//
//	owner ─► ask, approve, reject, untrust, pair ─┐
//	peer ──► knock, port 444 ─► hear ─────────────┼─► turn: relation, what to say, in one write
//	clock ─► lapse ───────────────────────────────┘     ├─► access list; streams cut
//	                                                    └─► courier: says it until the other has heard
type relations struct {
	mu   sync.Mutex
	book *book
	// changed is closed, and replaced, at each change.
	changed chan struct{}
}

// move is what is to happen to a relation.
type move struct {
	// event is what happens; nil where only the wishes of the owner change.
	event trust.Event
	// statement is the request that we make.
	statement *trust.Statement
	// text is what we say about it: the reason of a rejection or a revocation.
	text string
	// lapses is until when a request of ours waits.
	lapses uint64
}

// turned is what has happened to a relation, on the disk.
type turned struct {
	was trust.Standing
	now relation
	// rescoped says that the other may do something else here than before.
	rescoped bool
}

func (t *turned) isNewTrust() bool {
	return t.was != trust.Trusted && t.now.standing() == trust.Trusted
}

// renews says that the other trusts us already: on a connection that is made now we also tell each other who we are.
func (t *turned) renews() bool { return t.isNewTrust() && t.now.Said == nil }

func (t *turned) isLostTrust() bool {
	return t.was == trust.Trusted && t.now.standing() != trust.Trusted
}

// cuts says whether what is open was opened under what does not hold any more.
func (t *turned) cuts() bool {
	isRescoped := t.was == trust.Trusted && t.now.standing() == trust.Trusted && t.rescoped
	return t.isLostTrust() || isRescoped || t.now.standing() == trust.Blocked
}

// turn lets decide look at a relation and say what happens to it; writes all that follows at once; then makes it hold in
// memory. It returns nil if decide wants nothing to happen. What is open is closed by followUp.
func (a *Agent) turn(p peer.ID, decide func(*relation, *book) (*move, error)) (*turned, error) {
	t := &a.relations
	t.mu.Lock()
	defer t.mu.Unlock()
	next := relation{Peer: p, Since: unixMilli()}
	former := t.book.relations[p]
	if former != nil {
		next = *former
	}
	was, scopes, before := next.standing(), next.Scopes, t.book.clone()
	made, err := decide(&next, t.book)
	if err != nil || made == nil {
		*t.book = before
		return nil, err
	}
	if err = a.carryOut(&next, made, was); err == nil {
		t.book.relations[p] = &next
		t.book.makeRoom()
		err = t.book.save(a.home)
	}
	if err != nil {
		*t.book = before
		return nil, err
	}
	done := &turned{was: was, now: next, rescoped: !reflect.DeepEqual(scopes, next.Scopes)}
	if done.renews() {
		a.renewals.begin(p)
	}
	a.settle(&next)
	close(t.changed)
	t.changed = make(chan struct{})
	return done, nil
}

// carryOut takes the step, and signs what is to be said.
func (a *Agent) carryOut(r *relation, made *move, was trust.Standing) error {
	if made.event != nil {
		step, err := r.Relation.Step(made.event)
		if err != nil {
			return fmt.Errorf("%s: %w", r.label(), err)
		}
		r.Relation = step.Relation
		if r.standing() != was {
			r.Since, r.Expires, r.Said = unixMilli(), 0, nil
		}
		if step.Say != nil {
			if err := a.say(r, step.Say, made); err != nil {
				return err
			}
		}
		if r.Said == nil {
			r.Proof, r.SaidUntil = nil, 0
		}
		if step.Change == trust.ChangeAsked {
			r.Expires = 0
		}
	}
	r.tidy(made.lapses)
	return nil
}

// say signs a statement; a request was signed before, since its id is part of the step.
func (a *Agent) say(r *relation, say *trust.Say, made *move) error {
	statement := made.statement
	r.SaidUntil = unixMilli() + uint64(keepSaying.Milliseconds())
	if say.Kind == trust.KindRequest {
		r.SaidUntil = made.lapses
	} else {
		draft := trust.Draft{Kind: say.Kind, Generation: say.Generation, Answers: say.Answers, At: r.timeToSpeak()}
		if say.Kind == trust.KindAccept {
			scopes := orEverything(r.Scopes)
			draft.Scopes = &scopes
		} else if made.text != "" {
			draft.Text = &made.text
		}
		var err error
		if statement, err = trust.Sign(a.key, r.agent(), draft); err != nil {
			return fmt.Errorf("signing what is to be said: %w", err)
		}
	}
	r.Said = statement.Bytes()
	return nil
}

// followUp is what follows once the other need not be answered any more: streams are cut, connections closed or made anew,
// and the courier sets out.
func (a *Agent) followUp(t *turned) {
	p := t.now.Peer
	if t.cuts() {
		a.streams.cut(p)
		_ = a.host.Network().ClosePeer(p)
	}
	if t.isLostTrust() {
		a.distrustTasks(p)
	}
	if t.isNewTrust() {
		// A result may have waited for it.
		a.setOut(p)
	}
	if t.cuts() && t.now.standing() == trust.Trusted {
		a.spawn(func(ctx context.Context) { a.greetOne(ctx, p) })
	}
	if t.renews() {
		a.spawn(func(ctx context.Context) { a.renew(ctx, p) })
	}
	a.courier.wake(a, p)
}

// cutOthers cuts what is to be cut at once, but for the stream on which the peer waits for its answer: a peer that does not
// take that must not keep the others for it.
func (a *Agent) cutOthers(t *turned, answering *Stream) {
	if t != nil && t.cuts() {
		a.streams.cutBut(t.now.Peer, answering)
	}
}

// relationOf is a copy of what is known of a peer.
func (a *Agent) relationOf(p peer.ID) (relation, bool) {
	a.relations.mu.Lock()
	defer a.relations.mu.Unlock()
	if r := a.relations.book.relations[p]; r != nil {
		return *r, true
	}
	return relation{Peer: p}, false
}

// changes is closed at the next change of any relation.
func (a *Agent) changes() <-chan struct{} {
	a.relations.mu.Lock()
	defer a.relations.mu.Unlock()
	return a.relations.changed
}

// turnAtOnce is turn and followUp, where nobody is to be answered in between.
func (a *Agent) turnAtOnce(p peer.ID, decide func(*relation, *book) (*move, error)) (*turned, error) {
	t, err := a.turn(p, decide)
	if err != nil {
		return nil, err
	}
	if t != nil {
		a.followUp(t)
	}
	return t, nil
}

// SetTopics changes which topics a contact may publish here and subscribe to; what it may do besides stays. What it has open
// is cut, and may be opened again within the new scopes.
func (a *Agent) SetTopics(who string, publish, subscribe []trust.Pattern) error {
	r, err := a.find(who, trust.Trusted)
	if err != nil {
		return err
	}
	_, err = a.turnAtOnce(r.Peer, func(r *relation, _ *book) (*move, error) {
		scopes := orEverything(r.Scopes)
		scopes.Publish, scopes.Subscribe = append([]trust.Pattern{}, publish...), append([]trust.Pattern{}, subscribe...)
		if err := scopes.Validate(); err != nil {
			return nil, err
		}
		r.Scopes = &scopes
		return &move{}, nil
	})
	return err
}

package agent

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// How what is to be said is said.
const (
	// attempt is how long one attempt may take, dialling included.
	attempt = 20 * time.Second
	// firstRetry is the wait after the first attempt that reached nobody; doubled each time.
	firstRetry = time.Second
	// firstReminder is the wait before the first repetition of a request that was heard; doubled each time.
	firstReminder = 5 * time.Second
	// longestWait bounds either.
	longestWait = 10 * time.Minute
)

// courier brings what we have to say to whom it is for, until it is heard.
//
// A request goes to the door of strangers, and goes there again now and then for as long as it waits: each time there is a
// connection over which the other can answer, even if it could not reach us by itself. Everything else goes to the door of
// those who know us, and to that of strangers where it is shut.
type courier struct {
	mu      sync.Mutex
	errands map[peer.ID]*errand
}

type errand struct {
	said   []byte
	cancel context.CancelFunc
}

// told is what came of an attempt.
type told int

const (
	away    told = iota
	knocked      // it stands at the door of the other
	taken        // the other has heard it, and has nothing more to decide
)

// wake sets out with what is to be said to an agent now; what was to be said before is not any more.
func (c *courier) wake(a *Agent, p peer.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, _ := a.relationOf(p)
	former := c.errands[p]
	if former != nil && bytes.Equal(former.said, r.Said) {
		return
	}
	if former != nil {
		former.cancel()
		delete(c.errands, p)
	}
	if r.Said == nil {
		return
	}
	ctx, cancel := context.WithCancel(a.ctx)
	mine := &errand{r.Said, cancel}
	c.errands[p] = mine
	a.spawn(func(context.Context) {
		defer cancel()
		a.deliver(ctx, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.errands[p] == mine {
			delete(c.errands, p)
		}
	})
}

// deliver says it until it is heard, or it is too late.
func (a *Agent) deliver(ctx context.Context, r relation) {
	statement, err := trust.FromBytes(r.Said)
	if err != nil {
		return
	}
	retry, reminder := firstRetry, firstReminder
	for r.SaidUntil == 0 || unixMilli() < r.SaidUntil {
		arrival := a.arrivals.next(r.Peer)
		wait := &retry
		isKnocked := false
		switch a.bring(ctx, &r, statement) {
		case taken:
			a.acknowledged(ctx, &r)
			return
		case knocked:
			retry, wait, isKnocked = firstRetry, &reminder, true
		}
		if isKnocked {
			// A request that stands at the door is answered on any connection.
			arrival = nil
		}
		pause := time.Duration(float64(*wait) * (0.75 + rand.Float64()/2))
		*wait = min(*wait*2, longestWait)
		if !sleep(ctx, pause, arrival) {
			return
		}
	}
	if statement.Kind != trust.KindAccept {
		// An accept stays unsaid, for the owner to see: the contact does not know that it is trusted.
		a.acknowledged(ctx, &r)
	}
}

// sleep waits for a while, or until a second after something arrives; false if the context has ended.
func sleep(ctx context.Context, pause time.Duration, arrival <-chan struct{}) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-arrival:
	}
	// It may be our own connection, on which the other turned us away: then it is not tried again at once.
	timer.Reset(min(pause, firstRetry))
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// bring makes one attempt.
func (a *Agent) bring(ctx context.Context, r *relation, statement *trust.Statement) told {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	if statement.Kind == trust.KindRequest {
		return a.knock(ctx, r, statement)
	}
	// What it spoke with us before may have been shut since: asked anew, it says so.
	_ = a.host.Peerstore().RemoveProtocols(r.Peer, trust.Protocol)
	s, err := a.Open(ctx, r.Peer, trust.Protocol)
	if errors.Is(err, ErrUnsupported) {
		return a.knock(ctx, r, statement)
	}
	if err != nil {
		return away
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	verdict, err := trust.Tell(s, statement)
	switch {
	case errors.Is(err, ErrUnsupported):
		return a.knock(ctx, r, statement)
	case err != nil || verdict == trust.Failed:
		return away
	}
	return taken
}

func (a *Agent) knock(ctx context.Context, r *relation, statement *trust.Statement) told {
	s, err := a.Open(ctx, r.Peer, trust.KnockProtocol)
	if err != nil {
		return away
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := trust.SendKnock(s, &trust.Knock{Statement: statement.Bytes(), Ticket: r.Proof}); err != nil {
		return away
	}
	if statement.Kind == trust.KindRequest {
		return knocked
	}
	return taken
}

// acknowledged notes that there is nothing more to say.
func (a *Agent) acknowledged(ctx context.Context, said *relation) {
	for {
		_, err := a.turn(said.Peer, func(r *relation, _ *book) (*move, error) {
			// By now there may be something else to say.
			if !bytes.Equal(r.Said, said.Said) {
				return nil, nil
			}
			r.Said, r.SaidUntil, r.Proof = nil, 0, nil
			return &move{}, nil
		})
		// A disk that is full for a while.
		if err == nil || !sleep(ctx, firstRetry, nil) {
			return
		}
	}
}

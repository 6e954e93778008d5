package agent

import (
	"errors"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// answerAfter is when a knock is answered, whatever became of it: longer than a commit takes on most disks.
const answerAfter = 250 * time.Millisecond

// How often strangers may knock, and contacts change something between us.
var (
	// ofPeer: a requester that is not answered knocks again now and then, which keeps a way open for the answer.
	ofPeer = rateOf{burst: 6, refill: 20 * time.Minute}
	// ofSource: whoever has many keys seldom has many networks.
	ofSource = rateOf{burst: 20, refill: 3 * time.Minute}
	// inAll: as many as an owner can look at.
	inAll = rateOf{burst: 60, refill: 30 * time.Second}
	// ofChanges: each change is a write.
	ofChanges = rateOf{burst: 32, refill: time.Minute}
)

// budgetKeys is how many peers and networks are remembered for that.
const budgetKeys = 4096

// budgets are what others have left.
type budgets struct {
	mu      sync.Mutex
	peers   *buckets[peer.ID]
	sources *buckets[string]
	all     *buckets[struct{}]
	changes *buckets[peer.ID]
}

func newBudgets() *budgets {
	return &budgets{
		peers:   newBuckets[peer.ID](ofPeer, budgetKeys),
		sources: newBuckets[string](ofSource, budgetKeys),
		all:     newBuckets[struct{}](inAll, 1),
		changes: newBuckets[peer.ID](ofChanges, budgetKeys),
	}
}

// pay takes the price of a knock from all three; false, and takes nothing, if one has too little.
func (b *budgets) pay(p peer.ID, source string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if !b.peers.has(p, now) || !b.sources.has(source, now) || !b.all.has(struct{}{}, now) {
		return false
	}
	b.peers.take(p, now)
	b.sources.take(source, now)
	b.all.take(struct{}{}, now)
	return true
}

func (b *budgets) mayChange(p peer.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes.has(p, time.Now())
}

func (b *budgets) change(p peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes.take(p, time.Now())
}

// openDoors serves the two doors at which other agents speak about trust.
func (a *Agent) openDoors() {
	all := newBudgets()
	anybody := func(p peer.ID) bool { return a.access.tier(p) != Blocked }
	known := func(p peer.ID) bool {
		tier := a.access.tier(p)
		return tier == Trusted || tier == Expected
	}
	a.openDoor(trust.Protocol, known, func(s *Stream) { a.answerStatement(s, all) })
	a.openDoor(trust.KnockProtocol, anybody, func(s *Stream) { a.answerKnock(s, all) })
}

// answerStatement hears a statement of an agent that we know, and answers it truly.
func (a *Agent) answerStatement(s *Stream, all *budgets) {
	_ = s.SetDeadline(time.Now().Add(exchange))
	envelope, err := trust.Hear(s)
	if err != nil {
		_ = s.Reset()
		return
	}
	heard, err := a.learn(s.Peer(), envelope, all)
	a.cutOthers(heard, s)
	verdict := trust.Taken
	switch {
	case errors.Is(err, errBudget) || errors.Is(err, errNotStored):
		verdict = trust.Failed
	case err != nil:
		verdict = trust.Invalid
	}
	_ = s.SetDeadline(time.Now().Add(exchange))
	// Before the connection is closed: otherwise the peer would say it again.
	_ = trust.Answer(s, verdict)
	if heard != nil {
		a.followUp(heard)
	}
}

// learn takes in a statement of an agent that we know. What it changes while it is trusted has a limit; all else it can
// change once for each time that our owner asks or trusts it.
func (a *Agent) learn(p peer.ID, envelope []byte, all *budgets) (*turned, error) {
	statement, err := trust.FromBytes(envelope)
	if err != nil {
		return nil, err
	}
	costs := statement.Kind != trust.KindRevoke && a.access.isTrusted(p)
	if costs && !all.mayChange(p) {
		return nil, errBudget
	}
	heard, err := a.hear(p, statement, nil, "")
	if costs && heard != nil {
		all.change(p)
	}
	return heard, err
}

// answerKnock hears a stranger, and answers as ever.
func (a *Agent) answerKnock(s *Stream, all *budgets) {
	_ = s.SetDeadline(time.Now().Add(exchange))
	knock, err := trust.HearKnock(s)
	if err != nil {
		_ = s.Reset()
		return
	}
	answerAt := time.After(answerAfter)
	heard, _ := a.consider(s.Peer(), knock, sourceOf(s.Conn().RemoteMultiaddr()), all)
	a.cutOthers(heard, s)
	if heard != nil {
		// Who is trusted from now on hears so at once, and not after the answer.
		a.courier.wake(a, s.Peer())
	}
	select {
	case <-answerAt:
	case <-a.ctx.Done():
	}
	_ = s.SetDeadline(time.Now().Add(exchange))
	_ = trust.AnswerKnock(s)
	if heard != nil {
		a.followUp(heard)
	}
}

func (a *Agent) consider(p peer.ID, knock *trust.Knock, source string, all *budgets) (*turned, error) {
	invitation := a.invitation(knock)
	r, _ := a.relationOf(p)
	pending := r.standing() == trust.Pending
	// A reminder of what waits already costs nothing, and changes nothing.
	if invitation == nil && pending && *r.Relation.State.Request == trust.StatementIDOf(knock.Statement) {
		return nil, nil
	}
	// Whom the owner invited is not held up by a crowd. All others pay before their signatures are looked at. Nor is
	// whoever takes its request back, which it can do once: nobody is to approve what is asked no longer.
	paid := invitation != nil || all.pay(p, source)
	if !paid && !pending {
		return nil, errBudget
	}
	statement, err := trust.FromBytes(knock.Statement)
	if err != nil {
		return nil, err
	}
	if !paid && statement.Kind != trust.KindRevoke {
		return nil, errBudget
	}
	return a.hear(p, statement, invitation, source)
}

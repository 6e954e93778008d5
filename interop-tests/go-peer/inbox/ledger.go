package inbox

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// pendingPerPeer is files of one peer that are not complete; a further one is answered with Quota until one is completed, or
// has waited for too long. Each takes a directory and an entry here.
const pendingPerPeer = 64

// fileKey says which file, as its directory does: not the whole key of its sender.
type fileKey struct {
	sender id.Fingerprint
	id     service.MessageID
}

func (which key) file() fileKey { return fileKey{which.from.Fingerprint(), which.id} }

// turnTime is how long an attempt waits for the one before it to leave the file: that ends with the next use of the disk.
const turnTime = time.Minute

var errBusy = errors.New("another attempt has the file")

// ledger is who is receiving which file, and what the files that are not in the inbox yet take up.
type ledger struct {
	mu      *sync.Mutex
	entries map[fileKey]*pending
}

type pending struct {
	// The size of the whole while it comes, what there is of it otherwise.
	bytes uint64
	// Holds one token, for whoever touches the file on the disk.
	turn chan struct{}
	// Who has the turn or waits for it.
	users int
	// Ends the attempt that began last.
	cancel context.CancelFunc
}

func newLedger() ledger { return ledger{mu: new(sync.Mutex), entries: make(map[fileKey]*pending)} }

// entry is the entry of a file, of which the caller becomes a user. The caller holds the lock.
func (l ledger) entry(which fileKey) *pending {
	one, ok := l.entries[which]
	if !ok {
		one = &pending{turn: make(chan struct{}, 1)}
		l.entries[which] = one
	}
	one.users++
	return one
}

// leave ends being a user of a file: what left nothing behind is forgotten.
func (l ledger) leave(which fileKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.entries[which]
	if one.users--; one.users == 0 && one.bytes == 0 {
		delete(l.entries, which)
	}
}

// enter takes the turn of a file away from an earlier attempt, whose connection its sender has given up. The context that
// comes back ends when another attempt wants the file.
func (l ledger) enter(ctx context.Context, which fileKey) (*slot, error) {
	ctx, cancel := context.WithCancel(ctx)
	l.mu.Lock()
	one := l.entry(which)
	if one.cancel != nil {
		one.cancel()
	}
	one.cancel = cancel
	l.mu.Unlock()
	select {
	case one.turn <- struct{}{}:
		return &slot{ctx: ctx, cancel: cancel, ledger: l, key: which, pending: one, kept: l.bytes(one)}, nil
	case <-ctx.Done():
	case <-time.After(turnTime):
	}
	cancel()
	l.leave(which)
	return nil, errBusy
}

// tryEnter is the turn of a file that nobody touches, or nil.
func (l ledger) tryEnter(which fileKey) *slot {
	l.mu.Lock()
	one := l.entry(which)
	l.mu.Unlock()
	select {
	case one.turn <- struct{}{}:
		return &slot{ctx: context.Background(), cancel: func() {}, ledger: l, key: which, pending: one, kept: l.bytes(one)}
	default:
		l.leave(which)
		return nil
	}
}

func (l ledger) bytes(one *pending) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return one.bytes
}

// slot is the right to touch one file on the disk.
type slot struct {
	ctx     context.Context
	cancel  context.CancelFunc
	ledger  ledger
	key     fileKey
	pending *pending
	// What there is of the file when nobody touches it any more.
	kept uint64
}

// reserve counts the whole size of the file from now on. It returns what all files cost that are not in the inbox yet, or
// false if its sender has too many of them.
func (s *slot) reserve(size uint64) (uint64, bool) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	// An empty file has a directory, too.
	s.pending.bytes = max(size, 1)
	var cost uint64
	of := make(map[id.Fingerprint]int)
	for which, one := range s.ledger.entries {
		of[which.sender]++
		if one.bytes > 0 {
			cost = saturatingAdd(cost, saturatingAdd(one.bytes, FileCost))
		}
	}
	return cost, of[s.key.sender] <= pendingPerPeer
}

// release gives the turn back.
func (s *slot) release() {
	s.ledger.mu.Lock()
	s.pending.bytes = s.kept
	s.ledger.mu.Unlock()
	s.cancel()
	<-s.pending.turn
	s.ledger.leave(s.key)
}

func saturatingAdd(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

package agent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// stateFile is where the trust of an agent is kept.
const stateFile = "agent.json"

// bookVersion is the version of that file.
const bookVersion = 1

// How much is kept of others.
const (
	// maxPending bounds the requests that wait for our owner: as many as one can look at. The source with the most gives
	// its oldest.
	maxPending = 128
	// maxRequested bounds the agents that we have asked and that have not answered: each is dialled now and then.
	maxRequested = 256
	// maxRemembered bounds the strangers of whom something is remembered.
	maxRemembered = 4096
	// maxTickets bounds the tickets that may be used.
	maxTickets = 64
)

// errNotStored says that the disk failed: what was to happen has not.
var errNotStored = errors.New("not stored")

// book is what is known of others. Whoever uses it holds the lock of trust.
type book struct {
	relations map[peer.ID]*relation
	tickets   map[trust.TicketID]issued
}

// issued is a ticket of ours that may be used.
type issued struct {
	ID      trust.TicketID         `json:"id"`
	Secret  [wire.SecretBytes]byte `json:"secret"`
	Expires uint64                 `json:"expires"`
	Scopes  *trust.Scopes          `json:"scopes,omitempty"`
}

// saved is the book as its file holds it.
type saved struct {
	Version   int         `json:"version"`
	Relations []*relation `json:"relations"`
	Tickets   []issued    `json:"tickets"`
}

func loadBook(h *home) (*book, error) {
	b := &book{relations: make(map[peer.ID]*relation), tickets: make(map[trust.TicketID]issued)}
	data, err := h.read(stateFile)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", stateFile, err)
	}
	if data == nil {
		return b, nil
	}
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s is damaged: restore it from a backup: %w", stateFile, err)
	}
	if s.Version != bookVersion {
		return nil, fmt.Errorf("%s is of version %d, only %d is known here", stateFile, s.Version, bookVersion)
	}
	for _, r := range s.Relations {
		b.relations[r.Peer] = r
	}
	for _, t := range s.Tickets {
		b.tickets[t.ID] = t
	}
	return b, nil
}

// save writes the book; when it returns, it is on the disk.
func (b *book) save(h *home) error {
	s := saved{Version: bookVersion}
	for _, r := range b.relations {
		s.Relations = append(s.Relations, r)
	}
	slices.SortFunc(s.Relations, func(a, b *relation) int { return cmp.Compare(a.Peer, b.Peer) })
	for _, t := range b.tickets {
		s.Tickets = append(s.Tickets, t)
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := h.write(stateFile, data); err != nil {
		return fmt.Errorf("%w: %s: %w", errNotStored, stateFile, err)
	}
	return nil
}

// clone is a copy to go back to. Relations are replaced, never changed.
func (b *book) clone() book {
	return book{maps.Clone(b.relations), maps.Clone(b.tickets)}
}

// with returns the relations of a standing, those that began first first.
func (b *book) with(standings ...trust.Standing) []*relation {
	var found []*relation
	for _, r := range b.relations {
		if slices.Contains(standings, r.standing()) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *relation) int { return cmp.Compare(a.Since, b.Since) })
	return found
}

// holder is who is pinned to an address, other than the peer itself; nil if nobody is.
func (b *book) holder(address id.Address, other peer.ID) *relation {
	for _, r := range b.relations {
		if r.Pinned && r.Address == address && r.Peer != other {
			return r
		}
	}
	return nil
}

// makeRoom keeps the bounds after a relation has changed: who has to go has waited longest.
func (b *book) makeRoom() {
	if pending := b.with(trust.Pending); len(pending) > maxPending {
		b.turnAway(leastMissed(pending))
	}
	strangers := b.with(trust.Stranger)
	for _, r := range strangers {
		if len(strangers) <= maxRemembered {
			break
		}
		if !r.Pinned && r.Said == nil {
			delete(b.relations, r.Peer)
			strangers = strangers[1:]
		}
	}
	now := unixMilli()
	for key, t := range b.tickets {
		if t.Expires <= now {
			delete(b.tickets, key)
		}
	}
}

// turnAway makes a stranger of one who waits. What it has said so far is remembered as of any other: it must not count again.
func (b *book) turnAway(waiting *relation) {
	stranger := *waiting
	if step, err := waiting.Relation.Step(trust.Lapse{}); err == nil {
		stranger.Relation = step.Relation
	}
	stranger.Since = unixMilli()
	stranger.tidy(0)
	b.relations[stranger.Peer] = &stranger
}

// leastMissed is the oldest request of the source with the most, unless it was invited.
func leastMissed(pending []*relation) *relation {
	count := make(map[string]int)
	for _, r := range pending {
		if !r.Invited {
			count[r.Source]++
		}
	}
	least := pending[0]
	for _, r := range pending {
		if !r.Invited && (least.Invited || count[r.Source] > count[least.Source]) {
			least = r
		}
	}
	return least
}

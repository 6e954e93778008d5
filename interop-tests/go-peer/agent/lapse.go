package agent

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// recall makes hold in memory what the disk says, before anybody is served.
func (a *Agent) recall() error {
	book, err := loadBook(a.home)
	if err != nil {
		return err
	}
	a.relations.book, a.relations.changed = book, make(chan struct{})
	for _, r := range book.relations {
		a.settle(r)
	}
	return nil
}

// resume goes on with what was to be said, and lets lapse what has to.
func (a *Agent) resume() {
	a.relations.mu.Lock()
	var said []peer.ID
	for p, r := range a.relations.book.relations {
		if r.Said != nil {
			said = append(said, p)
		}
	}
	a.relations.mu.Unlock()
	for _, p := range said {
		a.courier.wake(a, p)
	}
	a.spawn(a.lapse)
}

// lapse ends what ends by itself. It looks once a second, by the wall clock, which may jump.
func (a *Agent) lapse(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := unixMilli()
		var due []peer.ID
		a.relations.mu.Lock()
		for p, r := range a.relations.book.relations {
			if r.Expires != 0 && r.Expires <= now {
				due = append(due, p)
			}
		}
		a.relations.mu.Unlock()
		for _, p := range due {
			_, _ = a.turnAtOnce(p, func(r *relation, _ *book) (*move, error) {
				if r.Expires == 0 || r.Expires > now {
					return nil, nil
				}
				return &move{event: trust.Lapse{}}, nil
			})
		}
	}
}

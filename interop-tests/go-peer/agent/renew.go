package agent

import (
	"context"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// lull is how long a connection that is to be replaced may still be used.
	lull = time.Second
	// lullStep is how often it is looked at.
	lullStep = 5 * time.Millisecond
)

// renewals are the contacts whose connections are being replaced: what libp2p tells of us unasked is decided once for a
// connection, so one who comes to trust us, and whom we have asked, is dialled again.
type renewals struct {
	mu    sync.Mutex
	under map[peer.ID]chan struct{}
}

func (r *renewals) begin(p peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.under[p] == nil {
		r.under[p] = make(chan struct{})
	}
}

func (r *renewals) end(p peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done := r.under[p]; done != nil {
		close(done)
		delete(r.under, p)
	}
}

// wait returns when the connection of a peer is not about to be closed, or the context ends.
func (r *renewals) wait(ctx context.Context, p peer.ID) {
	r.mu.Lock()
	done := r.under[p]
	r.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// renew closes the connections on which a contact was met as a stranger, and dials it.
func (a *Agent) renew(ctx context.Context, p peer.ID) {
	defer a.renewals.end(p)
	var former []network.Conn
	for _, conn := range a.host.Network().ConnsToPeer(p) {
		if a.lobby.met(conn) {
			former = append(former, conn)
		}
	}
	a.idle(ctx, former)
	for _, conn := range former {
		_ = conn.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	// If it cannot be dialled it may dial us.
	_ = a.Connect(ctx, p)
}

// idle waits until nothing moves on connections, but not for long.
func (a *Agent) idle(ctx context.Context, conns []network.Conn) {
	ctx, cancel := context.WithTimeout(ctx, lull)
	defer cancel()
	tick := time.NewTicker(lullStep)
	defer tick.Stop()
	for {
		open := 0
		for _, conn := range conns {
			open += len(conn.GetStreams())
		}
		if open == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

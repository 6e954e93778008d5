package agent

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// simultaneous is within which two who dial each other at the same time do so, and within which one who dials by several
// transports at once drops all but the first.
const simultaneous = 3 * time.Second

// closeStale closes the connections that a peer has lost. Nobody dials a peer that it is connected to: one that does has
// lost the connections that we still see, most likely in a crash, and whatever we write to them goes nowhere.
func (a *Agent) closeStale(n network.Network, conn network.Conn) {
	if conn.Stat().Direction != network.DirInbound {
		return
	}
	for _, other := range n.ConnsToPeer(conn.RemotePeer()) {
		if other == conn || other.Stat().Limited != conn.Stat().Limited {
			continue
		}
		isSame := other.Stat().Direction == network.DirInbound && other.ConnState().Transport == conn.ConnState().Transport
		if isSame || time.Since(other.Stat().Opened) > simultaneous {
			// Not here: to close a connection waits for those whom it notifies.
			go func() { _ = other.Close() }()
		}
	}
}

// arrivals lets others wait for a connection of a peer.
type arrivals struct {
	mu   sync.Mutex
	open map[peer.ID]chan struct{}
}

func newArrivals() *arrivals { return &arrivals{open: make(map[peer.ID]chan struct{})} }

// next is closed at the next connection of a peer.
func (a *arrivals) next(p peer.ID) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[p] == nil {
		a.open[p] = make(chan struct{})
	}
	return a.open[p]
}

// note wakes those who wait for a connection of a peer.
func (a *arrivals) note(p peer.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if waiting := a.open[p]; waiting != nil {
		close(waiting)
		delete(a.open, p)
	}
}

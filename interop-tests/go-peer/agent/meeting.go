package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// meetingTime is how long dialling and one exchange may take.
	meetingTime = 20 * time.Second
	// maxMeetings bounds the exchanges that we have under way with others.
	maxMeetings = 256
	// busyWait is the wait before another attempt with a peer that is busy; doubled each time.
	busyWait = 50 * time.Millisecond
)

// meetings are the exchanges of ours that are under way: one at a time with each peer.
type meetings struct {
	mu    sync.Mutex
	under map[peer.ID]chan struct{}
}

// begin waits until nobody else is at it; the caller has to call the function that it returns.
func (m *meetings) begin(ctx context.Context, p peer.ID) (func(), error) {
	for {
		m.mu.Lock()
		over, isUnder := m.under[p]
		if !isUnder {
			if len(m.under) >= maxMeetings {
				m.mu.Unlock()
				return nil, fmt.Errorf("%w: too many are being met", ErrNoMember)
			}
			own := make(chan struct{})
			m.under[p] = own
			m.mu.Unlock()
			return func() {
				m.mu.Lock()
				delete(m.under, p)
				m.mu.Unlock()
				close(own)
			}, nil
		}
		m.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// knows says whether a peer is a member that has proved it on every connection that there is.
func (m *membership) knows(p peer.ID) bool {
	one := m.members.get(p)
	conns := m.agent.host.Network().ConnsToPeer(p)
	if one == nil || len(conns) == 0 {
		return false
	}
	for _, conn := range conns {
		if !one.conns[conn.ID()] {
			return false
		}
	}
	return true
}

// meet exchanges proofs of membership with a peer, dialling if needed; when it returns, both speak the DHT.
func (m *membership) meet(ctx context.Context, p peer.ID) error { return m.meetUnless(ctx, p, false) }

// ensure does the same, unless it was done on the connections that there are.
func (m *membership) ensure(ctx context.Context, p peer.ID) error { return m.meetUnless(ctx, p, true) }

func (m *membership) meetUnless(ctx context.Context, p peer.ID, isKnown bool) error {
	if isKnown && m.knows(p) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, meetingTime)
	defer cancel()
	end, err := m.meeting.begin(ctx, p)
	if err != nil {
		return err
	}
	defer end()
	if isKnown && m.knows(p) {
		return nil
	}
	for wait := busyWait; ; wait *= 2 {
		err := m.exchange(ctx, p)
		if !errors.Is(err, service.ErrBusy) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

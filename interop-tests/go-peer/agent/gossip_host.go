package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
)

// errNotMet says that a peer has not proved to be a member over a connection that is open.
var errNotMet = errors.New("the peer has not proved to be a member on this connection")

// gossipHost is the host as gossipsub sees it: with members alone, and those once they have been met.
//
// Gossipsub opens its one stream to a peer when identify has said that the peer speaks it, and gives the peer up if that
// fails. Members are not identified; so it sees an event bus of its own, on which a member appears when the admission is
// done on both sides:
//
//	asker                                       answerer
//	  "this is who I am"  ─────────────────────►  takes streams of the asker from here on
//	  introduces it  ◄──────────────────────────  "and this is who I am"
//	    ══ the stream of the asker ════════════►  introduces it: the asker is ready as well
//
// Both speak on the connection over which they have proved themselves.
type gossipHost struct {
	host.Host
	agent    *Agent
	isMember func(peer.ID) bool
	bus      event.Bus
	appears  event.Emitter
	protos   []protocol.ID

	mu sync.Mutex
	// conns are those on which members were met.
	conns   map[peer.ID]network.Conn
	streams map[network.Stream]struct{}
	closed  bool
}

func newGossipHost(a *Agent, isMember func(peer.ID) bool) (*gossipHost, error) {
	h := &gossipHost{
		Host: a.host, agent: a, isMember: isMember, bus: eventbus.NewBus(), conns: make(map[peer.ID]network.Conn),
		streams: make(map[network.Stream]struct{}),
	}
	var err error
	if h.appears, err = h.bus.Emitter(new(event.EvtPeerProtocolsUpdated)); err != nil {
		return nil, fmt.Errorf("starting gossip: %w", err)
	}
	return h, nil
}

// EventBus has no events but that members appear.
func (h *gossipHost) EventBus() event.Bus { return h.bus }

// introduce has gossipsub speak with a member.
func (h *gossipHost) introduce(p peer.ID, conn network.Conn) {
	h.mu.Lock()
	closed := h.closed
	if !closed {
		h.conns[p] = conn
		h.tidy()
	}
	h.mu.Unlock()
	if !closed {
		_ = h.appears.Emit(event.EvtPeerProtocolsUpdated{Peer: p, Added: h.protos})
	}
}

// tidy forgets connections that are closed, once they are many; the lock is held.
func (h *gossipHost) tidy() {
	if len(h.conns) <= maxConnections {
		return
	}
	for p, conn := range h.conns {
		if conn.IsClosed() {
			delete(h.conns, p)
		}
	}
}

// NewStream opens a stream to a member that was met, and waits until it is taken.
func (h *gossipHost) NewStream(ctx context.Context, p peer.ID, protos ...protocol.ID) (network.Stream, error) {
	h.mu.Lock()
	conn := h.conns[p]
	h.mu.Unlock()
	if conn == nil || conn.IsClosed() || !h.isMember(p) || len(protos) != 1 {
		return nil, errNotMet
	}
	raw, err := conn.NewStream(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errClosed, err)
	}
	err = raw.SetProtocol(protos[0])
	if err == nil {
		err = selectProtocol(ctx, raw, protos[0])
	}
	if err == nil && !h.keep(raw) {
		err = errNotMet
	}
	if err != nil {
		_ = raw.Reset()
		return nil, err
	}
	return &gossipStream{Stream: raw, host: h}, nil
}

// SetStreamHandler serves the one protocol of gossipsub to members.
func (h *gossipHost) SetStreamHandler(proto protocol.ID, handle network.StreamHandler) {
	h.protos = append(h.protos, proto)
	h.agent.gate.rule(proto, h.isMember)
	h.agent.host.SetStreamHandler(proto, func(raw network.Stream) {
		if !h.keep(raw) {
			_ = raw.Reset()
			return
		}
		defer h.drop(raw)
		h.introduce(raw.Conn().RemotePeer(), raw.Conn())
		handle(&gossipStream{Stream: raw, host: h, meter: new(meter)})
	})
}

// keep notes a stream, to be reset at the end; false if that has come.
func (h *gossipHost) keep(raw network.Stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.streams[raw] = struct{}{}
	}
	return !h.closed
}

func (h *gossipHost) drop(raw network.Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, raw)
}

// Close ends gossip; the host itself stays.
func (h *gossipHost) Close() error {
	for _, proto := range h.protos {
		h.agent.RemoveHandler(proto)
	}
	h.mu.Lock()
	h.closed = true
	streams := h.streams
	h.streams = nil
	h.mu.Unlock()
	for raw := range streams {
		_ = raw.Reset()
	}
	return h.appears.Close()
}

// gossipStream is a stream of gossipsub, which is read no faster than its meter allows.
type gossipStream struct {
	network.Stream
	host  *gossipHost
	meter *meter
}

func (s *gossipStream) Read(b []byte) (int, error) {
	n, err := s.Stream.Read(b)
	if s.meter != nil {
		s.meter.wait(n)
	}
	return n, err
}

func (s *gossipStream) Close() error {
	s.host.drop(s.Stream)
	return s.Stream.Close()
}

func (s *gossipStream) Reset() error {
	s.host.drop(s.Stream)
	return s.Stream.Reset()
}

package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// What one peer may occupy.
const (
	// inboundPerPeer bounds the streams that one peer may have open to us; a further one hears "busy".
	inboundPerPeer = 100
	// outboundPerPeer bounds the streams that we have open to one peer; a further one waits. No more than the inbound ones,
	// so that agents with the same limits do not find each other busy.
	outboundPerPeer = 100
)

// Why a stream was not opened, or did not last. What a status byte says is among the errors of package service.
var (
	// ErrUnsupported says that the peer does not speak the protocol, or not with us.
	ErrUnsupported = errors.New("the peer does not speak this protocol with us")
	// ErrNoContact says that we do not trust the peer, and so do not speak with it.
	ErrNoContact = errors.New("the peer is no contact of this agent")
	// ErrUnreachable says that there is no way to the peer.
	ErrUnreachable = errors.New("the peer cannot be reached")
	// ErrCut says that the trust in the peer ended while the stream was open.
	ErrCut = errors.New("the stream was cut: its peer is not trusted any more")
)

// errClosed says that a connection was closed while a stream was opened on it.
var errClosed = fmt.Errorf("%w: the connection was closed", ErrUnreachable)

// maxTries bounds how often a stream is opened anew for that.
const maxTries = 3

// streams counts and finds the streams of each peer.
type streams struct {
	mu    sync.Mutex
	peers map[peer.ID]*peerStreams
}

type peerStreams struct {
	inbound int
	open    map[*Stream]struct{}
	// slots holds a token for each stream that we have open or are opening.
	slots chan struct{}
	// users counts who holds on to this entry besides the open streams.
	users int
	// cuts counts how often the streams were cut: what was being opened meanwhile is cut as well.
	cuts int
}

func newStreams() *streams { return &streams{peers: make(map[peer.ID]*peerStreams)} }

// of returns the entry of a peer, to be given back by done. The lock is held.
func (s *streams) of(p peer.ID) *peerStreams {
	entry := s.peers[p]
	if entry == nil {
		entry = &peerStreams{open: make(map[*Stream]struct{}), slots: make(chan struct{}, outboundPerPeer)}
		s.peers[p] = entry
	}
	return entry
}

func (s *streams) tidy(p peer.ID, entry *peerStreams) {
	if entry.users == 0 && len(entry.open) == 0 {
		delete(s.peers, p)
	}
}

// accept counts an inbound stream in; false if the peer has too many. Then it hears "busy".
func (s *streams) accept(raw network.Stream) (*Stream, bool) {
	p := raw.Conn().RemotePeer()
	stream := &Stream{Stream: raw, responder: true, state: statusToSend}
	s.mu.Lock()
	entry := s.of(p)
	if entry.inbound >= inboundPerPeer {
		s.mu.Unlock()
		return stream, false
	}
	entry.inbound++
	entry.open[stream] = struct{}{}
	s.mu.Unlock()
	stream.release = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		entry.inbound--
		delete(entry.open, stream)
		s.tidy(p, entry)
	}
	return stream, true
}

// reserve waits for room for one more stream to a peer.
func (s *streams) reserve(ctx context.Context, p peer.ID) (*peerStreams, error) {
	s.mu.Lock()
	entry := s.of(p)
	entry.users++
	s.mu.Unlock()
	select {
	case entry.slots <- struct{}{}:
		return entry, nil
	case <-ctx.Done():
		s.mu.Lock()
		entry.users--
		s.tidy(p, entry)
		s.mu.Unlock()
		return nil, fmt.Errorf("waiting for a stream to end: %w", ctx.Err())
	}
}

// cutsOf is how often the streams of a peer were cut.
func (s *streams) cutsOf(entry *peerStreams) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return entry.cuts
}

// add makes a stream one that can be cut; false if that has happened since it began to be opened.
func (s *streams) add(entry *peerStreams, stream *Stream, cuts int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry.cuts != cuts {
		return false
	}
	entry.open[stream] = struct{}{}
	return true
}

// unreserve gives the room back.
func (s *streams) unreserve(p peer.ID, entry *peerStreams, stream *Stream) {
	<-entry.slots
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.users--
	delete(entry.open, stream)
	s.tidy(p, entry)
}

// cut ends every stream of a peer: when it returns, no read or write of them succeeds any more, nor of those that are being
// opened.
func (s *streams) cut(p peer.ID) { s.cutBut(p, nil) }

// cutBut does the same, but for one stream.
func (s *streams) cutBut(p peer.ID, spared *Stream) {
	s.mu.Lock()
	var open []*Stream
	if entry := s.peers[p]; entry != nil {
		entry.cuts++
		for stream := range entry.open {
			if stream != spared {
				open = append(open, stream)
			}
		}
	}
	s.mu.Unlock()
	for _, stream := range open {
		stream.cutOff()
	}
}

// HandleStream serves a protocol of Airway to those peers who may speak it; a nil may stands for contacts whose scopes
// include it. Each stream gets a goroutine, and is closed when the handler returns.
//
// To all others the protocol looks like one that does not exist.
func (a *Agent) HandleStream(proto protocol.ID, may func(peer.ID) bool, handle func(*Stream)) {
	if may != nil {
		a.gate.rule(proto, may)
	}
	a.host.SetStreamHandler(proto, func(raw network.Stream) {
		stream, ok := a.streams.accept(raw)
		if !ok {
			stream.Refuse(service.StatusBusy)
			return
		}
		// The answer may have changed while the stream was negotiated.
		if !a.gate.offers(raw.Conn().RemotePeer(), proto) {
			_ = stream.Reset()
			return
		}
		// An opener that never reads or closes is the handler's affair: it sets the deadlines.
		defer stream.Close()
		handle(stream)
	})
}

// RemoveHandler ends what HandleStream has begun; streams that are open go on.
func (a *Agent) RemoveHandler(proto protocol.ID) {
	a.host.RemoveStreamHandler(proto)
}

// Open opens a stream to a peer, and connects if there is no connection. That the peer takes it is known with the first
// byte that is read: until then the errors of package service and ErrUnsupported may come from any use of the stream.
//
// To those who are no contacts nothing is opened but the doors: they do not learn what we speak.
func (a *Agent) Open(ctx context.Context, p peer.ID, proto protocol.ID) (*Stream, error) {
	if !isDoor(proto) && !a.access.isTrusted(p) {
		return nil, ErrNoContact
	}
	entry, err := a.streams.reserve(ctx, p)
	if err != nil {
		return nil, err
	}
	stream := &Stream{state: statusAwaited}
	stream.release = func() { a.streams.unreserve(p, entry, stream) }
	cuts := a.streams.cutsOf(entry)
	if proto != trust.Protocol && proto != trust.KnockProtocol {
		a.renewals.wait(ctx, p)
	}
	if err := a.Connect(ctx, p); err != nil {
		stream.release()
		return nil, err
	}
	raw, err := a.negotiate(ctx, p, proto)
	// The other may have replaced the connection at this moment.
	for tries := 1; err != nil && tries < maxTries && errors.Is(err, errClosed) && ctx.Err() == nil; tries++ {
		raw, err = a.negotiate(ctx, p, proto)
	}
	if err != nil {
		stream.release()
		return nil, err
	}
	stream.Stream = raw
	if !a.streams.add(entry, stream, cuts) {
		_ = stream.Reset()
		return nil, ErrCut
	}
	return stream, nil
}

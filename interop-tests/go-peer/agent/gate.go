package agent

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/multiformats/go-multistream"
)

// negotiation bounds how long the negotiation of a stream may take.
const negotiation = 10 * time.Second

// notAvailable is multistream's word for a protocol that is not spoken.
const notAvailable = "na"

// maxProposals is how many protocols a peer may propose on one stream: it knows which one it wants.
const maxProposals = 16

// gate stands between the network and the protocols of the host: to each peer it offers those alone which the peer may
// speak, so that all others look the same as ones that do not exist.
//
// It takes the place of the host's own negotiation. A protocol for which nobody has said who may speak it is for contacts
// whose scopes include it, which are those who may do everything; so what a program registers with the host by itself is
// closed to strangers, too.
type gate struct {
	access *access
	mux    protocol.Switch

	mu    sync.RWMutex
	rules map[protocol.ID]func(peer.ID) bool
}

func newGate(access *access, mux protocol.Switch) *gate {
	g := &gate{access: access, mux: mux, rules: make(map[protocol.ID]func(peer.ID) bool)}
	for _, proto := range []protocol.ID{identify.ID, identify.IDPush, ping.ID} {
		g.rules[proto] = access.isTrusted
	}
	return g
}

// rule says who may speak a protocol.
func (g *gate) rule(proto protocol.ID, may func(peer.ID) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rules[proto] = may
}

// offers says whether a peer may open a stream of a protocol now.
func (g *gate) offers(p peer.ID, proto protocol.ID) bool {
	if g.access.tier(p) == Blocked {
		return false
	}
	g.mu.RLock()
	may := g.rules[proto]
	g.mu.RUnlock()
	if may == nil {
		return g.access.admits(p, proto)
	}
	return may(p)
}

// serve negotiates an inbound stream and hands it to the handler of its protocol.
func (g *gate) serve(s network.Stream) {
	if err := s.SetDeadline(time.Now().Add(negotiation)); err != nil {
		_ = s.Reset()
		return
	}
	proto, err := g.negotiate(s)
	if err != nil {
		// An opener that did not wait for our answer has sent its first bytes along. It is to read the answer, which a
		// reset might overtake.
		_ = s.Close()
		return
	}
	_, handle, err := g.mux.Negotiate(newHandover(s, proto))
	if err != nil || s.SetProtocol(proto) != nil || s.SetDeadline(time.Time{}) != nil {
		_ = s.Reset()
		return
	}
	_ = handle(proto, s)
}

var errProposals = errors.New("the peer proposes too many protocols")

// negotiate answers what the peer proposes until it proposes something that it may speak.
func (g *gate) negotiate(s network.Stream) (protocol.ID, error) {
	version, err := multistream.ReadNextToken[protocol.ID](s)
	if err != nil {
		return "", err
	}
	if version != multistream.ProtocolID {
		return "", multistream.ErrIncorrectVersion
	}
	header := token(multistream.ProtocolID)
	for range maxProposals {
		proposed, err := multistream.ReadNextToken[protocol.ID](s)
		if err != nil {
			// Whoever proposes nothing hears at least that multistream is spoken here.
			_, _ = s.Write(header)
			return "", err
		}
		offered := g.offers(s.Conn().RemotePeer(), proposed) && g.handles(proposed)
		answer := token(string(proposed))
		if !offered {
			answer = token(notAvailable)
		}
		_, err = s.Write(append(header, answer...))
		header = nil
		switch {
		case offered:
			// The peer may have closed for reading; the handler will find out.
			return proposed, nil
		case err != nil:
			return "", err
		}
	}
	return "", errProposals
}

// handles says whether anybody serves a protocol at all.
func (g *gate) handles(proto protocol.ID) bool {
	_, _, err := g.mux.Negotiate(newHandover(nil, proto))
	return err == nil
}

// token frames a word of multistream.
func token(word string) []byte {
	// Protocol names of up to 126 bytes have a length of one byte; longer ones are proposed by peers alone.
	length := len(word) + 1
	var framed []byte
	for ; length >= 0x80; length >>= 7 {
		framed = append(framed, byte(length)|0x80)
	}
	framed = append(framed, byte(length))
	return append(append(framed, word...), '\n')
}

// handover repeats to the host's own multiplexer what was negotiated already: it reads the proposal of the one protocol,
// and writes its answers to nobody. So it finds the handler, which it would not tell otherwise.
type handover struct {
	network.Stream
	proposal *bytes.Reader
}

func newHandover(s network.Stream, proto protocol.ID) *handover {
	return &handover{s, bytes.NewReader(append(token(multistream.ProtocolID), token(string(proto))...))}
}

func (h *handover) Read(p []byte) (int, error) {
	n, err := h.proposal.Read(p)
	if errors.Is(err, io.EOF) {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

func (h *handover) Write(p []byte) (int, error) { return len(p), nil }

func (h *handover) Close() error { return nil }

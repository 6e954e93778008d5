package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"google.golang.org/protobuf/proto"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// maxPacket caps a message of the DHT, in bytes: a value and the addresses of 20 servers fit.
	maxPacket = 16 * 1024
	// requestTime is how long one request may take.
	requestTime = 5 * time.Second
)

// errPacket says that a member sends more than a message of the DHT may have.
var errPacket = errors.New("a message of the DHT is over its limit")

// kadSender sends messages of the DHT to servers that have proved to be members, and proves ourselves to them first.
type kadSender struct {
	m     *membership
	proto protocol.ID
}

// OnDisconnect has nothing to forget: each request has a stream of its own.
func (*kadSender) OnDisconnect(context.Context, peer.ID) {}

// SendRequest sends a message, and waits for the answer.
func (k *kadSender) SendRequest(ctx context.Context, p peer.ID, request *pb.Message) (*pb.Message, error) {
	s, err := k.open(ctx, p)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := k.write(s, request); err != nil {
		return nil, err
	}
	body, err := wire.ReadFrame(s, maxPacket)
	if err != nil {
		return nil, fmt.Errorf("reading an answer of the DHT: %w", err)
	}
	answer := new(pb.Message)
	if err := proto.Unmarshal(body, answer); err != nil {
		return nil, fmt.Errorf("reading an answer of the DHT: %w", err)
	}
	return answer, nil
}

// SendMessage sends a message that is not answered.
func (k *kadSender) SendMessage(ctx context.Context, p peer.ID, message *pb.Message) error {
	s, err := k.open(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	return k.write(s, message)
}

func (k *kadSender) write(s network.Stream, message *pb.Message) error {
	if err := s.SetDeadline(time.Now().Add(requestTime)); err != nil {
		return err
	}
	body, err := proto.Marshal(message)
	if err != nil {
		return err
	}
	return wire.WriteFrame(s, body, maxPacket)
}

// open opens a stream to a server. One that has lost sight of us, or has just been met, may not offer us the DHT yet: it
// is met once more.
func (k *kadSender) open(ctx context.Context, p peer.ID) (network.Stream, error) {
	if err := k.m.ensure(ctx, p); err != nil {
		return nil, err
	}
	s, err := k.m.agent.negotiate(ctx, p, k.proto)
	if !errors.Is(err, ErrUnsupported) {
		return s, err
	}
	if err := k.m.meet(ctx, p); err != nil {
		return nil, err
	}
	return k.m.agent.negotiate(ctx, p, k.proto)
}

// kadHost is the host as the DHT sees it: what the DHT would serve, it serves to whom and when we say.
type kadHost struct {
	host.Host
	members *members
	handler network.StreamHandler
}

// Peerstore is what the DHT may know of where others are.
func (h *kadHost) Peerstore() peerstore.Peerstore { return kadPeerstore{h.Host.Peerstore(), h.members} }

// kadPeerstore tells of members that serve the DHT alone, and what they say themselves: the DHT answers whoever asks for a
// peer with what it finds here, and our contacts are nobody's business.
type kadPeerstore struct {
	peerstore.Peerstore
	members *members
}

// PeerInfo is where a server is.
func (s kadPeerstore) PeerInfo(p peer.ID) peer.AddrInfo {
	if one := s.members.get(p); one != nil && one.serves {
		return peer.AddrInfo{ID: p, Addrs: one.card.Addresses()}
	}
	return peer.AddrInfo{ID: p}
}

// SetStreamHandler keeps the one handler that the DHT has.
func (h *kadHost) SetStreamHandler(_ protocol.ID, handler network.StreamHandler) { h.handler = handler }

// RemoveStreamHandler has nothing to do: whether it is served is said elsewhere.
func (h *kadHost) RemoveStreamHandler(protocol.ID) {}

// serve hands a stream to the DHT, which would read messages of any length.
func (h *kadHost) serve(s network.Stream) { h.handler(&boundedStream{Stream: s}) }

// boundedStream reads no more than one message before something is written.
type boundedStream struct {
	network.Stream
	read int
}

// Read fails once too much has come.
func (b *boundedStream) Read(p []byte) (int, error) {
	if b.read > maxPacket+binaryPrefix {
		_ = b.Reset()
		return 0, errPacket
	}
	n, err := b.Stream.Read(p)
	b.read += n
	return n, err
}

// Write begins to count anew.
func (b *boundedStream) Write(p []byte) (int, error) {
	b.read = 0
	return b.Stream.Write(p)
}

// binaryPrefix is how long the length in front of a message is, at most.
const binaryPrefix = 3

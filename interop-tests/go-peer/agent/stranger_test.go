package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multistream"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// doors are what an agent offers to strangers.
var doors = []protocol.ID{"/airway/admit/1.0.0", "/airway/join/1.0.0", "/airway/knock/1.0.0"}

// others are protocols that an agent speaks with some, or that a libp2p host may speak.
var others = []protocol.ID{
	"/airway/data/1.0.0", "/airway/echo/1.0.0", "/airway/events/1.0.0", "/airway/files/1.0.0", "/airway/kad/1.0.0",
	"/airway/meshsub/1.1.0", "/airway/perf/1.0.0", "/airway/port/1000/1.0.0", "/airway/port/5000/1.0.0",
	"/airway/port/5001/1.0.0", "/airway/tasks/1.0.0", "/airway/trust/1.0.0", "/floodsub/1.0.0", "/ipfs/id/1.0.0",
	"/ipfs/id/push/1.0.0", "/ipfs/kad/1.0.0", "/ipfs/ping/1.0.0", "/libp2p/autonat/1.0.0",
	"/libp2p/autonat/2/dial-back", "/libp2p/autonat/2/dial-request", "/libp2p/circuit/relay/0.2.0/hop",
	"/libp2p/circuit/relay/0.2.0/stop", "/libp2p/dcutr", "/libp2p/fetch/0.0.1", "/meshsub/1.0.0", "/meshsub/1.1.0",
	"/meshsub/1.2.0", "/meshsub/1.3.0", "/rendezvous/1.0.0", "ls",
}

// newStock starts a host as go-libp2p makes it, and notes what others propose to speak with it.
func newStock(t *testing.T, listen string) (host.Host, *proposals) {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings(listen), libp2p.EnableRelay())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	seen := &proposals{}
	serve := h.Mux()
	h.Network().SetStreamHandler(func(s network.Stream) {
		proto, handle, err := serve.Negotiate(&noting{s, seen})
		if err != nil {
			_ = s.Reset()
			return
		}
		_ = s.SetProtocol(proto)
		_ = handle(proto, s)
	})
	return h, seen
}

// proposals are what has been proposed.
type proposals struct {
	mu   sync.Mutex
	read []byte
}

func (p *proposals) has(proto protocol.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.list(), proto)
}

func (p *proposals) list() []protocol.ID {
	var all []protocol.ID
	for rest := p.read; len(rest) > 0; {
		size := int(rest[0])
		if proto := protocol.ID(rest[1:size]); proto != multistream.ProtocolID {
			all = append(all, proto)
		}
		rest = rest[1+size:]
	}
	return all
}

// noting notes each proposal on a stream once it is whole.
type noting struct {
	network.Stream
	seen *proposals
}

func (n *noting) Read(b []byte) (int, error) {
	// Multistream reads a length of one byte, and then as much as that.
	read, err := n.Stream.Read(b)
	n.seen.mu.Lock()
	defer n.seen.mu.Unlock()
	n.seen.read = append(n.seen.read, b[:read]...)
	return read, err
}

func TestAStrangerIsOfferedTheDoorsAndNothingElse(t *testing.T) {
	for _, listen := range []string{"/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"} {
		t.Run(listen, func(t *testing.T) {
			a := newAgent(t, Config{Name: "secretive"})
			if err := a.Listen(5000, func(*Stream) {}); err != nil {
				t.Fatal(err)
			}
			// What a program registers with the host by itself is no less closed.
			a.Host().SetStreamHandler("/meshsub/1.1.0", func(s network.Stream) { _ = s.Close() })
			stock, seen := newStock(t, listen)
			connect(t, stock, a)

			var open []protocol.ID
			for _, proto := range slices.Concat(doors, others) {
				s, err := stock.Network().NewStream(soon(t), a.PeerID())
				if err != nil {
					t.Fatal(err)
				}
				if err := multistream.SelectProtoOrFail(proto, s); err == nil {
					open = append(open, proto)
				}
				_ = s.Reset()
			}
			if !slices.Equal(open, doors) {
				t.Errorf("a stranger may speak %v", open)
			}
			if protos, _ := stock.Peerstore().GetProtocols(a.PeerID()); len(protos) != 0 {
				t.Errorf("identify has told %v", protos)
			}
			if agent, err := stock.Peerstore().Get(a.PeerID(), "AgentVersion"); err == nil {
				t.Errorf("identify has told that it is %v", agent)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if answer := <-ping.Ping(ctx, stock, a.PeerID()); answer.Error == nil {
				t.Error("a stranger was answered a ping")
			}
			if got := seen.all(); len(got) != 0 {
				t.Errorf("the agent has proposed %v by itself", got)
			}
		})
	}
}

func (p *proposals) all() []protocol.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list()
}

// connect dials an agent from another host, with the protocols that the agent listens with.
func connect(t *testing.T, from host.Host, a *Agent) {
	t.Helper()
	if err := from.Connect(soon(t), peer.AddrInfo{ID: a.PeerID(), Addrs: a.host.Addrs()}); err != nil {
		t.Fatal(err)
	}
}

func TestWhomWeAskLearnsNothingButWhatWeSay(t *testing.T) {
	a := newAgent(t, Config{})
	stranger, told := newStock(t, "/ip4/127.0.0.1/tcp/0")
	friend, toldFriend := newStock(t, "/ip4/127.0.0.1/tcp/0")
	a.access.set(friend.ID(), Trusted, everything{})
	for _, h := range []host.Host{stranger, friend} {
		a.know(h.ID(), h.Addrs())
		if err := a.Connect(soon(t), h.ID()); err != nil {
			t.Fatal(err)
		}
		// Neither speaks it.
		if _, err := a.Open(soon(t), h.ID(), trust.KnockProtocol); !isUnsupported(err) {
			t.Fatal(err)
		}
	}
	eventually(t, "the friend is asked who it is", func() bool { return toldFriend.has(identify.ID) })
	eventually(t, "it has answered", func() bool {
		protos, _ := a.host.Peerstore().SupportsProtocols(friend.ID(), identify.IDPush)
		return len(protos) > 0
	})
	// A port that is opened is told to those who may know of it.
	if err := a.Listen(5000, func(*Stream) {}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the friend is told", func() bool { return toldFriend.has(identify.IDPush) })
	if _, err := a.Open(soon(t), stranger.ID(), trust.KnockProtocol); !isUnsupported(err) {
		t.Fatal(err)
	}
	if got := told.all(); !slices.Equal(got, []protocol.ID{trust.KnockProtocol, trust.KnockProtocol}) {
		t.Errorf("a stranger was spoken to by %v", got)
	}
}

func TestAStrangerBehindARelayLearnsNoMore(t *testing.T) {
	relay, a := newAgent(t, Config{RelayServer: true}), newAgent(t, Config{})
	stranger, told := newStock(t, "/ip4/127.0.0.1/tcp/0")
	info := peer.AddrInfo{ID: relay.PeerID(), Addrs: onCard(relay.host.Addrs())}
	if err := stranger.Connect(soon(t), info); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Reserve(soon(t), stranger, info); err != nil {
		t.Fatal(err)
	}
	circuit, err := ma.NewMultiaddr(fmt.Sprintf("%s/p2p/%s/p2p-circuit", info.Addrs[0], info.ID))
	if err != nil {
		t.Fatal(err)
	}
	a.know(stranger.ID(), []ma.Multiaddr{circuit})
	if err := a.Connect(soon(t), stranger.ID()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.Open(soon(t), stranger.ID(), trust.KnockProtocol); !isUnsupported(err) {
			t.Fatal(err)
		}
		// It would be told of this port.
		if err := a.Listen(5000, func(*Stream) {}); err != nil {
			t.Fatal(err)
		}
	}
	if paths := a.Paths(stranger.ID()); len(paths) != 1 || !paths[0].Relayed {
		t.Errorf("%+v", paths)
	}
	// The relay asks it to take the circuit; it is not the agent who says that.
	got := slices.DeleteFunc(told.all(), func(proto protocol.ID) bool { return proto == "/libp2p/circuit/relay/0.2.0/stop" })
	if !slices.Equal(got, []protocol.ID{trust.KnockProtocol, trust.KnockProtocol}) {
		t.Errorf("a stranger was spoken to by %v", got)
	}
}

func TestTheConnectionsOfStrangersMakeRoom(t *testing.T) {
	a := newAgent(t, Config{Transport: TCPTLS})
	var hosts []host.Host
	for range maxStrangers + 1 {
		h, err := libp2p.New(libp2p.NoListenAddrs)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		connect(t, h, a)
		hosts = append(hosts, h)
		eventually(t, "it is let in", func() bool { return a.isConnected(h.ID()) })
	}
	eventually(t, "the oldest has made room", func() bool { return !a.isConnected(hosts[0].ID()) })
	if last := hosts[maxStrangers]; !a.isConnected(last.ID()) {
		t.Error("the newest is not there")
	}
}

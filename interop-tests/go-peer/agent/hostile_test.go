package agent

import (
	"errors"
	"slices"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func TestStreamsThatCameToNothingLeaveRoomForOthers(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	for range 2 * streamsPerPeer {
		if _, err := a.Open(soon(t), b.PeerID(), "/airway/port/5000/1.0.0"); !isUnsupported(err) {
			t.Fatalf("a port where nobody listens: %v", err)
		}
	}
	if _, err := a.Ping(soon(t), b.PeerID()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no stream is left", func() bool {
		open := 0
		for _, conn := range b.host.Network().ConnsToPeer(a.PeerID()) {
			open += len(conn.GetStreams())
		}
		return open == 0
	})
}

func TestAStreamThatIsBeingOpenedIsCutToo(t *testing.T) {
	s, p := newStreams(), peer.ID("somebody")
	entry, err := s.reserve(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	cuts := s.cutsOf(entry)
	s.cut(p)
	if s.add(entry, &Stream{}, cuts) {
		t.Fatal("a stream that was opened before the end of trust may be used after it")
	}
	if !s.add(entry, &Stream{}, s.cutsOf(entry)) {
		t.Fatal("no stream can be opened any more")
	}
}

func TestScopesEndWithTheirTime(t *testing.T) {
	past, future := unixMilli()-1, unixMilli()+60_000
	for until, admits := range map[uint64]bool{past: false, future: true} {
		scopes := trust.Everything()
		scopes.Until = &until
		if (admitted{scopes}).Admits(service.EchoProtocol) != admits {
			t.Errorf("until %d: it is not %v", until, admits)
		}
	}
}

// echoing opens a stream to the echo of another agent, and uses it.
func echoing(t *testing.T, from, to *Agent) *Stream {
	t.Helper()
	s, err := from.Open(soon(t), to.PeerID(), service.EchoProtocol)
	if err != nil {
		t.Fatal(err)
	}
	if err := echo(s, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScopesThatChangeCutWhatIsOpen(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	pair(t, a, b)
	s := echoing(t, b, a)
	narrow := trust.Nothing()
	if _, err := a.turnAtOnce(b.PeerID(), func(r *relation, _ *book) (*move, error) {
		r.Scopes = &narrow
		return &move{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := echo(s, []byte("hello")); err == nil {
		t.Fatal("a stream goes on that was opened under other scopes")
	}
	eventually(t, "they are connected again", func() bool {
		_, err := b.Ping(soon(t), a.PeerID())
		return err == nil
	})
}

func TestWhoEndsTrustIsCutBeforeItTakesTheAnswer(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	pair(t, a, b)
	s := echoing(t, b, a)
	r, _ := b.relationOf(a.PeerID())
	revoke, err := trust.Sign(b.key, a.ID(), trust.Draft{
		Kind: trust.KindRevoke, Generation: r.Relation.Generation, At: r.timeToSpeak(),
	})
	if err != nil {
		t.Fatal(err)
	}
	telling, err := b.Open(soon(t), a.PeerID(), trust.Protocol)
	if err != nil {
		t.Fatal(err)
	}
	defer telling.Reset()
	// It says so, and neither reads nor closes.
	if err := wire.WriteFrame(telling, revoke.Bytes(), trust.MaxFrame); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Fatal("the stream goes on")
	}
	if !b.isConnected(a.PeerID()) {
		t.Fatal("the other streams were kept until the answer was taken")
	}
}

func TestWhoHasToGoForOthersIsRemembered(t *testing.T) {
	b := &book{relations: make(map[peer.ID]*relation), tickets: make(map[trust.TicketID]issued)}
	for n := range maxPending + 1 {
		p := peer.ID(rune('a' + n))
		request := trust.StatementID{byte(n)}
		b.relations[p] = &relation{
			Peer: p, Known: true, Pinned: true, Since: uint64(n + 1),
			Relation: trust.Relation{State: trust.State{Standing: trust.Pending, Request: &request}, Generation: 7, Heard: 9},
		}
	}
	b.makeRoom()
	if pending := b.with(trust.Pending); len(pending) != maxPending {
		t.Fatalf("%d wait", len(pending))
	}
	first := b.relations[peer.ID('a')]
	if first == nil || first.standing() != trust.Stranger || first.Relation.Generation != 7 || first.Relation.Heard != 9 || !first.Pinned {
		t.Fatalf("what was between the two is forgotten: %+v", first)
	}
}

func TestTwoUnderOneAddressAreNotBothApproved(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{Name: "bob"})
	if err := b.Knock(soon(t), cardOf(t, a), ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request waits", func() bool { return len(a.Requests()) == 1 })
	a.relations.mu.Lock()
	a.relations.book.relations["another"] = &relation{Peer: "another", Pinned: true, Address: b.Endpoint().Address}
	a.relations.mu.Unlock()
	if _, err := a.Approve(t.Context(), "bob", nil); !errors.Is(err, ErrAddressTaken) {
		t.Fatalf("a second one was trusted under an address: %v", err)
	}
}

func TestWhomARelayHasRefusedIsAStranger(t *testing.T) {
	server, nobody := newAgent(t, Config{RelayServer: true}), newAgent(t, Config{})
	for _, asks := range []bool{false, true} {
		h, _ := newStock(t, "/ip4/127.0.0.1/tcp/0")
		h.Peerstore().AddAddrs(server.PeerID(), server.host.Addrs(), 1<<40)
		if asks {
			if _, err := client.Reserve(soon(t), h, peer.AddrInfo{ID: server.PeerID(), Addrs: server.host.Addrs()}); err != nil {
				t.Fatal(err)
			}
		} else if _, err := h.Network().DialPeer(soon(t), server.PeerID()); err != nil {
			t.Fatal(err)
		}
		if !asks {
			if !(relayDoor{server}).AllowConnect(h.ID(), nil, nobody.PeerID()) {
				t.Fatal("nobody may use the relay")
			}
		}
		if server.access.isStranger(h.ID()) == asks {
			t.Errorf("with a reservation %v: it is a stranger: %v", asks, !asks)
		}
	}
}

func TestContactsAreNotDisconnectedForOthers(t *testing.T) {
	a, b := newAgent(t, Config{Name: "ada"}), newAgent(t, Config{Name: "bob"})
	pair(t, a, b)
	if !a.host.ConnManager().IsProtected(b.PeerID(), contactTag) {
		t.Fatal("whoever comes later may take the place of a contact")
	}
	if err := a.Untrust(t.Context(), "bob", ""); err != nil {
		t.Fatal(err)
	}
	if a.host.ConnManager().IsProtected(b.PeerID(), contactTag) {
		t.Fatal("one who is trusted no more keeps its place")
	}
}

func TestWhoDialsByTwoTransportsAtOnceKeepsTheFirst(t *testing.T) {
	a := newAgent(t, Config{})
	h, _ := newStock(t, "/ip4/127.0.0.1/tcp/0")
	dial := func(proto int) {
		for _, addr := range a.host.Addrs() {
			if _, err := addr.ValueForProtocol(proto); err != nil {
				continue
			}
			conn, err := h.Network().(*swarm.Swarm).TransportForDialing(addr).Dial(soon(t), addr, a.PeerID())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}
	transports := func() []string {
		var all []string
		for _, conn := range a.host.Network().ConnsToPeer(h.ID()) {
			all = append(all, conn.ConnState().Transport)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	dial(ma.P_QUIC_V1)
	eventually(t, "the first is there", func() bool { return len(transports()) == 1 })
	quic := a.host.Network().ConnsToPeer(h.ID())[0]
	dial(ma.P_TCP)
	eventually(t, "the second is there", func() bool { return slices.Contains(transports(), "tcp") })
	if quic.IsClosed() {
		t.Fatal("the one that it keeps was closed for the one that it drops")
	}
	dial(ma.P_QUIC_V1)
	eventually(t, "a connection that it has lost is closed", quic.IsClosed)
}

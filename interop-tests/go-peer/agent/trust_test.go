package agent

import (
	"errors"
	"io"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

func cardOf(t *testing.T, a *Agent) *card.Card {
	t.Helper()
	c, err := a.Card()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func trusts(a, b *Agent) bool {
	r, _ := a.relationOf(b.PeerID())
	return r.standing() == trust.Trusted
}

func pair(t *testing.T, a, b *Agent) {
	t.Helper()
	ticket, err := a.Ticket(TicketLife, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pair(soon(t), ticket); err != nil {
		t.Fatal(err)
	}
}

func TestATicketMakesTwoContactsOnce(t *testing.T) {
	for _, transport := range transports {
		t.Run("transport "+string(transport), func(t *testing.T) {
			a, b, c := newAgent(t, Config{Transport: transport}), newAgent(t, Config{Transport: transport, Name: "bob"}), newAgent(t, Config{Transport: transport})
			ticket, err := a.Ticket(TicketLife, nil)
			if err != nil {
				t.Fatal(err)
			}
			contact, err := b.Pair(soon(t), ticket)
			if err != nil {
				t.Fatal(err)
			}
			if contact.Peer != a.PeerID() || !trusts(a, b) {
				t.Fatal("the ticket has made no contacts")
			}
			if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Ping(soon(t), b.PeerID()); err != nil {
				t.Fatal(err)
			}
			if p, err := a.Resolve(soon(t), "bob"); err != nil || p != b.PeerID() {
				t.Fatalf("bob is %v, %v", p, err)
			}
			if err := c.Knock(soon(t), cardOf(t, a), ""); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the second one waits", func() bool { return len(a.Requests()) == 1 })
		})
	}
}

func TestAKnockWaitsForTheOwner(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{Name: "bob"})
	if err := b.Knock(soon(t), cardOf(t, a), "bob here\u202e"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request waits", func() bool { return len(a.Requests()) == 1 })
	request := a.Requests()[0]
	if request.Name != "bob" || request.Text != "bob here" || request.Peer != b.PeerID() {
		t.Fatalf("%+v", request)
	}
	if _, err := b.Ping(soon(t), a.PeerID()); err == nil {
		t.Fatal("one who waits was served")
	}
	if _, err := a.Approve(t.Context(), request.Endpoint.String(), nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob trusts us, too", func() bool { return trusts(b, a) })
	if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob has heard it", func() bool { return a.Contacts()[0].Confirmed })
	if _, err := a.Approve(t.Context(), request.Endpoint.String(), nil); !errors.Is(err, ErrUnknown) {
		t.Fatalf("approved twice: %v", err)
	}
}

func TestUntrustCutsAndIsHeard(t *testing.T) {
	a, b := newAgent(t, Config{Name: "ada"}), newAgent(t, Config{Name: "bob"})
	pair(t, a, b)
	s, err := b.Open(soon(t), a.PeerID(), "/airway/echo/1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := echo(s, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := a.Untrust(t.Context(), "bob", "enough"); err != nil {
		t.Fatal(err)
	}
	if err := echo(s, []byte("hello")); err == nil {
		t.Fatal("a stream of one who is not trusted goes on")
	}
	eventually(t, "bob has heard it", func() bool { return !trusts(b, a) })
	if _, err := b.Ping(soon(t), a.PeerID()); err == nil {
		t.Fatal("one who is not trusted was answered")
	}
	pair(t, a, b)
	if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
		t.Fatalf("trusted again: %v", err)
	}
}

func TestTwoWhoAskEachOtherHaveAgreed(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	if err := errors.Join(a.Knock(soon(t), cardOf(t, b), ""), b.Knock(soon(t), cardOf(t, a), "")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both trust", func() bool { return trusts(a, b) && trusts(b, a) })
	if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
		t.Fatal(err)
	}
}

func TestScopesHoldAtEveryStream(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	ticket, err := a.Ticket(TicketLife, &trust.Scopes{Ports: trust.Ports{Only: []service.Port{5000}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pair(soon(t), ticket); err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"5000", "5001"} {
		if err := a.Listen(mustPort(t, port), func(s *Stream) { _, _ = s.Write([]byte("x")) }); err != nil {
			t.Fatal(err)
		}
	}
	read := func(port string) error {
		s, err := b.Open(soon(t), a.PeerID(), mustPort(t, port).Protocol())
		if err == nil {
			defer s.Close()
			_, err = io.ReadFull(s, make([]byte, 1))
		}
		return err
	}
	if err := read("5000"); err != nil {
		t.Fatal(err)
	}
	if err := read("5001"); !isUnsupported(err) {
		t.Fatalf("a port that was not granted: %v", err)
	}
}

func TestTrustAndWhatIsToBeSaidSurviveARestart(t *testing.T) {
	home := t.TempDir()
	listen, err := AnyTransport.Listeners("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, Config{})
	b, err := Start(t.Context(), Config{Home: home, Listen: listen, Name: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	pair(t, a, b)
	who := b.PeerID()
	if _, err := Start(t.Context(), Config{Home: home, Listen: listen}); !errors.Is(err, ErrInUse) {
		t.Fatalf("two in one home: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Untrust(t.Context(), "bob", ""); err != nil {
		t.Fatal(err)
	}
	b, err = Start(t.Context(), Config{Home: home, Listen: listen, Name: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, known := b.relationOf(a.PeerID()); b.PeerID() != who || !known {
		t.Fatal("the home has forgotten who it is, or whom it trusts")
	}
	// It dials its contacts, and meets what waits for it there.
	eventually(t, "bob has heard it", func() bool { return !trusts(b, a) })
}

func TestWhoComesBackIsDialledAtOnce(t *testing.T) {
	home := t.TempDir()
	listen, err := TCPNoise.Listeners("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, Config{Transport: TCPNoise})
	b, err := Start(t.Context(), Config{Home: home, Listen: listen, Transport: TCPNoise})
	if err != nil {
		t.Fatal(err)
	}
	a.know(b.PeerID(), b.host.Addrs())
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Connect(soon(t), b.PeerID()); !errors.Is(err, ErrUnreachable) {
		t.Fatalf("who is away was reached: %v", err)
	}
	if b, err = Start(t.Context(), Config{Home: home, Listen: listen, Transport: TCPNoise}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := a.Connect(soon(t), b.PeerID()); err != nil {
		t.Fatalf("it is not dialled for a while after it was away: %v", err)
	}
}

func TestABlockedAgentIsNotLetIn(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{Name: "bob"})
	pair(t, a, b)
	if err := a.Block(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Ping(soon(t), a.PeerID()); err == nil {
		t.Fatal("one who is blocked was answered")
	}
	if a.isConnected(b.PeerID()) {
		t.Fatal("one who is blocked is connected")
	}
	if err := a.Unblock(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
}

package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// everything is what a contact without limits may do.
type everything struct{}

func (everything) Admits(protocol.ID) bool { return true }

// newAgent starts an agent in memory that listens on loopback.
func newAgent(t *testing.T, config Config) *Agent {
	t.Helper()
	if config.Listen == nil {
		listen, err := config.Transport.Listeners("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		config.Listen = listen
	}
	a, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return a
}

// soon is a context that ends a test which hangs.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// introduce has two agents trust each other without a word.
func introduce(a, b *Agent) {
	for _, pair := range [][2]*Agent{{a, b}, {b, a}} {
		pair[0].know(pair[1].PeerID(), pair[1].host.Addrs())
		pair[0].access.set(pair[1].PeerID(), Trusted, everything{})
	}
}

var transports = []Transport{AnyTransport, QUIC, TCPTLS, TCPNoise}

func TestContactsEchoOverEveryTransport(t *testing.T) {
	for _, transport := range transports {
		t.Run("transport "+string(transport), func(t *testing.T) {
			a, b := newAgent(t, Config{Transport: transport}), newAgent(t, Config{Transport: transport})
			introduce(a, b)
			for _, size := range []int64{0, 1, 3*echoBuffer + 1} {
				if _, err := a.Echo(soon(t), b.PeerID(), size); err != nil {
					t.Fatalf("%d bytes: %v", size, err)
				}
			}
			if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
				t.Fatal(err)
			}
			expected := map[Transport]string{QUIC: "quic", TCPTLS: "tls", TCPNoise: "noise"}
			// Where there is a choice, it is left to who answers first.
			if got := a.Paths(b.PeerID())[0].Security; transport != AnyTransport && got != expected[transport] {
				t.Errorf("the connection is secured by %s", got)
			}
		})
	}
}

func TestWhoIsNotTrustedFindsNoEcho(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	a.know(b.PeerID(), b.host.Addrs())
	if _, err := a.Ping(soon(t), b.PeerID()); !errors.Is(err, ErrNoContact) || a.isConnected(b.PeerID()) {
		t.Fatalf("a stranger was spoken with: %v", err)
	}
	a.access.set(b.PeerID(), Trusted, everything{})
	if _, err := a.Ping(soon(t), b.PeerID()); !isUnsupported(err) {
		t.Fatalf("a stranger got %v", err)
	}
	b.access.set(a.PeerID(), Trusted, everything{})
	if _, err := a.Ping(soon(t), b.PeerID()); err != nil {
		t.Fatalf("trusted on the connection that was there: %v", err)
	}
	b.access.set(a.PeerID(), Blocked, nil)
	b.streams.cut(a.PeerID())
	if err := b.Disconnect(a.PeerID()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ping(soon(t), b.PeerID()); err == nil {
		t.Fatal("one who is blocked was answered")
	}
}

func TestACutStreamMovesNothing(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	served, hold := make(chan *Stream, 1), make(chan struct{})
	defer close(hold)
	if err := b.Listen(5000, func(s *Stream) {
		served <- s
		<-hold
	}); err != nil {
		t.Fatal(err)
	}
	s, err := a.Open(soon(t), b.PeerID(), "/airway/port/5000/1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	far := <-served
	b.streams.cut(a.PeerID())
	if _, err := far.Read(make([]byte, 1)); err != ErrCut {
		t.Errorf("a cut stream was read: %v", err)
	}
	if _, err := far.Write([]byte("y")); err != ErrCut {
		t.Errorf("a cut stream was written: %v", err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("the other side read from a cut stream")
	}
}

func TestOneStreamTooManyHearsBusy(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	hold := make(chan struct{})
	defer close(hold)
	if err := b.Listen(5000, func(s *Stream) {
		_, _ = s.Write([]byte("z"))
		<-hold
	}); err != nil {
		t.Fatal(err)
	}
	open := func(p peer.ID) (*Stream, error) {
		s, err := a.Open(soon(t), p, "/airway/port/5000/1.0.0")
		if err != nil {
			return nil, err
		}
		_, err = s.Read(make([]byte, 1))
		return s, err
	}
	var first *Stream
	for i := range inboundPerPeer {
		s, err := open(b.PeerID())
		if err != nil {
			t.Fatalf("stream %d: %v", i, err)
		}
		if first == nil {
			first = s
		}
	}
	// Our own bound would have us wait: it is given back, while the other side still serves.
	first.release()
	first.release = func() {}
	if _, err := open(b.PeerID()); err == nil || err.Error() != "the peer is busy" {
		t.Fatalf("one stream too many: %v", err)
	}
}

func isUnsupported(err error) bool { return errors.Is(err, ErrUnsupported) }

func mustPort(t *testing.T, text string) service.Port {
	t.Helper()
	port, err := service.ParsePort(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

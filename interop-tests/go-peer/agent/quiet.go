package agent

import (
	"context"
	"errors"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/tcpreuse"
	ma "github.com/multiformats/go-multiaddr"
)

// errQuiet is what the identify service of go-libp2p gets to hear about a peer that shall learn nothing from us.
var errQuiet = errors.New("this peer is not identified with")

// identifyReason is what the identify service of go-libp2p opens its streams for, as it says in their context.
const identifyReason = "identify"

// quietTransport keeps go-libp2p's identify service from speaking to strangers.
//
// The service asks every peer who it is, at every connection, and pushes our own description to all of whom it does not
// know that they would not have it. It has no switch. But it says in the context of the streams that it opens what they
// are for, and the transport sees that context.
type quietTransport struct {
	transport.Transport
	identifies func(peer.ID) bool
}

func (t *quietTransport) Dial(ctx context.Context, addr ma.Multiaddr, p peer.ID) (transport.CapableConn, error) {
	conn, err := t.Transport.Dial(ctx, addr, p)
	if err != nil {
		return nil, err
	}
	return &quietConn{conn, t.identifies}, nil
}

func (t *quietTransport) Listen(addr ma.Multiaddr) (transport.Listener, error) {
	listener, err := t.Transport.Listen(addr)
	if err != nil {
		return nil, err
	}
	return &quietListener{listener, t.identifies}, nil
}

// SkipResolve says whether another transport resolves names in an address.
func (t *quietTransport) SkipResolve(ctx context.Context, addr ma.Multiaddr) bool {
	resolver, ok := t.Transport.(transport.SkipResolver)
	return ok && resolver.SkipResolve(ctx, addr)
}

// Close ends what the transport has opened of its own, if it has anything of the kind.
func (t *quietTransport) Close() error {
	if closer, ok := t.Transport.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}

type quietListener struct {
	transport.Listener
	identifies func(peer.ID) bool
}

func (l *quietListener) Accept() (transport.CapableConn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &quietConn{conn, l.identifies}, nil
}

type quietConn struct {
	transport.CapableConn
	identifies func(peer.ID) bool
}

func (c *quietConn) OpenStream(ctx context.Context) (network.MuxedStream, error) {
	if _, reason := network.GetAllowLimitedConn(ctx); reason == identifyReason && !c.identifies(c.RemotePeer()) {
		return nil, errQuiet
	}
	return c.CapableConn.OpenStream(ctx)
}

// Stat says whether the connection goes through a relay.
func (c *quietConn) Stat() network.ConnStats {
	if conn, ok := c.CapableConn.(network.ConnStat); ok {
		return conn.Stat()
	}
	return network.ConnStats{}
}

// quiet makes the transports of a host.
type quiet struct {
	identifies func(peer.ID) bool
	// upgrader is the host's, once it is made.
	upgrader transport.Upgrader
}

// quic is a constructor for libp2p.Transport.
func (q *quiet) quic(key crypto.PrivKey, reuse *quicreuse.ConnManager, psk pnet.PSK, gater connmgr.ConnectionGater,
	limits network.ResourceManager, upgrader transport.Upgrader) (transport.Transport, error) {
	q.upgrader = upgrader
	inner, err := quic.NewTransport(key, reuse, psk, gater, limits)
	if err != nil {
		return nil, err
	}
	return &quietTransport{inner, q.identifies}, nil
}

// tcp is a constructor for libp2p.Transport.
func (q *quiet) tcp(upgrader transport.Upgrader, limits network.ResourceManager, shared *tcpreuse.ConnMgr) (transport.Transport, error) {
	q.upgrader = upgrader
	inner, err := tcp.NewTCPTransport(upgrader, limits, shared)
	if err != nil {
		return nil, err
	}
	return &quietTransport{inner, q.identifies}, nil
}

// addCircuits adds circuits through relays, in either direction, to a host that was made without them: libp2p.EnableRelay
// would add them as they are.
func (q *quiet) addCircuits(h host.Host) error {
	swarm, ok := h.Network().(transport.TransportNetwork)
	if !ok {
		return errors.New("the network takes no transports")
	}
	circuits, err := client.New(h, q.upgrader)
	if err != nil {
		return err
	}
	if err := swarm.AddTransport(&quietTransport{circuits, q.identifies}); err != nil {
		return errors.Join(err, circuits.Close())
	}
	circuit, err := ma.NewMultiaddr("/p2p-circuit")
	if err != nil {
		return err
	}
	if err := swarm.Listen(circuit); err != nil {
		return err
	}
	circuits.Start()
	return nil
}

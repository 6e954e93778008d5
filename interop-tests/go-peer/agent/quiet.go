package agent

import (
	"context"
	"errors"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/transport"
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

// quietQUIC makes a constructor of the QUIC transport for libp2p.Transport.
func quietQUIC(identifies func(peer.ID) bool) any {
	return func(key crypto.PrivKey, reuse *quicreuse.ConnManager, psk pnet.PSK, gater connmgr.ConnectionGater,
		limits network.ResourceManager) (transport.Transport, error) {
		inner, err := quic.NewTransport(key, reuse, psk, gater, limits)
		if err != nil {
			return nil, err
		}
		return &quietTransport{inner, identifies}, nil
	}
}

// quietTCP makes a constructor of the TCP transport for libp2p.Transport.
func quietTCP(identifies func(peer.ID) bool) any {
	return func(upgrader transport.Upgrader, limits network.ResourceManager, shared *tcpreuse.ConnMgr) (transport.Transport, error) {
		inner, err := tcp.NewTCPTransport(upgrader, limits, shared)
		if err != nil {
			return nil, err
		}
		return &quietTransport{inner, identifies}, nil
	}
}

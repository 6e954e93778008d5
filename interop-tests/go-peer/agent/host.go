package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	noise "github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	ma "github.com/multiformats/go-multiaddr"
)

// Transport restricts what an agent listens on and dials with.
type Transport string

// The transports. AnyTransport is QUIC and TCP, with TLS or Noise.
const (
	AnyTransport Transport = ""
	QUIC         Transport = "quic"
	TCPTLS       Transport = "tcp-tls"
	TCPNoise     Transport = "tcp-noise"
)

// What identify tells those whom we trust.
const (
	protocolVersion = "airway/1"
	userAgent       = "airway-go/0.1"
)

// Listeners that a Transport stands for, on an address without a port.
func (t Transport) Listeners(ip string) ([]ma.Multiaddr, error) {
	var texts []string
	switch t {
	case AnyTransport:
		texts = []string{"/udp/0/quic-v1", "/tcp/0"}
	case QUIC:
		texts = []string{"/udp/0/quic-v1"}
	case TCPTLS, TCPNoise:
		texts = []string{"/tcp/0"}
	default:
		return nil, fmt.Errorf("%q is no transport: it is quic, tcp-tls or tcp-noise", string(t))
	}
	family, err := ipFamily(ip)
	if err != nil {
		return nil, err
	}
	var listeners []ma.Multiaddr
	for _, text := range texts {
		addr, err := ma.NewMultiaddr(family + text)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, addr)
	}
	return listeners, nil
}

// newHost makes the host, which does not listen yet: nobody is to be served before the gate is in its place.
func newHost(key crypto.PrivKey, t Transport, access *access, more ...libp2p.Option) (host.Host, error) {
	limits, err := newLimits()
	if err != nil {
		return nil, err
	}
	transports := &quiet{identifies: access.isTrusted}
	options := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.NoListenAddrs,
		libp2p.UserAgent(userAgent),
		libp2p.ProtocolVersion(protocolVersion),
		libp2p.ConnectionGater(blockGater{access}),
		libp2p.ResourceManager(limits),
		libp2p.DisableMetrics(),
	}
	if t == AnyTransport || t == QUIC {
		options = append(options, libp2p.Transport(transports.quic))
	}
	if t != QUIC {
		options = append(options, libp2p.Transport(transports.tcp))
	}
	if t == AnyTransport || t == TCPTLS {
		options = append(options, libp2p.Security(tls.ID, tls.New))
	}
	if t == AnyTransport || t == TCPNoise || t == QUIC {
		options = append(options, libp2p.Security(noise.ID, noise.New))
	}
	h, err := libp2p.New(append(options, more...)...)
	if err != nil {
		return nil, fmt.Errorf("starting the host: %w", err)
	}
	if err := transports.addCircuits(h); err != nil {
		return nil, errors.Join(fmt.Errorf("starting circuits: %w", err), h.Close())
	}
	return h, nil
}

// Connect makes sure that there is a connection to a peer. It dials also where that has just failed: libp2p would not for a
// while, in which the peer may have come back.
func (a *Agent) Connect(ctx context.Context, p peer.ID) error {
	if s, ok := a.host.Network().(*swarm.Swarm); ok && !a.isConnected(p) {
		s.Backoff().Clear(p)
	}
	return a.connect(ctx, p)
}

// connect does the same for lookups, which meet the same peers who are gone again and again.
func (a *Agent) connect(ctx context.Context, p peer.ID) error {
	switch a.host.Network().Connectedness(p) {
	case network.Connected, network.Limited:
		return nil
	}
	if _, err := a.host.Network().DialPeer(ctx, p); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// isConnected says whether a connection to a peer is open.
func (a *Agent) isConnected(p peer.ID) bool {
	return a.host.Network().Connectedness(p) == network.Connected || a.host.Network().Connectedness(p) == network.Limited
}

// Disconnect closes all connections to a peer.
func (a *Agent) Disconnect(p peer.ID) error { return a.host.Network().ClosePeer(p) }

// know notes where a peer is to be found.
func (a *Agent) know(p peer.ID, addrs []ma.Multiaddr) {
	a.host.Peerstore().SetAddrs(p, addrs, peerstore.PermanentAddrTTL)
}

// forget forgets where a peer is, and what it speaks.
func (a *Agent) forget(p peer.ID) {
	a.host.Peerstore().ClearAddrs(p)
	_ = a.host.Peerstore().SetProtocols(p)
}

// Path is a connection to a peer.
type Path struct {
	Transport string // "quic" or "tcp"
	Security  string // "quic", "tls" or "noise"
	Relayed   bool
	Dialled   bool // by us
	Addr      ma.Multiaddr
	Since     time.Time
}

// Paths are the connections that are open to a peer.
func (a *Agent) Paths(p peer.ID) []Path {
	var paths []Path
	for _, conn := range a.host.Network().ConnsToPeer(p) {
		state := conn.ConnState()
		path := Path{
			Transport: state.Transport,
			Relayed:   conn.Stat().Limited || isRelayed(conn.RemoteMultiaddr()),
			Dialled:   conn.Stat().Direction == network.DirOutbound,
			Addr:      conn.RemoteMultiaddr(),
			Since:     conn.Stat().Opened,
		}
		switch {
		case state.Transport == "quic-v1":
			path.Transport, path.Security = "quic", "quic"
		case state.Security == tls.ID:
			path.Security = "tls"
		case state.Security == noise.ID:
			path.Security = "noise"
		}
		paths = append(paths, path)
	}
	return paths
}

func isRelayed(addr ma.Multiaddr) bool {
	_, err := addr.ValueForProtocol(ma.P_CIRCUIT)
	return err == nil
}

package agent

import (
	"net/netip"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Who may be heard at once at one door. Each holds a frame in memory; all others hear "busy".
const (
	// doorAtOnce bounds them in all.
	doorAtOnce = 32
	// doorOfPeer bounds those of one peer: it has one thing to say, and may have given up the stream before.
	doorOfPeer = 2
	// doorOfSource bounds those from one network or relay: the other half is left to those from elsewhere.
	doorOfSource = 16
)

// door counts who is heard at a protocol that others may speak before we know them.
type door struct {
	mu      sync.Mutex
	all     int
	peers   map[peer.ID]int
	sources map[string]int
}

// isDoor says whether a protocol is one that is spoken with those who are no contacts.
func isDoor(proto protocol.ID) bool {
	switch proto {
	case trust.Protocol, trust.KnockProtocol, mesh.AdmitProtocol, mesh.JoinProtocol:
		return true
	}
	return false
}

// openDoor serves a protocol through a door of its own.
func (a *Agent) openDoor(proto protocol.ID, may func(peer.ID) bool, handle func(*Stream)) {
	d := &door{peers: make(map[peer.ID]int), sources: make(map[string]int)}
	a.serve(proto, may, func(s *Stream) {
		source := sourceOf(s.Conn().RemoteMultiaddr())
		if !d.enter(s.Peer(), source) {
			s.Refuse(service.StatusBusy)
			return
		}
		defer d.leave(s.Peer(), source)
		handle(s)
	})
}

func (d *door) enter(p peer.ID, source string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all >= doorAtOnce || d.peers[p] >= doorOfPeer || d.sources[source] >= doorOfSource {
		return false
	}
	d.all++
	d.peers[p]++
	d.sources[source]++
	return true
}

func (d *door) leave(p peer.ID, source string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.peers[p]--; d.peers[p] == 0 {
		delete(d.peers, p)
	}
	if d.sources[source]--; d.sources[source] == 0 {
		delete(d.sources, source)
	}
}

// sourceOf is where somebody comes from, as coarsely as addresses are given out: the /24 of an IPv4 address, the /48 of an
// IPv6 address, or all who come through one relay.
func sourceOf(addr ma.Multiaddr) string {
	if isRelayed(addr) {
		relay, err := addr.ValueForProtocol(ma.P_P2P)
		if err != nil {
			return "unknown"
		}
		return "relay " + relay
	}
	ip, err := manet.ToIP(addr)
	if err != nil {
		return "unknown"
	}
	at, ok := netip.AddrFromSlice(ip)
	if !ok {
		return "unknown"
	}
	at = at.Unmap()
	bits := 48
	if at.Is4() {
		bits = 24
	}
	network, err := at.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return network.String()
}

package agent

import (
	"fmt"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// blockGater refuses the connections of those whom the owner has blocked.
type blockGater struct{ access *access }

func (g blockGater) allows(p peer.ID) bool { return g.access.tier(p) != Blocked }

func (g blockGater) InterceptPeerDial(p peer.ID) bool { return g.allows(p) }

func (g blockGater) InterceptAddrDial(p peer.ID, _ ma.Multiaddr) bool { return g.allows(p) }

func (g blockGater) InterceptAccept(network.ConnMultiaddrs) bool { return true }

func (g blockGater) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return g.allows(p)
}

func (g blockGater) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

func ipFamily(ip string) (string, error) {
	addr, err := netip.ParseAddr(ip)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is no IP address: %w", ip, err)
	case addr.Is4():
		return "/ip4/" + ip, nil
	default:
		return "/ip6/" + ip, nil
	}
}

package agent

import (
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	circuit "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// What a relay server gives.
const (
	// maxReservations is how many agents may be reached through us at once.
	maxReservations = 128
	// reservationLife is how long a reservation holds; clients renew it after three quarters.
	reservationLife = time.Hour
	// circuitsPerPeer is how many circuits of one peer there may be.
	circuitsPerPeer = 8
	// circuitLife is how long a circuit lasts.
	circuitLife = time.Hour
	// circuitBytes is how many bytes one circuit carries each way.
	circuitBytes = 128 * 1024 * 1024
	// circuitBuffer is what each direction of a circuit is copied through.
	circuitBuffer = 8 * 1024
	// reservationsPerIP bounds the agents of one house.
	reservationsPerIP = 64
)

// What the relay of go-libp2p calls those whom it serves, in the connection manager.
const (
	reservationTag = "relay-reservation"
	circuitTag     = "relay-v2-hop"
)

// relayServer relays for others. Those who have a reservation or open a circuit are no strangers meanwhile.
type relayServer struct {
	service *circuit.Relay
	agent   *Agent
}

// serveRelay makes the agent a relay for everybody whom its owner has not blocked, if the settings say so.
func (a *Agent) serveRelay() error {
	if !a.config.RelayServer {
		return nil
	}
	s := &relayServer{agent: a}
	service, err := circuit.New(a.host,
		circuit.WithACL(relayDoor{a}),
		circuit.WithResources(circuit.Resources{
			ReservationTTL: reservationLife, MaxReservations: maxReservations, MaxCircuits: circuitsPerPeer,
			BufferSize: circuitBuffer, MaxReservationsPerIP: reservationsPerIP, MaxReservationsPerASN: maxReservations,
		}),
		// All of ours: in one house, or on one machine, there are no public ones, and clients refuse a reservation without any.
		circuit.WithReservationAddressFilter(func(addr ma.Multiaddr) bool { return !manet.IsIPUnspecified(addr) && !isRelayed(addr) }),
		circuit.WithLimit(&circuit.RelayLimit{Duration: circuitLife, Data: circuitBytes}),
	)
	if err != nil {
		return fmt.Errorf("starting the relay: %w", err)
	}
	s.service = service
	a.relayServer = s
	a.gate.rule(proto.ProtoIDv2Hop, func(p peer.ID) bool { return a.access.tier(p) != Blocked })
	a.access.serves(s.contains)
	return nil
}

// contains says whether a peer has what it has asked for. To ask is not enough: whoever is refused is a stranger still.
func (s *relayServer) contains(p peer.ID) bool {
	info := s.agent.host.ConnManager().GetTagInfo(p)
	return info != nil && (info.Tags[reservationTag] > 0 || info.Tags[circuitTag] > 0)
}

// relayDoor says who may use the relay.
type relayDoor struct{ agent *Agent }

// AllowReserve lets everybody be reached through us whom the owner has not blocked.
func (d relayDoor) AllowReserve(p peer.ID, _ ma.Multiaddr) bool { return d.allows(p) }

// AllowConnect lets everybody reach those.
func (d relayDoor) AllowConnect(p peer.ID, _ ma.Multiaddr, _ peer.ID) bool { return d.allows(p) }

func (d relayDoor) allows(p peer.ID) bool { return d.agent.access.tier(p) != Blocked }

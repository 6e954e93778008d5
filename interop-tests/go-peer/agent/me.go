package agent

import (
	"fmt"
	"slices"

	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// maxCircuits bounds the addresses through relays on a card: two for each of the two relays that we keep.
const maxCircuits = 4

// me is who we are at this moment: the network may change, and what comes with it.
type me struct {
	address id.Address
	nonce   uint8
	name    id.Name
}

// newMe is who we are on the backbone.
func (a *Agent) newMe() error {
	agent, err := id.AgentIDOf(a.key.GetPublic())
	if err != nil {
		return err
	}
	a.agent = agent
	if a.me.address, a.me.nonce, err = id.Derive(0, agent, 0); err != nil {
		return fmt.Errorf("deriving the address: %w", err)
	}
	if a.config.Name != "" {
		if a.me.name, err = id.ParseName(a.config.Name); err != nil {
			return err
		}
	}
	return nil
}

// whoAmI is who we are now.
func (a *Agent) whoAmI() me {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.me
}

// become changes who we are.
func (a *Agent) become(change func(*me)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.me)
}

// ID is the agent: the hash of its key.
func (a *Agent) ID() id.AgentID { return a.agent }

// Endpoint is the address of the agent with its fingerprint.
func (a *Agent) Endpoint() id.Endpoint { return id.FullEndpoint(a.whoAmI().address, a.agent) }

// Name is what others see on our card; empty for none.
func (a *Agent) Name() id.Name { return a.whoAmI().name }

// Card is the contact card to hand out, with the addresses of now.
func (a *Agent) Card() (*card.Card, error) {
	return a.cardOf(true, a.addresses())
}

// cardOf signs a card with or without our name.
func (a *Agent) cardOf(named bool, addrs []ma.Multiaddr) (*card.Card, error) {
	m := a.whoAmI()
	if !named {
		m.name = ""
	}
	c, err := card.Sign(a.key, m.address.Network, m.nonce, m.name, addrs)
	if err != nil {
		return nil, fmt.Errorf("signing our card: %w", err)
	}
	return c, nil
}

// onCard chooses the addresses for a card: direct ones, QUIC before TCP, with room left for those through relays, which
// come last. Loopback serves only where there is nothing else, link-local addresses nobody.
func onCard(addrs []ma.Multiaddr) []ma.Multiaddr {
	var wide, loopback, circuits []ma.Multiaddr
	for _, addr := range addrs {
		switch {
		case isRelayed(addr):
			circuits = append(circuits, addr)
		case manet.IsIPLoopback(addr):
			loopback = append(loopback, addr)
		case !manet.IsIP6LinkLocal(addr):
			wide = append(wide, addr)
		}
	}
	if len(wide) == 0 {
		wide = loopback
	}
	slices.SortStableFunc(wide, func(a, b ma.Multiaddr) int { return rank(a) - rank(b) })
	circuits = circuits[:min(len(circuits), maxCircuits)]
	room := card.MaxAddresses - len(circuits)
	return append(wide[:min(len(wide), room)], circuits...)
}

func rank(addr ma.Multiaddr) int {
	if _, err := addr.ValueForProtocol(ma.P_QUIC_V1); err == nil {
		return 0
	}
	return 1
}

// EndpointOf is how another agent is called here: a contact as it is known, and everybody else by the address that is the
// agent's in our network, unless another had it first.
func (a *Agent) EndpointOf(agent id.AgentID) id.Endpoint {
	if agent == a.agent {
		return a.Endpoint()
	}
	for _, contact := range a.Contacts() {
		if contact.ID == agent {
			return contact.Endpoint
		}
	}
	address, _, err := id.Derive(a.whoAmI().address.Network, agent, 0)
	if err != nil {
		address = id.Address{}
	}
	return id.FullEndpoint(address, agent)
}

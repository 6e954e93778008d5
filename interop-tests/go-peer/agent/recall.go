package agent

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// recall reads what the home remembers of its network, and of what others may find.
func (m *membership) recall() error {
	a := m.agent
	switch a.config.DHT {
	case "", DHTClient, DHTServer, DHTOff:
	default:
		return fmt.Errorf("%q is no part in a DHT: it is client, server or off", a.config.DHT)
	}
	var err error
	if m.of, m.revoked, err = a.home.membership(a.agent); err != nil {
		return err
	}
	hasProfile, err := a.home.readJSON(profileFile, &m.profile)
	if err != nil {
		return err
	}
	if !hasProfile || a.config.Name != "" {
		m.profile.Name = a.whoAmI().name
	}
	m.become(m.of)
	a.access.count(m.members.contains, nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.vouchesFor = m.members.vouches
	a.search = func(ctx context.Context, who string) (peer.ID, error) {
		found, err := a.Find(ctx, who)
		if err == nil {
			err = m.befriend(ctx, found)
		}
		return found.Peer, err
	}
	return nil
}

// openDoors opens the doors of membership, which are there on the backbone as well: who stands before them shall not see
// what is behind.
func (m *membership) openDoors() {
	anybody := func(p peer.ID) bool { return m.agent.access.tier(p) != Blocked }
	m.agent.openDoor(mesh.AdmitProtocol, anybody, m.receive)
	m.agent.openDoor(mesh.JoinProtocol, anybody, m.hearOut)
}

// start enters the network that the home belongs to, or that of the invite in the settings.
func (m *membership) start(ctx context.Context) error {
	if err := m.turn(ctx, func() error { return m.enter(m.of, m.revoked) }); err != nil {
		return err
	}
	// The list may have come to the disk just before we ended.
	m.distrust(m.members.revocations())
	return m.joinByConfig(ctx)
}

// become makes us who we are in a network; on the backbone the number of life stands, and the name that the owner gave.
func (m *membership) become(of *standing) {
	a := m.agent
	m.mu.RLock()
	name := m.profile.Name
	m.mu.RUnlock()
	if of != nil {
		certificate := of.certificate
		a.become(func(me *me) {
			me.address, me.nonce, me.name = certificate.Address(), certificate.Nonce(), certificate.Name()
		})
	} else if address, nonce, err := id.Derive(0, a.agent, 0); err == nil {
		a.become(func(me *me) { me.address, me.nonce, me.name = address, nonce, name })
	}
}

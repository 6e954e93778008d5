package agent

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peerstore"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// farewellTime is how long those who are left behind are told about it.
const farewellTime = 3 * time.Second

// farewell is at the end of the process: who comes and goes leaves.
func (m *membership) farewell() {
	if of := m.current(); of != nil && of.ephemeral && m.agent.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(m.agent.ctx, farewellTime)
		defer cancel()
		_ = m.agent.Leave(ctx)
	}
}

// Leave goes back to the backbone. Nobody has to agree; those who can be reached are told.
func (a *Agent) Leave(ctx context.Context) error {
	m := a.membership
	of := m.current()
	if of == nil {
		return ErrNoNetwork
	}
	goodbye, cancel := context.WithTimeout(ctx, farewellTime)
	defer cancel()
	if dir := m.directory(); dir != nil {
		m.withdraw(goodbye, dir)
	}
	a.host.Peerstore().AddAddrs(of.inviter.PeerID(), of.inviter.Addresses(), peerstore.TempAddrTTL)
	_, _ = m.askOnce(goodbye, of.inviter.PeerID(), &mesh.Leave{Certificate: of.certificate.Bytes()})
	return m.turn(ctx, func() error {
		for _, file := range []string{membershipFile, helpersFile} {
			if err := a.home.remove(file); err != nil {
				return err
			}
		}
		former := m.members.list()
		if err := m.enter(nil, nil); err != nil {
			return err
		}
		for _, one := range former {
			if p := one.certificate.PeerID(); !a.access.isTrusted(p) {
				_ = a.Disconnect(p)
			}
		}
		return nil
	})
}

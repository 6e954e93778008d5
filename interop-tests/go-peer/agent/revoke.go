package agent

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// spreadTo is how many servers hear of a new list at once from each member, besides those who are connected to it.
	spreadTo = 12
	// meetAtOnce is how many members are met at the same time.
	meetAtOnce = 16
)

// learnList takes in a list that another member has, if it is newer and signed: on the disk first, then in memory, then
// those on it are cut, then the others hear of it.
func (m *membership) learnList(ctx context.Context, b []byte) {
	of := m.current()
	if of == nil {
		return
	}
	list, err := mesh.ParseRevocations(b, of.realm)
	if err != nil {
		return
	}
	_ = m.turn(ctx, func() error {
		still := m.current()
		if still == nil || still.genesis.ID() != of.genesis.ID() || list.Version() <= m.members.revocations().Version() {
			return nil
		}
		if err := m.agent.home.storeMembership(still, list); err != nil {
			return err
		}
		gone := m.members.revoke(list)
		m.gossiping().note(list)
		m.cut(gone)
		m.distrust(list)
		m.background(func(ctx context.Context) { m.spread(ctx, still, gone) })
		return nil
	})
}

// cut ends what there is with those who are members no more.
func (m *membership) cut(gone []*member) {
	dir := m.directory()
	for _, one := range gone {
		p := one.certificate.PeerID()
		if dir != nil {
			dir.drop(p)
		}
		_ = m.agent.Disconnect(p)
	}
	if len(gone) > 0 {
		m.useRelays()
	}
	if dir != nil {
		dir.store.sweep()
	}
}

// distrust ends our trust in those who were expelled, where the network has its members trust each other.
func (m *membership) distrust(list *mesh.Revocations) {
	if !m.members.doTrust() {
		return
	}
	for _, contact := range m.agent.Contacts() {
		if list.Contains(contact.ID) {
			if err := m.agent.Untrust(m.agent.ctx, contact.Peer.String(), "expelled from the network"); err != nil {
				slog.Error("an agent that was expelled is still trusted", "peer", contact.Peer, "error", err)
			}
		}
	}
}

// spread has others see what is new with us, last those whom it concerns. If that is ourselves, we are in the network no
// more.
func (m *membership) spread(ctx context.Context, of *standing, gone []*member) {
	if of.certificate.Stands(unixMilli(), m.members.revocations()) == mesh.Expelled {
		m.tellNeighbours(ctx)
		m.endExpelled(ctx, of)
		return
	}
	peers := m.neighbours()
	if dir := m.directory(); dir != nil {
		servers := slices.DeleteFunc(dir.servers(), func(p peer.ID) bool { return slices.Contains(peers, p) })
		rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
		peers = append(peers, servers[:min(len(servers), spreadTo)]...)
	}
	m.meetAll(ctx, peers)
	for _, one := range gone {
		info := one.card.AddrInfo()
		m.agent.host.Peerstore().AddAddrs(info.ID, info.Addrs, peerstore.TempAddrTTL)
		_ = m.meet(ctx, info.ID)
	}
}

// endExpelled ends our part in a network whose authority has expelled us. The home remembers that it was in it.
func (m *membership) endExpelled(ctx context.Context, of *standing) {
	_ = m.turn(ctx, func() error {
		still := m.current()
		if still == nil || still.genesis.ID() != of.genesis.ID() {
			return nil
		}
		former := m.members.list()
		if err := m.enter(still, m.members.revocations()); err != nil {
			return err
		}
		for _, one := range former {
			if p := one.certificate.PeerID(); !m.agent.access.isTrusted(p) {
				_ = m.agent.Disconnect(p)
			}
		}
		return nil
	})
}

// tellNeighbours has the members that are connected see what is new with us.
func (m *membership) tellNeighbours(ctx context.Context) { m.meetAll(ctx, m.neighbours()) }

// meetAll meets peers, a few at a time, and waits for the last one.
func (m *membership) meetAll(ctx context.Context, peers []peer.ID) {
	places := make(chan struct{}, meetAtOnce)
	var meeting sync.WaitGroup
	defer meeting.Wait()
	for _, p := range peers {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		meeting.Go(func() {
			defer func() { <-places }()
			_ = m.meet(ctx, p)
		})
	}
}

package agent

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

const (
	// firstLook and lastLook are the first and the longest wait between two looks for members, as long as no server of the
	// DHT is known.
	firstLook = 500 * time.Millisecond
	lastLook  = 30 * time.Second
	// laterLook is that once there are some: new servers are found, and those who are gone are forgotten.
	laterLook = 5 * time.Minute
	// heartbeat is how often somebody is asked whether there is a newer list of those who were expelled.
	heartbeat = time.Minute
	// askedForNews is how many are asked.
	askedForNews = 3
	// triedAtOnce is how many of those whom we remember are tried at once.
	triedAtOnce = 16
	// maxHelpers is how many members are remembered by whom the network is found after a restart.
	maxHelpers = 64
)

// keepInTouch finds members, and stays in touch with some.
func (m *membership) keepInTouch(ctx context.Context) {
	dir := m.directory()
	if dir == nil {
		return
	}
	wait, beat := firstLook, time.Now().Add(heartbeat)
	for ctx.Err() == nil {
		m.lookForMembers(ctx, dir)
		isWell := dir.size() > 0
		if isWell {
			wait = laterLook
		} else {
			wait = min(2*wait, lastLook)
		}
		for next := time.Now().Add(about(wait)); ctx.Err() == nil && time.Now().Before(next); {
			select {
			case <-time.After(min(time.Until(next), heartbeat/4)):
			case <-ctx.Done():
			}
			m.cut(m.members.sweep())
			if time.Now().After(beat) {
				beat = time.Now().Add(about(heartbeat))
				m.askForNews(ctx, dir)
			}
			if isWell && dir.size() == 0 {
				wait = firstLook
				break
			}
		}
	}
}

// about is a time that is not the same for all agents of a network.
func about(d time.Duration) time.Duration {
	return time.Duration((0.8 + 0.4*rand.Float64()) * float64(d))
}

// lookForMembers turns to those by whom the network can be found.
func (m *membership) lookForMembers(ctx context.Context, dir *directory) {
	if dir.size() == 0 {
		known := m.whereToLook()
		var tried []peer.ID
		for p, addresses := range known {
			if len(tried) == triedAtOnce {
				break
			}
			m.agent.host.Peerstore().AddAddrs(p, addresses, peerstore.TempAddrTTL)
			tried = append(tried, p)
		}
		m.meetAll(ctx, tried)
	}
	dir.findServers(ctx)
}

// whereToLook is by whom the network may be found: the inviter, those whom the invite named, and those whom we remember.
// Who was expelled is not told who we are and where.
func (m *membership) whereToLook() map[peer.ID][]ma.Multiaddr {
	of := m.current()
	if of == nil {
		return nil
	}
	known := map[peer.ID][]ma.Multiaddr{of.inviter.PeerID(): of.inviter.Addresses()}
	for _, address := range of.bootstraps {
		if info, err := peer.AddrInfoFromP2pAddr(address); err == nil {
			known[info.ID] = append(known[info.ID], info.Addrs...)
		}
	}
	for _, helper := range m.rememberedHelpers() {
		known[helper.PeerID()] = append(known[helper.PeerID()], helper.Addresses()...)
	}
	delete(known, m.agent.PeerID())
	for p := range known {
		if agent, err := id.AgentIDOfPeer(p); err != nil || m.members.revocations().Contains(agent) {
			delete(known, p)
		}
	}
	return known
}

// askForNews exchanges lists with a few members.
func (m *membership) askForNews(ctx context.Context, dir *directory) {
	servers := dir.servers()
	rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	m.meetAll(ctx, servers[:min(len(servers), askedForNews)])
}

// rememberHelpers writes down by whom the network is found after a restart. What cannot be written is not remembered.
func (m *membership) rememberHelpers() {
	var cards []*card.Card
	known := make(map[peer.ID]bool)
	remember := func(one *card.Card) {
		if !known[one.PeerID()] && len(cards) < maxHelpers {
			known[one.PeerID()] = true
			cards = append(cards, one)
		}
	}
	for _, one := range m.members.list() {
		if one.serves || one.relay {
			remember(one.card)
		}
	}
	for _, one := range m.rememberedHelpers() {
		remember(one)
	}
	_ = m.agent.home.writeJSON(helpersFile, cards)
}

func (m *membership) rememberedHelpers() []*card.Card {
	var cards []*card.Card
	if _, err := m.agent.home.readJSON(helpersFile, &cards); err != nil {
		return nil
	}
	return cards
}

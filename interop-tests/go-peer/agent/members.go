package agent

import (
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// maxMembers is how many members are remembered in memory; whoever was met longest ago makes room.
const maxMembers = 10_000

// member is an agent that has proved to be one.
type member struct {
	certificate *mesh.Certificate
	// card says where it was when it did.
	card   *card.Card
	serves bool
	relay  bool
	met    uint64
	// conns are those on which it speaks the DHT with us: a member proves itself on every connection.
	conns map[string]bool
}

// members are those of our network, and who was expelled from it.
type members struct {
	mu      sync.RWMutex
	realm   *mesh.Realm
	trusts  bool
	revoked *mesh.Revocations
	all     map[peer.ID]*member
}

func newMembers() *members { return &members{all: make(map[peer.ID]*member)} }

// enter is another network, or none; nobody is a member of it yet.
func (m *members) enter(realm *mesh.Realm, trusts bool, revoked *mesh.Revocations) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.realm, m.trusts, m.revoked, m.all = realm, trusts, revoked, make(map[peer.ID]*member)
}

// revocations is the newest list of who was expelled.
func (m *members) revocations() *mesh.Revocations {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.revoked
}

// revoke is a newer list; it returns those who are members no more.
func (m *members) revoke(list *mesh.Revocations) []*member {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revoked = list
	return m.dropFallen()
}

// sweep forgets those whose certificates have ended, and returns them.
func (m *members) sweep() []*member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dropFallen()
}

func (m *members) dropFallen() []*member {
	var gone []*member
	for p, one := range m.all {
		if one.certificate.Stands(unixMilli(), m.revoked) != nil {
			gone = append(gone, one)
			delete(m.all, p)
		}
	}
	return gone
}

// admit takes in who has proved to be a member of this network; false if we have left it meanwhile. It returns what was
// known of it before.
func (m *members) admit(network mesh.NetworkID, one *member) (former *member, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.realm == nil || m.realm.ID() != network {
		return nil, false
	}
	p := one.certificate.PeerID()
	former = m.all[p]
	if former == nil && len(m.all) >= maxMembers {
		delete(m.all, m.oldest())
	}
	m.all[p] = one
	return former, true
}

func (m *members) oldest() peer.ID {
	var oldest peer.ID
	for p, one := range m.all {
		if oldest == "" || one.met < m.all[oldest].met {
			oldest = p
		}
	}
	return oldest
}

// get returns a member at this moment, or nil.
func (m *members) get(p peer.ID) *member {
	m.mu.RLock()
	defer m.mu.RUnlock()
	one := m.all[p]
	if one == nil || one.certificate.Stands(unixMilli(), m.revoked) != nil {
		return nil
	}
	return one
}

func (m *members) contains(p peer.ID) bool { return m.get(p) != nil }

// doTrust says whether our network has its members trust each other.
func (m *members) doTrust() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.trusts
}

// vouches says whether the network says that a peer is to be trusted.
func (m *members) vouches(p peer.ID) bool {
	return m.doTrust() && m.contains(p)
}

// list are those who are members at this moment.
func (m *members) list() []*member {
	m.mu.RLock()
	defer m.mu.RUnlock()
	list := make([]*member, 0, len(m.all))
	for _, one := range m.all {
		if one.certificate.Stands(unixMilli(), m.revoked) == nil {
			list = append(list, one)
		}
	}
	return list
}

// Member is an agent that has proved to belong to our network. To be one is not to be trusted.
type Member struct {
	Peer     peer.ID
	Endpoint id.Endpoint
	Name     id.Name // empty: none
	Roles    mesh.Roles
	Expires  uint64
	Serves   bool // the DHT of the network
	Relay    bool
	Met      uint64
	Self     bool // it is this agent
}

func memberOf(certificate *mesh.Certificate) Member {
	return Member{
		Peer: certificate.PeerID(), Endpoint: id.FullEndpoint(certificate.Address(), certificate.Agent()),
		Name: certificate.Name(), Roles: certificate.Roles(), Expires: certificate.Expires(),
	}
}

// Members are those whom we have met since the start, and this agent, by address.
func (a *Agent) Members() ([]Member, error) {
	of := a.membership.current()
	if of == nil {
		return nil, ErrNoNetwork
	}
	own := memberOf(of.certificate)
	own.Self, own.Serves, own.Met = true, a.membership.isServer(), unixMilli()
	list := []Member{own}
	for _, one := range a.membership.members.list() {
		other := memberOf(one.certificate)
		other.Serves, other.Relay, other.Met = one.serves, one.relay, one.met
		list = append(list, other)
	}
	slices.SortFunc(list, func(a, b Member) int { return int(int64(a.Endpoint.Address.Node) - int64(b.Endpoint.Address.Node)) })
	return list, nil
}

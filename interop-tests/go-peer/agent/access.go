package agent

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Tier says what the owner of this agent has made of a peer.
type Tier uint8

// The tiers. Members of our network and relays may be strangers besides.
const (
	// Stranger is everybody of whom nothing else is said: it may knock.
	Stranger Tier = iota
	// Expected is whom we have asked to trust us: it may answer.
	Expected
	// Trusted is a contact: it may do what its scopes say.
	Trusted
	// Blocked is whom the owner wants to hear nothing of: its connections are refused.
	Blocked
)

// admitter says which protocols a contact may speak; scopes of package trust are one.
type admitter interface{ Admits(protocol.ID) bool }

// access holds what each peer is to us. It is read at every stream, and changed by trust and admission alone; what it says
// holds for the next stream of every open connection.
type access struct {
	mu     sync.RWMutex
	tiers  map[peer.ID]Tier
	scopes map[peer.ID]admitter
	// isMember and isRelay say who else is no stranger: members of our network, and relays of our own.
	isMember, isRelay func(peer.ID) bool
	// isClient says for whom we are a relay: it is no stranger, and hears no more of us for it.
	isClient func(peer.ID) bool
}

func newAccess() *access {
	nobody := func(peer.ID) bool { return false }
	return &access{
		tiers:    make(map[peer.ID]Tier),
		scopes:   make(map[peer.ID]admitter),
		isMember: nobody,
		isRelay:  nobody,
		isClient: nobody,
	}
}

// set gives a peer its tier; scopes are those of a contact.
func (a *access) set(p peer.ID, tier Tier, scopes admitter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.scopes, p)
	if tier == Stranger {
		delete(a.tiers, p)
		return
	}
	a.tiers[p] = tier
	if tier == Trusted && scopes != nil {
		a.scopes[p] = scopes
	}
}

// count adds those who are no strangers for another reason than trust.
func (a *access) count(isMember, isRelay func(peer.ID) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if isMember != nil {
		a.isMember = isMember
	}
	if isRelay != nil {
		a.isRelay = isRelay
	}
}

// serves adds those for whom we are a relay.
func (a *access) serves(isClient func(peer.ID) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.isClient = isClient
}

func (a *access) tier(p peer.ID) Tier {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.tiers[p]
}

func (a *access) isTrusted(p peer.ID) bool { return a.tier(p) == Trusted }

// admits says whether a peer is a contact whose scopes include the protocol.
func (a *access) admits(p peer.ID, proto protocol.ID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	scopes := a.scopes[p]
	return a.tiers[p] == Trusted && scopes != nil && scopes.Admits(proto)
}

// isStranger says whether a peer has no claim to its connection.
func (a *access) isStranger(p peer.ID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.tiers[p] != Trusted && !a.isMember(p) && !a.isRelay(p) && !a.isClient(p)
}

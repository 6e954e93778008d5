package agent

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	// maxRelays is how many relays are ours at most. Those of the settings come first.
	maxRelays = 16
	// keptReservations is how many reservations are kept: one relay may fail, and each costs it and us a connection.
	keptReservations = 2
	// relayTick is how often relays are looked at.
	relayTick = 500 * time.Millisecond
	// reserveTime is how long dialling a relay and asking it may take.
	reserveTime = 15 * time.Second
	// firstRelayRetry is the wait after a relay has refused, doubled each time up to lastRelayRetry.
	firstRelayRetry = time.Second
	lastRelayRetry  = time.Minute
	// circuitsOfRelay is how many addresses of one relay lead to us.
	circuitsOfRelay = 2
)

// relays are our own: those of the settings, and the members of our network that relay. Reservations on the first that work
// let others reach us where nobody can dial us.
type relays struct {
	agent *Agent

	mu         sync.Mutex
	configured []*relay
	ofMesh     []*relay
}

type relay struct {
	peer.AddrInfo
	// renew is when a reservation is renewed, which is valid still; zero without one.
	renew time.Time
	// wait is how long nobody asks after the next failure, which ends at retry.
	wait  time.Duration
	retry time.Time
}

func newRelays(a *Agent) *relays {
	r := &relays{agent: a}
	for _, own := range a.config.Relays {
		r.configured = append(r.configured, newRelay(own.AddrInfo()))
	}
	return r
}

// newRelay is one at these addresses. A circuit to a relay would be a relay behind a relay, which libp2p does not do.
func newRelay(info peer.AddrInfo) *relay {
	info.Addrs = slices.DeleteFunc(slices.Clone(info.Addrs), isRelayed)
	return &relay{AddrInfo: info, wait: firstRelayRetry}
}

// start keeps reservations until the agent ends.
func (r *relays) start() {
	a := r.agent
	a.gate.rule(proto.ProtoIDv2Stop, r.contains)
	a.access.count(nil, r.contains)
	a.spawn(func(ctx context.Context) {
		tick := time.NewTicker(relayTick)
		defer tick.Stop()
		for {
			r.look(ctx)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// all are those that we may use, in the order of use. The lock is held.
func (r *relays) all() []*relay {
	all := slices.Concat(r.configured, r.ofMesh)
	return all[:min(len(all), maxRelays)]
}

// contains says whether a peer is a relay of ours.
func (r *relays) contains(p peer.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.all(), func(one *relay) bool { return one.ID == p })
}

// setMembers puts members that relay in the place of those that there were. A relay server has no use for them.
func (r *relays) setMembers(infos []peer.AddrInfo) {
	if r.agent.config.RelayServer {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	former := r.ofMesh
	r.ofMesh = nil
	for _, info := range infos {
		one := newRelay(info)
		if at := slices.IndexFunc(former, func(other *relay) bool { return other.ID == info.ID }); at >= 0 {
			former[at].Addrs = one.Addrs
			one = former[at]
		}
		isKnown := func(other *relay) bool { return other.ID == info.ID }
		if len(one.Addrs) > 0 && !slices.ContainsFunc(r.configured, isKnown) {
			r.ofMesh = append(r.ofMesh, one)
		}
	}
}

// look asks for reservations until there are enough, and renews those that end soon.
func (r *relays) look(ctx context.Context) {
	r.mu.Lock()
	all := r.all()
	changed, kept := false, 0
	var due []*relay
	for _, one := range all {
		if !one.renew.IsZero() && r.agent.host.Network().Connectedness(one.ID) != network.Connected {
			one.renew, changed = time.Time{}, true
		}
		isReserved := !one.renew.IsZero()
		switch {
		case kept >= keptReservations:
		case isReserved && time.Now().Before(one.renew):
			kept++
		case isReserved, time.Now().After(one.retry):
			kept++
			due = append(due, one)
		}
	}
	r.mu.Unlock()
	for _, one := range due {
		changed = r.reserve(ctx, one) || changed
	}
	if changed {
		r.agent.membership.wake()
	}
}

// reserve asks a relay, and says whether where we can be reached has changed.
func (r *relays) reserve(ctx context.Context, one *relay) bool {
	ctx, cancel := context.WithTimeout(ctx, reserveTime)
	defer cancel()
	r.mu.Lock()
	info, was := one.AddrInfo, one.renew
	r.mu.Unlock()
	r.agent.host.Peerstore().AddAddrs(info.ID, info.Addrs, peerstore.PermanentAddrTTL)
	reservation, err := client.Reserve(ctx, r.agent.host, info)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		one.renew = time.Time{}
		one.retry = time.Now().Add(about(one.wait))
		one.wait = min(2*one.wait, lastRelayRetry)
		return !was.IsZero()
	}
	// After three quarters of its life.
	one.renew = time.Now().Add(time.Until(reservation.Expiration) / 4 * 3)
	one.wait = firstRelayRetry
	return was.IsZero()
}

// Relays are those that have a reservation for us.
func (a *Agent) Relays() []peer.ID {
	a.relays.mu.Lock()
	defer a.relays.mu.Unlock()
	reserved := []peer.ID{}
	for _, one := range a.relays.all() {
		if !one.renew.IsZero() {
			reserved = append(reserved, one.ID)
		}
	}
	return reserved
}

// addresses are where others may find us: our own, and those through relays.
func (a *Agent) addresses() []ma.Multiaddr {
	addresses := slices.Clone(a.host.Addrs())
	a.relays.mu.Lock()
	defer a.relays.mu.Unlock()
	for _, one := range a.relays.all() {
		if one.renew.IsZero() {
			continue
		}
		for _, address := range one.Addrs[:min(len(one.Addrs), circuitsOfRelay)] {
			if circuit, err := ma.NewMultiaddr(address.String() + "/p2p/" + one.ID.String() + "/p2p-circuit"); err == nil {
				addresses = append(addresses, circuit)
			}
		}
	}
	return onCard(addresses)
}

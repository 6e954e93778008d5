package agent

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
)

const (
	// enoughNeighbours take part and are connected: gossip wants to hear from six, and is to have a choice.
	enoughNeighbours = 8
	// gatheredAtOnce is how many members are tried at the same time.
	gatheredAtOnce = 8
	// gatherLook is between two looks whether there are enough.
	gatherLook = time.Second
	// firstRest and lastRest are how long whoever was tried is left alone, doubled each time.
	firstRest, lastRest = 2 * time.Second, 5 * time.Minute
	// letIn is how long a new subscription waits for neighbours that let us in: a dial, and two heartbeats of gossip.
	letIn = 3 * time.Second
)

// rest is how long a member is left alone that was tried.
type rest struct {
	until time.Time
	next  time.Duration
}

// keepGathered keeps connections to members who take part, as long as we do or have something to say.
func (g *gossip) keepGathered(ctx context.Context) {
	rests := make(map[peer.ID]rest)
	for ctx.Err() == nil {
		g.settle()
		if g.isJoined() || g.isWanted() {
			g.gather(ctx, rests)
		}
		select {
		case <-g.wanted:
		case <-time.After(about(gatherLook)):
		case <-ctx.Done():
		}
	}
}

// isWanted says whether somebody wants to hear or to say something.
func (g *gossip) isWanted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.parts > 0 || g.saying > 0
}

// gather meets some more members, if there are too few neighbours.
func (g *gossip) gather(ctx context.Context, rests map[peer.ID]rest) {
	if len(g.topic.ListPeers()) >= enoughNeighbours {
		return
	}
	speaks := make(map[peer.ID]bool)
	for _, p := range g.pubsub.ListPeers("") {
		speaks[p] = true
	}
	var tried []peer.ID
	for _, one := range g.candidates() {
		now := time.Now()
		if len(tried) == gatheredAtOnce {
			break
		}
		if speaks[one.ID] || rests[one.ID].until.After(now) {
			continue
		}
		if len(rests) >= maxMembers {
			clear(rests)
		}
		wait := max(firstRest, rests[one.ID].next)
		rests[one.ID] = rest{now.Add(about(wait)), min(2*wait, lastRest)}
		g.m.agent.host.Peerstore().AddAddrs(one.ID, one.Addrs, peerstore.TempAddrTTL)
		tried = append(tried, one.ID)
	}
	g.m.meetAll(ctx, tried)
}

// candidates are members that we know: first those who serve others, and so take part. Who knows nobody turns to those by
// whom the network can be found.
func (g *gossip) candidates() []peer.AddrInfo {
	var serving, others []peer.AddrInfo
	for _, one := range g.m.members.list() {
		if one.serves || one.relay {
			serving = append(serving, one.card.AddrInfo())
		} else {
			others = append(others, one.card.AddrInfo())
		}
	}
	if len(serving)+len(others) == 0 {
		for p, addrs := range g.m.whereToLook() {
			others = append(others, peer.AddrInfo{ID: p, Addrs: addrs})
		}
	}
	for _, some := range [][]peer.AddrInfo{serving, others} {
		rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	}
	return append(serving, others...)
}

// neighbour waits until at least one neighbour has joined, for so long; it says how many have.
func (g *gossip) neighbour(ctx context.Context, patience time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if joined := len(g.topic.ListPeers()); joined > 0 || ctx.Err() != nil {
			return joined
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
		}
	}
}

package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// gossip is what members of our network say to all others: gossipsub, among those alone who have proved to be members.
//
//	Broadcast ─► sign ─► every neighbour that has joined ─► theirs: judge ─► log, and their neighbours
//	neighbour ─► judge ─┬─► our log ─► Subscription
//	                    └─► our neighbours; a rejection costs whoever has brought it score
//
// There is one topic, the network's own. Whoever has joined it carries all that is said there; whoever only publishes need
// not. Nothing is passed on before it was judged.
type gossip struct {
	m *membership
	// ctx ends with our part in the network.
	ctx    context.Context
	realm  mesh.Realm
	host   *gossipHost
	pubsub *pubsub.PubSub
	topic  *pubsub.Topic
	judge  *judge
	// log has what passed, in positions of ours. epoch and said number what we say.
	log   *eventlog.Log
	epoch uint64
	said  atomic.Uint64
	// copies counts the messages that have come, each as often as somebody has sent it.
	copies atomic.Uint64
	// wanted wakes who finds neighbours.
	wanted chan struct{}

	mu sync.Mutex
	// parts counts who wants to hear the network, saying who has something to say; part is ours in the topic, or nil.
	parts, saying int
	part          pubsub.RelayCancelFunc
	// scores are what gossipsub thinks of others, as of a second ago.
	scores map[peer.ID]*pubsub.PeerScoreSnapshot
}

// newGossip takes part in the gossip of a network, until the context ends; it returns nil for a network without an authority:
// there nobody says whose events are to be passed on.
func newGossip(ctx context.Context, m *membership, of *standing) (*gossip, error) {
	if of.realm.Meshsub() == "" {
		return nil, nil
	}
	epoch, err := m.agent.nextEpoch()
	if err != nil {
		return nil, err
	}
	g := &gossip{
		m: m, ctx: ctx, realm: of.realm, judge: newJudge(of.realm, m.agent.ID()), log: eventlog.New(epoch, eventlog.Usual()),
		epoch: epoch, wanted: make(chan struct{}, 1),
	}
	if g.host, err = newGossipHost(m.agent, m.members.contains); err != nil {
		return nil, err
	}
	if g.pubsub, err = pubsub.NewGossipSub(ctx, g.host, g.options()...); err != nil {
		return nil, fmt.Errorf("starting gossip: %w", err)
	}
	validate := pubsub.ValidatorEx(func(_ context.Context, from peer.ID, message *pubsub.Message) pubsub.ValidationResult {
		return g.hear(from, message.Data)
	})
	// The workers of gossipsub are as many as there are processors: what waits for them is bounded.
	err = g.pubsub.RegisterTopicValidator(g.realm.EventsTopic(), validate, pubsub.WithValidatorInline(true))
	if err == nil {
		g.topic, err = g.pubsub.Join(g.realm.EventsTopic())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting gossip: %w", err), g.host.Close())
	}
	return g, nil
}

// hear judges what a neighbour has brought, and keeps it if it passes.
func (g *gossip) hear(from peer.ID, data []byte) pubsub.ValidationResult {
	if from == g.m.agent.PeerID() {
		// We have kept it ourselves.
		return pubsub.ValidationAccept
	}
	finding, broadcast := g.judge.look(from, data, g.m.members.revocations(), time.Now())
	if finding != passed {
		return finding.verdict()
	}
	// What is not kept, because its author has opened too many topics here, is passed on nevertheless.
	_, _ = g.log.AppendFrom(eventlog.Entry{
		Topic: broadcast.Topic(), Publisher: broadcast.Certificate().Agent(), At: broadcast.At(), Payload: broadcast.Payload(),
	}, unixMilli())
	return pubsub.ValidationAccept
}

// met says that a member has proved itself to us over a connection, and we to it: we speak first.
func (g *gossip) met(p peer.ID, conn network.Conn) {
	if g != nil {
		g.host.introduce(p, conn)
	}
}

// note notes a list of those who were expelled.
func (g *gossip) note(list *mesh.Revocations) {
	if g != nil {
		g.judge.note(list)
	}
}

// enter is one more who wants to hear the network; the function that it returns ends that.
func (g *gossip) enter() func() {
	g.change(1)
	return sync.OnceFunc(func() { g.change(-1) })
}

func (g *gossip) change(by int) {
	g.mu.Lock()
	g.parts += by
	g.mu.Unlock()
	g.settle()
	select {
	case g.wanted <- struct{}{}:
	default:
	}
}

// settle joins the topic, or leaves it: whoever serves others takes part in any case, so that there is somebody whom
// everybody finds.
func (g *gossip) settle() {
	if g == nil {
		return
	}
	of := g.m.current()
	serves := g.m.isServer() || of != nil && g.m.isRelay(of)
	g.mu.Lock()
	defer g.mu.Unlock()
	joins := serves || g.parts > 0
	switch {
	case joins && g.part == nil:
		if part, err := g.topic.Relay(); err == nil {
			g.part = part
		}
	case !joins && g.part != nil:
		g.part()
		g.part = nil
	}
}

func (g *gossip) isJoined() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.part != nil
}

// close ends it; the context of the network has ended.
func (g *gossip) close() {
	if g != nil {
		_ = g.host.Close()
	}
}

// GossipPeer is a member that speaks gossip with us.
type GossipPeer struct {
	Peer peer.ID
	// Joined says whether it has joined the topic, Mesh whether it is one of those with whom we exchange all at once.
	Joined, Mesh bool
	// Score is what gossipsub thinks of it: below zero it is kept out of the mesh, and far below it is not heard.
	Score float64
}

// GossipState is how we stand in the gossip of our network.
type GossipState struct {
	// Joined says whether we have joined the topic.
	Joined bool
	// Copies counts the messages that have come, each as often as somebody has sent it.
	Copies uint64
	// Peers are those who speak gossip with us.
	Peers []GossipPeer
}

// Gossip is how we stand in the gossip of our network.
func (a *Agent) Gossip() (GossipState, error) {
	g, err := a.membership.gossips()
	if err != nil {
		return GossipState{}, err
	}
	state := GossipState{Joined: g.isJoined(), Copies: g.copies.Load(), Peers: []GossipPeer{}}
	has := make(map[peer.ID]bool)
	for _, p := range g.topic.ListPeers() {
		has[p] = true
	}
	g.mu.Lock()
	scores := maps.Clone(g.scores)
	g.mu.Unlock()
	for _, p := range g.pubsub.ListPeers("") {
		one := GossipPeer{Peer: p, Joined: has[p]}
		if known := scores[p]; known != nil {
			of := known.Topics[g.realm.EventsTopic()]
			one.Score, one.Mesh = known.Score, of != nil && of.TimeInMesh > 0
		}
		state.Peers = append(state.Peers, one)
	}
	slices.SortFunc(state.Peers, func(a, b GossipPeer) int { return slices.Compare([]byte(a.Peer), []byte(b.Peer)) })
	return state, nil
}

// ErrNoEvents says that we are in no network whose members have events in common.
var ErrNoEvents = errors.New("this agent is in no network whose members would hear it")

// gossips is the gossip of our network, if we are a member.
func (m *membership) gossips() (*gossip, error) {
	if _, err := m.stands(); err != nil {
		return nil, err
	}
	if g := m.gossiping(); g != nil {
		return g, nil
	}
	return nil, ErrNoEvents
}

// protocols is the one under which gossipsub is spoken.
func (g *gossip) protocols() []protocol.ID { return []protocol.ID{g.realm.Meshsub()} }

package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// Why something about networks was not done. What an inviter says is a mesh.Refusal, and why a membership is over a
// mesh.Invalid.
var (
	ErrNoNetwork        = errors.New("this agent is in no network")
	ErrAlreadyInNetwork = errors.New("this agent is in a network already: leave it first")
	ErrInviteExpired    = errors.New("the invite has expired: ask for a new one")
	ErrAnswer           = errors.New("the answer of the inviter is not valid")
)

// DHTMode is our part in the DHT of our network.
type DHTMode string

// The modes. Empty stands for: a server as soon as a member has come to us by itself, which shows that others can.
const (
	DHTClient DHTMode = "client"
	DHTServer DHTMode = "server"
	DHTOff    DHTMode = "off"
)

// membership is the network that the agent takes part in: who belongs to it, how we come to belong, and who is found where.
//
//	invite ─► join door of a member ─► certificate ─► on the disk ─► enter: members, DHT, what runs for it
//	DHT wants a peer ─► admission: certificates both ways ─► members ─► it speaks the DHT
//	                        └─► lists of who was expelled, the newer one to whom it lacks
//	publish: who we are and where ─► DHT ─► discovery of another
type membership struct {
	agent   *Agent
	members *members
	meeting meetings

	// reached says whether a member has come straight to us.
	reached atomic.Bool
	// turning holds a token while our membership changes, on the disk and in memory.
	turning chan struct{}

	mu      sync.RWMutex
	of      *standing
	revoked *mesh.Revocations // as recalled; later it is what members say
	profile profile
	dir     *directory
	gossip  *gossip
	serves  bool
	// changed is closed, and made anew, when what others find of us may have changed.
	changed chan struct{}
	stop    context.CancelFunc
	running *sync.WaitGroup
}

func newMembership(a *Agent) *membership {
	return &membership{
		agent: a, members: newMembers(), meeting: meetings{under: make(map[peer.ID]chan struct{})},
		turning: make(chan struct{}, 1), changed: make(chan struct{}), stop: func() {}, running: &sync.WaitGroup{},
	}
}

// current is our membership; nil on the backbone.
func (m *membership) current() *standing {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.of
}

// stands is our membership, if we are a member at this moment.
func (m *membership) stands() (*standing, error) {
	of := m.current()
	if of == nil {
		return nil, ErrNoNetwork
	}
	if err := of.certificate.Stands(unixMilli(), m.members.revocations()); err != nil {
		return nil, fmt.Errorf("the membership of this agent is over: %w", err)
	}
	return of, nil
}

// turn carries out a change of our membership, one at a time.
func (m *membership) turn(ctx context.Context, change func() error) error {
	select {
	case m.turning <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-m.turning }()
	return change()
}

// enter makes another network hold than before, which the disk says already; nil is the backbone. It is called in a turn,
// and waits for what runs for the former network.
func (m *membership) enter(of *standing, revoked *mesh.Revocations) error {
	m.leaveRunning()
	if err := m.agent.ctx.Err(); err != nil {
		// It holds from the next start on.
		return err
	}
	if of == nil || of.certificate.Stands(unixMilli(), revoked) == mesh.Expelled {
		m.members.enter(nil, false, revoked)
		m.set(of, nil, nil, false)
		return nil
	}
	realm := of.realm
	m.members.enter(&realm, of.genesis.Policy().TrustMembers, revoked)
	ctx, cancel := context.WithCancel(m.agent.ctx)
	running := &sync.WaitGroup{}
	var dir *directory
	if m.agent.config.DHT != DHTOff {
		var err error
		if dir, err = newDirectory(ctx, m, realm); err != nil {
			cancel()
			return err
		}
	}
	gossip, err := newGossip(ctx, m, of)
	if err != nil {
		cancel()
		return err
	}
	m.set(of, dir, gossip, false)
	m.mu.Lock()
	m.stop, m.running = cancel, running
	m.mu.Unlock()
	if m.agent.config.DHT == DHTServer {
		m.serve(true)
	}
	tasks := []func(context.Context){m.keepInTouch, m.keepRenewed, m.keepPublished}
	if gossip != nil {
		tasks = append(tasks, gossip.keepGathered)
	}
	for _, task := range tasks {
		running.Go(func() { task(ctx) })
	}
	return nil
}

func (m *membership) set(of *standing, dir *directory, gossip *gossip, serves bool) {
	m.become(of)
	m.useRelays()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of, m.dir, m.gossip, m.serves = of, dir, gossip, serves
	m.noteChange()
}

// leaveRunning ends what runs for our network.
func (m *membership) leaveRunning() {
	m.mu.Lock()
	stop, running, dir, gossip := m.stop, m.running, m.dir, m.gossip
	m.stop, m.dir, m.gossip = func() {}, nil, nil
	m.mu.Unlock()
	stop()
	running.Wait()
	gossip.close()
	if dir != nil {
		dir.close()
	}
}

// wake has whoever publishes look at what others find of us.
func (m *membership) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noteChange()
}

// isRelay says whether we relay for the members of our network.
func (m *membership) isRelay(of *standing) bool {
	return m.agent.config.RelayServer && of.certificate.Roles().Relay()
}

// useRelays makes members that relay relays of ours.
func (m *membership) useRelays() {
	var infos []peer.AddrInfo
	for _, one := range m.members.list() {
		if one.relay {
			infos = append(infos, one.card.AddrInfo())
		}
	}
	m.agent.relays.setMembers(infos)
}

// noteChange wakes whoever publishes; the lock is held.
func (m *membership) noteChange() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *membership) directory() *directory {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.dir
}

// gossiping is the gossip of our network, or nil.
func (m *membership) gossiping() *gossip {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.gossip
}

func (m *membership) isServer() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.serves
}

// serve has us serve the DHT, or be but a client of it, from now on.
func (m *membership) serve(serves bool) {
	m.mu.Lock()
	changes := m.dir != nil && m.serves != serves
	if changes {
		m.serves = serves
		m.dir.serve(serves)
	}
	m.mu.Unlock()
	if changes {
		m.gossiping().settle()
		m.background(m.tellNeighbours)
	}
}

// background runs a task that belongs to the agent, and not to the network.
func (m *membership) background(task func(context.Context)) {
	if m.agent.ctx.Err() == nil {
		m.agent.spawn(task)
	}
}

// neighbours are the members that are connected.
func (m *membership) neighbours() []peer.ID {
	var connected []peer.ID
	for _, one := range m.members.list() {
		p := one.certificate.PeerID()
		if m.agent.host.Network().Connectedness(p) == network.Connected {
			connected = append(connected, p)
		}
	}
	return connected
}

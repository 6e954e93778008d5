// Package agent is an Airway agent on a go-libp2p host.
//
//	config ─► Start ─► host ─► gate ─► handlers: echo, trust, knock, what a program listens on
//	                            └─► access: what each peer is to us, changed by trust and admission alone
//
// An agent is invisible by default: whom it does not trust is offered the doors at which strangers may speak, and nothing
// else. Trust comes about by tickets and by requests that the owner approves, and ends at once.
package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// Config says how an agent starts. The zero value is an agent in memory, on all addresses and by any transport.
type Config struct {
	// Home is the directory of the agent; it is made if it is not there. Empty: everything is in memory.
	Home string
	// Name is what others see on our card; empty for none.
	Name string
	// Listen is where the agent can be dialled; nil stands for ports of its own choice on all addresses.
	Listen []ma.Multiaddr
	// Transport restricts what is listened on and dialled with.
	Transport Transport
	// Relays are those through which others reach us.
	Relays []*card.Card
	// RelayServer has the agent be a relay for others.
	RelayServer bool
	// Invite is one by which the agent joins a network at its start, unless it is in it already; empty for none.
	Invite string
	// DHT is our part in the DHT of our network.
	DHT DHTMode
	// ShareReceipts has contacts see our receipts, which name others.
	ShareReceipts bool
}

// Agent is a running agent; safe for concurrent use.
type Agent struct {
	config   Config
	home     *home
	key      crypto.PrivKey
	host     host.Host
	access   *access
	gate     *gate
	streams  *streams
	lobby    *lobby
	services *services
	events   *events
	desk     *desk
	// epochs guards the number of starts of our brokers.
	epochs sync.Mutex

	agent     id.AgentID
	relations relations
	courier   courier
	arrivals  *arrivals
	renewals  renewals
	// membership is the network that the agent takes part in.
	membership *membership
	// relays are our own, and relayServer is us for others, or nil.
	relays      *relays
	relayServer *relayServer

	// mu guards what changes with our network.
	mu sync.Mutex
	me me
	// search looks for somebody in our network; nil without one.
	search func(context.Context, string) (peer.ID, error)
	// vouchesFor says whether our network has its members trust each other, and somebody is one; nil without one.
	vouchesFor func(peer.ID) bool

	// ctx ends with the agent; tasks are what Close waits for, and begin under a lock, so that none does after its end.
	begin  sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	closed sync.Once
}

// Start starts an agent. The context is for the start alone; Close ends the agent.
func Start(ctx context.Context, config Config) (*Agent, error) {
	home, err := openHome(config.Home)
	if err != nil {
		return nil, err
	}
	key, err := home.key()
	if err != nil {
		return nil, errors.Join(err, home.close())
	}
	a := &Agent{
		config: config, home: home, key: key, access: newAccess(), streams: newStreams(), arrivals: newArrivals(),
		courier:  courier{errands: make(map[peer.ID]*errand)},
		renewals: renewals{under: make(map[peer.ID]chan struct{})},
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	if err := a.start(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *Agent) start(ctx context.Context) error {
	var err error
	if a.host, err = newHost(a.key, a.config.Transport, a.access); err != nil {
		return err
	}
	a.gate = newGate(a.access, a.host.Mux())
	a.host.Network().SetStreamHandler(a.gate.serve)
	a.lobby = newLobby(a.access)
	a.host.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(n network.Network, conn network.Conn) {
			a.lobby.enter(conn)
			a.arrivals.note(conn.RemotePeer())
			a.closeStale(n, conn)
		},
		DisconnectedF: func(_ network.Network, conn network.Conn) { a.lobby.leave(conn) },
	})
	a.membership, a.relays = newMembership(a), newRelays(a)
	if err := errors.Join(a.newMe(), a.recall(), a.membership.recall()); err != nil {
		return err
	}
	a.serveEcho()
	if err := a.startServing(); err != nil {
		return err
	}
	a.openDoors()
	a.membership.openDoors()

	if err := errors.Join(a.follow(), a.listen()); err != nil {
		return err
	}
	a.relays.start()
	a.resume()
	a.resumeTasks()
	a.spawn(a.greet)
	a.spawn(a.tidyLobby)
	return a.membership.start(ctx)
}

// startServing serves contacts, and others by relaying.
func (a *Agent) startServing() error {
	if err := errors.Join(a.startServices(), a.startEvents(), a.serveRelay()); err != nil {
		return err
	}
	return a.startTasks()
}

// Close ends the agent and closes its connections. It waits for what the agent does by itself, and not for handlers of the
// program, whose streams are reset.
func (a *Agent) Close() error {
	var err error
	a.closed.Do(func() {
		if a.membership != nil {
			a.membership.farewell()
		}
		a.begin.Lock()
		a.cancel()
		a.begin.Unlock()
		if a.membership != nil {
			a.membership.leaveRunning()
		}
		if a.relayServer != nil {
			err = a.relayServer.service.Close()
		}
		if a.host != nil {
			err = errors.Join(err, a.host.Close())
		}
		if a.lobby != nil {
			a.lobby.close()
		}
		a.tasks.Wait()
		if a.membership != nil {
			// One of them may just have entered a network.
			a.membership.leaveRunning()
		}
		err = errors.Join(err, a.desk.close(), a.services.close(), a.home.close())
	})
	return err
}

// spawn runs a task of the agent, which has to end when the context does. None begins when the agent has ended: then it is
// false.
func (a *Agent) spawn(task func(context.Context)) bool {
	a.begin.Lock()
	defer a.begin.Unlock()
	if a.ctx.Err() != nil {
		return false
	}
	a.tasks.Go(func() { task(a.ctx) })
	return true
}

// serve is HandleStream for protocols of the agent's own: Close waits for them, so that nothing is taken in after it.
func (a *Agent) serve(proto protocol.ID, may func(peer.ID) bool, handle func(*Stream)) {
	a.HandleStream(proto, may, func(s *Stream) {
		a.begin.Lock()
		isOver := a.ctx.Err() != nil
		if !isOver {
			a.tasks.Add(1)
		}
		a.begin.Unlock()
		if isOver {
			_ = s.Reset()
			return
		}
		defer a.tasks.Done()
		handle(s)
	})
}

// Host is the host of the agent. What a program registers with it is for contacts who may do everything.
func (a *Agent) Host() host.Host { return a.host }

// PeerID is the name of the agent in libp2p.
func (a *Agent) PeerID() peer.ID { return a.host.ID() }

// Listen serves a user port to contacts whose scopes include it; each stream gets a goroutine.
func (a *Agent) Listen(port service.Port, handle func(*Stream)) error {
	if name := port.Service(); name != "" {
		return fmt.Errorf("port %s belongs to the service %q: choose another one", port, name)
	}
	a.HandleStream(port.Protocol(), nil, handle)
	return nil
}

// Unlisten ends what Listen has begun.
func (a *Agent) Unlisten(port service.Port) { a.RemoveHandler(port.Protocol()) }

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
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

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

	// ctx ends with the agent; tasks are what Close waits for.
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
	a := &Agent{config: config, home: home, key: key, access: newAccess(), streams: newStreams()}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	if err := a.start(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *Agent) start(_ context.Context) error {
	var err error
	if a.host, err = newHost(a.key, a.config.Transport, a.access); err != nil {
		return err
	}
	a.gate = newGate(a.access, a.host.Mux())
	a.host.Network().SetStreamHandler(a.gate.serve)
	a.lobby = newLobby(a.access)
	a.host.Network().Notify(a.lobby)
	a.serveEcho()
	if err := a.startServices(); err != nil {
		return err
	}

	listen := a.config.Listen
	if listen == nil {
		if listen, err = a.config.Transport.Listeners("0.0.0.0"); err != nil {
			return err
		}
	}
	if err := a.host.Network().Listen(listen...); err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	return nil
}

// Close ends the agent and closes its connections.
func (a *Agent) Close() error {
	var err error
	a.closed.Do(func() {
		a.cancel()
		if a.host != nil {
			err = a.host.Close()
		}
		if a.lobby != nil {
			a.lobby.close()
		}
		a.tasks.Wait()
		err = errors.Join(err, a.services.close(), a.home.close())
	})
	return err
}

// spawn runs a task of the agent, which has to end when the context does.
func (a *Agent) spawn(task func(context.Context)) {
	a.tasks.Go(func() { task(a.ctx) })
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

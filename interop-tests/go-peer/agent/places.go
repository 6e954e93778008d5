package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// placesFile is where the home keeps what was listened on last.
const placesFile = "places.json"

const (
	// maxAddrs bounds the addresses that are remembered of one contact.
	maxAddrs = 16
	// maxGreeted bounds the contacts that are dialled at the start.
	maxGreeted = 64
	// greetAtOnce bounds how many of them at once.
	greetAtOnce = 8
)

// listen listens where the settings say. A port of our own choice is kept in the home: it stands on cards that others have.
func (a *Agent) listen() error {
	wanted := a.config.Listen
	if wanted == nil {
		var err error
		if wanted, err = a.config.Transport.Listeners("0.0.0.0"); err != nil {
			return err
		}
	}
	former := make(map[string]string)
	if data, err := a.home.read(placesFile); err != nil {
		return fmt.Errorf("reading %s: %w", placesFile, err)
	} else if data != nil && json.Unmarshal(data, &former) != nil {
		clear(former)
	}
	network := a.host.Network()
	for _, addr := range wanted {
		if kept, err := ma.NewMultiaddr(former[addr.String()]); err == nil && network.Listen(kept) == nil {
			continue
		}
		// Somebody else has taken it, or there is none yet.
		before := network.ListenAddresses()
		if err := network.Listen(addr); err != nil {
			return fmt.Errorf("listening: %w", err)
		}
		for _, now := range network.ListenAddresses() {
			if !ma.Contains(before, now) {
				former[addr.String()] = now.String()
			}
		}
	}
	data, err := json.Marshal(former)
	if err != nil {
		return err
	}
	return a.home.write(placesFile, data)
}

// greet dials our contacts, so that they learn where we are now.
func (a *Agent) greet(ctx context.Context) {
	places := make(chan struct{}, greetAtOnce)
	for i, contact := range a.Contacts() {
		if i >= maxGreeted {
			return
		}
		if contact.State != trust.Trusted {
			continue
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		a.spawn(func(ctx context.Context) {
			defer func() { <-places }()
			a.greetOne(ctx, contact.Peer)
		})
	}
}

// greetOne dials a contact, and once more after a while, if it is just coming back or much is going on. If it cannot be
// dialled it may dial us.
func (a *Agent) greetOne(ctx context.Context, p peer.ID) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	for wait := retryLater; a.IsContact(p) && a.Connect(ctx, p) != nil; wait *= 2 {
		if !sleep(ctx, wait, a.arrivals.next(p)) {
			return
		}
	}
}

// follow keeps up with where contacts say that they are, by identify. It begins at once.
func (a *Agent) follow() error {
	identified, err := a.host.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted), eventbus.Name("contacts"))
	if err != nil {
		return fmt.Errorf("listening to identify: %w", err)
	}
	a.spawn(func(ctx context.Context) {
		defer identified.Close()
		for {
			select {
			case e, open := <-identified.Out():
				if !open {
					return
				}
				if done, ok := e.(event.EvtPeerIdentificationCompleted); ok {
					a.moved(done.Peer, done.ListenAddrs)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
}

// moved notes where a contact is, if that is news.
func (a *Agent) moved(p peer.ID, addrs []ma.Multiaddr) {
	if len(addrs) == 0 || !a.access.isTrusted(p) {
		return
	}
	var texts []string
	for _, addr := range addrs[:min(len(addrs), maxAddrs)] {
		texts = append(texts, addr.String())
	}
	slices.Sort(texts)
	_, _ = a.turn(p, func(r *relation, _ *book) (*move, error) {
		known := slices.Clone(r.Addrs)
		slices.Sort(known)
		if r.standing() != trust.Trusted || slices.Equal(known, texts) {
			return nil, nil
		}
		r.Addrs = texts
		a.host.Peerstore().ClearAddrs(p)
		return &move{}, nil
	})
}

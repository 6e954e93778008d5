package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Why a text names nobody.
var (
	// ErrUnknown says that nobody here goes by that name.
	ErrUnknown = errors.New("nobody here is known by that name or address")
	// ErrAmbiguous says that several do.
	ErrAmbiguous = errors.New("several go by that name: say which one by its address and fingerprint")
)

// Resolve is the peer that a text names: a card, an address with or without its fingerprint, or a name. Whom nobody here
// knows is looked for in our network.
func (a *Agent) Resolve(ctx context.Context, who string) (peer.ID, error) {
	if strings.HasPrefix(strings.TrimSpace(who), card.Prefix) {
		c, err := card.Parse(who)
		if err != nil {
			return "", err
		}
		a.know(c.PeerID(), c.Addresses())
		return c.PeerID(), nil
	}
	r, err := a.find(who, trust.Trusted)
	if errors.Is(err, ErrUnknown) {
		if found, ok := a.lookUp(ctx, who); ok {
			return found, nil
		}
		r, err = a.find(who, trust.Trusted, trust.Requested, trust.Pending, trust.Stranger)
	}
	return r.Peer, err
}

// lookUp looks for somebody in our network.
func (a *Agent) lookUp(ctx context.Context, who string) (peer.ID, bool) {
	a.mu.Lock()
	search := a.search
	a.mu.Unlock()
	if search == nil {
		return "", false
	}
	found, err := search(ctx, who)
	return found, err == nil
}

// find is the relation of one of these standings that a text names.
func (a *Agent) find(who string, standings ...trust.Standing) (relation, error) {
	who = strings.TrimSpace(who)
	is, err := naming(who)
	if err != nil {
		return relation{}, err
	}
	a.relations.mu.Lock()
	defer a.relations.mu.Unlock()
	var found []*relation
	for _, r := range a.relations.book.relations {
		if slices.Contains(standings, r.standing()) && is(r) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return relation{}, fmt.Errorf("%w: %s", ErrUnknown, who)
	case 1:
		return *found[0], nil
	}
	return relation{}, fmt.Errorf("%w: %s", ErrAmbiguous, who)
}

// naming says of which relations a text may be the name.
func naming(who string) (func(*relation) bool, error) {
	if p, err := peer.Decode(who); err == nil {
		return func(r *relation) bool { return r.Peer == p }, nil
	}
	// No name contains a colon; every address does.
	if !strings.Contains(who, ":") {
		return func(r *relation) bool { return r.Known && string(r.Name) == who }, nil
	}
	endpoint, err := id.ParseEndpoint(who)
	if err != nil {
		return nil, err
	}
	if endpoint.Port != nil {
		return nil, fmt.Errorf("%s names a port: leave it out", who)
	}
	return func(r *relation) bool {
		if fingerprint := endpoint.Fingerprint; fingerprint != nil {
			// The fingerprint says who it is, whatever network its address is in by now.
			return fingerprint.Matches(r.agent())
		}
		return r.Known && r.Address == endpoint.Address
	}, nil
}

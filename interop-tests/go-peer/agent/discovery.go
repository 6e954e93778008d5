package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// enough is how many answers are enough where something was found: one server may be behind, or leave somebody out.
	enough = 3
	// firstServer is how long is waited for the first server that can be asked: who has just joined is about to meet it.
	firstServer = 5 * time.Second
	// lookAgain is between two looks whether there is one.
	lookAgain = 50 * time.Millisecond
)

// Why nobody was found.
var (
	ErrNotFound  = errors.New("nobody of this network is found")
	ErrContested = errors.New("several agents claim it: say which one by its fingerprint")
	ErrNoServer  = errors.New("no server of the DHT has answered")
	ErrElsewhere = errors.New("the address is in another network")
)

// Found is an agent as the DHT of our network knows it. To be found is not to be trusted.
type Found struct {
	Peer      peer.ID
	Endpoint  id.Endpoint
	Name      id.Name // empty: none
	Tags      []id.Tag
	Certified bool // by the authority of the network; else it is the agent's own word
	Card      *card.Card
	Issued    uint64
}

// Find finds the agent that has a name or an address of our network. If several claim it, nobody is found: the error wraps
// ErrContested and names them.
func (a *Agent) Find(ctx context.Context, who string) (Found, error) {
	who = strings.TrimSpace(who)
	of, err := a.membership.stands()
	if err != nil {
		return Found{}, err
	}
	key, isMeant := mesh.Key{}, func(*mesh.Claim) bool { return true }
	if endpoint, err := id.ParseEndpoint(who); err == nil {
		if endpoint.Address.Network != of.genesis.Number() {
			return Found{}, fmt.Errorf("%w: %s", ErrElsewhere, who)
		}
		key = mesh.AddressKey(endpoint.Address.Node)
		if endpoint.Fingerprint != nil {
			isMeant = func(claim *mesh.Claim) bool { return claim.Agent().Fingerprint() == *endpoint.Fingerprint }
		}
	} else if name, err := id.ParseName(who); err == nil {
		key = mesh.NameKey(name)
	} else {
		return Found{}, err
	}
	claims, err := a.membership.lookPatiently(ctx, key)
	if err != nil {
		return Found{}, err
	}
	claims = slices.DeleteFunc(claims, func(claim *mesh.Claim) bool { return !isMeant(claim) })
	switch len(claims) {
	case 0:
		return Found{}, fmt.Errorf("%w: %s", ErrNotFound, who)
	case 1:
		return a.found(claims[0]), nil
	}
	var candidates []string
	for _, claim := range claims {
		candidates = append(candidates, claim.Card().Endpoint().String())
	}
	return Found{}, fmt.Errorf("%w: %s is %s", ErrContested, who, strings.Join(candidates, " or "))
}

// FindTag finds the agents that say they can do something, besides this one.
func (a *Agent) FindTag(ctx context.Context, tag id.Tag) ([]Found, error) {
	if err := tag.Check(); err != nil {
		return nil, err
	}
	if _, err := a.membership.stands(); err != nil {
		return nil, err
	}
	claims, err := a.membership.lookPatiently(ctx, mesh.TagKey(tag))
	if err != nil {
		return nil, err
	}
	all := []Found{}
	for _, claim := range claims {
		if claim.Card().PeerID() != a.PeerID() {
			all = append(all, a.found(claim))
		}
	}
	return all, nil
}

// found notes where an agent is, so that it can be dialled.
func (a *Agent) found(claim *mesh.Claim) Found {
	contact := claim.Card()
	a.host.Peerstore().AddAddrs(contact.PeerID(), contact.Addresses(), peerstore.RecentlyConnectedAddrTTL)
	return Found{
		Peer: contact.PeerID(), Endpoint: contact.Endpoint(), Name: contact.Name(), Tags: claim.Tags(),
		Certified: claim.Certificate() != nil, Card: contact, Issued: claim.Issued(),
	}
}

// befriend makes an agent that was found a contact, where the network has its members trust each other: the first word to
// it does. It trusts us as a member, and has to know that we are one.
func (m *membership) befriend(ctx context.Context, found Found) error {
	a := m.agent
	if !m.members.doTrust() || !found.Certified || a.IsContact(found.Peer) || found.Peer == a.PeerID() {
		return nil
	}
	if err := m.ensure(ctx, found.Peer); err != nil {
		return err
	}
	if err := a.ask(found.Card, "", nil, uint64(joinTime.Milliseconds())); err != nil {
		return err
	}
	_, err := a.trustedBy(ctx, found.Card)
	return err
}

// lookPatiently looks, once there is somebody to ask.
func (m *membership) lookPatiently(ctx context.Context, key mesh.Key) ([]*mesh.Claim, error) {
	dir := m.directory()
	if dir == nil {
		return nil, fmt.Errorf("%w: this agent takes no part in the DHT", ErrNoServer)
	}
	for deadline := time.Now().Add(firstServer); dir.size() == 0 && !m.isServer() && time.Now().Before(deadline); {
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return m.look(ctx, dir, key)
}

// look gathers what the servers nearest to a key know: of each agent the newest claim, if it was not withdrawn.
func (m *membership) look(ctx context.Context, dir *directory, key mesh.Key) ([]*mesh.Claim, error) {
	name := key.Bytes(dir.realm.ID())
	newest := make(map[id.AgentID]*mesh.Claim)
	answered, err := dir.lookup(ctx, name, func(value []byte, answered int) bool {
		envelopes, err := mesh.SplitSet(value)
		if err != nil {
			return true
		}
		for _, envelope := range envelopes {
			claim, err := readClaim(name, envelope, dir.realm, m.members.revocations())
			if err != nil {
				continue
			}
			if known := newest[claim.Agent()]; known == nil || known.Issued() < claim.Issued() {
				newest[claim.Agent()] = claim
			}
		}
		// Everybody who has a tag is of interest; of an address or a name whoever has it.
		return key.Kind() == mesh.KeyTag || len(newest) == 0 || answered < enough
	})
	var claims []*mesh.Claim
	for _, claim := range newest {
		if !claim.Withdrawn() {
			claims = append(claims, claim)
		}
	}
	if len(claims) == 0 && answered == 0 && !m.isServer() {
		return nil, errors.Join(ErrNoServer, err)
	}
	slices.SortFunc(claims, func(a, b *mesh.Claim) int {
		return strings.Compare(a.Card().Endpoint().String(), b.Card().Endpoint().String())
	})
	return claims, nil
}

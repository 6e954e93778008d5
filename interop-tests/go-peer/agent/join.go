package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// joinRetry is the wait after the first attempt to reach whoever made the invite; doubled each time, up to
	// longestJoinRetry.
	joinRetry        = 500 * time.Millisecond
	longestJoinRetry = 10 * time.Second
	// joinAtStart is how long a start waits for whoever made the invite in the settings, before it goes on without.
	joinAtStart = 15 * time.Second
	// joinTime is how long an attempt waits where nobody says how long.
	joinTime = 60 * time.Second
)

// Join presents an invite to the member that made it, and becomes a member. A home is in one network at a time.
func (a *Agent) Join(ctx context.Context, invite string) (Network, error) {
	read, err := mesh.ParseInvite(invite)
	if err != nil {
		return Network{}, err
	}
	if err := a.membership.join(ctx, read); err != nil {
		return Network{}, err
	}
	return a.Network()
}

func (m *membership) join(ctx context.Context, invite *mesh.Invite) error {
	if err := m.mayEnter(invite.Genesis()); err != nil {
		return err
	}
	if invite.Expires() <= unixMilli() {
		return ErrInviteExpired
	}
	proof, err := invite.Prove(m.agent.key.GetPublic())
	if err != nil {
		return err
	}
	m.mu.RLock()
	request := &mesh.Join{Invite: invite.ID(), Proof: proof, Name: m.profile.Name}
	m.mu.RUnlock()
	granted, err := m.ask(ctx, invite.Inviter(), invite.Bootstraps(), request)
	if err != nil {
		return err
	}
	of, revoked, err := m.readGrant(invite, granted)
	if err != nil {
		return err
	}
	return m.turn(ctx, func() error {
		// Another network may have been entered meanwhile.
		if err := m.mayEnter(of.genesis); err != nil {
			return err
		}
		if err := m.agent.home.storeMembership(of, revoked); err != nil {
			return err
		}
		return m.enter(of, revoked)
	})
}

// mayEnter says whether we may enter a network now: from none, or once more where our membership is over.
func (m *membership) mayEnter(genesis *mesh.Genesis) error {
	of := m.current()
	if of == nil {
		return nil
	}
	_, err := m.stands()
	if of.genesis.ID() == genesis.ID() && err != nil {
		return nil
	}
	return fmt.Errorf("%w (%s)", ErrAlreadyInNetwork, of.genesis.Name())
}

// joinByConfig joins by the invite in the settings, if there is one and we are in no network: without a person. If nobody
// answers it is tried again for as long as the agent runs.
func (m *membership) joinByConfig(ctx context.Context) error {
	if m.agent.config.Invite == "" {
		return nil
	}
	invite, err := mesh.ParseInvite(m.agent.config.Invite)
	if err != nil {
		return err
	}
	if of, err := m.stands(); err == nil && of.genesis.ID() == invite.Genesis().ID() {
		return nil
	}
	attempt := func(ctx context.Context, patience time.Duration) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return m.join(ctx, invite)
	}
	if err := attempt(ctx, joinAtStart); !errors.Is(err, ErrUnreachable) {
		return err
	}
	m.background(func(ctx context.Context) {
		for ctx.Err() == nil && errors.Is(attempt(ctx, joinTime), ErrUnreachable) {
		}
	})
	return nil
}

// ask asks the member behind a card for a certificate, again and again until it answers or the time is over.
func (m *membership) ask(ctx context.Context, inviter *card.Card, others []ma.Multiaddr, request mesh.JoinRequest) (*mesh.Granted, error) {
	info := inviter.AddrInfo()
	for _, other := range others {
		info.Addrs = append(info.Addrs, behind(other, info.ID)...)
	}
	for wait := joinRetry; ; wait = min(2*wait, longestJoinRetry) {
		m.agent.host.Peerstore().AddAddrs(info.ID, info.Addrs, peerstore.TempAddrTTL)
		reply, err := m.askOnce(ctx, info.ID, request)
		switch reply := reply.(type) {
		case *mesh.Granted:
			return reply, nil
		case *mesh.Refused:
			return nil, fmt.Errorf("%v refuses: %w", inviter.Endpoint(), reply.Why)
		case *mesh.Done:
			return nil, fmt.Errorf("%w: nothing was granted", ErrAnswer)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %v has not answered: %w", ErrUnreachable, inviter.Endpoint(), err)
		}
	}
}

func (m *membership) askOnce(ctx context.Context, p peer.ID, request mesh.JoinRequest) (mesh.JoinReply, error) {
	s, err := m.agent.Open(ctx, p, mesh.JoinProtocol)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := s.SetDeadline(time.Now().Add(exchangeTime)); err != nil {
		return nil, err
	}
	if err := mesh.WriteJoinRequest(s, request); err != nil {
		return nil, err
	}
	reply, err := mesh.ReadJoinReply(s)
	if errors.Is(err, mesh.ErrNoAnswer) {
		return nil, fmt.Errorf("it does not know this invite, or is not in this network any more: %w", err)
	}
	return reply, err
}

// hearOut hears somebody who wants to join, and answers nothing: this agent takes nobody in.
func (m *membership) hearOut(s *Stream) {
	_ = s.SetDeadline(time.Now().Add(exchangeTime))
	if _, err := mesh.ReadJoinRequest(s); err == nil {
		select {
		case <-time.After(silence):
		case <-m.agent.ctx.Done():
		}
	}
}

// readGrant checks all that we were given before anything of it is written.
func (m *membership) readGrant(invite *mesh.Invite, granted *mesh.Granted) (*standing, *mesh.Revocations, error) {
	of := &standing{
		genesis: invite.Genesis(), realm: invite.Realm(), inviter: invite.Inviter(), ephemeral: invite.Ephemeral(),
		bootstraps: invite.Bootstraps(),
	}
	var err error
	if of.certificate, err = m.ours(granted.Certificate, of.realm); err != nil {
		return nil, nil, err
	}
	var revoked *mesh.Revocations
	if granted.Revocations != nil {
		if revoked, err = mesh.ParseRevocations(granted.Revocations, of.realm); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrAnswer, err)
		}
	}
	// Whoever comes back may know more than whoever lets it in, and does not forget it.
	former, known := m.current(), m.members.revocations()
	if former != nil && former.genesis.ID() == of.genesis.ID() && revoked.Version() < known.Version() {
		revoked = known
	}
	for _, envelope := range granted.Cards {
		named, err := card.FromBytes(envelope)
		if err != nil {
			continue
		}
		addresses, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: named.PeerID(), Addrs: named.Addresses()})
		if err == nil {
			of.bootstraps = append(of.bootstraps, addresses...)
		}
	}
	of.bootstraps = of.bootstraps[:min(len(of.bootstraps), maxKnown)]
	return of, revoked, nil
}

// ours reads a certificate that we were given.
func (m *membership) ours(b []byte, realm mesh.Realm) (*mesh.Certificate, error) {
	certificate, err := mesh.ParseCertificate(b, realm)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if certificate.PeerID() != m.agent.PeerID() {
		return nil, fmt.Errorf("%w: the certificate is for another agent", ErrAnswer)
	}
	return certificate, nil
}

// behind is where a peer is if it is behind the relay at an address; nothing if that is its own address.
func behind(relay ma.Multiaddr, p peer.ID) []ma.Multiaddr {
	if of, err := peer.IDFromP2PAddr(relay); err != nil || of == p {
		return nil
	}
	circuit, err := ma.NewComponent("p2p-circuit", "")
	if err != nil {
		return nil
	}
	return []ma.Multiaddr{relay.AppendComponent(circuit)}
}

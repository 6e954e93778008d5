package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// renewLook is the longest that it is not looked at the clock, which may jump.
	renewLook = time.Minute
	// renewRetry is the wait after the first attempt that failed; doubled each time, up to a tenth of the certificate's life.
	renewRetry = 2 * time.Second
	// renewAnswer is how long one member may take to answer.
	renewAnswer = 15 * time.Second
)

// errNoIssuer says that there is nobody to ask.
var errNoIssuer = errors.New("no member that may renew certificates is known")

// keepRenewed keeps our certificate good for as long as somebody renews it.
func (m *membership) keepRenewed(ctx context.Context) {
	for retry := renewRetry; ctx.Err() == nil; {
		of, err := m.stands()
		if errors.Is(err, ErrNoNetwork) {
			return
		}
		wait := renewLook
		if err == nil {
			from, until := of.certificate.NotBefore(), of.certificate.Expires()
			if due := renewalOf(of.certificate); due > unixMilli() {
				wait = min(wait, time.Duration(due-unixMilli())*time.Millisecond)
			} else if m.renew(ctx, nil) == nil && m.isFresh() {
				retry = renewRetry
				continue
			} else {
				// Nobody has renewed it, or not for long enough: a clock is wrong.
				wait = retry
				retry = max(renewRetry, min(2*retry, time.Duration(until-from)*time.Millisecond/10))
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// isFresh says whether our certificate is not due to be renewed again.
func (m *membership) isFresh() bool {
	of, err := m.stands()
	return err == nil && renewalOf(of.certificate) > unixMilli()
}

// renewalOf is when a certificate is due to be renewed: after two thirds of its life.
func renewalOf(c *mesh.Certificate) uint64 {
	return c.NotBefore() + (c.Expires()-c.NotBefore())/3*2
}

// renew gets a newer certificate, with another name if one is given, and makes it hold. It asks whoever let us in first,
// then the other members that may.
func (m *membership) renew(ctx context.Context, rename *id.Name) error {
	of, err := m.stands()
	if err != nil {
		return err
	}
	request := &mesh.Renew{Certificate: of.certificate.Bytes(), Rename: rename != nil}
	if rename != nil {
		request.Name = *rename
	}
	last := errNoIssuer
	for _, issuer := range m.issuers(of) {
		certificate, err := m.renewAt(ctx, of, issuer, request)
		if err == nil {
			err = m.certified(ctx, of, certificate)
		}
		if err == nil {
			m.tellNeighbours(ctx)
			return nil
		}
		last = err
	}
	return last
}

func (m *membership) renewAt(ctx context.Context, of *standing, issuer *card.Card, request *mesh.Renew) (*mesh.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, renewAnswer)
	defer cancel()
	granted, err := m.ask(ctx, issuer, nil, request)
	if err != nil {
		return nil, err
	}
	return m.ours(granted.Certificate, of.realm)
}

// certified makes a newer certificate for the same network hold, unless we have left it meanwhile.
func (m *membership) certified(ctx context.Context, of *standing, certificate *mesh.Certificate) error {
	return m.turn(ctx, func() error {
		still := m.current()
		if still == nil || still.genesis.ID() != of.genesis.ID() {
			return ErrNoNetwork
		}
		renewed := *still
		renewed.certificate = certificate
		if err := m.agent.home.storeMembership(&renewed, m.members.revocations()); err != nil {
			return err
		}
		m.become(&renewed)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.of = &renewed
		m.noteChange()
		return nil
	})
}

func (m *membership) issuers(of *standing) []*card.Card {
	inviter := of.inviter
	var others []*card.Card
	for _, one := range m.members.list() {
		switch {
		case one.card.PeerID() == inviter.PeerID():
			// Its newer card.
			inviter = one.card
		case one.certificate.Roles().Inviter():
			others = append(others, one.card)
		}
	}
	if m.members.revocations().Contains(inviter.AgentID()) {
		return others
	}
	return slices.Insert(others, 0, inviter)
}

// SetName is what the agent is to be called; empty for nothing. In a network, whoever renews our certificate has to agree.
func (a *Agent) SetName(ctx context.Context, name id.Name) error {
	if name != "" {
		if err := name.Check(); err != nil {
			return err
		}
	}
	m := a.membership
	if m.current() != nil {
		if err := m.renew(ctx, &name); err != nil {
			return fmt.Errorf("the name was not changed: %w", err)
		}
	}
	if err := m.changeProfile(func(p *profile) { p.Name = name }); err != nil {
		return err
	}
	m.become(m.current())
	return nil
}

// SetTags is what the agent can do, as others see it.
func (a *Agent) SetTags(tags []id.Tag) error {
	if len(tags) > id.MaxTags {
		return fmt.Errorf("%d tags are over the limit of %d", len(tags), id.MaxTags)
	}
	for at, tag := range tags {
		if err := tag.Check(); err != nil {
			return err
		}
		if slices.Contains(tags[:at], tag) {
			return fmt.Errorf("the tag %s stands twice", tag)
		}
	}
	return a.membership.changeProfile(func(p *profile) { p.Tags = slices.Clone(tags) })
}

// SetVisibility is what of the agent others may find.
func (a *Agent) SetVisibility(visibility Visibility) error {
	switch visibility {
	case "", Hidden, Listed, Public:
		return a.membership.changeProfile(func(p *profile) { p.Visibility = visibility })
	}
	return fmt.Errorf("%q is no visibility: it is hidden, listed or public", visibility)
}

// changeProfile changes what others may find of us, on the disk first.
func (m *membership) changeProfile(change func(*profile)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := m.profile
	change(&changed)
	if err := m.agent.home.writeJSON(profileFile, changed); err != nil {
		return err
	}
	m.profile = changed
	m.noteChange()
	return nil
}

package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// ErrStranger says that a member has proved to be one, and does not trust us for that.
var ErrStranger = errors.New("the member does not trust us")

// Meet is the peer that a text names, as Resolve has it. Where our network has its members trust each other, a member comes
// to be a contact by this.
func (a *Agent) Meet(ctx context.Context, who string) (peer.ID, error) {
	p, err := a.Resolve(ctx, who)
	if err != nil || a.IsContact(p) || !a.membership.members.trusting() {
		return p, err
	}
	// It trusts us as a member, and has to know that we are one.
	if err := a.membership.ensure(ctx, p); err != nil {
		return "", err
	}
	one := a.membership.members.get(p)
	if one == nil {
		return "", ErrNoMember
	}
	if err := a.Knock(ctx, one.card, ""); err != nil {
		return "", err
	}
	if _, err := a.trustedBy(ctx, p); err != nil {
		return "", fmt.Errorf("%s: %w", who, errors.Join(ErrStranger, err))
	}
	return p, nil
}

// trustedBy waits until an agent that we have asked is a contact, and connected as one.
func (a *Agent) trustedBy(ctx context.Context, p peer.ID) (Contact, error) {
	for {
		changed := a.changes()
		r, _ := a.relationOf(p)
		switch r.standing() {
		case trust.Trusted:
			a.connected(ctx, p)
			return r.contact(), nil
		case trust.Requested:
		default:
			return Contact{}, ErrTurnedDown
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Contact{}, ErrNoAnswer
		}
	}
}

package agent

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// settle is how long is waited for further changes: listeners report one address after the other.
	settle = 200 * time.Millisecond
	// publishAgain is between two publications of what has not changed. A claim is good for four times as long.
	publishAgain = 12 * time.Hour
	// publishRetry is the wait after one that no server took; doubled each time, up to longestPublishRetry.
	publishRetry        = time.Second
	longestPublishRetry = time.Minute
)

// earlyPublications come after the first one: a young network has few servers, and others take their places.
func earlyPublications() []time.Duration {
	return []time.Duration{15 * time.Second, time.Minute, 10 * time.Minute, time.Hour}
}

// keepPublished keeps others able to find us, as far as we want it: a claim is made anew when something in it changes, and
// before it expires.
func (m *membership) keepPublished(ctx context.Context) {
	dir := m.directory()
	if dir == nil {
		return
	}
	addresses, err := m.agent.host.EventBus().Subscribe(new(event.EvtLocalAddressesUpdated))
	if err != nil {
		return
	}
	defer addresses.Close()
	early, retry := earlyPublications(), publishRetry
	var last *mesh.Claim
	for ctx.Err() == nil {
		changed := m.changes()
		stored := 0
		if claim, err := m.publish(ctx, dir, last); err == nil {
			last, stored = claim.claim, claim.stored
		}
		dir.published.Store(int64(stored))
		wait := publishAgain
		switch {
		case stored == 0:
			wait = retry
			retry = min(2*retry, longestPublishRetry)
		case len(early) > 0:
			retry, wait, early = publishRetry, early[0], early[1:]
		}
		select {
		case <-time.After(about(wait)):
		case <-changed:
		case <-addresses.Out():
		case <-ctx.Done():
		}
		select {
		case <-time.After(settle):
		case <-ctx.Done():
		}
	}
}

// changes is closed when what others find of us may have changed.
func (m *membership) changes() <-chan struct{} {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.changed
}

type publication struct {
	claim  *mesh.Claim
	stored int
}

// publish lays a new claim in the DHT, and takes back the last one where the new one does not belong.
func (m *membership) publish(ctx context.Context, dir *directory, last *mesh.Claim) (publication, error) {
	claim, err := m.claim(dir.realm, m.visibility() != Hidden)
	if err != nil {
		return publication{}, err
	}
	keys := claim.Keys()
	if last != nil {
		former := slices.DeleteFunc(last.Keys(), func(key mesh.Key) bool { return slices.Contains(keys, key) })
		if len(former) > 0 {
			if withdrawn, err := m.claim(dir.realm, false); err == nil {
				m.lay(ctx, dir, withdrawn, former)
			}
			// The claim has to be the newest one of all.
			if claim, err = m.claim(dir.realm, !claim.Withdrawn()); err != nil {
				return publication{}, err
			}
		}
	}
	return publication{claim, m.lay(ctx, dir, claim, keys)}, nil
}

// lay publishes a claim under keys, and returns on how many servers it lies, under the key that has it least.
func (m *membership) lay(ctx context.Context, dir *directory, claim *mesh.Claim, keys []mesh.Key) int {
	value := mesh.JoinSet([]*mesh.Claim{claim})
	stored := make([]int, len(keys))
	// All at once: a handful, and a server that does not answer holds up each of them.
	var laying sync.WaitGroup
	for at, key := range keys {
		laying.Go(func() { stored[at] = dir.publish(ctx, key.Bytes(dir.realm.ID()), value) })
	}
	laying.Wait()
	return slices.Min(stored)
}

// withdraw takes back what others find of us, as far as servers can be reached.
func (m *membership) withdraw(ctx context.Context, dir *directory) {
	last, err := m.claim(dir.realm, true)
	if err != nil {
		return
	}
	if withdrawn, err := m.claim(dir.realm, false); err == nil {
		m.lay(ctx, dir, withdrawn, last.Keys())
	}
}

func (m *membership) visibility() Visibility {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.profile.Visibility == "" {
		return Public
	}
	return m.profile.Visibility
}

// claim is what we say of ourselves; present is not so once we do not want to be found any more.
func (m *membership) claim(realm mesh.Realm, present bool) (*mesh.Claim, error) {
	of, err := m.stands()
	if err != nil {
		return nil, err
	}
	issued, err := m.claimTime()
	if err != nil {
		return nil, err
	}
	certificate := of.certificate
	draft := mesh.ClaimDraft{Issued: issued, Expires: issued + mesh.ClaimLife, Certificate: certificate}
	name := certificate.Name()
	var addresses []ma.Multiaddr
	if present {
		addresses = m.agent.addresses()
	}
	if present && len(addresses) > 0 && m.visibility() == Public {
		m.mu.RLock()
		draft.Tags = m.profile.Tags
		m.mu.RUnlock()
	} else {
		name = ""
	}
	address := certificate.Address()
	if draft.Card, err = card.Sign(m.agent.key, address.Network, certificate.Nonce(), name, addresses); err != nil {
		return nil, err
	}
	return mesh.SignClaim(realm, m.agent.key, draft)
}

// claimTime is the time of the next claim: later than that of the last one, whatever the clock says.
func (m *membership) claimTime() (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := m.profile
	changed.Claimed = max(unixMilli(), changed.Claimed+1)
	if err := m.agent.home.writeJSON(profileFile, changed); err != nil {
		return 0, err
	}
	m.profile = changed
	return changed.Claimed, nil
}

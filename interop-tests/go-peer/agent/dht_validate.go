package agent

import (
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"

	"context"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

var errNoClaims = errors.New("the value has no claims that stand")

// claimValidator judges values of the DHT: sets of claims. One for each kind of key, under the namespace of the kind.
type claimValidator struct {
	realm   mesh.Realm
	revoked func() *mesh.Revocations
}

// Validate takes a set of which each claim is valid, stands now and belongs at the key.
func (v claimValidator) Validate(key string, value []byte) error {
	claims, err := v.read([]byte(key), value)
	if err == nil && len(claims) == 0 {
		err = errNoClaims
	}
	return err
}

// Select prefers the first value, unless another one has only newer claims of the same agents.
//
// It does not say which set has more: a server that was given the claim of one agent is asked whether to put that in the
// place of a whole set, and the store merges the two. So who looks something up reads what every server has, and merges
// that, instead of selecting.
func (v claimValidator) Select(key string, values [][]byte) (int, error) {
	best, found := 0, false
	var known []*mesh.Claim
	for at, value := range values {
		claims, err := v.read([]byte(key), value)
		if err != nil || len(claims) == 0 {
			continue
		}
		if !found || supersede(claims, known) {
			best, known, found = at, claims, true
		}
	}
	if !found {
		return 0, errNoClaims
	}
	return best, nil
}

func (v claimValidator) read(key, value []byte) ([]*mesh.Claim, error) {
	envelopes, err := mesh.SplitSet(value)
	if err != nil {
		return nil, err
	}
	var claims []*mesh.Claim
	for _, envelope := range envelopes {
		claim, err := readClaim(key, envelope, v.realm, v.revoked())
		if err != nil {
			return nil, err
		}
		claims = append(claims, claim)
	}
	return claims, nil
}

var errElsewhere = errors.New("the claim belongs elsewhere")

// readClaim reads a claim that may be kept and read at a key now.
func readClaim(key, envelope []byte, realm mesh.Realm, revoked *mesh.Revocations) (*mesh.Claim, error) {
	claim, err := mesh.ParseClaim(envelope, realm)
	if err != nil {
		return nil, err
	}
	if err := claim.Stands(unixMilli(), revoked); err != nil {
		return nil, err
	}
	if !claim.BelongsAt(key) {
		return nil, errElsewhere
	}
	return claim, nil
}

// supersede says whether each agent of the former claims says something newer in these.
func supersede(claims, former []*mesh.Claim) bool {
	newest := make(map[any]uint64)
	for _, claim := range claims {
		newest[claim.Agent()] = claim.Issued()
	}
	for _, claim := range former {
		if newest[claim.Agent()] <= claim.Issued() {
			return false
		}
	}
	return true
}

// noProviders: nobody provides anything here.
type noProviders struct{}

func (noProviders) AddProvider(context.Context, []byte, peer.AddrInfo) error {
	return errors.ErrUnsupported
}

func (noProviders) GetProviders(context.Context, []byte) ([]peer.AddrInfo, error) { return nil, nil }

func (noProviders) Close() error { return nil }

package mesh

import (
	"bytes"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// MaxRevoked is how many agents may stand on one list.
	MaxRevoked = 1_000
	// MaxRevocations caps a list's envelope, in bytes: MaxRevoked agents of 34 bytes each, and some 300 beside them.
	MaxRevocations = 40 * 1024
	// MaxListVersion is the highest number of a list.
	MaxListVersion = 1 << 53

	revocationsVersion = 1
)

// Revocations are the agents that the authority of a network has expelled. A list is signed, has a version, and replaces
// all with a lower one. The nil list is none: version 0, which every other replaces.
type Revocations struct {
	version  uint64
	issued   uint64
	agents   []id.AgentID // ascending
	envelope []byte
}

// revocationsBody is the signed payload, in the order of the wire.
type revocationsBody struct {
	Version   uint64       `cbor:"version"`
	Network   NetworkID    `cbor:"network"`
	Authority [32]byte     `cbor:"authority"`
	Number    uint64       `cbor:"number"`
	Issued    uint64       `cbor:"issued"`
	Agents    []id.AgentID `cbor:"agents"`
}

func (*revocationsBody) Domain() string     { return "airway-revocations-v1" }
func (*revocationsBody) MaxBytes() int      { return MaxRevocations }
func (b *revocationsBody) Signer() [32]byte { return b.Authority }

// SignRevocations signs the list that replaces all with a lower version.
func SignRevocations(realm Realm, authority crypto.PrivKey, version, issued uint64, agents []id.AgentID) (*Revocations, error) {
	key, err := wire.RawKey(authority.GetPublic())
	if err != nil {
		return nil, refuse(ErrRevocations, "the key of the authority: %w", err)
	}
	sorted := slices.SortedFunc(slices.Values(agents), compareAgents)
	body := revocationsBody{
		Version: revocationsVersion, Network: realm.ID(), Authority: key, Number: version, Issued: issued,
		Agents: slices.Compact(sorted),
	}
	envelope, err := wire.Seal(authority, &body)
	if err != nil {
		return nil, refuse(ErrRevocations, "the list was not signed: %w", err)
	}
	return ParseRevocations(envelope, realm)
}

// ParseRevocations verifies the bytes of a list of this network. Whether it is newer than another is for the caller to see.
func ParseRevocations(b []byte, realm Realm) (*Revocations, error) {
	var body revocationsBody
	if _, err := wire.Open(b, &body); err != nil {
		return nil, refuse(ErrRevocations, "the envelope holds no revocation list: %w", err)
	}
	if err := body.validate(realm); err != nil {
		return nil, err
	}
	return &Revocations{version: body.Number, issued: body.Issued, agents: body.Agents, envelope: bytes.Clone(b)}, nil
}

func compareAgents(a, b id.AgentID) int { return bytes.Compare(a[:], b[:]) }

func (b *revocationsBody) validate(realm Realm) error {
	switch {
	case b.Version != revocationsVersion:
		return refuse(ErrRevocations, "revocation list version %d is not known, only %d is", b.Version, revocationsVersion)
	case b.Network != realm.ID():
		return refuse(ErrRevocations, "the revocation list is of network %v", b.Network)
	case !b.byAuthority(realm):
		return refuse(ErrRevocations, "the revocation list was not signed by the authority of the network")
	case b.Number == 0, b.Number > MaxListVersion:
		return refuse(ErrRevocations, "a revocation list has no number %d", b.Number)
	case b.Issued > MaxTime:
		return refuse(ErrRevocations, "%d is no time", b.Issued)
	case len(b.Agents) > MaxRevoked:
		return refuse(ErrRevocations, "%d expelled agents are over the limit of %d", len(b.Agents), MaxRevoked)
	}
	for at := 1; at < len(b.Agents); at++ {
		if compareAgents(b.Agents[at-1], b.Agents[at]) >= 0 {
			return refuse(ErrRevocations, "the expelled agents are not in order")
		}
	}
	return nil
}

func (b *revocationsBody) byAuthority(realm Realm) bool {
	if realm.Authority() == nil {
		return false
	}
	authority, err := wire.RawKey(realm.Authority())
	return err == nil && authority == b.Authority
}

// Version says which list it is: higher ones replace lower ones, and 0 is none.
func (r *Revocations) Version() uint64 {
	if r == nil {
		return 0
	}
	return r.version
}

// Issued is when it was signed, by the authority's clock.
func (r *Revocations) Issued() uint64 {
	if r == nil {
		return 0
	}
	return r.issued
}

// Agents are those who have been expelled, in ascending order.
func (r *Revocations) Agents() []id.AgentID {
	if r == nil {
		return nil
	}
	return slices.Clone(r.agents)
}

// Contains says whether an agent has been expelled.
func (r *Revocations) Contains(agent id.AgentID) bool {
	if r == nil {
		return false
	}
	_, found := slices.BinarySearchFunc(r.agents, agent, compareAgents)
	return found
}

// Bytes are the signed envelope; nil for none.
func (r *Revocations) Bytes() []byte {
	if r == nil {
		return nil
	}
	return bytes.Clone(r.envelope)
}

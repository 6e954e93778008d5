package mesh

import (
	"bytes"
	"crypto/sha256"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// MaxGenesis caps a genesis, in bytes. One with the longest name needs below 250.
const MaxGenesis = 512

const genesisVersion = 1

// Policy is what holds for all members of a mesh.
type Policy struct {
	// TrustMembers says whether members trust each other because they are members.
	TrustMembers bool `cbor:"trust_members"`
}

// Genesis is how a mesh began. Nobody can change it afterwards: its hash is the network. It is not signed.
type Genesis struct {
	id        NetworkID
	name      id.Name
	authority crypto.PubKey
	number    uint16
	policy    Policy
	created   uint64
	bytes     []byte
}

// genesisBody is the contents, in the order of the bytes.
type genesisBody struct {
	Version   uint64   `cbor:"version"`
	Name      id.Name  `cbor:"name"`
	Authority [32]byte `cbor:"authority"`
	Number    uint16   `cbor:"number"`
	Policy    Policy   `cbor:"policy"`
	Created   uint64   `cbor:"created"`
	Salt      [16]byte `cbor:"salt"`
}

// NewGenesis begins a network. The salt, drawn at random, keeps two networks of one authority apart.
func NewGenesis(name id.Name, authority crypto.PubKey, number uint16, policy Policy, created uint64, salt [16]byte) (*Genesis, error) {
	key, err := wire.RawKey(authority)
	if err != nil {
		return nil, refuse(ErrGenesis, "the key of the authority: %w", err)
	}
	encoded, err := wire.Encode(genesisBody{
		Version: genesisVersion, Name: name, Authority: key, Number: number, Policy: policy, Created: created, Salt: salt,
	})
	if err != nil {
		return nil, refuse(ErrGenesis, "the genesis has no encoding: %w", err)
	}
	return ParseGenesis(encoded)
}

// ParseGenesis reads a genesis.
func ParseGenesis(b []byte) (*Genesis, error) {
	if len(b) > MaxGenesis {
		return nil, refuse(ErrGenesis, "a genesis of %d bytes is over the limit of %d", len(b), MaxGenesis)
	}
	var body genesisBody
	if err := wire.Decode(b, &body); err != nil {
		return nil, refuse(ErrGenesis, "the bytes are no genesis: %w", err)
	}
	switch {
	case body.Version != genesisVersion:
		return nil, refuse(ErrGenesis, "genesis version %d is not known, only %d is", body.Version, genesisVersion)
	case body.Number == 0:
		return nil, refuse(ErrGenesis, "the number 0 is the open backbone's, which has no genesis")
	case body.Created > MaxTime:
		return nil, refuse(ErrGenesis, "%d is no time", body.Created)
	}
	authority, err := wire.StrongKey(body.Authority[:])
	if err != nil {
		return nil, refuse(ErrGenesis, "the key of the authority is not an ed25519 key")
	}
	hash := sha256.Sum256(append([]byte(networkDomain), b...))
	return &Genesis{
		id: hash, name: body.Name, authority: authority, number: body.Number,
		policy: body.Policy, created: body.Created, bytes: bytes.Clone(b),
	}, nil
}

// Bytes are as made or received: another encoding of the same contents would be another network.
func (g *Genesis) Bytes() []byte { return bytes.Clone(g.bytes) }

// ID is the network.
func (g *Genesis) ID() NetworkID { return g.id }

// Name is what its creator calls it.
func (g *Genesis) Name() id.Name { return g.name }

// Number is what addresses in it begin with: a label, which another network may have, too. Never 0.
func (g *Genesis) Number() uint16 { return g.number }

// Authority is the key that says who is in it.
func (g *Genesis) Authority() crypto.PubKey { return g.authority }

// Policy is what holds for all members.
func (g *Genesis) Policy() Policy { return g.policy }

// Created is when it was made, by its creator's clock.
func (g *Genesis) Created() uint64 { return g.created }

package mesh

import (
	"bytes"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// MaxClaim caps a claim's envelope, in bytes: four with their lengths are as much as a set holds.
	MaxClaim = 3_070
	// ClaimLife is the longest life of a claim, in milliseconds: 48 hours. An agent that lives renews it.
	ClaimLife = 48 * 60 * 60 * 1000

	claimVersion = 1
)

// Claim is what an agent says of itself in the DHT of its network, so that others find it: it is signed and holds the
// agent's card, and in a mesh the certificate too. All checks but those of Stands have been made.
//
// It is withdrawn by a later one without addresses, which replaces it wherever it is known.
type Claim struct {
	claimContents
	envelope []byte
}

type claimContents struct {
	network     NetworkID
	card        *card.Card
	tags        []id.Tag
	issued      uint64
	expires     uint64
	certificate *Certificate
}

// ClaimDraft is what is to be claimed. See Claim for the fields; the name on the card is claimed, too.
type ClaimDraft struct {
	Card        *card.Card
	Tags        []id.Tag
	Issued      uint64
	Expires     uint64
	Certificate *Certificate // nil where the network has no authority
}

// SignClaim signs a claim.
func SignClaim(realm Realm, key crypto.PrivKey, draft ClaimDraft) (*Claim, error) {
	by, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, refuse(ErrClaim, "the key of the agent: %w", err)
	}
	body := claimBody{
		Version: claimVersion, Network: realm.ID(), By: by, Card: draft.Card.Bytes(), Tags: draft.Tags,
		Issued: draft.Issued, Expires: draft.Expires,
	}
	if draft.Certificate != nil {
		body.Certificate = &draft.Certificate.envelope
	}
	envelope, err := wire.Seal(key, &body)
	if err != nil {
		return nil, refuse(ErrClaim, "the claim was not signed: %w", err)
	}
	return ParseClaim(envelope, realm)
}

// ParseClaim verifies the bytes of a claim of this network.
func ParseClaim(b []byte, realm Realm) (*Claim, error) {
	var body claimBody
	if _, err := wire.Open(b, &body); err != nil {
		return nil, refuse(ErrClaim, "the envelope holds no claim: %w", err)
	}
	contents, err := body.validate(realm)
	if err != nil {
		return nil, err
	}
	return &Claim{claimContents: contents, envelope: bytes.Clone(b)}, nil
}

// Bytes are the signed envelope.
func (c *Claim) Bytes() []byte { return bytes.Clone(c.envelope) }

// Agent is who claims.
func (c *Claim) Agent() id.AgentID { return c.card.AgentID() }

// Card is where the agent is. It has a name only if the agent wants to be found by it.
func (c *Claim) Card() *card.Card { return c.card }

// Address is the one that is claimed.
func (c *Claim) Address() id.Address { return c.card.Address() }

// Tags are what the agent says that it can do.
func (c *Claim) Tags() []id.Tag { return slices.Clone(c.tags) }

// Issued is when it was signed. It grows with each claim of one agent: the newer one counts.
func (c *Claim) Issued() uint64 { return c.issued }

// Expires is when it ends, at most ClaimLife later.
func (c *Claim) Expires() uint64 { return c.expires }

// Certificate is the right by which the agent is in the network; nil where it has no authority.
func (c *Claim) Certificate() *Certificate { return c.certificate }

// Withdrawn says whether it takes back what the agent claimed before: the agent can be reached nowhere.
func (c *Claim) Withdrawn() bool { return len(c.card.Addresses()) == 0 }

// Keys are where it belongs in the DHT. For a withdrawn one that is the address alone, but see BelongsAt.
func (c *Claim) Keys() []Key {
	keys := []Key{AddressKey(c.Address().Node)}
	if name := c.card.Name(); name != "" {
		keys = append(keys, NameKey(name))
	}
	for _, tag := range c.tags {
		keys = append(keys, TagKey(tag))
	}
	return keys
}

// BelongsAt says whether it may be stored at this key of the DHT. A withdrawn one may at every key of a name or a tag,
// since it does not say what it takes back; Merge takes it in only where an earlier claim of its agent is.
func (c *Claim) BelongsAt(key []byte) bool {
	kind, known := KeyKindOf(key)
	if !known {
		return false
	}
	if kind != KeyAddress && c.Withdrawn() {
		return true
	}
	return slices.ContainsFunc(c.Keys(), func(own Key) bool { return bytes.Equal(own.Bytes(c.network), key) })
}

// Stands says whether it says something now: nil, or an Invalid; first what is wrong with the certificate. It may come from
// a clock that is ClockSkew ahead.
func (c *Claim) Stands(now uint64, revoked *Revocations) error {
	if c.certificate != nil {
		if err := c.certificate.Stands(now, revoked); err != nil {
			return err
		}
	}
	switch {
	case c.expires <= now:
		return Expired
	case c.issued > add(now, ClockSkew):
		return NotYet
	}
	return nil
}

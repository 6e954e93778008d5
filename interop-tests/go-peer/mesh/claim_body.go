package mesh

import (
	"slices"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// claimBody is the signed payload, in the order of the wire.
type claimBody struct {
	Version     uint64    `cbor:"version"`
	Network     NetworkID `cbor:"network"`
	By          [32]byte  `cbor:"by"` // the agent, who signs
	Card        []byte    `cbor:"card"`
	Tags        []id.Tag  `cbor:"tags"`
	Issued      uint64    `cbor:"issued"`
	Expires     uint64    `cbor:"expires"`
	Certificate *[]byte   `cbor:"certificate,omitzero"`
}

func (*claimBody) Domain() string     { return "airway-claim-v1" }
func (*claimBody) MaxBytes() int      { return MaxClaim }
func (b *claimBody) Signer() [32]byte { return b.By }

// validate checks every rule and gives the contents their types.
func (b *claimBody) validate(realm Realm) (claimContents, error) {
	var none claimContents
	if err := b.names(realm); err != nil {
		return none, err
	}
	contact, err := card.FromBytes(b.Card)
	if err != nil {
		return none, refuse(ErrClaim, "the card in the claim is not valid: %w", err)
	}
	signer, err := wire.StrongKey(b.By[:])
	if err != nil || !contact.PeerID().MatchesPublicKey(signer) {
		return none, errOfAnother()
	}
	if len(contact.Addresses()) == 0 && (contact.Name() != "" || len(b.Tags) > 0) {
		return none, refuse(ErrClaim, "a claim without addresses has neither name nor tags")
	}
	var certificate *Certificate
	if b.Certificate != nil {
		if certificate, err = ParseCertificate(*b.Certificate, realm); err != nil {
			return none, refuse(ErrClaim, "the certificate in the claim is not valid: %w", err)
		}
		if err := certified(contact, certificate); err != nil {
			return none, err
		}
	} else if contact.Address().Network != realm.Number() {
		return none, errAddress(contact)
	}
	return claimContents{
		network: b.Network, card: contact, tags: b.Tags, issued: b.Issued, expires: b.Expires, certificate: certificate,
	}, nil
}

// names checks the rules that need neither card nor certificate: the cheap ones.
func (b *claimBody) names(realm Realm) error {
	switch {
	case b.Version != claimVersion:
		return refuse(ErrClaim, "claim version %d is not known, only %d is", b.Version, claimVersion)
	case b.Network != realm.ID():
		return refuse(ErrClaim, "the claim is of network %v", b.Network)
	case b.Issued >= b.Expires, b.Expires > MaxTime, b.Expires-b.Issued > ClaimLife:
		return refuse(ErrClaim, "a claim is not valid from %d to %d", b.Issued, b.Expires)
	case len(b.Tags) > id.MaxTags:
		return refuse(ErrClaim, "%d tags are over the limit of %d", len(b.Tags), id.MaxTags)
	}
	for at, tag := range b.Tags {
		if slices.Contains(b.Tags[:at], tag) {
			return refuse(ErrClaim, "the tag %s stands twice", tag)
		}
	}
	switch hasAuthority := realm.Authority() != nil; {
	case hasAuthority && b.Certificate == nil:
		return refuse(ErrClaim, "a claim in this network has to bring a certificate")
	case !hasAuthority && b.Certificate != nil:
		return refuse(ErrClaim, "a claim in this network has no certificate")
	}
	return nil
}

// certified says whether the card says what the certificate does, as far as it says anything.
func certified(contact *card.Card, certificate *Certificate) error {
	switch {
	case contact.PeerID() != certificate.PeerID():
		return errOfAnother()
	case contact.Address() != certificate.Address():
		return errAddress(contact)
	case contact.Name() != "" && contact.Name() != certificate.Name():
		return refuse(ErrClaim, "the name on the card is not the certified one")
	}
	return nil
}

func errOfAnother() error {
	return refuse(ErrClaim, "the card or the certificate in the claim is another agent's")
}

func errAddress(contact *card.Card) error {
	return refuse(ErrClaim, "the agent does not have the address %v in this network", contact.Address())
}

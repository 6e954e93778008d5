package mesh

import (
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// certificateBody is the signed payload, in the order of the wire.
type certificateBody struct {
	Version   uint64    `cbor:"version"`
	Network   NetworkID `cbor:"network"`
	By        [32]byte  `cbor:"by"` // who signs: the authority, or the inviter whose certificate Issuer is
	Member    [32]byte  `cbor:"member"`
	Nonce     uint8     `cbor:"nonce"`
	Name      id.Name   `cbor:"name,omitzero"`
	Roles     Roles     `cbor:"roles"`
	NotBefore uint64    `cbor:"not_before"`
	Expires   uint64    `cbor:"expires"`
	Serial    [16]byte  `cbor:"serial"`
	Issuer    *[]byte   `cbor:"issuer,omitzero"`
}

func (*certificateBody) Domain() string     { return "airway-member-v1" }
func (*certificateBody) MaxBytes() int      { return MaxCertificate }
func (b *certificateBody) Signer() [32]byte { return b.By }

// openCertificate verifies the envelope alone, and the form of what is in it.
func openCertificate(b []byte) (*certificateBody, error) {
	var body certificateBody
	if _, err := wire.Open(b, &body); err != nil {
		return nil, refuse(ErrCertificate, "the envelope holds no certificate: %w", err)
	}
	return &body, nil
}

// validate checks every rule and gives the contents their types.
func (b *certificateBody) validate(realm Realm) (certificate, error) {
	if err := b.names(realm); err != nil {
		return certificate{}, err
	}
	issuer, err := b.signer(realm)
	if err != nil {
		return certificate{}, err
	}
	key, err := wire.StrongKey(b.Member[:])
	if err != nil {
		return certificate{}, refuse(ErrCertificate, "the key of the member is not an ed25519 key")
	}
	agent, err := id.AgentIDOf(key)
	if err != nil {
		return certificate{}, refuse(ErrCertificate, "the key of the member is not an ed25519 key")
	}
	address, nonce, err := id.Derive(realm.Number(), agent, b.Nonce)
	if err != nil || nonce != b.Nonce {
		return certificate{}, refuse(ErrCertificate, "the member has no address at nonce %d", b.Nonce)
	}
	member, err := peer.IDFromPublicKey(key)
	if err != nil {
		return certificate{}, refuse(ErrCertificate, "the key of the member is not an ed25519 key")
	}
	return certificate{
		key: key, peer: member, agent: agent, address: address, nonce: nonce, name: b.Name, roles: b.Roles,
		notBefore: b.NotBefore, expires: b.Expires, serial: b.Serial, issuer: issuer,
	}, nil
}

// names checks the rules that need neither the signer nor the member.
func (b *certificateBody) names(realm Realm) error {
	switch {
	case b.Version != certificateVersion:
		return refuse(ErrCertificate, "certificate version %d is not known, only %d is", b.Version, certificateVersion)
	case b.Network != realm.ID():
		return refuse(ErrCertificate, "the certificate is of network %v", b.Network)
	case b.NotBefore >= b.Expires, b.Expires > MaxTime:
		return b.invalidFrom()
	}
	return nil
}

// signer checks that whoever signed may, and returns the inviter if it was one.
func (b *certificateBody) signer(realm Realm) (*id.AgentID, error) {
	if b.Issuer != nil {
		return b.issuedBy(*b.Issuer, realm)
	}
	if realm.Authority() == nil {
		return nil, refuse(ErrCertificate, "the network has no authority, and so no certificates")
	}
	if authority, err := wire.RawKey(realm.Authority()); err != nil || authority != b.By {
		return nil, refuse(ErrCertificate, "the certificate was not signed by the authority of the network")
	}
	return nil, nil
}

// issuedBy checks what an inviter with this certificate may sign.
func (b *certificateBody) issuedBy(envelope []byte, realm Realm) (*id.AgentID, error) {
	const invalid = "the certificate of the inviter is not valid: %w"
	body, err := openCertificate(envelope)
	if err != nil {
		return nil, refuse(ErrCertificate, invalid, err)
	}
	// Seen before anything inside is looked at, so that a chain costs no more than its length allows.
	if body.Issuer != nil {
		return nil, refuse(ErrCertificate, "the certificate of the inviter was not signed by the authority itself")
	}
	issuer, err := body.validate(realm)
	if err != nil {
		return nil, refuse(ErrCertificate, invalid, err)
	}
	switch {
	case body.Member != b.By:
		return nil, refuse(ErrCertificate, "the certificate was signed by another than the inviter whose certificate it brings")
	case !issuer.roles.Inviter():
		return nil, refuse(ErrCertificate, "the issuer of the certificate is no inviter")
	case b.Roles.Inviter(), !b.Roles.Within(issuer.roles):
		return nil, refuse(ErrCertificate, "an inviter cannot grant the roles %v", b.Roles)
	case b.NotBefore < issuer.notBefore, b.Expires > issuer.expires:
		return nil, b.invalidFrom()
	}
	return &issuer.agent, nil
}

func (b *certificateBody) invalidFrom() error {
	return refuse(ErrCertificate, "the certificate is not valid from %d to %d", b.NotBefore, b.Expires)
}

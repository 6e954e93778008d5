package mesh

import (
	"bytes"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// MaxCertificate caps a certificate's envelope, in bytes. One with an inviter's inside and the longest names needs below 950.
const MaxCertificate = 1024

const certificateVersion = 1

// Certificate says who is a member of a network, under which address and name, and for what.
//
// The authority signs it, or an inviter whose own certificate stands inside; there the chain ends. It proves nothing by
// itself: whoever shows it has to be the peer that it names. All checks but those of Stands have been made.
type Certificate struct {
	certificate
	envelope []byte
}

type certificate struct {
	key       crypto.PubKey
	peer      peer.ID
	agent     id.AgentID
	address   id.Address
	nonce     uint8
	name      id.Name
	roles     Roles
	notBefore uint64
	expires   uint64
	serial    [16]byte
	issuer    *id.AgentID
}

// Grant is what is to be certified. See Certificate for the fields.
type Grant struct {
	Member    crypto.PubKey
	Nonce     uint8
	Name      id.Name // empty: none
	Roles     Roles
	NotBefore uint64
	Expires   uint64
	Serial    [16]byte
}

// SignCertificate signs a certificate: with the key of the authority, or with that of the inviter whose certificate issuer is.
func SignCertificate(realm Realm, key crypto.PrivKey, issuer *Certificate, grant Grant) (*Certificate, error) {
	by, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, refuse(ErrCertificate, "the key of the signer: %w", err)
	}
	member, err := wire.RawKey(grant.Member)
	if err != nil {
		return nil, refuse(ErrCertificate, "the key of the member: %w", err)
	}
	body := certificateBody{
		Version: certificateVersion, Network: realm.ID(), By: by, Member: member, Nonce: grant.Nonce, Name: grant.Name,
		Roles: grant.Roles, NotBefore: grant.NotBefore, Expires: grant.Expires, Serial: grant.Serial,
	}
	if issuer != nil {
		body.Issuer = &issuer.envelope
	}
	envelope, err := wire.Seal(key, &body)
	if err != nil {
		return nil, refuse(ErrCertificate, "the certificate was not signed: %w", err)
	}
	// Read first, so that a certificate which nobody would take is not given away.
	return ParseCertificate(envelope, realm)
}

// ParseCertificate verifies the bytes of a certificate of this network.
func ParseCertificate(b []byte, realm Realm) (*Certificate, error) {
	body, err := openCertificate(b)
	if err != nil {
		return nil, err
	}
	contents, err := body.validate(realm)
	if err != nil {
		return nil, err
	}
	return &Certificate{certificate: contents, envelope: bytes.Clone(b)}, nil
}

// Bytes are the signed envelope.
func (c *Certificate) Bytes() []byte { return bytes.Clone(c.envelope) }

// Key is that of the member.
func (c *Certificate) Key() crypto.PubKey { return c.key }

// PeerID is the peer at the other end of whose connection it says something.
func (c *Certificate) PeerID() peer.ID { return c.peer }

// Agent is the member.
func (c *Certificate) Agent() id.AgentID { return c.agent }

// Address is that of the member in the network.
func (c *Certificate) Address() id.Address { return c.address }

// Nonce is the one that gave the address.
func (c *Certificate) Nonce() uint8 { return c.nonce }

// Name is what the member is called; empty if it has no name.
func (c *Certificate) Name() id.Name { return c.name }

// Roles is what the member may do.
func (c *Certificate) Roles() Roles { return c.roles }

// NotBefore is when it begins.
func (c *Certificate) NotBefore() uint64 { return c.notBefore }

// Expires is when it ends.
func (c *Certificate) Expires() uint64 { return c.expires }

// Serial keeps two certificates apart that are the same otherwise.
func (c *Certificate) Serial() [16]byte { return c.serial }

// Issuer is the inviter that signed; nil if the authority itself did.
func (c *Certificate) Issuer() *id.AgentID { return c.issuer }

// Stands says whether it makes its member one now, give or take ClockSkew: nil, or an Invalid, and of several the one that
// lasts longest. One that an expelled inviter signed does not.
func (c *Certificate) Stands(now uint64, revoked *Revocations) error {
	switch {
	case revoked.Contains(c.agent), c.issuer != nil && revoked.Contains(*c.issuer):
		return Expelled
	case add(c.expires, ClockSkew) <= now:
		return Expired
	case c.notBefore > add(now, ClockSkew):
		return NotYet
	}
	return nil
}

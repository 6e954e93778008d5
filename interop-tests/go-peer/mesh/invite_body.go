package mesh

import (
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// inviteBody is the signed payload, in the order of the wire.
type inviteBody struct {
	Version     uint64   `cbor:"version"`
	Genesis     []byte   `cbor:"genesis"`
	By          [32]byte `cbor:"by"` // the inviter, who signs
	Card        []byte   `cbor:"card"`
	Certificate []byte   `cbor:"certificate"`
	ID          InviteID `cbor:"id"`
	Expires     uint64   `cbor:"expires"`
	Roles       Roles    `cbor:"roles"`
	Reusable    bool     `cbor:"reusable"`
	Ephemeral   bool     `cbor:"ephemeral"`
	Bootstraps  [][]byte `cbor:"bootstraps"` // multiaddrs in binary form
}

func (*inviteBody) Domain() string     { return "airway-invite-v1" }
func (*inviteBody) MaxBytes() int      { return maxInviteEnvelope }
func (b *inviteBody) Signer() [32]byte { return b.By }

// validate checks every rule and gives the contents their types.
func (b *inviteBody) validate() (inviteContents, error) {
	var none inviteContents
	if b.Version != inviteVersion {
		return none, refuse(ErrInvite, "invite version %d is not known, only %d is", b.Version, inviteVersion)
	}
	if b.Expires > MaxTime {
		return none, refuse(ErrInvite, "%d is no time", b.Expires)
	}
	genesis, err := ParseGenesis(b.Genesis)
	if err != nil {
		return none, refuse(ErrInvite, "the genesis in the invite is not valid: %w", err)
	}
	realm := RealmOf(genesis)
	inviter, err := card.FromBytes(b.Card)
	if err != nil {
		return none, refuse(ErrInvite, "the card in the invite is not valid: %w", err)
	}
	certificate, err := ParseCertificate(b.Certificate, realm)
	if err != nil {
		return none, refuse(ErrInvite, "the certificate in the invite is not valid: %w", err)
	}
	if err := b.ofTheSigner(inviter, certificate); err != nil {
		return none, err
	}
	bootstraps, err := b.bootstraps()
	if err != nil {
		return none, err
	}
	return inviteContents{
		genesis: genesis, realm: realm, card: inviter, certificate: certificate, id: b.ID, expires: b.Expires, roles: b.Roles,
		reusable: b.Reusable, ephemeral: b.Ephemeral, bootstraps: bootstraps,
	}, nil
}

// ofTheSigner checks that card and certificate are those of the signer, who is an inviter.
func (b *inviteBody) ofTheSigner(inviter *card.Card, certificate *Certificate) error {
	signer, err := wire.StrongKey(b.By[:])
	switch {
	case err != nil, !inviter.PeerID().MatchesPublicKey(signer), !certificate.PeerID().MatchesPublicKey(signer):
		return refuse(ErrInvite, "the card or the certificate in the invite is another agent's")
	case !certificate.Roles().Inviter():
		return refuse(ErrInvite, "the invite was signed by a member that is no inviter")
	case inviter.Address() != certificate.Address():
		return refuse(ErrInvite, "the card and the certificate in the invite have different addresses")
	}
	return nil
}

func (b *inviteBody) bootstraps() ([]ma.Multiaddr, error) {
	if len(b.Bootstraps) > MaxBootstraps {
		return nil, refuse(ErrInvite, "%d bootstraps in an invite are over the limit of %d", len(b.Bootstraps), MaxBootstraps)
	}
	var addresses []ma.Multiaddr
	for _, binary := range b.Bootstraps {
		address, err := bootstrap(binary)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}

// bootstrap reads the multiaddr of a member: one that ends in its peer id.
func bootstrap(binary []byte) (ma.Multiaddr, error) {
	const none = "a bootstrap in the invite is no multiaddr that ends in /p2p"
	if len(binary) > MaxBootstrapBytes {
		return nil, refuse(ErrInvite, none)
	}
	address, err := ma.NewMultiaddrBytes(binary)
	if err != nil || len(address) == 0 || address[len(address)-1].Code() != ma.P_P2P {
		return nil, refuse(ErrInvite, none)
	}
	return address, nil
}

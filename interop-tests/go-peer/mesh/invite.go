package mesh

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// InvitePrefix is what the text of every invite begins with.
const InvitePrefix = "airway-net:"

const (
	// MaxBootstraps is how many members an invite may name: more would only make it harder to copy.
	MaxBootstraps = 4
	// MaxBootstrapBytes caps the multiaddr of one: one of a card, with a peer id behind it.
	MaxBootstrapBytes = card.MaxAddressBytes + 41
	// maxInviteEnvelope caps the envelope: what it holds, and some 400 bytes beside.
	maxInviteEnvelope = MaxGenesis + card.MaxBytes + MaxCertificate + MaxBootstraps*(MaxBootstrapBytes+2) + 512
	// MaxInvite caps an invite's bytes: the envelope, the secret and the digits.
	MaxInvite = maxInviteEnvelope + wire.SecretBytes + wire.SecretCheck

	inviteVersion = 1
	ticketPrefix  = "airway-pair:"
)

// joinDomain keeps proofs apart from every other use of the secret.
const joinDomain = "airway-join-v1\x00"

// InviteID is that by which its maker, who draws it at random, knows an invite again.
type InviteID [16]byte

// String is the id in hexadecimal digits.
func (i InviteID) String() string { return hex.EncodeToString(i[:]) }

// Invite is a string by which an agent joins a mesh. It is signed by an inviter, and says what the network is, who the
// inviter is and by what right, and where to reach it. Whoever has it proves to the inviter that it knows the secret,
// which never travels, and is taken in. All signatures in it have been verified.
type Invite struct {
	inviteContents
	envelope []byte
	secret   [wire.SecretBytes]byte
}

type inviteContents struct {
	genesis     *Genesis
	realm       Realm
	card        *card.Card
	certificate *Certificate
	id          InviteID
	expires     uint64
	roles       Roles
	reusable    bool
	ephemeral   bool
	bootstraps  []ma.Multiaddr
}

// InviteDraft is what an invite is to say. See Invite for the fields.
type InviteDraft struct {
	Genesis     *Genesis
	Card        *card.Card
	Certificate *Certificate
	ID          InviteID
	Secret      [wire.SecretBytes]byte
	Expires     uint64
	Roles       Roles
	Reusable    bool
	Ephemeral   bool
	Bootstraps  []ma.Multiaddr
}

// SignInvite signs an invite with the key of the inviter.
func SignInvite(key crypto.PrivKey, draft InviteDraft) (*Invite, error) {
	by, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, refuse(ErrInvite, "the key of the inviter: %w", err)
	}
	body := inviteBody{
		Version: inviteVersion, Genesis: draft.Genesis.Bytes(), By: by, Card: draft.Card.Bytes(),
		Certificate: draft.Certificate.Bytes(), ID: draft.ID, Expires: draft.Expires, Roles: draft.Roles,
		Reusable: draft.Reusable, Ephemeral: draft.Ephemeral, Bootstraps: [][]byte{},
	}
	for _, address := range draft.Bootstraps {
		body.Bootstraps = append(body.Bootstraps, address.Bytes())
	}
	envelope, err := wire.Seal(key, &body)
	if err != nil {
		return nil, refuse(ErrInvite, "the invite was not signed: %w", err)
	}
	return openInvite(envelope, draft.Secret)
}

// ParseInvite reads the text of an invite. Blanks around it are allowed: copying leaves them there.
func ParseInvite(text string) (*Invite, error) {
	contents, err := wire.ReadSecretText(text, InvitePrefix, MaxInvite)
	trimmed := strings.TrimSpace(text)
	switch {
	case errors.Is(err, wire.ErrSecretPrefix) && strings.HasPrefix(trimmed, card.Prefix):
		return nil, refuse(ErrInvite, "that is a contact card, not an invite: an invite begins with airway-net:")
	case errors.Is(err, wire.ErrSecretPrefix) && strings.HasPrefix(trimmed, ticketPrefix):
		return nil, refuse(ErrInvite, "that is a ticket, not an invite: an invite begins with airway-net:")
	case errors.Is(err, wire.ErrSecretPrefix):
		return nil, refuse(ErrInvite, "not an invite: an invite begins with airway-net:")
	case errors.Is(err, wire.ErrSecretSize):
		return nil, refuse(ErrInvite, "too long for an invite")
	case err != nil, len(contents) < wire.SecretBytes:
		return nil, refuse(ErrInvite, "the invite is truncated or altered")
	}
	end := len(contents) - wire.SecretBytes
	return openInvite(contents[:end], [wire.SecretBytes]byte(contents[end:]))
}

func openInvite(envelope []byte, secret [wire.SecretBytes]byte) (*Invite, error) {
	var body inviteBody
	if _, err := wire.Open(envelope, &body); err != nil {
		return nil, refuse(ErrInvite, "the envelope in the invite is not valid: %w", err)
	}
	contents, err := body.validate()
	if err != nil {
		return nil, err
	}
	return &Invite{inviteContents: contents, envelope: bytes.Clone(envelope), secret: secret}, nil
}

// Text is what is handed out. It holds the secret: whoever has read it can use it.
func (i *Invite) Text() string {
	return wire.SecretText(InvitePrefix, slices.Concat(i.envelope, i.secret[:]))
}

// String does not tell the secret.
func (i *Invite) String() string { return "invite " + i.id.String() }

// Genesis is how the network began.
func (i *Invite) Genesis() *Genesis { return i.genesis }

// Realm is the network as its protocols see it.
func (i *Invite) Realm() Realm { return i.realm }

// Inviter is whom to ask, and where.
func (i *Invite) Inviter() *card.Card { return i.card }

// Certificate is the right by which the inviter invites.
func (i *Invite) Certificate() *Certificate { return i.certificate }

// ID is that by which the inviter knows it again.
func (i *Invite) ID() InviteID { return i.id }

// Expires is when it ends, by the inviter's clock.
func (i *Invite) Expires() uint64 { return i.expires }

// Roles is what who joins by it may do. What holds is what its certificate will say.
func (i *Invite) Roles() Roles { return i.roles }

// Reusable says whether more than one agent may join by it.
func (i *Invite) Reusable() bool { return i.reusable }

// Ephemeral says whether who joins by it leaves when it stops.
func (i *Invite) Ephemeral() bool { return i.ephemeral }

// Bootstraps are members to begin with beside the inviter, each with its peer id at the end.
func (i *Invite) Bootstraps() []ma.Multiaddr { return slices.Clone(i.bootstraps) }

// Prove is the proof that goes along with the request of the agent with this key.
func (i *Invite) Prove(joiner crypto.PubKey) ([32]byte, error) {
	key, err := wire.RawKey(joiner)
	if err != nil {
		return [32]byte{}, err
	}
	network := i.realm.ID()
	return wire.Prove(i.secret, joinDomain, network[:], i.id[:], key[:]), nil
}

// Proves says whether the agent with this key knew the secret of the invite. It takes the same time for every wrong proof.
func Proves(secret [wire.SecretBytes]byte, network NetworkID, invite InviteID, joiner crypto.PubKey, proof [32]byte) bool {
	key, err := wire.RawKey(joiner)
	return err == nil && wire.Proves(proof, secret, joinDomain, network[:], invite[:], key[:])
}

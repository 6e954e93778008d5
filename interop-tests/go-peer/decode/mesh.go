package decode

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func meshDecoders() map[string]Decoder {
	return map[string]Decoder{
		"admit_answer":        framed(mesh.ReadAdmitAnswer, mesh.WriteAdmitAnswer),
		"admit_hello":         framed(mesh.ReadHello, mesh.WriteHello),
		"certificate":         certificate,
		"certificate_payload": Sealed("airway-member-v1", certificate),
		"claim":               claim,
		"claim_payload":       Sealed("airway-claim-v1", claim),
		"claim_set":           claimSet,
		"genesis":             genesis,
		"invite":              Text(inviteText),
		"invite_contents":     inviteContents,
		"invite_id":           Text(inviteID),
		"invite_payload":      Sealed("airway-invite-v1", invitePayload),
		"join_reply":          framed(mesh.ReadJoinReply, mesh.WriteJoinReply),
		"join_request":        framed(mesh.ReadJoinRequest, mesh.WriteJoinRequest),
		"network_id":          Text(mesh.ParseNetworkID),
		"revocations":         revocations,
		"revocations_payload": Sealed("airway-revocations-v1", revocations),
	}
}

// framed reads one message of a stream, and understands what would be written to say the same.
func framed[T any](read func(io.Reader) (T, error), write func(io.Writer, T) error) Decoder {
	return func(input []byte) ([]byte, error) {
		message, err := read(bytes.NewReader(input))
		if err != nil {
			return nil, err
		}
		var again bytes.Buffer
		err = write(&again, message)
		return again.Bytes(), err
	}
}

// network is the mesh of the golden vectors. Its authority has [Key].
func network() (mesh.Realm, error) {
	seed := bytes.Repeat([]byte{1}, ed25519.SeedSize)
	public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return mesh.Realm{}, wire.ErrNotEd25519
	}
	authority, err := crypto.UnmarshalEd25519PublicKey(public)
	if err != nil {
		return mesh.Realm{}, err
	}
	g, err := mesh.NewGenesis("lab", authority, 4660, mesh.Policy{}, 1_700_000_000_000, [16]byte(seed))
	if err != nil {
		return mesh.Realm{}, err
	}
	return mesh.RealmOf(g), nil
}

func genesis(input []byte) ([]byte, error) {
	g, err := mesh.ParseGenesis(input)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s %d %d", g.ID(), g.Name(), g.Number(), g.Created()), nil
}

func certificate(input []byte) ([]byte, error) {
	realm, err := network()
	if err != nil {
		return nil, err
	}
	c, err := mesh.ParseCertificate(input, realm)
	if err != nil {
		return nil, err
	}
	serial := c.Serial()
	return fmt.Appendf(nil, "%s %s %s %d %d %d %x", c.Agent(), c.Address(), c.Name(), uint8(c.Roles()), c.NotBefore(), c.Expires(), serial), nil
}

func revocations(input []byte) ([]byte, error) {
	realm, err := network()
	if err != nil {
		return nil, err
	}
	list, err := mesh.ParseRevocations(input, realm)
	if err != nil {
		return nil, err
	}
	understood := fmt.Appendf(nil, "%d %d", list.Version(), list.Issued())
	for _, agent := range list.Agents() {
		understood = fmt.Appendf(understood, " %s", agent)
	}
	return understood, nil
}

// realms are a network with an authority and one without.
func realms() ([]mesh.Realm, error) {
	lab, err := network()
	return []mesh.Realm{lab, mesh.Backbone()}, err
}

// claim reads a claim in each of the realms, and accepts what one of them does.
func claim(input []byte) ([]byte, error) {
	all, err := realms()
	if err != nil {
		return nil, err
	}
	var understood []byte
	err = errors.New("no realm takes it")
	for index, realm := range all {
		c, refused := mesh.ParseClaim(input, realm)
		if refused != nil {
			continue
		}
		err = nil
		understood = fmt.Appendf(understood, "%d %s %s %d %d %t", index, c.Agent(), c.Address(), c.Issued(), c.Expires(), c.Withdrawn())
		for _, key := range c.Keys() {
			understood = fmt.Appendf(understood, " %x", key.Bytes(realm.ID()))
		}
	}
	return understood, err
}

// claimSet splits a set, and understands what is left of it in each realm under each kind of key.
func claimSet(input []byte) ([]byte, error) {
	envelopes, err := mesh.SplitSet(input)
	if err != nil {
		return nil, err
	}
	all, err := realms()
	if err != nil {
		return nil, err
	}
	var understood []byte
	for _, realm := range all {
		for _, kind := range []mesh.KeyKind{mesh.KeyAddress, mesh.KeyName, mesh.KeyTag} {
			var known []*mesh.Claim
			for _, envelope := range envelopes {
				if c, err := mesh.ParseClaim(envelope, realm); err == nil {
					known, _ = mesh.Merge(known, c, kind)
				}
			}
			understood = append(append(understood, mesh.JoinSet(known)...), '/')
		}
	}
	return understood, nil
}

// spelledInvite is an invite that is printed as its text.
type spelledInvite struct{ *mesh.Invite }

// String is the whole text, secret included: the decoders' inputs are no secrets.
func (i spelledInvite) String() string { return i.Text() }

func inviteText(text string) (spelledInvite, error) {
	i, err := mesh.ParseInvite(text)
	return spelledInvite{i}, err
}

func inviteContents(input []byte) ([]byte, error) {
	return Text(inviteText)([]byte(wire.SecretText(mesh.InvitePrefix, input)))
}

// invitePayload is given the envelope; the secret of every invite here is sevens.
func invitePayload(envelope []byte) ([]byte, error) {
	return inviteContents(slices.Concat(envelope, bytes.Repeat([]byte{7}, wire.SecretBytes)))
}

func inviteID(text string) (mesh.InviteID, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(mesh.InviteID{}) {
		return mesh.InviteID{}, errors.New("the id of an invite is 32 hexadecimal digits")
	}
	return mesh.InviteID(b), nil
}

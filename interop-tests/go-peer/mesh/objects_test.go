package mesh

import (
	"bytes"
	"encoding/hex"
	"testing"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

type inviteVector struct {
	Seed, Genesis, Certificate, ID, Secret, Joiner, Proof vectors.Hex
	Card, Text                                            string
	Expires                                               uint64
	Roles, Bootstraps                                     []string
	Reusable, Ephemeral                                   bool
}

type inviteVectors struct {
	vectors.About
	Positive []inviteVector
	Negative []vectors.RefusedText
}

func (v inviteVector) draft(t *testing.T) InviteDraft {
	t.Helper()
	genesis, err := ParseGenesis(v.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ParseCertificate(v.Certificate, RealmOf(genesis))
	if err != nil {
		t.Fatal(err)
	}
	contact, err := card.Parse(v.Card)
	if err != nil {
		t.Fatal(err)
	}
	draft := InviteDraft{
		Genesis: genesis, Card: contact, Certificate: certificate, ID: InviteID(v.ID), Secret: [wire.SecretBytes]byte(v.Secret),
		Expires: v.Expires, Roles: rolesOf(v.Roles), Reusable: v.Reusable, Ephemeral: v.Ephemeral,
	}
	for _, text := range v.Bootstraps {
		draft.Bootstraps = append(draft.Bootstraps, ma.StringCast(text))
	}
	return draft
}

func TestInvitesAreAsWritten(t *testing.T) {
	var file inviteVectors
	vectors.Load(t, "invite.json", &file)
	for _, v := range file.Positive {
		made, err := SignInvite(vectors.Key(t, v.Seed), v.draft(t))
		if err != nil {
			t.Fatal(err)
		}
		if made.Text() != v.Text {
			t.Errorf("%s", made.Text())
		}
		read, err := ParseInvite("\n " + v.Text + " ")
		if err != nil {
			t.Fatal(err)
		}
		joiner, err := crypto.UnmarshalEd25519PublicKey(v.Joiner)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := read.Prove(joiner)
		if err != nil || !bytes.Equal(proof[:], v.Proof) {
			t.Errorf("proof %x: %v", proof, err)
		}
		if !Proves([wire.SecretBytes]byte(v.Secret), read.Realm().ID(), read.ID(), joiner, proof) {
			t.Error("the proof proves nothing")
		}
		if Proves([wire.SecretBytes]byte{}, read.Realm().ID(), read.ID(), joiner, proof) {
			t.Error("the proof proves knowledge of another secret")
		}
	}
	for _, v := range file.Negative {
		_, err := ParseInvite(v.Text)
		check(t, ErrInvite, err, v.Why)
	}
}

func TestALineEndInsideAnInviteIsRefused(t *testing.T) {
	var file inviteVectors
	vectors.Load(t, "invite.json", &file)
	text := file.Positive[0].Text
	_, err := ParseInvite(text[:40] + "\n" + text[40:])
	check(t, ErrInvite, err, "the invite is truncated or altered")
}

type claimVectors struct {
	vectors.About
	Claims []struct {
		Network           string
		Seed, Certificate vectors.Hex
		Card              string
		Tags              []id.Tag
		Issued, Expires   uint64
		Bytes             vectors.Hex
		Keys              []struct{ Of, Key string }
	}
	RefusedClaims []vectors.RefusedBytes `json:"refused_claims"`
	Tags          []string
	RefusedTags   []vectors.RefusedText `json:"refused_tags"`
	Sets          []struct {
		Claims []vectors.Hex
		Bytes  vectors.Hex
	}
	RefusedSets []vectors.RefusedBytes `json:"refused_sets"`
}

// inMesh is how many of the refused claims, at the end, are of the mesh; the others are of the backbone.
const inMesh = 7

func TestClaimsAreAsWritten(t *testing.T) {
	var file claimVectors
	vectors.Load(t, "claim.json", &file)
	realms := map[string]Realm{"backbone": Backbone(), "mesh": RealmOf(lab(t))}
	for _, v := range file.Claims {
		realm := realms[v.Network]
		contact, err := card.Parse(v.Card)
		if err != nil {
			t.Fatal(err)
		}
		draft := ClaimDraft{Card: contact, Tags: v.Tags, Issued: v.Issued, Expires: v.Expires}
		if len(v.Certificate) > 0 {
			if draft.Certificate, err = ParseCertificate(v.Certificate, realm); err != nil {
				t.Fatal(err)
			}
		}
		made, err := SignClaim(realm, vectors.Key(t, v.Seed), draft)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made.Bytes(), v.Bytes) {
			t.Errorf("%x", made.Bytes())
		}
		keys := made.Keys()
		if len(keys) != len(v.Keys) {
			t.Fatalf("%d keys", len(keys))
		}
		for at, key := range keys {
			bytes := key.Bytes(realm.ID())
			kind, known := KeyKindOf(bytes)
			if hex.EncodeToString(bytes) != v.Keys[at].Key || !known || kind != key.Kind() || !made.BelongsAt(bytes) {
				t.Errorf("%s is at %x", v.Keys[at].Of, bytes)
			}
		}
	}
	for at, v := range file.RefusedClaims {
		realm := Backbone()
		if at >= len(file.RefusedClaims)-inMesh {
			realm = realms["mesh"]
		}
		_, err := ParseClaim(v.Bytes, realm)
		check(t, ErrClaim, err, v.Why)
	}
}

func TestTagsAndSetsAreAsWritten(t *testing.T) {
	var file claimVectors
	vectors.Load(t, "claim.json", &file)
	for _, tag := range file.Tags {
		if read, err := id.ParseTag(tag); err != nil || string(read) != tag {
			t.Errorf("%s: %v", tag, err)
		}
	}
	for _, v := range file.RefusedTags {
		if _, err := id.ParseTag(v.Text); err == nil {
			t.Errorf("%q is a tag, although %s", v.Text, v.Why)
		}
	}
	for _, v := range file.Sets {
		var claims []*Claim
		envelopes, err := SplitSet(v.Bytes)
		if err != nil || len(envelopes) != len(v.Claims) {
			t.Fatalf("%d claims: %v", len(envelopes), err)
		}
		for at, envelope := range envelopes {
			if !bytes.Equal(envelope, v.Claims[at]) {
				t.Errorf("claim %d is %x", at, envelope)
			}
			claim, err := ParseClaim(envelope, Backbone())
			if err != nil {
				t.Fatal(err)
			}
			claims = append(claims, claim)
		}
		if joined := JoinSet(claims); !bytes.Equal(joined, v.Bytes) {
			t.Errorf("%x", joined)
		}
	}
	for _, v := range file.RefusedSets {
		_, err := SplitSet(v.Bytes)
		check(t, ErrSet, err, v.Why)
	}
}

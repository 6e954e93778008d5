package mesh

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

// check compares an error with what a vector says of it. The reason of the envelope is worded by another package.
func check(t *testing.T, kind, err error, why string) {
	t.Helper()
	if err == nil {
		t.Fatalf("taken, although %s", why)
	}
	if !errors.Is(err, kind) {
		t.Errorf("%v is not of the kind %v", err, kind)
	}
	if rule, _, _ := strings.Cut(why, ": "); !strings.HasPrefix(err.Error(), rule) {
		t.Errorf("refused because %q, not because %q", err, why)
	}
}

type genesisVector struct {
	Seed, Salt, Bytes vectors.Hex
	Name              id.Name
	Number            uint16
	TrustMembers      bool `json:"trust_members"`
	Created           uint64
	ID                string
}

type networkVectors struct {
	vectors.About
	Geneses        []genesisVector
	RefusedGeneses []vectors.RefusedBytes `json:"refused_geneses"`
	Realms         []struct {
		Network, ID, Tag, Kad string
		Number                uint16
		Meshsub               string
		EventsTopic           string `json:"events_topic"`
	}
	RefusedIDs []vectors.RefusedText `json:"refused_ids"`
}

// lab is the network of most vectors.
func lab(t *testing.T) *Genesis {
	t.Helper()
	var file networkVectors
	vectors.Load(t, "network.json", &file)
	genesis, err := ParseGenesis(file.Geneses[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return genesis
}

func TestGenesesAreAsWritten(t *testing.T) {
	var file networkVectors
	vectors.Load(t, "network.json", &file)
	for _, v := range file.Geneses {
		policy := Policy{TrustMembers: v.TrustMembers}
		made, err := NewGenesis(v.Name, vectors.Key(t, v.Seed).GetPublic(), v.Number, policy, v.Created, [16]byte(v.Salt))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made.Bytes(), v.Bytes) || made.ID().String() != v.ID {
			t.Errorf("%x of %v", made.Bytes(), made.ID())
		}
	}
	for _, v := range file.RefusedGeneses {
		_, err := ParseGenesis(v.Bytes)
		check(t, ErrGenesis, err, v.Why)
	}
}

func TestRealmsAreAsWritten(t *testing.T) {
	var file networkVectors
	vectors.Load(t, "network.json", &file)
	realms := map[string]Realm{
		"backbone": Backbone(), "mesh": RealmOf(lab(t)), "swarm key": RealmOfSwarmKey([32]byte(bytes.Repeat([]byte{7}, 32))),
	}
	for _, v := range file.Realms {
		realm := realms[v.Network]
		if realm.ID().String() != v.ID || realm.Number() != v.Number || realm.Tag() != v.Tag || string(realm.Kad()) != v.Kad {
			t.Errorf("%s: %v %d %s %s", v.Network, realm.ID(), realm.Number(), realm.Tag(), realm.Kad())
		}
		if string(realm.Meshsub()) != v.Meshsub || realm.EventsTopic() != v.EventsTopic {
			t.Errorf("%s: %s %s", v.Network, realm.Meshsub(), realm.EventsTopic())
		}
		if read, err := ParseNetworkID(strings.ToUpper(v.ID)); err != nil || read != realm.ID() {
			t.Errorf("%s reads as %v: %v", v.ID, read, err)
		}
	}
	for _, v := range file.RefusedIDs {
		if _, err := ParseNetworkID(v.Text); err == nil || err.Error() != v.Why {
			t.Errorf("%q: %v", v.Text, err)
		}
	}
}

type certificateVector struct {
	By, Issuer, Member, Serial, Bytes vectors.Hex
	Nonce                             uint8
	Name                              id.Name
	Roles                             []string
	NotBefore                         uint64 `json:"not_before"`
	Expires                           uint64
	AgentID                           string `json:"agent_id"`
	Address                           string
	Standing                          []struct {
		Now      uint64
		Expelled []vectors.Hex
		Why      *string
	}
}

func rolesOf(names []string) (roles Roles) {
	for _, name := range names {
		roles |= map[string]Roles{"relay": RoleRelay, "inviter": RoleInviter}[name]
	}
	return roles
}

func TestCertificatesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []certificateVector
		Negative []vectors.RefusedBytes
	}
	vectors.Load(t, "certificate.json", &file)
	realm := RealmOf(lab(t))
	for _, v := range file.Positive {
		read, err := ParseCertificate(v.Bytes, realm)
		if err != nil {
			t.Fatal(err)
		}
		var issuer *Certificate
		if len(v.Issuer) > 0 {
			if issuer, err = ParseCertificate(v.Issuer, realm); err != nil {
				t.Fatal(err)
			}
		}
		made, err := SignCertificate(realm, vectors.Key(t, v.By), issuer, Grant{
			Member: read.Key(), Nonce: v.Nonce, Name: v.Name, Roles: rolesOf(v.Roles), NotBefore: v.NotBefore,
			Expires: v.Expires, Serial: [16]byte(v.Serial),
		})
		if err != nil {
			t.Fatal(err)
		}
		agent := made.Agent()
		if !bytes.Equal(made.Bytes(), v.Bytes) || hex.EncodeToString(agent[:]) != v.AgentID || made.Address().String() != v.Address {
			t.Errorf("%x of %v at %v", made.Bytes(), agent, made.Address())
		}
		checkStanding(t, realm, made, v)
	}
	for _, v := range file.Negative {
		_, err := ParseCertificate(v.Bytes, realm)
		check(t, ErrCertificate, err, v.Why)
	}
}

func checkStanding(t *testing.T, realm Realm, certificate *Certificate, v certificateVector) {
	t.Helper()
	for _, standing := range v.Standing {
		var expelled []id.AgentID
		for _, agent := range standing.Expelled {
			expelled = append(expelled, id.AgentID(agent))
		}
		list, err := SignRevocations(realm, vectors.SeededKey(t, 1), 1, 1_700_000_000_000, expelled)
		if err != nil {
			t.Fatal(err)
		}
		err = certificate.Stands(standing.Now, list)
		if (err == nil) != (standing.Why == nil) || err != nil && err.Error() != *standing.Why {
			t.Errorf("at %d: %v", standing.Now, err)
		}
	}
}
